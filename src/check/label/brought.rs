//! No series bring a `cluster` of their own along.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::label::few;
use crate::check::label::names::{fresh, hub_context};
use crate::check::view::View;
use crate::domain::ClusterName;
use crate::prometheus::config::{Doubt, JobLabel, doubts, jobs};

pub(super) const CHECK: Check = Check {
    code: "PF410",
    category: Category::Label,
    title: "no series bring a cluster label of their own",
    subject: Subject::Any,
    after: &["PF307", "PF308"],
    page: Page {
        symptom: "The hub shows clusters that do not exist, called like a database or a message queue, and their series are missing under the real cluster.",
        cause: "A label `cluster` that is there already wins over an external label. The package's job for pods copies all labels of a pod, so a pod's label `cluster` gets in; and a job with `honor_labels` keeps what a target says.",
        detected: "Jobs of the loaded configuration that copy the labels of pods and do not set `cluster` afterwards, with the pods of the cluster that have such a label; and jobs with `honor_labels` and no rule that sets it.",
        fix: "`kubectl promfed agent join` and `hub init` set the label at the end of such jobs. What the series said is kept as `exported_cluster`.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let facts = view.facts;
    let Some(name) = facts.cluster_name() else { return Ok(Judgement::Moot) };
    let config = facts.config()?;
    let mut findings = Vec::new();
    let brought = brought(facts)?;
    let hub =
        hub_context(facts, view.all).and_then(|context| view.all.iter().find(|hub| hub.context == context));
    let at_hub = hub.and_then(|hub| fresh(hub).ok()).unwrap_or_default();
    let (seen, unseen): (Vec<_>, Vec<_>) =
        brought.iter().partition(|(value, _)| at_hub.contains(value.as_str()));
    for (value, pods) in seen {
        findings.push(
            Finding::error(format!("the hub has a cluster {value:?}: the label of {}", pods_of(pods)))
                .because(format!("job {} copies the labels of pods", few(&open_jobs(facts)?)))
                .about(value)
                .verdict(Verdict::Ghost)
                .fix(view.again("")),
        );
    }
    if !unseen.is_empty() {
        let pods: Vec<_> = unseen.into_iter().flat_map(|(_, pods)| pods).cloned().collect();
        findings.push(
            Finding::warning(format!(
                "job {} copies the labels of pods, and a cluster among them wins",
                few(&open_jobs(facts)?)
            ))
            .because(format!("it is on {}", pods_of(&pods)))
            .fix(view.again("")),
        );
    }
    let honoring = honoring(config, &name, view.is_hub());
    if !honoring.is_empty() {
        findings.push(
            Finding::warning(format!("a cluster that a target says wins in job {}", few(&honoring)))
                .because(
                    "it honors the labels that it scrapes, or its metric_relabel_configs set the cluster",
                )
                .fix(view.again("")),
        );
    }
    Ok(findings.into())
}

/// The values that pods may bring in, each with the pods.
pub(super) fn brought(facts: &Facts) -> Reading<BTreeMap<String, Vec<String>>> {
    let mut values: BTreeMap<String, Vec<String>> = BTreeMap::new();
    if open_jobs(facts)?.is_empty() {
        return Ok(values);
    }
    let name = facts.cluster_name().unwrap_or_default();
    let pods = facts.workload.pods_with_cluster_label.as_ref().map_err(Clone::clone)?;
    for (namespace, pod, value) in pods.iter().filter(|(_, _, value)| !value.is_empty() && *value != name) {
        values.entry(value.clone()).or_default().push(format!("{namespace}/{pod}"));
    }
    Ok(values)
}

/// The jobs that copy the labels of pods, `cluster` included.
fn open_jobs(facts: &Facts) -> Reading<Vec<String>> {
    let copies = |job: &Value| {
        let rules = job["relabel_configs"].as_array().into_iter().flatten();
        rules.into_iter().any(|rule| {
            rule["action"].as_str().is_some_and(|action| action.eq_ignore_ascii_case("labelmap"))
                && rule["regex"].as_str().is_some_and(|regex| regex.contains("__meta_kubernetes_pod_label_"))
        })
    };
    let open = facts.job_labels()?.iter().zip(jobs(facts.config()?));
    let open = open
        .filter(|((_, label), (_, job, _))| *label == JobLabel::Depends && copies(job))
        .map(|((name, _), _)| name.clone());
    Ok(open.collect())
}

/// At an agent, a job's own metric rules are what keeps a foreign cluster out, as often as not.
fn honoring(config: &Value, name: &str, is_hub: bool) -> Vec<String> {
    let Ok(name) = name.parse::<ClusterName>() else { return Vec::new() };
    doubts(config, &name)
        .into_iter()
        .filter(|(_, doubt)| match doubt {
            Doubt::Honors => true,
            Doubt::MetricRules => is_hub,
            Doubt::Federates => false,
        })
        .map(|(job, _)| job)
        .collect()
}

fn pods_of(pods: &[String]) -> String {
    format!("{} {}", if pods.len() == 1 { "pod" } else { "pods" }, few(pods))
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub, series};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;

    const POD_JOB: &str = "      - job_name: kubernetes-pods\n        kubernetes_sd_configs:\n        - role: pod\n        relabel_configs:\n        - action: labelmap\n          regex: __meta_kubernetes_pod_label_(.+)\n";
    const RULE: &str = "        - target_label: cluster\n          replacement: edge\n";

    fn with(job: &str, pods: &[&str]) -> Facts {
        let job = job.to_owned();
        let mut facts = agent()
            .with_values(|text| text.replace("      remote_write:", &format!("{job}      remote_write:")));
        facts.workload.pods_with_cluster_label = Ok(pods
            .iter()
            .map(|value| ("data".to_owned(), format!("{value}-0"), (*value).to_owned()))
            .collect());
        facts
    }

    fn seeing(name: &str) -> Facts {
        let newest = ["edge", "hub", name].map(|name| series(&[("cluster", name)], "1799999990"));
        hub().with_answer(Question::LastSample, newest.to_vec())
    }

    #[test]
    fn a_pod_s_label_that_became_a_cluster_is_told_instead_of_the_ghost() {
        let all = [seeing("kafka"), with(POD_JOB, &["kafka"])];
        assert_eq!(codes(&all), ["PF410"]);
        let findings = found("PF410", "admin@edge", &all);
        assert_eq!(findings[0].causes[0], "the hub has a cluster \"kafka\": the label of pod data/kafka-0");
        assert_eq!(findings[0].verdict, Some(Verdict::Ghost));
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl promfed agent join --context admin@edge --hub-context admin@hub --cluster-name edge"
        );
    }

    #[test]
    fn a_pod_that_may_be_scraped_is_warned_of() {
        let findings = found("PF410", "admin@edge", &[hub(), with(POD_JOB, &["kafka", "loki"])]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(findings[0].causes[1], "it is on pods data/kafka-0, data/loki-0");
    }

    #[test]
    fn the_last_rule_and_the_right_value_leave_nothing_to_tell() {
        let job = format!("{POD_JOB}{RULE}");
        assert!(found("PF410", "admin@edge", &[hub(), with(&job, &["kafka"])]).is_empty());
        assert!(found("PF410", "admin@edge", &[hub(), with(POD_JOB, &["edge"])]).is_empty());
        assert!(found("PF410", "admin@edge", &[hub(), with(POD_JOB, &[])]).is_empty());
    }

    #[test]
    fn a_job_that_honors_labels_is_warned_of() {
        let job = "      - job_name: pushgateway\n        honor_labels: true\n        static_configs:\n        - targets: [gateway:9091]\n";
        let findings = found("PF410", "admin@edge", &[hub(), with(job, &[])]);
        assert_eq!(findings[0].causes[0], "a cluster that a target says wins in job pushgateway");
        let dropping = format!(
            "{job}        metric_relabel_configs:\n        - action: labeldrop\n          regex: cluster\n"
        );
        assert!(found("PF410", "admin@edge", &[hub(), with(&dropping, &[])]).is_empty());
    }
}
