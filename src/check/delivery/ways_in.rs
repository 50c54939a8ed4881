//! The URLs at which the hub is reached lead to its receiver.

use super::at_hub::{AtHub, at_hub, fresh_at};
use super::cause::Cause;
use super::ingress;
use super::refusal::{Refusal, is_stuck};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Unread, WayIn};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::prometheus::Role;
use crate::prometheus::write_probe::Outcome;

pub(super) const CHECK: Check = Check {
    code: "PF502",
    category: Category::Delivery,
    title: "the ways in lead to the receiver",
    subject: Subject::Any,
    after: &["PF101", "PF201", "PF206", "PF212", "PF301", "PF303", "PF312", "PF501"],
    page: Page {
        symptom: "A cluster is missing at the hub. Its agent logs `404 page not found`, `405 Method Not Allowed` or `503`; or it logs nothing at all and counts everything as sent, because a login page or another backend answers with 200.",
        cause: "The URL that the agent writes to does not end at the hub's receiver: the host or the path is another's, a redirect stands before it, or nothing stands behind the ingress.",
        detected: "A request without samples to each URL, without credentials, from this machine and not from the agent's cluster. Where fresh samples arrive it proves nothing, and is not held against the URL.",
        fix: "`kubectl promfed agent join` writes the hub's own URL; `kubectl promfed hub init --fqdn HOST` or `--write-url URL` says which that is.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let ways = &view.facts.ways_in.urls;
    if ways.is_empty() || (!view.is_hub() && !view.is_agent()) {
        return Ok(Judgement::Moot);
    }
    if arrives(view) {
        return Ok(Judgement::Holds);
    }
    let mut unread = None;
    let mut findings = Vec::new();
    for way in ways {
        match &way.probe {
            // Once is enough.
            Ok(_) if is_told_at_hub(view, way) => unread = Some(Unread::Failed("see PF502".to_owned())),
            Ok(outcome) => findings.extend(answered(view, way, outcome)),
            // What failed by itself is a finding here, where the agent's own log has nothing to say.
            Err(Unread::Failed(words)) => findings.extend(not_reached(view, way, words)),
            Err(other) => unread = Some(other.clone()),
        }
    }
    if !findings.is_empty() {
        ingress::explains(view)?;
    }
    match unread {
        Some(unread) if findings.is_empty() => Err(unread),
        _ => Ok(findings.into()),
    }
}

/// Whether samples come in, whatever a probe from here is answered.
fn arrives(view: &View<'_>) -> bool {
    if view.is_hub() {
        !fresh_at(view.facts).is_empty()
    } else {
        at_hub(view) == AtHub::Fresh && !is_stuck(view)
    }
}

/// Whether an agent writes to the hub's own way in, was answered the same there, and the hub tells of it.
fn is_told_at_hub(view: &View<'_>, way: &WayIn) -> bool {
    let Some(hub) = view.hub.map(|hub| View::of(hub, view.all)).filter(|hub| !arrives(hub)) else {
        return false;
    };
    let same = hub.facts.ways_in.urls.iter().find(|own| own.url == way.url && own.probe == way.probe);
    same.is_some_and(|own| own.probe.as_ref().is_ok_and(|outcome| answered(&hub, own, outcome).is_some()))
}

fn answered(view: &View<'_>, way: &WayIn, outcome: &Outcome) -> Option<Finding> {
    let url = &way.url;
    let (cause, verdict) = match outcome {
        // Who limits requests stands before the hub: what that refuses is told by the agent.
        Outcome::Accepts
        | Outcome::Guarded(_)
        | Outcome::WantsCertificate
        | Outcome::WantsTenant
        | Outcome::NotPrometheus(413 | 429) => return None,
        // Which scheme is the right one is told by the check of the scheme.
        Outcome::Redirect(to) if url.starts_with("http://") && to.starts_with("https://") => return None,
        Outcome::NotPrometheus(400) if url.starts_with("http://") => return None,
        Outcome::Off => (format!("{url}: the receiver of the Prometheus there is off"), Verdict::Losing),
        Outcome::WrongPath => (format!("{url}: no receiver is there"), Verdict::Losing),
        Outcome::Redirect(to) => (
            format!("{url} redirects to {to}: Prometheus would follow with GET, and lose every sample"),
            Verdict::Losing,
        ),
        Outcome::NotReady(status) => {
            (format!("{url} answers {status}: nothing that is ready stands behind it"), Verdict::Blocked)
        }
        Outcome::NotPrometheus(status @ 200..=299) => (
            format!("{url} answers {status}, and is no Prometheus: it takes every sample, and stores none"),
            Verdict::Losing,
        ),
        Outcome::NotPrometheus(status) => {
            (format!("{url} answers {status}, as no Prometheus does"), Verdict::Losing)
        }
    };
    Some(told(view, Finding::error(cause)).verdict(verdict))
}

/// What failed from here may well work from there, so it counts only where nobody knows better: the agent's own log, or
/// its counters where the hub was not read. Of a hub's ways in, its agents that were read know better.
fn not_reached(view: &View<'_>, way: &WayIn, words: &str) -> Option<Finding> {
    let cause = format!("{} is not reached: {words}", way.url);
    if view.is_hub() {
        let has_agents = view.others().any(|facts| facts.role() == Some(Role::Agent));
        return (!has_agents).then(|| told(view, Finding::warning(cause)));
    }
    let log_knows =
        Refusal::last(view.facts).is_some_and(|last| last.is_recent() && last.cause != Cause::Other);
    let counters_know = at_hub(view) == AtHub::Unknown && !is_stuck(view);
    (!log_knows && !counters_know).then(|| told(view, Finding::error(cause)).verdict(Verdict::Blocked))
}

fn told(view: &View<'_>, finding: Finding) -> Finding {
    let from =
        if view.is_agent() { "and not from the agent's cluster" } else { "and not from an agent's cluster" };
    let fix = if view.is_agent() && view.hub.is_none() {
        let name = view.facts.cluster_name().unwrap_or_else(|| "NAME".to_owned());
        let context = &view.facts.context;
        Fix::hand(format!(
            "kubectl promfed agent join --context {context} --hub-url URL --cluster-name {name}"
        ))
    } else if view.is_agent() {
        view.again("")
    } else {
        view.again("--fqdn HOST")
    };
    finding.because(format!("asked from this machine, {from}")).fix(fix)
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Facts, Unread};
    use crate::check::healthy::{agent, codes, found, hub, series};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;
    use crate::prometheus::write_probe::Outcome;

    fn silent(hub: Facts) -> Facts {
        hub.with_answer(Question::LastSample, vec![series(&[("cluster", "hub")], "1799999990")])
    }

    fn probed(mut facts: Facts, outcome: Outcome) -> Facts {
        facts.ways_in.urls[0].probe = Ok(outcome);
        facts
    }

    #[test]
    fn a_login_page_is_told_although_the_agent_counts_everything_as_sent() {
        let all = [probed(agent(), Outcome::NotPrometheus(200)), silent(hub())];
        let findings = found("PF502", "admin@edge", &all);
        assert!(findings[0].causes[0].contains("it takes every sample, and stores none"), "{findings:?}");
        assert_eq!(findings[0].causes[1], "asked from this machine, and not from the agent's cluster");
        assert_eq!(findings[0].verdict, Some(Verdict::Losing));
        assert_eq!(found("PF508", "admin@edge", &all), []);
    }

    #[test]
    fn what_both_ends_were_answered_is_told_once() {
        let page = || Outcome::NotPrometheus(200);
        let all = [probed(agent(), page()), probed(silent(hub()), page())];
        assert_eq!(codes(&all), ["PF502"]);
        assert_eq!(found("PF502", "admin@hub", &all).len(), 1);
    }

    #[test]
    fn a_limit_of_requests_is_no_wrong_way() {
        let all = [probed(agent(), Outcome::NotPrometheus(429)), silent(hub())];
        assert_eq!(found("PF502", "admin@edge", &all), []);
    }

    #[test]
    fn the_same_is_told_without_a_hub() {
        let findings = found("PF502", "admin@edge", &[probed(agent(), Outcome::WrongPath)]);
        assert!(findings[0].fixes[0].command.contains("--hub-url URL --cluster-name edge"), "{findings:?}");
    }

    #[test]
    fn where_samples_arrive_a_probe_from_here_proves_nothing() {
        let all = [probed(agent(), Outcome::NotReady(503)), probed(hub(), Outcome::WrongPath)];
        assert_eq!(found("PF502", "admin@edge", &all), []);
        assert_eq!(found("PF502", "admin@hub", &all), []);
    }

    #[test]
    fn what_is_not_reached_from_here_counts_unless_the_agent_knows_better() {
        let mut edge = agent();
        edge.ways_in.urls[0].probe = Err(Unread::Failed("connection refused".into()));
        let findings = found("PF502", "admin@edge", &[edge.clone(), silent(hub())]);
        assert!(findings[0].causes[0].ends_with("is not reached: connection refused"), "{findings:?}");
        assert_eq!(found("PF502", "admin@edge", &[edge.clone()]), []);
        edge.workload.log =
            Ok("msg=\"Failed to send batch, retrying\" err=\"dial tcp: lookup h: no such host\"".into());
        assert_eq!(found("PF502", "admin@edge", &[edge, silent(hub())]), []);
    }

    #[test]
    fn a_hub_s_ingress_that_is_not_reached_is_a_warning_unless_an_agent_can_tell() {
        let mut hub = silent(hub());
        hub.ways_in.urls[0].probe = Err(Unread::Failed("no such host".into()));
        assert_eq!(found("PF502", "admin@hub", &[hub.clone()])[0].severity, Severity::Warning);
        assert_eq!(found("PF502", "admin@hub", &[agent(), hub]), []);
    }
}
