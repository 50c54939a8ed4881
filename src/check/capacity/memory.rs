//! Prometheus is below the memory at which its container is killed.

use super::volume::{memory_limit, size};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

/// The share of the limit that may be used.
const NEARLY: f64 = 0.9;

pub(super) const CHECK: Check = Check {
    code: "PF707",
    category: Category::Capacity,
    title: "memory is below its limit",
    subject: Subject::Any,
    after: &["PF101", "PF201", "PF206", "PF212"],
    page: Page {
        symptom: "Prometheus is killed (exit code 137) and starts again. A hub reads its log for minutes then; an agent loses all that it had not sent.",
        cause: "All active series of all clusters are in the hub's memory: about 4 to 8 KiB each. An agent needs less, and more while the hub is away.",
        detected: "`process_resident_memory_bytes` against the memory limit of the container.",
        fix: "Raise `prometheus.deployment.containers.resources.limits.memory` in the values, or store fewer series: drop what nobody asks for by `write_relabel_configs` at the agents.",
        versions: "all; since 3.0 Prometheus collects garbage earlier near the limit",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let Some(limit) = memory_limit(view.facts) else { return Ok(Judgement::Moot) };
    let metrics = view.facts.process.metrics.as_ref().map_err(Clone::clone)?;
    let Some(used) = metrics.max("process_resident_memory_bytes") else { return Ok(Judgement::Moot) };
    if used <= NEARLY * limit {
        return Ok(Judgement::Holds);
    }
    let finding =
        Finding::warning(format!("{} of {} are used, and above that it is killed", size(used), size(limit)));
    let series = ["prometheus_tsdb_head_series", "prometheus_agent_active_series"];
    let finding = match series.iter().find_map(|name| metrics.sum(name)) {
        Some(series) => finding.because(format!("{series:.0} series are active")),
        None => finding,
    };
    Ok(finding
        .fix(Fix::hand("raise prometheus.deployment.containers.resources.limits.memory in the values"))
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{found, hub};

    #[test]
    fn a_hub_near_its_limit_is_told_with_its_series() {
        let hub = hub().with_metric("process_resident_memory_bytes 4e9");
        let findings = found("PF707", "admin@hub", &[hub]);
        assert_eq!(
            findings[0].causes,
            ["3.7Gi of 4Gi are used, and above that it is killed", "40000 series are active"]
        );
    }

    #[test]
    fn below_it_is_no_finding() {
        let hub = hub().with_metric("process_resident_memory_bytes 3.5e9");
        assert_eq!(found("PF707", "admin@hub", &[hub]), []);
    }
}
