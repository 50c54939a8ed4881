//! The hub's rules keep the clusters apart.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::label::alert::{claimed, loses};
use crate::check::label::few;
use crate::check::label::names::members;
use crate::check::view::View;
use crate::prometheus::rule::{Loss, cluster_loss};

pub(super) const CHECK: Check = Check {
    code: "PF413",
    category: Category::Label,
    title: "the hub's rules keep the cluster",
    subject: Subject::Hub,
    after: &["PF212", "PF301"],
    page: Page {
        symptom: "An alert does not say in which cluster, a recorded series adds up all clusters, or an alert on `absent` never fires.",
        cause: "The rules were written for one cluster. `sum by (job)` puts the same job of all clusters together, and `absent(up{…})` is silent as long as one cluster has the series.",
        detected: "The queries of the hub's rules, by their words, while clusters write to it. Only what certainly loses the label is told; a query that names `cluster` anywhere, and the rules that the package ships, are left alone.",
        fix: "`sum by (cluster, job) (…)`; and for `absent`, one that tells the cluster: `absent(up{cluster=\"NAME\"})`, or `count by (cluster) (up offset 1h) unless count by (cluster) (up)`.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let rules = view.facts.own_rules()?;
    if rules.is_empty() || members(view.facts)?.is_empty() {
        return Ok(Judgement::Moot);
    }
    // Those alerts that get a wrong cluster are told of elsewhere.
    let alerts_are_told = claimed(view)?.is_some();
    let losing = || {
        rules
            .iter()
            .map(|(_, rule)| *rule)
            .filter(|rule| loses(rule) && !(alerts_are_told && rule.kind == "alerting"))
    };
    let summed: Vec<_> = losing()
        .filter_map(|rule| match cluster_loss(&rule.query)? {
            Loss::Aggregation(word) => Some(format!("{} ({word})", rule.name)),
            Loss::Absent => None,
        })
        .collect();
    let absent: Vec<_> = losing()
        .filter(|rule| cluster_loss(&rule.query) == Some(Loss::Absent))
        .map(|rule| &rule.name)
        .collect();
    let mut causes = Vec::new();
    if !summed.is_empty() {
        causes.push(format!("all clusters become one in {}", few(&summed)));
    }
    if !absent.is_empty() {
        causes.push(format!("silent while one cluster has the series: {}", few(&absent)));
    }
    let mut causes = causes.into_iter();
    let Some(first) = causes.next() else { return Ok(Judgement::Holds) };
    Ok(causes
        .fold(Finding::warning(first), Finding::because)
        .fix(Fix::hand(
            "keep the label in these rules: sum by (cluster, …) (…), absent(up{cluster=\"NAME\"})",
        ))
        .into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, rules};
    use crate::prometheus::promql::Question;

    fn with(all: &[(&str, &str, &str)]) -> Facts {
        let mut hub = hub();
        hub.process.rules = Ok(rules(all));
        hub
    }

    #[test]
    fn rules_that_lose_the_cluster_are_named() {
        let hub = with(&[
            ("alerting", "Down", "absent(up{job=\"api\"})"),
            ("recording", "job:up:sum", "sum by (job) (up)"),
            ("alerting", "Fine", "sum by (cluster) (up) == 0"),
        ]);
        let findings = found("PF413", "admin@hub", &[hub, agent()]);
        assert_eq!(
            findings[0].causes,
            ["all clusters become one in job:up:sum (sum)", "silent while one cluster has the series: Down"]
        );
    }

    #[test]
    fn a_rule_that_labels_what_it_makes_knows_what_it_does() {
        let mut hub = with(&[("recording", "job:up:sum", "sum by (job) (up)")]);
        hub.process.rules.as_mut().expect("rules")[0].rules[0].labels.insert("cluster".into(), "all".into());
        assert!(found("PF413", "admin@hub", &[hub, agent()]).is_empty());
    }

    #[test]
    fn one_cluster_cannot_be_mixed_up() {
        let mut hub = with(&[("recording", "job:up:sum", "sum by (job) (up)")])
            .with_answer(Question::LastSample, Vec::new());
        hub.stored.registry = Some(Ok(BTreeMap::new()));
        assert!(found("PF413", "admin@hub", &[hub]).is_empty());
    }
}
