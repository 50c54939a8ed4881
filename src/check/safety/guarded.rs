//! Whoever writes to the hub has to say who it is.

use super::address::{host, is_internal};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::WayIn;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::write_probe::Outcome;

pub(super) const CHECK: Check = Check {
    code: "PF801",
    category: Category::Safety,
    title: "writing needs credentials",
    subject: Subject::Any,
    after: &[],
    page: Page {
        symptom: "Nothing, until somebody writes samples of their own: under a new cluster name, or under one that is there.",
        cause: "Prometheus's receiver asks nobody for credentials, and it cannot hold one sender to one cluster name. Neither does the package's ingress.",
        detected: "A request without credentials to every URL that agents use, and to the hub's ingress: the receiver answered it. URLs that lead no further than their own machine or cluster do not count.",
        fix: "`kubectl promfed hub init --auth mtls` gives the hub a host name of its own for writing, at which agents show certificates. Its public name takes writes from those who have none until each of them has joined again, and then no more: run it again after that. Where the ingress is not the package's own, let that one ask, or let only the addresses of your clusters reach it; and give the agents their credentials before it asks: what is answered 401 is lost.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    // Of an agent it is told at its hub, where that is read too.
    if view.is_agent() && view.hub.is_some() {
        return Ok(Judgement::Moot);
    }
    let writes_here = |agent: &crate::check::facts::Facts| {
        View::of(agent, view.all).hub.is_some_and(|hub| hub.context == view.facts.context)
    };
    let others = view.others().filter(|other| writes_here(other)).flat_map(|agent| &agent.ways_in.urls);
    let all: Vec<&WayIn> = view.facts.ways_in.urls.iter().chain(others).collect();
    let Some(first) = all.first() else { return Ok(Judgement::Moot) };
    let mut open: Vec<&str> = all
        .iter()
        .filter(|way| way.probe == Ok(Outcome::Accepts) && !is_internal(host(&way.url)))
        .map(|way| way.url.as_str())
        .collect();
    open.sort_unstable();
    open.dedup();
    if open.is_empty() {
        // Where nothing answered, nothing is known.
        return if all.iter().all(|way| way.probe.is_err()) {
            first.probe.as_ref().map(|_| Judgement::Holds).map_err(Clone::clone)
        } else {
            Ok(Judgement::Holds)
        };
    }
    let finding =
        Finding::warning(format!("{} takes samples from anybody who can reach it", open.join(", ")))
            .because("a request without credentials came through to the receiver")
            .because("whoever writes there can use any cluster name");
    let by_hand =
        Fix::hand("let what stands before the hub ask for credentials, or let only your clusters reach it");
    let has_ingress =
        !view.is_agent() && view.facts.workload.ingress.as_ref().is_ok_and(|all| !all.is_empty());
    Ok(if has_ingress { finding.fix(view.again("--auth mtls")).fix(by_hand) } else { finding.fix(by_hand) }
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Facts, Unread};
    use crate::check::healthy::{HUB_URL, agent, codes, found, hub};
    use crate::check::judgement::Severity;
    use crate::prometheus::write_probe::Outcome;

    fn open(mut facts: Facts, url: &str) -> Facts {
        facts.ways_in.urls[0].url = url.into();
        facts.ways_in.urls[0].probe = Ok(Outcome::Accepts);
        facts
    }

    #[test]
    fn an_open_hub_is_told_once() {
        let all = [open(agent(), HUB_URL), open(hub(), HUB_URL)];
        let findings = found("PF801", "admin@hub", &all);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(findings[0].causes[0], format!("{HUB_URL} takes samples from anybody who can reach it"));
        assert_eq!(codes(&all).iter().filter(|code| **code == "PF801").count(), 1);
    }

    #[test]
    fn a_way_that_only_an_agent_knows_is_told_at_the_hub() {
        let all = [open(agent(), "https://balancer.test/api/v1/write"), hub()];
        assert!(found("PF801", "admin@hub", &all)[0].causes[0].starts_with("https://balancer.test"));
    }

    #[test]
    fn without_its_hub_the_agent_tells_it() {
        assert_eq!(found("PF801", "admin@edge", &[open(agent(), HUB_URL)]).len(), 1);
    }

    #[test]
    fn what_stays_in_the_cluster_and_what_does_not_answer_is_no_finding() {
        let inside = open(hub(), "http://prometheus-server.monitoring.svc/api/v1/write");
        assert!(found("PF801", "admin@hub", &[inside]).is_empty());
        let mut silent = hub();
        silent.ways_in.urls[0].probe = Err(Unread::Failed("no route to host".into()));
        assert!(found("PF801", "admin@hub", &[silent]).is_empty());
    }
}
