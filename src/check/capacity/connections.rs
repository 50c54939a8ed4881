//! The hub has connections left for its agents.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::delivery::ingress::{proxies, written_to};
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::Role;

/// The share of the connections that may be taken.
const NEARLY: f64 = 0.8;

pub(super) const CHECK: Check = Check {
    code: "PF708",
    category: Category::Capacity,
    title: "connections are below their maximum",
    subject: Subject::Hub,
    after: &["PF101", "PF201", "PF206", "PF212"],
    page: Page {
        symptom: "The hub's pages and its probes hang, and agents log `context deadline exceeded`, while the hub is idle.",
        cause: "Prometheus serves 512 connections at a time, for everybody. Agents that write to it past the ingress hold one for each shard.",
        detected: "The shards of the agents that were read and do not write through the ingress, against the flag `web.max-connections`.",
        fix: "Raise `--web.max-connections`, or let agents write through the ingress, which shares connections.",
        versions: "all; more since 3.0, as remote write speaks HTTP/1.1 there by default",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let Some(max) = view.facts.flag("web.max-connections")?.and_then(|text| text.parse::<f64>().ok()) else {
        return Ok(Judgement::Moot);
    };
    let hosts: Vec<_> = proxies(view.facts).unwrap_or_default().iter().map(|proxy| proxy.fqdn).collect();
    let writes_directly = |facts: &&Facts| {
        let urls = written_to(facts);
        let is_own = View::of(facts, view.all).hub.is_some_and(|hub| hub.context == view.facts.context);
        is_own && !urls.is_empty() && urls.iter().all(|url| !hosts.contains(&url.host()))
    };
    let agents = view.others().filter(|facts| facts.role() == Some(Role::Agent)).filter(writes_directly);
    let taken: f64 = agents
        .filter_map(|facts| facts.process.metrics.as_ref().ok()?.sum("prometheus_remote_storage_shards"))
        .sum();
    if taken <= NEARLY * max {
        return Ok(Judgement::Holds);
    }
    Ok(Finding::warning(format!(
        "agents that write past the ingress hold {taken:.0} of {max:.0} connections"
    ))
    .fix(Fix::hand("add --web.max-connections=2048 to the hub's prometheus.deployment.containers.args"))
    .into())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub};

    fn direct(shards: u32) -> Facts {
        agent()
            .with_values(|text| text.replace("prometheus.hub.test", "10.0.0.1"))
            .with_metric(&format!("prometheus_remote_storage_shards {shards}"))
    }

    #[test]
    fn agents_that_write_directly_are_counted() {
        let findings = found("PF708", "admin@hub", &[direct(450), hub()]);
        assert_eq!(findings[0].causes[0], "agents that write past the ingress hold 450 of 512 connections");
    }

    #[test]
    fn few_of_them_or_the_ingress_are_no_finding() {
        assert_eq!(found("PF708", "admin@hub", &[direct(50), hub()]), []);
        let through = agent().with_metric("prometheus_remote_storage_shards 450");
        assert_eq!(found("PF708", "admin@hub", &[through, hub()]), []);
    }
}
