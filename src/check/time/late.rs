//! No sample comes to the hub too late.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::label::few;
use crate::check::time::ahead::skew;
use crate::check::view::View;
use crate::prometheus::OutOfOrderWindow;
use crate::prometheus::api::Series;
use crate::prometheus::promql::Question;

/// The share of all samples from which on it is more than a few odd ones.
const SHARE: f64 = 0.01;
/// The time over which the hub was asked, in seconds.
const FIVE_MINUTES: f64 = 300.0;
/// A clock that is so slow, in seconds, makes samples too late by itself.
const SLOW: f64 = 3000.0;

pub(super) const CHECK: Check = Check {
    code: "PF603",
    category: Category::Time,
    title: "no sample comes too late",
    subject: Subject::Hub,
    after: &["PF212", "PF506", "PF601", "PF602"],
    page: Page {
        symptom: "After an outage of more than an hour the gap is not filled: agents log `400 Bad Request: out of bounds` or `too old sample` while they catch up.",
        cause: "A hub takes samples that are up to about an hour older than its newest one. What an agent kept for longer is refused when it comes, unless an out-of-order window is open.",
        detected: "`prometheus_tsdb_out_of_bound_samples_total` and `prometheus_tsdb_too_old_samples_total` of the hub, over the last five minutes.",
        fix: "Set `storage.tsdb.out_of_order_time_window` in the hub's configuration to the longest outage that agents are to outlast, like `6h`. It hides two clusters under one name, so look for those first.",
        versions: "the window since 2.39; before 2.50 it blocks senders of what is older still",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let hub = view.facts;
    let (bounds, old) = match (sum(hub, Question::OutOfBounds), sum(hub, Question::TooOld)) {
        (Err(unread), Err(_)) => return Err(unread),
        (bounds, old) => (bounds.unwrap_or_default(), old.unwrap_or_default()),
    };
    // What counters grew by is extrapolated: less than one is none.
    if bounds + old < 0.5 {
        return Ok(Judgement::Holds);
    }
    let config = hub.config()?;
    let window =
        config["storage"]["tsdb"]["out_of_order_time_window"].as_str().filter(|window| *window != "0s");
    let mut causes = Vec::new();
    if old >= 0.5 {
        let window = window.unwrap_or("out of order");
        causes.push(format!(
            "the hub refused {old:.0} samples in five minutes as older than its window of {window}"
        ));
    }
    if bounds >= 0.5 {
        causes.push(format!(
            "the hub refused {bounds:.0} samples in five minutes as an hour older than its newest one"
        ));
    }
    let own = are_own(hub);
    let is_much = sum(hub, Question::Ingest).map_or(true, |rate| bounds + old > SHARE * rate * FIVE_MINUTES);
    let make = if is_much && !own { Finding::error } else { Finding::warning };
    let mut finding = make(causes.remove(0));
    finding = causes.into_iter().fold(finding, Finding::because);
    if own {
        return Ok(finding
            .because("they come from the hub's own targets: one gives its samples old timestamps")
            .fix(Fix::hand("honor_timestamps: false in the job of that target"))
            .into());
    }
    let losing: Vec<_> = hub
        .stored
        .answer(Question::Failed)
        .unwrap_or_default()
        .iter()
        .map(|one| one.label("cluster"))
        .collect();
    if !losing.is_empty() {
        finding = finding.because(format!("samples of these clusters are refused: {}", few(&losing)));
    }
    for other in view.others().filter(|other| skew(other, view.all).is_ok_and(|skew| skew < -SLOW)) {
        finding = finding.because(format!("the clock of context {:?} is slow", other.context));
    }
    let set = |value: &str| {
        Fix::hand(format!(
            "storage.tsdb.out_of_order_time_window: {value} in prometheus.config.prometheus_yml of the values"
        ))
    };
    let fix = match (hub.capabilities()?.out_of_order_window(), window) {
        (OutOfOrderWindow::Safe, None) => set("OUTAGE"),
        (OutOfOrderWindow::Safe, Some(window)) => set(&format!("OUTAGE (more than {window})")),
        // Before it is safe, a window does more harm than a gap.
        (OutOfOrderWindow::None | OutOfOrderWindow::BlocksSenders, _) => Fix::hand(format!(
            "first move to 2.50 or later, then open an out-of-order window: {}",
            view.again("--package-version VERSION").command
        )),
    };
    Ok(finding.fix(fix).into())
}

fn sum(hub: &Facts, question: Question) -> Reading<f64> {
    Ok(hub.stored.answer(question)?.iter().filter_map(Series::number).sum())
}

/// Whether nearly all that was ever refused came from the hub's own scrapes.
fn are_own(hub: &Facts) -> bool {
    let Ok(page) = &hub.process.metrics else { return false };
    let scraped = page.sum("prometheus_target_scrapes_sample_out_of_bounds_total").unwrap_or_default();
    let refused =
        ["out_of_bound", "too_old"].map(|what| page.sum(&format!("prometheus_tsdb_{what}_samples_total")));
    scraped > 0.0 && scraped >= 0.9 * refused.into_iter().flatten().sum::<f64>()
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{codes, found, hub, series};
    use crate::check::judgement::Severity;
    use crate::prometheus::promql::Question;

    fn with(question: Question, value: &str) -> Facts {
        hub().with_answer(question, vec![series(&[], value)])
    }

    #[test]
    fn what_was_refused_as_too_late_is_counted() {
        let hub = with(Question::OutOfBounds, "9000")
            .with_answer(Question::Failed, vec![series(&[("cluster", "edge")], "30")]);
        let findings = found("PF603", "admin@hub", &[hub]);
        assert_eq!(
            findings[0].causes[0],
            "the hub refused 9000 samples in five minutes as an hour older than its newest one"
        );
        assert_eq!(findings[0].causes[1], "samples of these clusters are refused: edge");
        assert!(findings[0].fixes[0].command.starts_with("storage.tsdb.out_of_order_time_window: OUTAGE in"));
        assert_eq!(findings[0].severity, Severity::Error);
    }

    #[test]
    fn before_2_50_the_window_is_not_advised() {
        let findings = found("PF603", "admin@hub", &[with(Question::TooOld, "9000").with_version("2.45.0")]);
        assert!(findings[0].fixes[0].command.starts_with("first move to 2.50"), "{findings:?}");
    }

    #[test]
    fn a_target_with_old_timestamps_is_told_as_that() {
        let hub = with(Question::OutOfBounds, "9000")
            .with_metric("prometheus_target_scrapes_sample_out_of_bounds_total 40000")
            .with_metric("prometheus_tsdb_out_of_bound_samples_total 40000");
        let findings = found("PF603", "admin@hub", &[hub]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].causes[1].starts_with("they come from the hub's own targets"));
    }

    #[test]
    fn nothing_refused_is_nothing_to_tell() {
        assert!(found("PF603", "admin@hub", &[with(Question::OutOfBounds, "0")]).is_empty());
    }

    #[test]
    fn samples_of_the_future_explain_it() {
        let hub = with(Question::OutOfBounds, "9000")
            .with_metric("prometheus_tsdb_head_max_time_seconds 1800007200")
            .with_answer(Question::HeadAhead, vec![series(&[], "7200")]);
        assert_eq!(codes(&[hub]), ["PF602"]);
    }
}
