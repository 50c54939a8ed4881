//! The hub's receiver is at the path that its agents use.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, WayIn};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::safety::address::{host, path, root};
use crate::check::view::View;
use crate::package::WRITE_URL;
use crate::prometheus::write_probe::{Outcome, PATH};

pub(super) const CHECK: Check = Check {
    code: "PF312",
    category: Category::Flags,
    title: "the receiver is at the path that agents use",
    subject: Subject::Hub,
    after: &["PF212", "PF303"],
    page: Page {
        symptom: "Agents log `404 Not Found: 404 page not found`, and lose what they send. That is another text than the one of a receiver that is off.",
        cause: "`--web.external-url` with a path, or `--web.route-prefix`, moves everything that Prometheus serves below that path: `/prometheus/api/v1/write`. Or the ingress takes a part of the path away.",
        detected: "The hub's runtime flags, the paths of the URLs that agents write to and of the hub's ingress, what the ingress makes of a path, and what a probe was answered.",
        fix: "`kubectl promfed hub init --write-url URL` notes the right URL, and `kubectl promfed agent join` on each agent writes there.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let prefix = prefix(view.facts.process.flags.as_ref().map_err(Clone::clone)?);
    let wanted = format!("{prefix}{PATH}");
    let ways = ways(view);
    if ways.is_empty() {
        return Ok(Judgement::Moot);
    }
    let is_wrong = |way: &WayIn| {
        let is_right = path(&way.url) == wanted || rewritten(view.facts, &way.url).contains(&wanted);
        match &way.probe {
            _ if is_right => false,
            Ok(Outcome::Accepts | Outcome::Off | Outcome::Redirect(_)) => false,
            Ok(Outcome::WrongPath) => true,
            _ => rewritten(view.facts, &way.url).is_empty() && hosts(view.facts).contains(&host(&way.url)),
        }
    };
    let all: usize = ways.iter().map(|(_, agents)| agents.len()).sum();
    let wrong = ways.into_iter().filter(|(way, _)| is_wrong(way));
    let findings = wrong.flat_map(|(way, agents)| {
        // What is wrong with all of them is wrong at the hub; what is wrong with some is told of each.
        let told =
            if agents.len() == all { vec![agents] } else { agents.chunks(1).map(<[_]>::to_vec).collect() };
        told.into_iter().map(|agents| finding(view, &way.url, &agents, &wanted)).collect::<Vec<_>>()
    });
    Ok(findings.collect::<Vec<_>>().into())
}

fn finding(view: &View<'_>, url: &str, agents: &[&Facts], wanted: &str) -> Finding {
    let used = path(url);
    let line = if agents.is_empty() {
        format!("the hub's way in leads to {used}, and its receiver is at {wanted}")
    } else {
        let names: Vec<_> = agents.iter().map(|agent| agent.context.as_str()).collect();
        let write = if names.len() > 1 { "write" } else { "writes" };
        format!("{} {write} to {used}, and the receiver is at {wanted}", names.join(", "))
    };
    let mut finding = Finding::error(line).because(url);
    if rewritten(view.facts, url).is_empty() {
        let is_told = view.facts.ways_in.urls.iter().any(|own| path(&own.url) == wanted);
        if agents.is_empty() || !is_told {
            finding = finding.fix(view.again(&format!("--write-url {}{wanted}", root(url))));
        }
        for agent in agents {
            finding = finding.fix(View::of(agent, view.all).again(""));
        }
    } else {
        finding = finding
            .because("the ingress makes another path of it")
            .fix(Fix::hand("let the ingress, the hub's prefix and the write URL name the same path"));
    }
    if !agents.is_empty() {
        finding = finding.verdict(Verdict::Losing);
    }
    match agents {
        [one] => one.cluster_name().map_or(finding.clone(), |name| finding.about(name)),
        _ => finding,
    }
}

/// The URLs by which the hub is written to, each with the agents that do; the hub's own where no agent is known.
fn ways<'f>(view: &View<'f>) -> Vec<(&'f WayIn, Vec<&'f Facts>)> {
    let hosts = hosts(view.facts);
    let mut ways: Vec<(&WayIn, Vec<&Facts>)> = Vec::new();
    let agents = view
        .others()
        .filter(|agent| View::of(agent, view.all).hub.is_some_and(|hub| hub.context == view.facts.context));
    for agent in agents {
        let is_ours = |way: &&WayIn| {
            hosts.contains(&host(&way.url))
                || (path(&way.url).ends_with(PATH) && way.probe == Ok(Outcome::WrongPath))
        };
        for way in agent.ways_in.urls.iter().filter(is_ours) {
            match ways.iter_mut().find(|(other, _)| other.url == way.url) {
                Some((_, agents)) => agents.push(agent),
                None => ways.push((way, vec![agent])),
            }
        }
    }
    let tells_another =
        view.install().is_ok_and(|install| install.metadata.ownership.annotations.contains_key(WRITE_URL));
    if ways.is_empty() && !tells_another {
        ways.extend(view.facts.ways_in.urls.iter().map(|way| (way, Vec::new())));
    }
    ways
}

