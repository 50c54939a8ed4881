//! What waits at an agent is sent before its buffer ends.

use super::buffer::buffer;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::delivery::at_hub::{age, seconds as in_seconds};
use crate::check::delivery::refusal::{delivery, is_stuck};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::domain::seconds;

/// Who is behind by no more seconds than this loses nothing.
const LATE: f64 = 60.0;
/// Below so many seconds it is urgent.
const URGENT: f64 = 1800.0;

pub(super) const CHECK: Check = Check {
    code: "PF703",
    category: Category::Capacity,
    title: "nothing is lost before the buffer ends",
    subject: Subject::Agent,
    // It says how long there is time for what others found.
    after: &[],
    page: Page {
        symptom: "After an outage of the hub, graphs of a cluster have a hole that is never filled.",
        cause: "What an agent cannot send it keeps in its WAL only. Every two hours, or as `storage.agent.wal-truncate-frequency` says, the older two thirds go into a checkpoint that is never sent. A restart forgets all that waits at once.",
        detected: "The lag of the agent's sending, or its age where it never sent, against that time.",
        fix: "Repair the delivery in the time that is left, and do not restart the agent before it has caught up. Later give it a longer buffer with `kubectl promfed agent join --buffer TIME`.",
        versions: "all agents",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    view.facts.process.metrics.as_ref().map_err(Clone::clone)?;
    let Some(delivery) = delivery(view) else { return Ok(Judgement::Moot) };
    let since_start = || view.facts.process.runtime.as_ref().ok().map(|run| view.facts.now - run.started_at);
    let behind = match delivery.lag {
        Some(lag) => Some(lag),
        // A queue is a new one with every change of remote_write: what the hub has came through the one before it.
        None if is_stuck(view) => since_sample(view).or_else(since_start),
        None => None,
    };
    let Some(behind) = behind.filter(|behind| *behind > LATE) else { return Ok(Judgement::Holds) };
    let buffer = buffer(view.facts)?;
    let left = in_seconds(buffer) - behind;
    let line = if left > 0.0 {
        format!("loss begins in about {}", seconds(left))
    } else {
        "loss begins at the next truncation of the WAL, or has begun".to_owned()
    };
    let finding = if left > URGENT { Finding::warning(line) } else { Finding::error(line) };
    Ok(finding
        .because(format!("it is {} behind, and keeps what is not sent for {buffer}", seconds(behind)))
        .because("a restart of the agent loses at once all that waits")
        .fix(Fix::hand("repair the delivery; do not restart the agent before it has caught up"))
        .into())
}

/// How old the newest sample is that the hub has.
fn since_sample(view: &View<'_>) -> Option<f64> {
    age(view.hub?, &view.facts.cluster_name()?).ok()?
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::Severity;
    use crate::prometheus::promql::Question;

    fn behind(sent: &str) -> Facts {
        agent().with_metric(&format!("prometheus_remote_storage_queue_highest_sent_timestamp_seconds {sent}"))
    }

    #[test]
    fn the_time_that_is_left_is_told() {
        let findings = found("PF703", "admin@edge", &[behind("1.799996399e9")]);
        assert_eq!(findings[0].causes[0], "loss begins in about 5h");
        assert_eq!(findings[0].causes[1], "it is 60m behind, and keeps what is not sent for 6h");
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn it_is_urgent_at_the_end_and_by_default_earlier() {
        let by_default = behind("1.799993999e9").with_flag("storage.agent.wal-truncate-frequency", "2h");
        let findings = found("PF703", "admin@edge", &[by_default]);
        assert_eq!(findings[0].causes[0], "loss begins in about 20m");
        assert_eq!(findings[0].severity, Severity::Error);
        let findings = found("PF703", "admin@edge", &[behind("1.7999e9")]);
        assert!(findings[0].causes[0].ends_with("or has begun"), "{findings:?}");
    }

    #[test]
    fn one_that_never_sent_has_waited_since_its_start() {
        let never = behind("0").with_metric("prometheus_remote_storage_samples_retried_total 100000");
        let findings = found("PF703", "admin@edge", &[never]);
        assert!(findings[0].causes[1].starts_with("it is 27h behind"), "{findings:?}");
        assert_eq!(found("PF703", "admin@edge", &[agent()]), []);
    }

    #[test]
    fn a_new_queue_is_as_far_behind_as_the_newest_sample_at_the_hub() {
        let never = behind("0").with_metric("prometheus_remote_storage_samples_retried_total 100000");
        assert_eq!(found("PF703", "admin@edge", &[never.clone(), hub()]), []);
        let old = vec![series(&[("cluster", "edge")], "1799999400")];
        let findings = found("PF703", "admin@edge", &[never, hub().with_answer(Question::LastSample, old)]);
        assert!(findings[0].causes[1].starts_with("it is 10m behind"), "{findings:?}");
    }
}
