//! The queue of an agent has room.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;

/// The share of the queue that may wait.
const FULL: f64 = 0.8;

pub(super) const CHECK: Check = Check {
    code: "PF701",
    category: Category::Capacity,
    title: "the queue has room",
    subject: Subject::Agent,
    after: &[
        "PF101", "PF201", "PF206", "PF212", "PF301", "PF303", "PF310", "PF501", "PF502", "PF503", "PF504",
        "PF505", "PF508", "PF510", "PF702",
    ],
    page: Page {
        symptom: "The lag of a cluster grows, and its queue is full all the time.",
        cause: "The agent reads samples from its WAL faster than the hub takes them. What does not fit into the queue waits in the WAL, and is lost when that is truncated.",
        detected: "`prometheus_remote_storage_samples_pending` against the number of shards times `prometheus_remote_storage_shard_capacity`.",
        fix: "First find why a batch takes long: the hub, the ingress, or the distance. Then raise `max_samples_per_send`, `capacity`, and `max_shards` at last, in `queue_config`.",
        versions: "all; before 2.44 the defaults are a quarter of today's, and `kubectl promfed agent join` writes today's",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let metrics = view.facts.process.metrics.as_ref().map_err(Clone::clone)?;
    let of = |name: &str| format!("prometheus_remote_storage_{name}");
    let (Some(pending), Some(shards), Some(capacity)) =
        (metrics.sum(&of("samples_pending")), metrics.sum(&of("shards")), metrics.max(&of("shard_capacity")))
    else {
        return Ok(Judgement::Moot);
    };
    let room = shards * capacity;
    if room <= 0.0 || pending <= FULL * room {
        return Ok(Judgement::Holds);
    }
    Ok(Finding::warning(format!("{pending:.0} samples wait in a queue for {room:.0}"))
        .because(format!("{shards:.0} shards of {capacity:.0} each; what does not fit waits in the WAL"))
        .verdict(Verdict::Saturated)
        .fix(Fix::hand("raise queue_config.max_samples_per_send to 2000 to 5000, and capacity to three to ten times that"))
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, found};
    use crate::check::judgement::Verdict;

    #[test]
    fn a_queue_that_is_nearly_full_is_told_with_its_numbers() {
        let agent = agent().with_metric("prometheus_remote_storage_samples_pending 9000");
        let findings = found("PF701", "admin@edge", &[agent]);
        assert_eq!(findings[0].causes[0], "9000 samples wait in a queue for 10000");
        assert_eq!(findings[0].verdict, Some(Verdict::Saturated));
    }

    #[test]
    fn too_few_shards_are_why_it_is_full() {
        let agent = agent()
            .with_metric("prometheus_remote_storage_samples_pending 9000")
            .with_metric("prometheus_remote_storage_shards_desired 80");
        assert_eq!(codes(&[agent]), ["PF702"]);
    }

    #[test]
    fn half_full_is_no_finding_and_more_shards_are_more_room() {
        let half = agent().with_metric("prometheus_remote_storage_samples_pending 5000");
        assert_eq!(found("PF701", "admin@edge", &[half]), []);
        let more = agent()
            .with_metric("prometheus_remote_storage_samples_pending 9000")
            .with_metric("prometheus_remote_storage_shards 4");
        assert_eq!(found("PF701", "admin@edge", &[more]), []);
    }
}
