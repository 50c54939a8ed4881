//! The hub's out-of-order window does not make senders stand still.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Unread};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::promql::Question;
use crate::prometheus::{OutOfOrderWindow, PromDuration};

use super::cause::Cause;
use super::refusal::Refusal;

pub(super) const CHECK: Check = Check {
    code: "PF506",
    category: Category::Delivery,
    title: "the out-of-order window does not block senders",
    subject: Subject::Hub,
    after: &["PF101", "PF201", "PF212", "PF301", "PF303"],
    page: Page {
        symptom: "After an outage one agent stands still. It logs `500 Internal Server Error: too old sample` without end, and all of its cluster is missing.",
        cause: "With an out-of-order window, a hub of 2.39 to 2.49 answers a sample that is older than the window with 500, which means try again. The agent does, for ever, and everything behind that sample waits.",
        detected: "`storage.tsdb.out_of_order_time_window` of the hub, its version, and how many samples it refused as too old.",
        fix: "Move the hub to 2.50 or later with `kubectl promfed hub init --package-version VERSION`, or take the window out of its configuration.",
        versions: "2.39 to 2.49",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let capabilities = view.capabilities()?;
    if capabilities.out_of_order_window() != OutOfOrderWindow::BlocksSenders {
        return Ok(Judgement::Holds);
    }
    let config = view.facts.config()?;
    let Some(window) = window(config) else { return Ok(Judgement::Holds) };
    let version = capabilities.version();
    let too_old = view.facts.stored.answer(Question::TooOld).ok().and_then(|answer| answer.first()?.number());
    let what = format!("the window is {window}, and {version} has what is older sent again for ever");
    let finding = match too_old {
        Some(count) if count >= 1.0 => Finding::error(format!(
            "{count:.0} samples of the last 5m were too old: who sent them stands still"
        ))
        .because(what),
        _ => Finding::warning(what).because("one sample older than that stops its whole cluster"),
    };
    Ok(finding
        .fix(view.again("--package-version VERSION"))
        .fix(Fix::hand("take storage.tsdb.out_of_order_time_window out of the hub's configuration"))
        .into())
}

/// The window that a hub's configuration opens.
fn window(config: &serde_json::Value) -> Option<PromDuration> {
    let text = config["storage"]["tsdb"]["out_of_order_time_window"].as_str()?;
    text.parse().ok().filter(|window: &PromDuration| window.milliseconds() > 0)
}

/// The answer of a check that this one explains: the agent stands still before this very window. A finding of this
/// check may be a mere warning, which explains nothing.
pub(super) fn explains(view: &View<'_>, refusal: Option<&Refusal>) -> Result<(), Unread> {
    let blocks = |hub: &Facts| {
        let is_of_such = hub
            .capabilities()
            .is_ok_and(|capabilities| capabilities.out_of_order_window() == OutOfOrderWindow::BlocksSenders);
        is_of_such && hub.config().is_ok_and(|config| window(config).is_some())
    };
    if refusal.is_some_and(|refusal| refusal.cause == Cause::TooOldBlocks) && view.hub.is_some_and(blocks) {
        return Err(Unread::Failed("see PF506".to_owned()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub, series};
    use crate::check::judgement::Severity;
    use crate::prometheus::promql::Question;

    fn with_window(version: &str) -> Facts {
        let config = "storage: {tsdb: {out_of_order_time_window: 30m}}\nscrape_configs:\n- job_name: a\n  relabel_configs: [{target_label: cluster, replacement: hub}]\n";
        hub().with_version(version).with_config(config)
    }

    #[test]
    fn a_window_is_a_warning_until_something_is_too_old() {
        let findings = found("PF506", "admin@hub", &[with_window("2.45.0")]);
        assert_eq!(findings[0].severity, Severity::Warning);
        let hit = with_window("2.45.0").with_answer(Question::TooOld, vec![series(&[], "500")]);
        let findings = found("PF506", "admin@hub", &[hit]);
        assert_eq!(findings[0].severity, Severity::Error);
        assert!(findings[0].causes[0].starts_with("500 samples of the last 5m"), "{findings:?}");
    }

    #[test]
    fn a_later_hub_or_no_window_is_no_finding() {
        assert_eq!(found("PF506", "admin@hub", &[with_window("2.50.0")]), []);
        assert_eq!(found("PF506", "admin@hub", &[hub().with_version("2.45.0")]), []);
    }

    #[test]
    fn the_agent_that_stands_still_before_it_is_not_told_again() {
        let mut agent = agent().with_metric("prometheus_remote_storage_samples_retried_total 100000");
        agent.workload.log = Ok("msg=\"Failed to send batch, retrying\" err=\"server returned HTTP status 500 Internal Server Error: too old sample\"".into());
        let all = [agent, with_window("2.45.0").with_answer(Question::LastSample, Vec::new())];
        let codes = codes(&all);
        assert!(!codes.contains(&"PF510") && !codes.contains(&"PF508"), "{codes:?}");
    }
}
