//! The series that an agent sends carry a cluster name.

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::label::names::rename;
use crate::check::label::variable::variable;
use crate::check::view::View;
use crate::prometheus::config::{JobLabel, external_cluster};

pub(super) const CHECK: Check = Check {
    code: "PF401",
    category: Category::Label,
    title: "the agent's series carry a cluster name",
    subject: Subject::Agent,
    after: &["PF307", "PF308"],
    page: Page {
        symptom: "The hub has series of one cluster, and nothing says of which. Two such clusters write into the same series, and the hub refuses one of them as out of order.",
        cause: "The agent's configuration has no external label `cluster`. The package scrapes targets of the same names in every cluster, so nothing else tells their series apart.",
        detected: "`global.external_labels.cluster` of the configuration that the agent has loaded; and whether all its jobs, or a rule of remote_write, give the label instead.",
        fix: "`kubectl promfed agent join --cluster-name NAME` sets it.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    if !sends_nameless(view.facts)? {
        return Ok(Judgement::Holds);
    }
    // A variable that became nothing is told as that.
    let written = view.facts.desired_config().ok();
    if written.and_then(external_cluster).is_some_and(|name| variable(name).is_some()) {
        return Ok(Judgement::Moot);
    }
    let jobs = view.facts.job_labels()?;
    let labelled = jobs.iter().filter(|(_, label)| matches!(label, JobLabel::Always(_))).count();
    let finding = Finding::error("the loaded configuration has no external label cluster")
        .because(match labelled {
            0 => "the hub stores the series of this cluster without a name".to_owned(),
            some => format!(
                "{some} of {} jobs label their targets themselves; the hub stores the rest without a name",
                jobs.len()
            ),
        })
        .verdict(Verdict::Ghost);
    Ok(finding.fix(rename(view.facts, view.all, "NAME")).into())
}

/// Whether some of what the loaded configuration sends has no cluster name: neither all that leaves it gets one, nor
/// all that its jobs scrape.
pub(super) fn sends_nameless(facts: &Facts) -> Reading<bool> {
    let config = facts.process.config.as_ref().map_err(Clone::clone)?;
    let jobs = facts.job_labels()?;
    let has_external = external_cluster(config).is_some_and(|name| !name.is_empty());
    let all_jobs = !jobs.is_empty() && jobs.iter().all(|(_, label)| matches!(label, JobLabel::Always(_)));
    Ok(!has_external && !is_written_with_label(config) && !all_jobs)
}

/// Whether what is sent gets the label on its way out.
fn is_written_with_label(config: &Value) -> bool {
    let entries = config["remote_write"].as_array().into_iter().flatten();
    let mut rules = entries.flat_map(|entry| entry["write_relabel_configs"].as_array().into_iter().flatten());
    rules.any(|rule| rule["target_label"] == "cluster")
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub};

    const JOB: &str =
        "\n        relabel_configs:\n        - target_label: cluster\n          replacement: edge";
    const EXTERNAL: &str = "\n        external_labels:\n          cluster: edge";

    fn without(parts: &[&str]) -> Facts {
        agent().with_values(|text| parts.iter().fold(text.to_owned(), |text, part| text.replace(part, "")))
    }

    #[test]
    fn an_agent_without_a_name_is_found() {
        let all = [hub(), without(&[JOB, EXTERNAL])];
        let findings = found("PF401", "admin@edge", &all);
        assert_eq!(findings[0].causes[0], "the loaded configuration has no external label cluster");
        assert!(findings[0].fixes[0].command.ends_with("--hub-context admin@hub --cluster-name NAME"));
    }

    #[test]
    fn jobs_or_the_way_out_may_give_the_name() {
        assert!(found("PF401", "admin@edge", &[hub(), without(&[EXTERNAL])]).is_empty());
        let mut facts = without(&[JOB, EXTERNAL]);
        facts.process.config.as_mut().expect("a configuration")["remote_write"][0]["write_relabel_configs"] =
            serde_json::json!([{"target_label": "cluster", "replacement": "edge"}]);
        assert!(found("PF401", "admin@edge", &[hub(), facts]).is_empty());
    }
}
