//! Every scrape job of the hub labels its targets with the hub's own name.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement};
use crate::check::label::few;
use crate::check::view::View;
use crate::prometheus::config::{JobLabel, jobs};
use crate::prometheus::promql::Question;

pub(super) const CHECK: Check = Check {
    code: "PF403",
    category: Category::Label,
    title: "every job of the hub labels its targets",
    subject: Subject::Hub,
    after: &["PF212", "PF307", "PF308"],
    page: Page {
        symptom: "Dashboards that choose by `cluster` show every cluster but the hub's own, or show it as a blank.",
        cause: "External labels are put on what leaves a Prometheus, and a hub's own series never leave it. So each of its scrape jobs has to put the label on its targets, and one does not.",
        detected: "The relabelling of every job in the loaded configuration, followed to its end; where the outcome depends on the targets, also whether `up` has no `cluster` for the job.",
        fix: "`kubectl promfed hub init --cluster-name NAME` adds the rule to every job that lacks it.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let config = view.facts.process.config.as_ref().map_err(Clone::clone)?;
    let labels = view.facts.job_labels()?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, label) in labels {
        if let JobLabel::Always(name) = label {
            *counts.entry(name).or_default() += 1;
        }
    }
    let usual = counts.into_iter().max_by_key(|(_, count)| *count).map(|(name, _)| name);
    let chosen = |choose: &dyn Fn(&str, &JobLabel) -> bool| -> Vec<&str> {
        labels.iter().filter(|(job, label)| choose(job, label)).map(|(job, _)| job.as_str()).collect()
    };
    let never = chosen(&|_, label| *label == JobLabel::Never);
    let depends = chosen(&|job, label| *label == JobLabel::Depends && may_lack(view, config, job));
    let others = labels.iter().filter_map(|(job, label)| match label {
        JobLabel::Always(name) if Some(name.as_str()) != usual => {
            Some(format!("job {job} says cluster={name:?}"))
        }
        _ => None,
    });
    let mut causes = Vec::new();
    if !never.is_empty() {
        causes.push(format!("no target gets the label: {}", plural(&never)));
    }
    if !depends.is_empty() {
        causes.push(format!("it depends on the target whether it gets the label: {}", plural(&depends)));
    }
    causes.extend(others.map(|other| format!("{other}, and the other jobs {:?}", usual.unwrap_or_default())));
    let mut causes = causes.into_iter();
    let Some(first) = causes.next() else { return Ok(Judgement::Holds) };
    let finding = if never.is_empty() { Finding::warning(first) } else { Finding::error(first) };
    Ok(causes.fold(finding, Finding::because).fix(view.again("")).into())
}

/// Targets of files, of HTTP and of the configuration itself can bring the label along: only `up` tells of those.
fn may_lack(view: &View<'_>, config: &Value, name: &str) -> bool {
    let brings = jobs(config).filter(|(_, _, job)| *job == name).any(|(_, job, _)| {
        let discovers = job.as_object().is_some_and(|job| job.keys().any(|key| key.ends_with("_sd_configs")));
        !discovers || job.get("file_sd_configs").is_some() || job.get("http_sd_configs").is_some()
    });
    let lacks = |answer: &[crate::prometheus::api::Series]| answer.iter().any(|up| up.label("job") == name);
    !brings || view.facts.stored.answer(Question::UpWithoutCluster).is_ok_and(lacks)
}

fn plural(jobs: &[&str]) -> String {
    let what = if jobs.len() == 1 { "job" } else { "jobs" };
    format!("{what} {}", few(jobs))
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{codes, found, hub, series};
    use crate::check::judgement::{By, Severity};
    use crate::prometheus::promql::Question;

    fn with_job(job: &str) -> Facts {
        let text = format!(
            "scrape_configs:\n- job_name: prometheus\n  static_configs: [{{targets: [a], labels: {{cluster: hub}}}}]\n- {job}\n"
        );
        let mut facts = hub().with_config(&text);
        facts.workload.config_map = Ok([("prometheus.yml".to_owned(), text)].into());
        facts
    }

    #[test]
    fn a_job_without_the_label_is_named_and_explains_what_up_lacks() {
        let hub = with_job("{job_name: node-exporter, static_configs: [{targets: [b]}]}")
            .with_answer(Question::UpWithoutCluster, vec![series(&[("job", "node-exporter")], "1")]);
        assert_eq!(codes(std::slice::from_ref(&hub)), ["PF403"]);
        let findings = found("PF403", "admin@hub", &[hub]);
        assert_eq!(findings[0].causes, ["no target gets the label: job node-exporter"]);
        assert_eq!((findings[0].severity, findings[0].fixes[0].by), (Severity::Error, By::Promfed));
    }

    #[test]
    fn pod_labels_without_a_last_word_leave_it_open() {
        let rules = "[{action: labelmap, regex: __meta_kubernetes_pod_label_(.+)}]";
        let hub = with_job(&format!(
            "{{job_name: pods, kubernetes_sd_configs: [{{role: pod}}], relabel_configs: {rules}}}"
        ));
        let findings = found("PF403", "admin@hub", &[hub]);
        assert_eq!(findings[0].causes, ["it depends on the target whether it gets the label: job pods"]);
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn another_name_is_told_beside_the_usual_one() {
        let hub = with_job(
            "{job_name: b, static_configs: [{targets: [b], labels: {cluster: hub}}]}\n- {job_name: c, static_configs: [{targets: [c], labels: {cluster: old}}]}",
        );
        let findings = found("PF403", "admin@hub", &[hub]);
        assert_eq!(findings[0].causes, ["job c says cluster=\"old\", and the other jobs \"hub\""]);
    }

    #[test]
    fn targets_from_a_file_may_bring_the_label() {
        let files = with_job("{job_name: files, file_sd_configs: [{files: [/etc/a.json]}]}");
        assert!(found("PF403", "admin@hub", std::slice::from_ref(&files)).is_empty());
        let files = files.with_answer(Question::UpWithoutCluster, vec![series(&[("job", "files")], "2")]);
        assert_eq!(found("PF403", "admin@hub", &[files]).len(), 1);
    }
}
