//! The alerts of a hub: a table for people, a rule file for Prometheus.

use serde::Serialize;
use serde_json::Value;

use super::{Column, Columns, Paint, Table, View};
use crate::check::{Alert, rule_file};
use crate::yaml::write::to_yaml;

/// The result of `rules`.
#[derive(Clone, Debug, Serialize)]
pub struct RulesView {
    /// The clusters that are waited for.
    pub clusters: Vec<String>,
    pub items: Vec<RuleRow>,
    /// The same as Prometheus reads it.
    #[serde(skip)]
    file: Value,
}

/// One alert.
#[derive(Clone, Debug, Serialize)]
pub struct RuleRow {
    pub alert: &'static str,
    pub code: &'static str,
    #[serde(rename = "for")]
    pub lasts: &'static str,
    pub severity: &'static str,
    pub expression: String,
    pub summary: &'static str,
    pub description: &'static str,
}

impl RulesView {
    pub fn new(clusters: Vec<String>, alerts: &[Alert]) -> Self {
        let file = rule_file(alerts);
        let row = |alert: &Alert| RuleRow {
            alert: alert.name,
            code: alert.code,
            lasts: alert.lasts,
            severity: alert.severity,
            expression: alert.expression.clone(),
            summary: alert.summary,
            description: alert.description,
        };
        Self { clusters, items: alerts.iter().map(row).collect(), file }
    }
}

impl View for RulesView {
    const KIND: &'static str = "AlertRules";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut table = Table::new([
            Column::new("ALERT"),
            Column::new("CODE"),
            Column::new("FOR"),
            Column::wide("SEVERITY"),
            Column::new("EXPRESSION"),
        ]);
        for row in &self.items {
            let expression = row.expression.replace('\n', " ");
            table.row([
                row.alert.into(),
                row.code.into(),
                row.lasts.into(),
                row.severity.into(),
                expression.as_str().into(),
            ]);
        }
        table.to_text(columns, paint)
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|row| row.alert.to_owned()).collect()
    }

    fn file(&self) -> Option<String> {
        Some(to_yaml(&self.file))
    }
}