/// The host names of the hub's ingress.
fn hosts(hub: &Facts) -> Vec<&str> {
    let proxies = hub.workload.ingress.as_deref().unwrap_or_default();
    let names = proxies.iter().filter_map(|proxy| proxy["spec"]["virtualhost"]["fqdn"].as_str());
    names.chain(hub.ways_in.urls.iter().map(|way| host(&way.url))).collect()
}

/// What the ingress may make of the path of a URL.
fn rewritten(hub: &Facts, url: &str) -> Vec<String> {
    let proxies = hub.workload.ingress.as_deref().unwrap_or_default();
    let proxies = proxies.iter().filter(|proxy| proxy["spec"]["virtualhost"]["fqdn"] == host(url));
    let items = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let routes = proxies.flat_map(|proxy| items(&proxy["spec"]["routes"]));
    let rules = routes.flat_map(|route| items(&route["pathRewritePolicy"]["replacePrefix"]));
    let rewrite = |rule: Value| {
        let prefix = rule["prefix"].as_str().unwrap_or("/").trim_end_matches('/').to_owned();
        let rest = path(url).strip_prefix(&prefix)?.trim_start_matches('/');
        Some(format!("{}/{rest}", rule["replacement"].as_str()?.trim_end_matches('/')))
    };
    rules.filter_map(rewrite).collect()
}

