//! No alert of the hub claims the hub's name for another cluster's fault.

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Reading;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::label::few;
use crate::check::label::names::members;
use crate::check::view::View;
use crate::prometheus::config::external_cluster;
use crate::prometheus::rule::cluster_loss;

pub(super) const CHECK: Check = Check {
    code: "PF414",
    category: Category::Label,
    title: "the hub's alerts do not claim its own name",
    subject: Subject::Hub,
    after: &["PF212", "PF301"],
    page: Page {
        symptom: "An alert says `cluster=\"hub\"`, and the fault is in another cluster.",
        cause: "The alert's query leaves the cluster out. On the way to Alertmanager, Prometheus adds its external labels where an alert lacks them, and the hub has an external label `cluster`.",
        detected: "`global.external_labels.cluster` and `alerting` of the hub's loaded configuration, and the queries of its alerting rules, by their words: only what certainly loses the label is told.",
        fix: "Keep the label, as in `sum by (cluster, job) (…)`; and take `cluster` out of the hub's external labels. Its own series have the label from their jobs.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let Some(name) = claimed(view)? else { return Ok(Judgement::Moot) };
    let rules = view.facts.own_rules()?;
    let losing: Vec<_> = rules
        .iter()
        .filter(|(_, rule)| loses(rule) && rule.kind == "alerting")
        .map(|(_, rule)| rule.name.as_str())
        .collect();
    if losing.is_empty() {
        return Ok(Judgement::Holds);
    }
    Ok(Finding::warning(format!("alerts without a cluster are sent as cluster={name:?}: {}", few(&losing)))
        .because("their queries leave the cluster out, and the hub's external label takes its place")
        .fix(Fix::hand("keep the label in these rules: sum by (cluster, …) (…)"))
        .fix(Fix::hand(
            "take global.external_labels.cluster out of prometheus.config.prometheus_yml in the values",
        ))
        .into())
}

/// The name that an alert without a cluster gets, where clusters write to the hub and alerts leave it.
pub(super) fn claimed(view: &View<'_>) -> Reading<Option<String>> {
    let config = view.facts.process.config.as_ref().map_err(Clone::clone)?;
    let has_receivers = config["alerting"]["alertmanagers"].as_array().is_some_and(|all| !all.is_empty());
    let is_relabelled =
        config["alerting"]["alert_relabel_configs"].as_array().is_some_and(|rules| rules.iter().any(touches));
    let name = external_cluster(config).filter(|name| !name.is_empty() && has_receivers && !is_relabelled);
    let Some(name) = name else { return Ok(None) };
    Ok((!members(view.facts)?.is_empty()).then(|| name.to_owned()))
}

/// Whether a rule has to do with the label.
fn touches(rule: &Value) -> bool {
    rule["target_label"] == "cluster" || rule["regex"].as_str().is_some_and(|regex| regex.contains("cluster"))
}

/// Whether what a rule makes has no cluster for certain.
pub(super) fn loses(rule: &crate::prometheus::api::Rule) -> bool {
    !rule.labels.contains_key("cluster") && cluster_loss(&rule.query).is_some()
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub, rules};

    fn alerting(query: &str) -> Facts {
        let mut hub = hub().with_values(|text| {
            text.replace("scrape_interval: 1m\n", "scrape_interval: 1m\n        external_labels:\n          cluster: hub\n")
                .replace("      scrape_configs:", "      alerting:\n        alertmanagers:\n        - static_configs:\n          - targets: ['alertmanager:80']\n      scrape_configs:")
        });
        hub.process.rules = Ok(rules(&[("alerting", "ApiDown", query)]));
        hub
    }

    #[test]
    fn an_alert_that_loses_the_cluster_claims_the_hub_s() {
        let all = [alerting("sum by (job) (up) == 0"), agent()];
        assert_eq!(codes(&all), ["PF414"]);
        let findings = found("PF414", "admin@hub", &all);
        assert_eq!(findings[0].causes[0], "alerts without a cluster are sent as cluster=\"hub\": ApiDown");
    }

    #[test]
    fn an_alert_that_keeps_it_does_not() {
        assert!(
            found("PF414", "admin@hub", &[alerting("sum by (cluster, job) (up) == 0"), agent()]).is_empty()
        );
        assert!(found("PF414", "admin@hub", &[alerting("up == 0"), agent()]).is_empty());
    }
}
