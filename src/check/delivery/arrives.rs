//! The hub has fresh samples of the agent's cluster.

use super::at_hub::{AtHub, at_hub};
use super::refusal::Refusal;
use super::{ingress, window};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::domain::seconds;
use crate::prometheus::promql::Question;

/// An agent whose newest sample is older than this, in seconds, scrapes nothing.
const IDLE: f64 = 600.0;

pub(super) const CHECK: Check = Check {
    code: "PF508",
    category: Category::Delivery,
    title: "samples arrive at the hub",
    subject: Subject::Agent,
    after: &[
        "PF101", "PF201", "PF206", "PF212", "PF301", "PF303", "PF304", "PF307", "PF310", "PF312", "PF401",
        "PF402", "PF501", "PF502", "PF503", "PF504", "PF505", "PF507", "PF510", "PF602",
    ],
    page: Page {
        symptom: "Dashboards are empty for one cluster, while its Prometheus looks well.",
        cause: "What it sends goes elsewhere: to a login page or another backend that answers with 200, to another hub, or under another cluster name. Or its Prometheus scrapes nothing.",
        detected: "The newest sample of `up` with the cluster's name at the hub: older than two and a half minutes, or than two scrapes where those are longer.",
        fix: "`kubectl promfed agent join` writes the hub's own URL and waits until a sample arrives.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let Some(hub) = view.hub else { return Ok(Judgement::Moot) };
    let Some(name) = view.facts.cluster_name() else { return Ok(Judgement::Moot) };
    hub.stored.answer(Question::LastSample)?;
    let (cause, verdict) = match at_hub(view) {
        AtHub::Fresh | AtHub::Unknown => return Ok(Judgement::Holds),
        AtHub::Never => {
            (format!("the hub on context {:?} has no sample of {name:?}", hub.context), Verdict::Never)
        }
        AtHub::Old(age) => {
            (format!("the newest sample at the hub is from {} ago", seconds(age)), Verdict::Silent)
        }
    };
    ingress::explains(view)?;
    window::explains(view, Refusal::current(view).as_ref())?;
    let finding = Finding::error(cause).verdict(verdict).fix(view.again(""));
    Ok(sent(view).into_iter().fold(finding, Finding::because).into())
}

/// What the agent says of what it sent, where that is another story.
fn sent(view: &View<'_>) -> Option<String> {
    let metrics = view.facts.process.metrics.as_ref().ok()?;
    let newest = [
        "prometheus_remote_storage_queue_highest_timestamp_seconds",
        "prometheus_remote_storage_highest_timestamp_in_seconds",
    ];
    let newest = newest.iter().filter_map(|name| metrics.max(name)).reduce(f64::max)?;
    let age = view.facts.now - newest;
    if newest > 0.0 && age > IDLE {
        return Some(format!("its own newest sample is from {} ago: it scrapes nothing", seconds(age)));
    }
    let is_answered = metrics
        .delivery()
        .is_some_and(|delivery| delivery.delivered() > 0.0 && delivery.lag.is_some_and(|lag| lag <= IDLE));
    is_answered.then(|| {
        "and yet what it sends is answered with success: it goes elsewhere, or under another name".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::Verdict;
    use crate::prometheus::promql::Question;

    #[test]
    fn a_cluster_that_the_hub_does_not_know_never_reported() {
        let hub = hub().with_answer(Question::LastSample, Vec::new());
        let findings = found("PF508", "admin@edge", &[agent(), hub]);
        assert_eq!(findings[0].verdict, Some(Verdict::Never));
        assert!(findings[0].causes[1].starts_with("and yet what it sends is answered with success"));
    }

    #[test]
    fn a_cluster_whose_newest_sample_is_old_is_silent() {
        let old = vec![series(&[("cluster", "edge")], "1799990000")];
        let findings = found("PF508", "admin@edge", &[agent(), hub().with_answer(Question::LastSample, old)]);
        assert_eq!(findings[0].causes[0], "the newest sample at the hub is from 166m ago");
        assert_eq!(findings[0].verdict, Some(Verdict::Silent));
    }

    #[test]
    fn an_agent_that_scrapes_nothing_says_so() {
        let old = vec![series(&[("cluster", "edge")], "1799990000")];
        let idle = agent()
            .with_metric("prometheus_remote_storage_highest_timestamp_in_seconds 1.79999e9")
            .with_metric("prometheus_remote_storage_queue_highest_sent_timestamp_seconds 1.79999e9");
        let findings = found("PF508", "admin@edge", &[idle, hub().with_answer(Question::LastSample, old)]);
        assert_eq!(findings[0].causes[1], "its own newest sample is from 166m ago: it scrapes nothing");
    }

    #[test]
    fn a_scrape_that_was_missed_is_no_silence() {
        let late = vec![series(&[("cluster", "edge")], "1799999900")];
        assert_eq!(
            found("PF508", "admin@edge", &[agent(), hub().with_answer(Question::LastSample, late)]),
            []
        );
    }
}