/// What the paths of a Prometheus begin with: empty, or `/prometheus`.
pub(super) fn prefix(flags: &BTreeMap<String, String>) -> String {
    let of = |name: &str| flags.get(name).map(String::as_str).filter(|value| !value.is_empty());
    let prefix = of("web.route-prefix").unwrap_or_else(|| of("web.external-url").map_or("", path));
    match prefix.trim_matches('/') {
        "" => String::new(),
        prefix => format!("/{prefix}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::healthy::{HUB_URL, agent, codes, found, hub};
    use crate::check::judgement::By;

    const PREFIXED: &str = "https://prometheus.hub.test/prometheus/api/v1/write";

    fn asked(facts: Facts, url: &str, probe: Outcome) -> Facts {
        let mut facts = facts;
        facts.ways_in.urls = vec![WayIn { url: url.into(), probe: Ok(probe), clock_ahead: Ok(0.0) }];
        facts
    }

    #[test]
    fn a_prefix_that_agents_do_not_know_is_named_with_the_right_url() {
        let hub = asked(hub().with_flag("web.route-prefix", "/prometheus"), HUB_URL, Outcome::WrongPath);
        let agent = asked(agent(), HUB_URL, Outcome::WrongPath);
        let findings = found("PF312", "admin@hub", &[agent, hub]);
        assert_eq!(
            findings[0].causes[0],
            "admin@edge writes to /api/v1/write, and the receiver is at /prometheus/api/v1/write"
        );
        assert_eq!(findings[0].cluster.as_deref(), Some("edge"));
        assert_eq!(findings[0].verdict, Some(Verdict::Losing));
        let fixes: Vec<_> = findings[0].fixes.iter().map(|fix| fix.command.as_str()).collect();
        assert_eq!(
            fixes,
            [
                format!(
                    "kubectl promfed hub init --context admin@hub --cluster-name hub --write-url {PREFIXED}"
                )
                .as_str(),
                "kubectl promfed agent join --context admin@edge --hub-context admin@hub --cluster-name edge",
            ]
        );
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
    }

    #[test]
    fn an_agent_that_alone_went_astray_is_mended_where_it_is() {
        let astray = asked(agent(), PREFIXED, Outcome::WrongPath);
        let finding = found("PF312", "admin@hub", &[astray, hub()]).remove(0);
        assert_eq!(finding.fixes.len(), 1);
        assert!(finding.fixes[0].command.starts_with("kubectl promfed agent join --context admin@edge"));
    }

    #[test]
    fn all_agents_are_told_at_once_and_some_of_them_each_by_itself() {
        let named = |name: &str, url: &str, probe: Outcome| {
            let mut agent = asked(
                agent().with_values(|text| text.replace("cluster: edge", &format!("cluster: {name}"))),
                url,
                probe,
            );
            agent.context = format!("admin@{name}");
            agent
        };
        let (a, b) = (named("a", PREFIXED, Outcome::WrongPath), named("b", PREFIXED, Outcome::WrongPath));
        let all = found("PF312", "admin@hub", &[a.clone(), b.clone(), hub()]);
        assert_eq!(all.len(), 1);
        assert!(
            all[0].causes[0].starts_with("admin@a, admin@b write to /prometheus/api/v1/write"),
            "{all:?}"
        );
        let some = found("PF312", "admin@hub", &[a, b, named("c", HUB_URL, Outcome::Accepts), hub()]);
        let about: Vec<_> = some.iter().map(|one| one.cluster.as_deref()).collect();
        assert_eq!(about, [Some("a"), Some("b")]);
    }

    #[test]
    fn a_guarded_hub_is_judged_by_its_flags() {
        let hub = hub()
            .with_flag("web.route-prefix", "")
            .with_flag("web.external-url", "https://prometheus.hub.test/prometheus/");
        assert_eq!(found("PF312", "admin@hub", &[agent(), hub]).len(), 1);
    }

    #[test]
    fn the_path_of_the_prefix_is_right() {
        let hub = asked(hub().with_flag("web.route-prefix", "/prometheus"), PREFIXED, Outcome::Guarded(401));
        assert!(
            found("PF312", "admin@hub", &[asked(agent(), PREFIXED, Outcome::Guarded(401)), hub]).is_empty()
        );
    }

    #[test]
    fn a_path_that_the_ingress_rewrites_is_right() {
        let mut hub = asked(hub(), PREFIXED, Outcome::Guarded(401));
        hub.workload.ingress.as_mut().expect("an ingress")[0]["spec"]["routes"][0]["pathRewritePolicy"] =
            serde_json::json!({"replacePrefix": [{"prefix": "/prometheus/", "replacement": "/"}]});
        assert!(
            found("PF312", "admin@hub", &[asked(agent(), PREFIXED, Outcome::Guarded(401)), hub]).is_empty()
        );
    }

    #[test]
    fn what_accepts_is_right_and_another_backend_is_not_ours() {
        let elsewhere = asked(agent(), "https://mimir.test/api/v1/push", Outcome::WrongPath);
        assert!(found("PF312", "admin@hub", &[elsewhere, hub()]).is_empty());
        let hub = hub()
            .with_flag("web.external-url", "https://prometheus.hub.test/x")
            .with_flag("web.route-prefix", "");
        let hub = asked(hub, HUB_URL, Outcome::Off);
        assert!(!codes(&[asked(agent(), HUB_URL, Outcome::Off), hub]).contains(&"PF312"));
    }
}
