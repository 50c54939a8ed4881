//! The hub's recording rules wait for samples that are on their way.

use std::collections::BTreeSet;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::label::{few, members};
use crate::check::view::View;
use crate::package::rule_groups;

pub(super) const CHECK: Check = Check {
    code: "PF604",
    category: Category::Time,
    title: "recording rules wait for remote samples",
    subject: Subject::Hub,
    after: &["PF212", "PF301"],
    page: Page {
        symptom: "What the hub records of other clusters has gaps, or is a little lower than the same query later on.",
        cause: "Samples of other clusters arrive some seconds late, by their batches and the way. A rule that is evaluated before they are there records without them, and nothing records it again.",
        detected: "Recording rules of the hub that are not the package's, while clusters write to it; `global.rule_query_offset` of the loaded configuration, `query_offset` in the rule files, and `offset` in the queries.",
        fix: "Set `global.rule_query_offset: 1m`, or `query_offset` for a group. Alerts come as much later.",
        versions: "2.53 and later; before, `offset` in each query does it",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let facts = view.facts;
    if !facts.capabilities()?.version().at_least(2, 53) {
        return Ok(Judgement::Moot);
    }
    let rules = facts.own_rules()?;
    let config = facts.process.config.as_ref().map_err(Clone::clone)?;
    let offset = config["global"]["rule_query_offset"].as_str().unwrap_or("0s");
    if rules.is_empty() || members(facts)?.is_empty() {
        return Ok(Judgement::Moot);
    }
    let waiting = groups_with_offset(facts);
    let hasty: Vec<_> = rules
        .iter()
        .filter(|(group, rule)| rule.kind == "recording" && !waiting.contains(&group.name))
        .filter(|(_, rule)| !rule.query.split(|c: char| !c.is_alphanumeric()).any(|word| word == "offset"))
        .map(|(_, rule)| rule.name.as_str())
        .collect();
    if offset != "0s" || hasty.is_empty() {
        return Ok(Judgement::Holds);
    }
    Ok(Finding::warning(format!(
        "no query offset: these may be recorded before remote samples arrive: {}",
        few(&hasty)
    ))
    .fix(Fix::hand("global.rule_query_offset: 1m in prometheus.config.prometheus_yml of the values"))
    .into())
}

/// The groups whose rule file gives them an offset of their own, which Prometheus does not tell.
fn groups_with_offset(facts: &Facts) -> BTreeSet<String> {
    let files = facts.workload.config_map.as_ref().map(|files| files.values().cloned().collect::<Vec<_>>());
    let groups = files.unwrap_or_default().into_iter().flat_map(|text| rule_groups(&text));
    groups
        .filter(|group| group.get("query_offset").is_some())
        .filter_map(|group| group["name"].as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{found, hub, rules};

    fn with(query: &str) -> Facts {
        let mut hub = hub();
        hub.process.rules = Ok(rules(&[("recording", "cluster:up:sum", query)]));
        hub
    }

    #[test]
    fn own_recording_rules_without_an_offset_are_named() {
        let findings = found("PF604", "admin@hub", &[with("sum by (cluster) (up)")]);
        assert_eq!(
            findings[0].causes,
            ["no query offset: these may be recorded before remote samples arrive: cluster:up:sum"]
        );
    }

    #[test]
    fn an_offset_anywhere_is_enough() {
        let rule = "sum by (cluster) (up)";
        assert!(found("PF604", "admin@hub", &[with("sum by (cluster) (up offset 1m)")]).is_empty());
        let mut global = with(rule);
        global.process.config.as_mut().expect("a configuration")["global"]["rule_query_offset"] =
            "30s".into();
        assert!(found("PF604", "admin@hub", &[global]).is_empty());
        let mut grouped = with(rule);
        let file = "groups:\n- name: own\n  query_offset: 1m\n".to_owned();
        grouped.workload.config_map.as_mut().expect("a ConfigMap").insert("rules".into(), file);
        assert!(found("PF604", "admin@hub", &[grouped]).is_empty());
        assert!(found("PF604", "admin@hub", &[with(rule).with_version("2.52.0")]).is_empty());
    }
}
