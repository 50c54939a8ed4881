//! The ingress waits for the hub's answer as long as an agent does.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::delivery::cause::Cause;
use crate::check::delivery::ingress::{proxies, written_to};
use crate::check::delivery::refusal::{Fate, Refusal};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF709",
    category: Category::Capacity,
    title: "the ingress waits long enough",
    subject: Subject::Agent,
    after: &["PF101", "PF201", "PF212", "PF301", "PF303", "PF501", "PF502", "PF510"],
    page: Page {
        symptom: "The agent logs `Failed to send batch, retrying` with `504 Gateway Timeout: upstream request timeout`, and the hub has work for nothing.",
        cause: "Envoy, which is Contour's proxy, ends a request after 15 seconds where the HTTPProxy says nothing else; an agent waits 30. The hub may have stored the batch all the same, and gets it again.",
        detected: "The newest line of the agent's log, and the routes of the hub's HTTPProxy. A route without a timeout alone is no finding.",
        fix: "`timeoutPolicy: {response: 60s}` on the route, by a ytt overlay, as the package has no value for it. Better still: find why the hub needs so long.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let refusal = Refusal::last_of(view.facts, Fate::Retried)
        .filter(|refusal| refusal.is_recent() && refusal.cause == Cause::IngressTimeout);
    let Some(refusal) = refusal else { return Ok(Judgement::Holds) };
    let Some(hub) = view.hub else { return Ok(Judgement::Moot) };
    let urls = written_to(view.facts);
    let hasty = proxies(hub)?.into_iter().find(|proxy| {
        let is_used = urls.iter().any(|url| url.host().eq_ignore_ascii_case(proxy.fqdn));
        is_used && !proxy.says_how_long_it_waits()
    });
    let Some(proxy) = hasty else { return Ok(Judgement::Holds) };
    Ok(Finding::warning(refusal.words)
        .because(format!("HTTPProxy {} of the hub waits 15s, and the agent 30s", proxy.name))
        .fix(Fix::hand(
            "give the route timeoutPolicy.response 60s by a ytt overlay: the package has no value for it",
        ))
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub};

    fn timing_out() -> Facts {
        let mut agent = agent();
        agent.workload.log = Ok("msg=\"Failed to send batch, retrying\" err=\"server returned HTTP status 504 Gateway Timeout: upstream request timeout\"".into());
        agent
    }

    fn hasty() -> Facts {
        let mut hub = hub();
        hub.workload.ingress.as_mut().expect("an ingress")[0]["spec"]["routes"][0]["timeoutPolicy"] =
            serde_json::Value::Null;
        hub
    }

    #[test]
    fn a_timeout_of_the_ingress_is_told_with_the_route_that_has_none() {
        let findings = found("PF709", "admin@edge", &[timing_out(), hasty()]);
        assert_eq!(findings[0].causes[0], "504 Gateway Timeout: upstream request timeout");
        assert!(findings[0].causes[1].contains("prometheus-httpproxy of the hub waits 15s"));
    }

    #[test]
    fn without_evidence_or_with_a_timeout_it_is_no_finding() {
        assert_eq!(found("PF709", "admin@edge", &[agent(), hasty()]), []);
        assert_eq!(found("PF709", "admin@edge", &[timing_out(), hub()]), []);
    }
}
