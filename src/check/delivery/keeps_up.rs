//! Sending keeps up with scraping.

use super::at_hub::is_unread;
use super::refusal::is_stuck;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::domain::seconds;
use crate::prometheus::promql::Question;

/// The threshold, in seconds, of the alert that Prometheus's own mixin has.
pub(in crate::check) const BEHIND: f64 = 120.0;
/// A lag of more than a year is that of a queue that never sent.
pub(in crate::check) const NEVER_SENT: f64 = 31_536_000.0;

pub(super) const CHECK: Check = Check {
    code: "PF512",
    category: Category::Delivery,
    title: "sending keeps up with scraping",
    subject: Subject::Any,
    after: &[
        "PF101", "PF201", "PF206", "PF212", "PF301", "PF303", "PF310", "PF501", "PF502", "PF503", "PF504",
        "PF505", "PF510",
    ],
    page: Page {
        symptom: "The newest samples of a cluster are minutes old at the hub, and rules and alerts of it come late.",
        cause: "The agent scrapes more than it can send: the hub or the way to it is slow, the queue has too few shards, or it still catches up after an outage.",
        detected: "The newest sample that the agent has, less the newest that it sent: more than two minutes. Of clusters that were not read: the same at the hub.",
        fix: "Look at the capacity checks of the same cluster: how long a batch takes, and whether all shards are busy. After an outage, wait.",
        versions: "all; before 2.33 refused samples make the lag grow as well",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    if view.is_agent() {
        let metrics = view.facts.process.metrics.as_ref().map_err(Clone::clone)?;
        let lag = metrics.delivery().and_then(|delivery| delivery.lag).unwrap_or_default();
        if lag <= BEHIND {
            return Ok(Judgement::Holds);
        }
        let pending = metrics.delivery().map_or(0.0, |delivery| delivery.pending);
        let finding = Finding::error(format!("sending is {} behind scraping", seconds(lag)))
            .because(format!("{pending:.0} samples wait in memory, and more in the WAL"))
            .verdict(Verdict::Behind);
        let fix = if is_stuck(view) {
            "repair the delivery first"
        } else {
            "find what makes a batch slow (prometheus_remote_storage_sent_batch_duration_seconds); after an outage, wait"
        };
        return Ok(finding.fix(Fix::hand(fix)).into());
    }
    if !view.is_hub() {
        return Ok(Judgement::Moot);
    }
    let behind = view.facts.stored.answer(Question::Lag)?.iter().filter_map(|series| {
        let (cluster, lag) = (series.label("cluster"), series.number()?);
        (lag > BEHIND && lag < NEVER_SENT && is_unread(view, cluster)).then(|| {
            Finding::error(format!("{cluster} sends {} later than it scrapes", seconds(lag)))
                .about(cluster)
                .verdict(Verdict::Behind)
                .fix(Fix::hand("kubectl promfed agent status --context CONTEXT"))
        })
    });
    Ok(behind.collect::<Vec<_>>().into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::Verdict;
    use crate::prometheus::promql::Question;

    #[test]
    fn an_agent_that_is_behind_says_by_how_much() {
        let agent =
            agent().with_metric("prometheus_remote_storage_queue_highest_sent_timestamp_seconds 1.7999997e9");
        let findings = found("PF512", "admin@edge", &[agent, hub()]);
        assert_eq!(findings[0].causes[0], "sending is 4m59s behind scraping");
        assert_eq!(findings[0].verdict, Some(Verdict::Behind));
    }

    #[test]
    fn a_minute_is_not_behind() {
        let agent = agent()
            .with_metric("prometheus_remote_storage_queue_highest_sent_timestamp_seconds 1.79999994e9");
        assert_eq!(found("PF512", "admin@edge", &[agent, hub()]), []);
    }

    #[test]
    fn a_cluster_that_was_not_read_is_named_by_the_hub() {
        let lags = vec![
            series(&[("cluster", "edge")], "300"),
            series(&[("cluster", "far")], "300"),
            series(&[("cluster", "new")], "1800000000"),
        ];
        let findings = found("PF512", "admin@hub", &[agent(), hub().with_answer(Question::Lag, lags)]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].causes[0], "far sends 5m later than it scrapes");
    }
}
