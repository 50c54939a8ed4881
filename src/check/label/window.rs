//! No out-of-order window hides that two clusters write under one name.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::label::namesakes::names_of_twins;
use crate::check::view::View;
use crate::prometheus::PromDuration;
use crate::prometheus::promql::Question;

/// The share of all samples above which out of order is no accident.
const SHARE: f64 = 0.05;
/// Samples per second below which the share says nothing.
const FEW: f64 = 1.0;
/// A sender that is further behind, in seconds, catches up: that is what the window is for.
const BEHIND: f64 = 120.0;

pub(super) const CHECK: Check = Check {
    code: "PF407",
    category: Category::Label,
    title: "no out-of-order window hides twins",
    subject: Subject::Hub,
    after: &["PF212", "PF405", "PF406", "PF411"],
    page: Page {
        symptom: "Nothing is refused, and yet counters of one cluster look like a saw, and it has about twice the samples that it should have.",
        cause: "The hub takes samples out of order. Two clusters under one name, or two replicas of one agent, then write into the same series without any error, and their samples mix.",
        detected: "`storage.tsdb.out_of_order_time_window` of the loaded configuration, and the share of samples that came out of order in the last five minutes, while no agent catches up.",
        fix: "Look for two writers under one name before the window is trusted: `kubectl promfed status --all-contexts`.",
        versions: "2.39 and later",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let config = view.facts.process.config.as_ref().map_err(Clone::clone)?;
    let window = config["storage"]["tsdb"]["out_of_order_time_window"].as_str().unwrap_or("0s");
    if window.parse().is_ok_and(|window: PromDuration| window.milliseconds() == 0)
        || !names_of_twins(view.all).is_empty()
    {
        return Ok(Judgement::Moot);
    }
    let taken = sum(view.facts, Question::OutOfOrderTaken)?;
    let all = sum(view.facts, Question::Ingest)?;
    let catches_up = view.facts.stored.answer(Question::Lag).is_ok_and(|lags| {
        lags.iter().filter_map(crate::prometheus::api::Series::number).any(|lag| lag > BEHIND)
    });
    if catches_up || taken < FEW || taken <= SHARE * all {
        return Ok(Judgement::Holds);
    }
    Ok(Finding::warning(format!(
        "{taken:.0} of {all:.0} samples per second come out of order, within the window of {window}"
    ))
    .because("two clusters under one name look like that; so does one that catches up after an outage")
    .fix(Fix::hand("look for two writers under one name: kubectl promfed status --all-contexts"))
    .into())
}

fn sum(hub: &Facts, question: Question) -> crate::check::facts::Reading<f64> {
    Ok(hub.stored.answer(question)?.iter().filter_map(crate::prometheus::api::Series::number).sum())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{found, hub, series};
    use crate::prometheus::promql::Question;

    fn with(window: &str, taken: &str) -> Facts {
        let window = window.to_owned();
        hub()
            .with_values(|text| {
                text.replace(
                    "prometheus_yml: |\n",
                    &format!("prometheus_yml: |\n      storage:\n        tsdb:\n          out_of_order_time_window: {window}\n"),
                )
            })
            .with_answer(Question::OutOfOrderTaken, vec![series(&[], taken)])
    }

    #[test]
    fn a_large_share_out_of_order_is_told() {
        let findings = found("PF407", "admin@hub", &[with("30m", "280")]);
        assert_eq!(
            findings[0].causes[0],
            "280 of 600 samples per second come out of order, within the window of 30m"
        );
    }

    #[test]
    fn a_few_late_samples_and_catching_up_are_what_the_window_is_for() {
        assert!(found("PF407", "admin@hub", &[with("30m", "12")]).is_empty());
        assert!(found("PF407", "admin@hub", &[with("0s", "280")]).is_empty());
        let behind =
            with("30m", "280").with_answer(Question::Lag, vec![series(&[("cluster", "edge")], "900")]);
        assert!(found("PF407", "admin@hub", &[behind]).is_empty());
    }
}
