//! The hub refuses nothing of what the agent sends: what is refused is lost.

use super::at_hub::{AtHub, at_hub};
use super::cause::Cause;
use super::ingress;
use super::refusal::{Fate, Refusal};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Unread;
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::domain::seconds;
use crate::prometheus::metrics::Delivery;
use crate::prometheus::promql::Question;

pub(super) const CHECK: Check = Check {
    code: "PF507",
    category: Category::Delivery,
    title: "the hub refuses nothing",
    subject: Subject::Agent,
    after: &[
        "PF101", "PF201", "PF206", "PF212", "PF301", "PF303", "PF310", "PF312", "PF405", "PF406", "PF411",
        "PF501", "PF502", "PF503", "PF505", "PF602",
    ],
    page: Page {
        symptom: "Series of a cluster have holes, or all of it is missing, while the lag stays at a second. The agent logs `non-recoverable error` with a count.",
        cause: "Whatever is answered with 4xx is thrown away and not sent again: credentials, a path, a body that is too large. With `out of order sample` or `duplicate sample for timestamp` another cluster writes the same series; one such sample costs the whole batch of up to 2000.",
        detected: "`prometheus_remote_storage_samples_failed_total` against all that was sent since the agent started: more than one in a hundred; and the newest such line of the agent's log. It is over, and a mere warning, where fresh samples are at the hub and by them nothing was refused for a minute, or where the log tells of nothing for three.",
        fix: "What the answer asks for. For samples out of order: give every cluster a name of its own with `kubectl promfed agent join --cluster-name OTHER-NAME`.",
        versions: "all; before 2.33 the lag grows as well",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let metrics = view.facts.process.metrics.as_ref().map_err(Clone::clone)?;
    let Some(delivery) = metrics.delivery() else { return Ok(Judgement::Moot) };
    let refusal = Refusal::last_of(view.facts, Fate::Lost);
    let is_recent = refusal.as_ref().is_some_and(Refusal::is_recent);
    let is_counted = delivery.failed > 0.0;
    if !(delivery.is_losing() || is_recent && is_counted) {
        return Ok(Judgement::Holds);
    }
    ingress::explains(view)?;
    let arrives = at_hub(view) == AtHub::Fresh && delivery.delivered() > 0.0;
    let is_over = arrives && goes_on(view).map_or(!is_recent && may_know(view), |goes_on| !goes_on);
    let line = line(delivery, refusal.as_ref(), is_over);
    let finding =
        if is_over { Finding::warning(line) } else { Finding::error(line).verdict(Verdict::Losing) };
    let cause = refusal.map_or(Cause::Other, |refusal| refusal.cause);
    let finding = cause.meaning().into_iter().fold(finding, Finding::because);
    let finding = twin(view, cause).into_iter().fold(finding, Finding::because);
    Ok(cause.fixes(view).into_iter().fold(finding, Finding::fix).into())
}

/// Whether the agent was refused more within a minute, by its own samples at the hub; `None` where those do not reach
/// back so far. The log cannot tell this: it leaves repetitions out for a minute.
fn goes_on(view: &View<'_>) -> Option<bool> {
    let name = view.facts.cluster_name()?;
    let answer = view.hub?.stored.answer(Question::FailedLately).ok()?;
    let difference = answer.iter().find(|series| series.label("cluster") == name)?.number()?;
    Some(difference > 0.0)
}

/// Whether the agent's log could have told of a refusal, or was not asked.
fn may_know(view: &View<'_>) -> bool {
    !matches!(view.facts.workload.log, Err(Unread::Failed(_) | Unread::Forbidden(_)))
}

/// How much, and why.
fn line(delivery: Delivery, refusal: Option<&Refusal>, is_over: bool) -> String {
    let words = refusal.map_or_else(String::new, |refusal| format!(": {}", refusal.words));
    if is_over {
        let until = match refusal.and_then(|refusal| refusal.age) {
            Some(age) => format!("until {} ago, and samples arrive again", seconds(age)),
            None => "and samples arrive again".to_owned(),
        };
        return format!("{} since the agent started, {until}{words}", share(delivery, "were"));
    }
    format!("{}{words}", share(delivery, "are"))
}

/// `12 of 100 samples are refused`
fn share(delivery: Delivery, are: &str) -> String {
    let percent = 100.0 * delivery.failed / delivery.attempted.max(delivery.failed);
    if percent >= 99.5 {
        return format!("every sample {} refused", if are == "are" { "is" } else { "was" });
    }
    if percent < 1.0 {
        return format!("{:.0} samples {are} refused, less than 1 of 100", delivery.failed);
    }
    format!("{percent:.0} of 100 samples {are} refused")
}

/// Who else writes under the name, where that was read too.
fn twin(view: &View<'_>, cause: Cause) -> Option<String> {
    let name = view.facts.cluster_name().filter(|_| cause == Cause::OutOfOrder)?;
    let own = &view.facts.api.uid;
    let is_twin = |uid: &Result<String, Unread>| uid.is_ok() && uid != own;
    let twin = view
        .others()
        .find(|other| is_twin(&other.api.uid) && other.cluster_name().as_deref() == Some(name.as_str()))?;
    Some(format!("context {:?} writes as {name:?} too", twin.context))
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub, series};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;

    fn losing(failed: u32, log: &str) -> Facts {
        let mut agent =
            agent().with_metric(&format!("prometheus_remote_storage_samples_failed_total {failed}"));
        agent.now = 1_795_000_000.0;
        agent.workload.log = Ok(log.to_owned());
        agent
    }

    fn line(time: &str, answer: &str) -> String {
        format!(
            "time={time} level=ERROR msg=\"non-recoverable error\" failedSampleCount=2000 err=\"server returned HTTP status {answer}\""
        )
    }

    #[test]
    fn how_many_are_lost_is_said_first_and_then_why() {
        let log = line("2026-11-18T11:06:30Z", "400 Bad Request: out of order sample");
        let findings = found("PF507", "admin@edge", &[losing(12_000, &log), hub()]);
        assert_eq!(
            findings[0].causes[0],
            "12 of 100 samples are refused: 400 Bad Request: out of order sample"
        );
        assert!(findings[0].causes[1].starts_with("somebody else writes the same series"), "{findings:?}");
        assert_eq!((findings[0].severity, findings[0].verdict), (Severity::Error, Some(Verdict::Losing)));
        assert!(findings[0].fixes[0].command.ends_with("--cluster-name OTHER-NAME"));
    }

    #[test]
    fn what_was_long_ago_and_is_over_is_a_warning() {
        let log = line("2026-11-18T08:06:40Z", "401 Unauthorized: Unauthorized");
        let findings = found("PF507", "admin@edge", &[losing(12_000, &log), hub()]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(
            findings[0].causes[0],
            "12 of 100 samples were refused since the agent started, until 3h ago, and samples arrive again: 401 Unauthorized: Unauthorized"
        );
    }

    #[test]
    fn what_ended_a_minute_ago_is_a_warning_although_the_log_is_new() {
        let log = line("2026-11-18T11:05:40Z", "403 Forbidden: Forbidden");
        let of = |difference: &str| {
            let answer = vec![series(&[("cluster", "edge")], difference)];
            found(
                "PF507",
                "admin@edge",
                &[losing(12_000, &log), hub().with_answer(Question::FailedLately, answer)],
            )
        };
        assert_eq!(of("0")[0].severity, Severity::Warning);
        assert_eq!(
            of("0")[0].causes[0],
            "12 of 100 samples were refused since the agent started, until 60s ago, and samples arrive again: 403 Forbidden: Forbidden"
        );
        assert_eq!(of("500")[0].severity, Severity::Error);
    }

    #[test]
    fn what_goes_on_is_an_error_although_the_log_is_old_or_was_not_asked() {
        let answer = vec![series(&[("cluster", "edge")], "500")];
        let hub = hub().with_answer(Question::FailedLately, answer);
        let log = line("2026-11-18T08:06:40Z", "401 Unauthorized: Unauthorized");
        let mut agent = losing(12_000, &log);
        assert_eq!(found("PF507", "admin@edge", &[agent.clone(), hub.clone()])[0].severity, Severity::Error);
        agent.workload.log = Err(crate::check::facts::Unread::NotAsked);
        assert_eq!(found("PF507", "admin@edge", &[agent, hub])[0].severity, Severity::Error);
    }

    #[test]
    fn what_was_long_ago_is_an_error_where_nothing_arrives() {
        let log = line("2026-11-18T08:06:40Z", "401 Unauthorized: Unauthorized");
        let silent =
            hub().with_answer(Question::LastSample, vec![series(&[("cluster", "edge")], "1799990000")]);
        let all = [losing(100_000, &log), silent];
        let findings = found("PF507", "admin@edge", &all);
        assert_eq!(findings[0].causes[0], "every sample is refused: 401 Unauthorized: Unauthorized");
        assert!(!codes(&all).contains(&"PF508"));
    }

    #[test]
    fn a_few_of_long_ago_are_no_finding_and_a_few_of_now_are() {
        let old = line("2026-11-18T08:06:40Z", "401 Unauthorized: Unauthorized");
        assert_eq!(found("PF507", "admin@edge", &[losing(900, &old), hub()]), []);
        let now = line("2026-11-18T11:06:30Z", "413 Request Entity Too Large: <html>");
        let findings = found("PF507", "admin@edge", &[losing(900, &now), hub()]);
        assert_eq!(
            findings[0].causes[0],
            "900 samples are refused, less than 1 of 100: 413 Request Entity Too Large: <html>"
        );
    }
}
