//! No cluster that writes to the hub is federated by it as well.

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::label::few;
use crate::check::label::names::members;
use crate::check::view::View;
use crate::prometheus::api::Series;
use crate::prometheus::config::jobs;
use crate::prometheus::promql::Question;

pub(super) const CHECK: Check = Check {
    code: "PF412",
    category: Category::Label,
    title: "no cluster is federated as well",
    subject: Subject::Hub,
    after: &["PF212"],
    page: Page {
        symptom: "Sums over a cluster are twice what they should be, and its series are there with `job=\"federate\"` and without; or the target of such a job is down with 500 `unsupported operation with WAL-only storage`.",
        cause: "The hub scrapes `/federate` of a Prometheus that also writes to it, most often from the time before remote write. A Prometheus in agent mode cannot be federated at all.",
        detected: "Jobs of the hub's loaded configuration with a `metrics_path` that ends in `/federate`, while clusters write to it. Which cluster a target belongs to cannot be seen from here.",
        fix: "Take the job out of `prometheus.config.prometheus_yml` in the hub's values, when its targets write to the hub.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let config = view.facts.process.config.as_ref().map_err(Clone::clone)?;
    let federating: Vec<_> = jobs(config)
        .filter(|(_, job, _)| job["metrics_path"].as_str().is_some_and(|path| path.ends_with("/federate")))
        .collect();
    if federating.is_empty() {
        return Ok(Judgement::Holds);
    }
    let members: Vec<_> = members(view.facts)?.into_iter().collect();
    if members.is_empty() {
        // It is how this one gets its samples.
        return Ok(Judgement::Moot);
    }
    let series = view.facts.stored.answer(Question::SeriesByCluster).unwrap_or_default();
    let counted: Vec<_> = members
        .iter()
        .map(|name| {
            match series.iter().find(|series| series.label("cluster") == name).and_then(Series::number) {
                Some(count) => format!("{name} ({count:.0} series)"),
                None => name.clone(),
            }
        })
        .collect();
    let findings: Vec<_> = federating
        .into_iter()
        .map(|(_, job, name)| {
            let targets = targets(job);
            let of = if targets.is_empty() { "targets that it discovers".to_owned() } else { few(&targets) };
            Finding::warning(format!("job {name} federates {of}"))
                .because(format!("what belongs to a cluster that writes is stored twice: {}", few(&counted)))
                .fix(Fix::hand(format!(
                    "take job {name} out of prometheus.config.prometheus_yml in the values"
                )))
        })
        .collect();
    Ok(findings.into())
}

fn targets(job: &Value) -> Vec<&str> {
    let groups = job["static_configs"].as_array().into_iter().flatten();
    groups
        .flat_map(|group| group["targets"].as_array().into_iter().flatten())
        .filter_map(Value::as_str)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::check::facts::Facts;
    use crate::check::healthy::{found, hub, series};
    use crate::prometheus::promql::Question;

    fn federating() -> Facts {
        hub().with_values(|text| {
            format!("{text}      - job_name: federate\n        honor_labels: true\n        metrics_path: /federate\n        static_configs:\n        - targets: ['edge:9090']\n          labels: {{cluster: hub}}\n")
        })
    }

    #[test]
    fn a_job_that_federates_beside_remote_write_is_named() {
        let findings = found("PF412", "admin@hub", &[federating()]);
        assert_eq!(findings[0].causes[0], "job federate federates edge:9090");
        assert!(findings[0].causes[1].ends_with("stored twice: edge (20000 series)"), "{findings:?}");
    }

    #[test]
    fn a_hub_that_nobody_writes_to_may_federate() {
        let mut hub =
            federating().with_answer(Question::LastSample, vec![series(&[("cluster", "hub")], "1799999990")]);
        hub.stored.registry = Some(Ok(BTreeMap::new()));
        assert!(found("PF412", "admin@hub", &[hub]).is_empty());
    }
}
