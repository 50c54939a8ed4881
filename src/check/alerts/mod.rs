//! What the checks know, as alerts that the hub evaluates itself: they tell it when nobody looks.
//!
//! `list` has the alerts as data, with the thresholds of their checks; here they become a rule file of Prometheus.
//! `awaited` reads back which clusters installed ones wait for.

mod awaited;
mod list;

use serde_json::{Value, json};

use super::judgement::Severity;
pub use awaited::{awaited, awaited_by};
use list::RULES;

/// The name of promfed's group in a rule file.
pub const GROUP: &str = "promfed";

/// One alert of a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    pub name: &'static str,
    /// The check that finds the same.
    pub code: &'static str,
    pub expression: String,
    /// How long the expression has to be true first, like `5m`.
    pub lasts: &'static str,
    pub severity: &'static str,
    pub summary: &'static str,
    pub description: &'static str,
}

/// The alerts of a hub that these clusters joined. The alert on those that are silent needs their names: one that is
/// gone, or never came, leaves nothing at the hub that could tell of it.
pub fn alerts<'n>(joined: impl IntoIterator<Item = &'n str>) -> Vec<Alert> {
    let joined: Vec<_> = joined.into_iter().collect();
    let alert = |rule: &list::Rule| {
        Some(Alert {
            name: rule.name,
            code: rule.code,
            expression: (rule.expression)(&joined)?,
            lasts: rule.lasts,
            severity: match rule.severity {
                Severity::Error => "critical",
                Severity::Warning => "warning",
            },
            summary: rule.summary,
            description: rule.description,
        })
    };
    RULES.iter().filter_map(alert).collect()
}

/// The alerts as a group of a rule file.
pub fn rule_group(alerts: &[Alert]) -> Value {
    let rules: Vec<_> = alerts.iter().map(Alert::rule).collect();
    json!({"name": GROUP, "rules": rules})
}

/// The alerts as a rule file.
pub fn rule_file(alerts: &[Alert]) -> Value {
    json!({"groups": [rule_group(alerts)]})
}

impl Alert {
    fn rule(&self) -> Value {
        json!({
            "alert": self.name,
            "expr": self.expression,
            "for": self.lasts,
            "labels": {"severity": self.severity},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "code": self.code,
                "explain": format!("kubectl promfed explain {}", self.code),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::check::by_code;
    use crate::check::delivery::joined::SILENT;
    use crate::prometheus::rule::cluster_loss;

    /// How long an instant query still sees the last sample, in seconds.
    const LOOKBACK: f64 = 300.0;

    #[test]
    fn every_alert_is_of_a_check_and_has_a_name_of_its_own() {
        let all = alerts(["edge"]);
        let names: BTreeSet<_> = all.iter().map(|alert| alert.name).collect();
        assert_eq!((all.len(), names.len()), (10, 10));
        for alert in &all {
            assert!(alert.name.starts_with("Promfed"), "{}", alert.name);
            assert!(by_code(alert.code).is_some(), "{}", alert.code);
        }
    }

    #[test]
    fn no_alert_loses_the_cluster() {
        for alert in alerts(["edge"]) {
            assert_eq!(cluster_loss(&alert.expression), None, "{}", alert.expression);
            assert!(!alert.expression.contains("sum("), "{}", alert.expression);
        }
    }

    #[test]
    fn every_joined_cluster_is_waited_for_by_name() {
        let expression = &alerts(["edge1", "edge2"])[0].expression;
        assert_eq!(expression, "absent(up{cluster=\"edge1\"})\nor\nabsent(up{cluster=\"edge2\"})");
        let lasts: crate::prometheus::PromDuration = alerts(["edge"])[0].lasts.parse().expect("a time");
        assert!((crate::check::delivery::at_hub::seconds(lasts) + LOOKBACK - SILENT).abs() < 1.0);
        assert!(alerts([]).iter().all(|alert| alert.code != "PF509"));
        assert_eq!(alerts([]).len(), 9);
    }

    #[test]
    fn a_rule_is_as_prometheus_reads_it() {
        let file = rule_file(&alerts(["edge"]));
        assert_eq!(file["groups"][0]["name"], "promfed");
        insta::assert_snapshot!(crate::yaml::write::to_yaml(&file["groups"][0]["rules"][1]), @r#"
        alert: PromfedSamplesRefused
        expr: "sum by (cluster) (rate(prometheus_remote_storage_samples_failed_total[5m])) > 0"
        for: "10m"
        labels:
          severity: critical
        annotations:
          summary: "the hub refuses samples of {{ $labels.cluster }}, and they are lost"
          description: "{{ $value | humanize }} samples/s of {{ $labels.cluster }} are answered with 4xx, thrown away and not sent again. The agent's log has the hub's words."
          code: PF507
          explain: kubectl promfed explain PF507
        "#);
    }
}
