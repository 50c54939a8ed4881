//! A recording rule is evaluated on one level: at the clusters or at the hub.

use std::collections::BTreeSet;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::label::alert::loses;
use crate::check::label::few;
use crate::check::label::names::hub_context;
use crate::check::view::View;
use crate::package::rule_groups;

pub(super) const CHECK: Check = Check {
    code: "PF415",
    category: Category::Label,
    title: "recording rules are evaluated on one level",
    subject: Subject::Hub,
    after: &["PF212", "PF301"],
    page: Page {
        symptom: "A cluster's Prometheus logs `400 Bad Request: out of order sample` although its name is unique, and the series is one that a recording rule makes.",
        cause: "The rule is evaluated by a Prometheus that writes to the hub, and by the hub again, which keeps the cluster's label. Both make the same series.",
        detected: "The hub's recording rules that keep the cluster, against those in the rule files of contexts that write to it. An agent evaluates no rules, so this concerns servers with `remote_write` only.",
        fix: "Keep the rule on one of the two levels; or make the cluster an agent: `kubectl promfed agent join`.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let writers: Vec<_> = view
        .others()
        .filter(|other| View::of(other, view.all).role().is_none())
        .filter(|other| hub_context(other, view.all) == Some(&view.facts.context))
        .collect();
    if writers.is_empty() {
        return Ok(Judgement::Moot);
    }
    let groups = view.facts.process.rules.as_ref().map_err(Clone::clone)?;
    let here: BTreeSet<_> = groups
        .iter()
        .flat_map(|group| &group.rules)
        .filter(|rule| rule.kind == "recording" && !loses(rule))
        .map(|rule| rule.name.as_str())
        .collect();
    let findings = writers.into_iter().filter_map(|writer| {
        let recorded = recorded(writer);
        let both: Vec<_> = recorded.iter().map(String::as_str).filter(|name| here.contains(name)).collect();
        (!both.is_empty()).then(|| {
            let finding = Finding::warning(format!(
                "the hub and context {:?} both record {}",
                writer.context,
                few(&both)
            ))
            .because("the hub refuses what it has recorded itself, and the whole batch with it");
            let finding = match writer.cluster_name() {
                Some(name) => finding.about(name),
                None => finding,
            };
            finding.fix(Fix::hand(
                "take these rules out of prometheus.config.recording_rules_yml of one of the two",
            ))
        })
    });
    Ok(findings.collect::<Vec<_>>().into())
}

/// What a Prometheus records by the rule files that its configuration names.
fn recorded(facts: &Facts) -> BTreeSet<String> {
    let (Ok(config), Ok(files)) = (facts.config(), &facts.workload.config_map) else {
        return BTreeSet::new();
    };
    let used = |file: &str| {
        let mut names =
            config["rule_files"].as_array().into_iter().flatten().filter_map(|name| name.as_str());
        names.any(|name| name.rsplit('/').next() == Some(file))
    };
    let groups = files.iter().filter(|(file, _)| used(file)).flat_map(|(_, text)| rule_groups(text));
    groups
        .flat_map(|group| group["rules"].as_array().cloned().unwrap_or_default())
        .filter_map(|rule| rule["record"].as_str().map(str::to_owned))
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, rules};

    const FILE: &str =
        "groups:\n- name: own\n  rules:\n  - {record: 'job:up:count', expr: 'count by (job) (up)'}\n";

    fn server() -> Facts {
        let mut server = agent().with_values(|text| {
            text.replace("      - --agent\n", "").replace(
                "      scrape_configs:",
                "      rule_files:\n      - /etc/config/recording_rules.yml\n      scrape_configs:",
            )
        });
        server.process.flags.as_mut().expect("flags").insert("agent".into(), "false".into());
        server
            .workload
            .config_map
            .as_mut()
            .expect("a ConfigMap")
            .insert("recording_rules.yml".into(), FILE.into());
        server
    }

    fn recording(query: &str) -> Facts {
        let mut hub = hub();
        hub.process.rules = Ok(rules(&[("recording", "job:up:count", query)]));
        hub
    }

    #[test]
    fn a_rule_of_both_levels_is_named() {
        let findings = found("PF415", "admin@hub", &[recording("count by (cluster, job) (up)"), server()]);
        assert_eq!(findings[0].causes[0], "the hub and context \"admin@edge\" both record job:up:count");
    }

    #[test]
    fn a_rule_over_all_clusters_makes_another_series() {
        assert!(found("PF415", "admin@hub", &[recording("count by (job) (up)"), server()]).is_empty());
        assert!(
            found("PF415", "admin@hub", &[recording("count by (cluster, job) (up)"), agent()]).is_empty()
        );
    }
}
