//! The agent's samples get through at the first attempt.

use super::at_hub::{AtHub, at_hub};
use super::cause::Cause;
use super::refusal::{Fate, Refusal, is_stuck};
use super::{ingress, window};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::domain::seconds;
use crate::prometheus::metrics::Delivery;

/// The share of attempts that may be repetitions: a hub that was restarted is no trouble.
const MANY: f64 = 0.1;

pub(super) const CHECK: Check = Check {
    code: "PF510",
    category: Category::Delivery,
    title: "samples are sent at the first attempt",
    subject: Subject::Agent,
    after: &[
        "PF101", "PF201", "PF206", "PF212", "PF301", "PF303", "PF310", "PF312", "PF501", "PF502", "PF503",
        "PF504", "PF505", "PF507",
    ],
    page: Page {
        symptom: "A cluster falls behind or is missing. The agent logs `Failed to send batch, retrying`, and `Skipping resharding`.",
        cause: "The hub is not reached or answers 5xx: DNS, a firewall, TLS, an ingress without a hub behind it. Nothing is lost yet, as the agent tries again for ever; it is lost when the agent's buffer ends, and all at once when the agent is restarted.",
        detected: "`prometheus_remote_storage_samples_retried_total` against what was delivered, the lag, and the newest such line of the agent's log.",
        fix: "Open the way to the hub first, and do not restart the agent before it has caught up.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let metrics = view.facts.process.metrics.as_ref().map_err(Clone::clone)?;
    let Some(delivery) = metrics.delivery() else { return Ok(Judgement::Moot) };
    let refusal = Refusal::last_of(view.facts, Fate::Retried);
    let now = refusal.filter(Refusal::is_recent);
    let cause = now.as_ref().map_or(Cause::Other, |refusal| refusal.cause);
    let words = now.as_ref().map_or_else(String::new, |refusal| format!(": {}", refusal.words));
    let finding = if is_stuck(view) {
        Finding::error(format!("{}{words}", standstill(delivery))).verdict(Verdict::Blocked)
    } else if now.is_some() && delivery.retried > MANY * delivery.attempted && arrives(view) {
        let percent = 100.0 * delivery.retried / delivery.attempted.max(delivery.retried);
        Finding::warning(format!("{percent:.0} of 100 attempts to send are repetitions{words}"))
    } else {
        return Ok(Judgement::Holds);
    };
    ingress::explains(view)?;
    window::explains(view, now.as_ref())?;
    let finding = cause.meaning().into_iter().fold(finding, Finding::because);
    Ok(cause.fixes(view).into_iter().fold(finding, Finding::fix).into())
}

/// A warning must not hide that nothing arrives.
fn arrives(view: &View<'_>) -> bool {
    matches!(at_hub(view), AtHub::Fresh | AtHub::Unknown)
}

fn standstill(delivery: Delivery) -> String {
    match delivery.lag {
        Some(lag) if delivery.delivered() > 0.0 => format!("nothing gets through since {}", seconds(lag)),
        _ => "nothing got through since the agent started".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub, series};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;

    const LOOKUP: &str = "level=warn msg=\"Failed to send batch, retrying\" err=\"Post \\\"https://prometheus.hub.test/api/v1/write\\\": dial tcp: lookup prometheus.hub.test on 10.96.0.10:53: no such host\"";

    fn retrying(retried: u32) -> Facts {
        let mut agent =
            agent().with_metric(&format!("prometheus_remote_storage_samples_retried_total {retried}"));
        agent.workload.log = Ok(LOOKUP.to_owned());
        agent
    }

    #[test]
    fn an_agent_that_never_got_through_is_blocked_and_says_why() {
        let all = [retrying(100_000), hub().with_answer(Question::LastSample, Vec::new())];
        let findings = found("PF510", "admin@edge", &all);
        assert_eq!(
            findings[0].causes[0],
            "nothing got through since the agent started: dial tcp: lookup prometheus.hub.test on 10.96.0.10:53: no such host"
        );
        assert_eq!(findings[0].verdict, Some(Verdict::Blocked));
        assert!(findings[0].fixes[0].command.contains("resolve prometheus.hub.test"), "{findings:?}");
        assert!(!codes(&all).contains(&"PF508"));
    }

    #[test]
    fn one_that_got_through_earlier_is_blocked_by_its_lag() {
        let agent = retrying(2000)
            .with_metric("prometheus_remote_storage_queue_highest_sent_timestamp_seconds 1.799998e9");
        let old = vec![series(&[("cluster", "edge")], "1799998000")];
        let findings = found("PF510", "admin@edge", &[agent, hub().with_answer(Question::LastSample, old)]);
        assert!(
            findings[0].causes[0].starts_with("nothing gets through since 33m: dial tcp"),
            "{findings:?}"
        );
    }

    #[test]
    fn repetitions_are_a_warning_while_they_are_many_and_go_on() {
        let findings = found("PF510", "admin@edge", &[retrying(30_000), hub()]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].causes[0].starts_with("30 of 100 attempts to send are repetitions: dial"));
        assert_eq!(found("PF510", "admin@edge", &[retrying(5000), hub()]), []);
        let mut over = retrying(30_000);
        over.workload.log = Ok(String::new());
        assert_eq!(found("PF510", "admin@edge", &[over, hub()]), []);
    }
}
