//! The hub has no samples of the future.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::time::ahead::{AHEAD, ahead};
use crate::check::time::clock::ntp;
use crate::check::view::View;
use crate::domain::seconds;
use crate::prometheus::api::Series;
use crate::prometheus::promql::Question;

/// Seconds by which the newest sample may be ahead: clocks, and the time that reading takes.
pub(in crate::check) const NEWEST: f64 = 60.0;
/// A head takes nothing that is older than its newest sample by more than this, in seconds.
const HEAD: f64 = 3600.0;
/// What every receiver refuses that knows the future, in seconds.
const REFUSED: f64 = 600.0;

pub(super) const CHECK: Check = Check {
    code: "PF602",
    category: Category::Time,
    title: "the hub has no samples of the future",
    subject: Subject::Hub,
    after: &["PF212", "PF601"],
    page: Page {
        symptom: "The hub and every agent log `out of bounds`: `Error on ingesting samples that are too old or are too far into the future`. All clusters seem silent at once.",
        cause: "One sender's clock is fast. The hub measures the age of every sample by its newest one, and takes nothing that is more than an hour older. Before 2.54 any sample of the future is taken, so a single one blocks all the others.",
        detected: "`prometheus_tsdb_head_max_time_seconds` of the hub, against its own clock.",
        fix: "Synchronise the clock of the sender. Move the hub to 2.54 or later, which refuses what is more than ten minutes ahead. A blocked hub goes on when its clock gets there, or without the write-ahead log that holds the future.",
        versions: "all; before 2.54 one sample blocks the hub",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let facts = view.facts;
    let newest = newest(facts)?;
    if newest <= NEWEST {
        return Ok(Judgement::Holds);
    }
    let rejects = facts.capabilities()?.rejects_future_samples();
    let refused: f64 = facts
        .stored
        .answer(Question::OutOfBounds)
        .unwrap_or_default()
        .iter()
        .filter_map(Series::number)
        .sum();
    let is_wrong_now = newest > REFUSED || refused > 0.5;
    let make = if is_wrong_now { Finding::error } else { Finding::warning };
    let mut finding = make(format!("its newest sample is {} ahead of its clock", seconds(newest)));
    let fast = fast(view);
    for sender in &fast {
        finding = finding.because(format!("the clock of context {:?} is fast", sender.context));
    }
    if refused > 0.5 {
        finding = finding.because(format!(
            "it refused {refused:.0} samples in five minutes: next to that one they are too old"
        ));
    } else if newest > HEAD {
        finding = finding.because("it refuses what is an hour older than that one: every sample of now");
    }
    finding = match fast.as_slice() {
        [one] => match one.cluster_name() {
            Some(name) => finding.about(name),
            None => finding,
        },
        _ => finding,
    };
    for sender in &fast {
        finding = finding.fix(ntp(&sender.context));
    }
    if fast.is_empty() {
        finding = finding
            .fix(Fix::hand("find the sender whose clock is fast: kubectl promfed check --all-contexts"));
    }
    if !rejects {
        finding = finding
            .because(format!(
                "Prometheus {} takes any sample of the future; 2.54 does not",
                facts.capabilities()?.version()
            ))
            .fix(Fix::hand(view.again("--package-version VERSION").command));
    }
    Ok(finding.verdict(Verdict::Skewed).into())
}

/// How far the head is ahead of the hub's clock. Both ways to tell can be a little too high: the page is read some time
/// after the clock, and the query sees the heads of other servers, too. But a hub that is far ahead refuses what it
/// scrapes of itself, and the query answers with what was before: then the page is right.
fn newest(hub: &Facts) -> Reading<f64> {
    let by_query =
        hub.stored.answer(Question::HeadAhead).map(|answer| answer.first().and_then(Series::number));
    let by_page = match (&hub.process.metrics, ahead(hub)) {
        (Ok(page), Ok(clock)) => {
            page.max("prometheus_tsdb_head_max_time_seconds").map(|newest| newest - hub.now - clock)
        }
        _ => None,
    };
    match (by_query, by_page) {
        (Ok(Some(query)), Some(page)) if page <= REFUSED => Ok(query.min(page)),
        (_, Some(page)) => Ok(page),
        // Nothing to be told by.
        (query, None) => Ok(query?.unwrap_or_default()),
    }
}

/// The contexts whose clock is ahead of the hub's.
fn fast<'f>(view: &View<'f>) -> Vec<&'f Facts> {
    let Ok(hub) = ahead(view.facts) else { return Vec::new() };
    view.others().filter(|other| ahead(other).is_ok_and(|clock| clock - hub > AHEAD)).collect()
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;

    fn ahead(by: f64) -> Facts {
        hub()
            .with_metric(&format!("prometheus_tsdb_head_max_time_seconds {}", 1_800_000_000.0 + by))
            .with_answer(Question::HeadAhead, vec![series(&[], &by.to_string())])
    }

    #[test]
    fn a_poisoned_hub_names_the_fast_sender() {
        let hub = ahead(7200.0)
            .with_version("2.53.4")
            .with_answer(Question::OutOfBounds, vec![series(&[], "5000")]);
        let mut agent = agent();
        agent.process.clock_ahead = Ok(7200.0);
        let findings = found("PF602", "admin@hub", &[hub, agent]);
        let finding = &findings[0];
        assert_eq!(finding.causes[0], "its newest sample is 120m ahead of its clock");
        assert_eq!(finding.causes[1], "the clock of context \"admin@edge\" is fast");
        assert!(finding.causes[2].starts_with("it refused 5000 samples"), "{finding:?}");
        assert_eq!((finding.cluster.as_deref(), finding.verdict), (Some("edge"), Some(Verdict::Skewed)));
        assert!(finding.fixes[1].command.ends_with("--package-version VERSION"), "{finding:?}");
    }

    #[test]
    fn a_little_ahead_is_a_warning_and_less_is_nothing() {
        assert_eq!(found("PF602", "admin@hub", &[ahead(120.0)])[0].severity, Severity::Warning);
        assert!(found("PF602", "admin@hub", &[ahead(30.0)]).is_empty());
    }

    #[test]
    fn a_hub_that_refuses_its_own_samples_is_known_by_its_page() {
        let hub = ahead(7200.0).with_answer(Question::HeadAhead, vec![series(&[], "-3")]);
        let findings = found("PF602", "admin@hub", &[hub]);
        assert_eq!(findings[0].causes[0], "its newest sample is 120m ahead of its clock");
        assert!(findings[0].causes[1].ends_with("every sample of now"), "{findings:?}");
    }

    #[test]
    fn another_server_s_head_is_not_the_hub_s() {
        let hub = hub().with_answer(Question::HeadAhead, vec![series(&[], "7200")]);
        assert!(found("PF602", "admin@hub", &[hub]).is_empty());
    }
}
