//! One Prometheus in its role: what was asked of it, and what it answered.

use serde::Serialize;

use super::clusters::{ClusterRow, ClustersView};
use super::verified::Proof;
use super::{Cell, Column, Columns, Paint, Table, Tone, View};

/// The result of `hub status` and `agent status`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleStatus {
    pub context: String,
    pub role: crate::prometheus::Role,
    pub cluster_name: Option<String>,
    pub package: String,
    pub facts: Vec<Proof>,
    /// Of a hub: who reports.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clusters: Vec<ClusterRow>,
}

impl View for RoleStatus {
    const KIND: &'static str = "RoleStatus";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let name = self.cluster_name.as_deref().unwrap_or("<unknown>");
        let mut text =
            format!("{} {name:?} on context {:?}: {}\n\n", title(self.role), self.context, self.package);
        let mut table = Table::new(["FACT", "EXPECTED", "ACTUAL", "VERDICT"].map(Column::new));
        for fact in &self.facts {
            let verdict = if fact.holds { ("ok", Tone::Good) } else { ("WRONG", Tone::Bad) };
            let verdict = Cell::from(verdict.0).toned(verdict.1);
            table.row([
                fact.what.as_str().into(),
                fact.expected.as_str().into(),
                fact.actual.as_str().into(),
                verdict,
            ]);
        }
        text.push_str(&table.to_text(columns, paint));
        if !self.clusters.is_empty() {
            text.push('\n');
            text.push_str(
                &ClustersView { hub: String::new(), items: self.clusters.clone() }.text(columns, paint),
            );
        }
        text
    }

    fn names(&self) -> Vec<String> {
        vec![self.context.clone()]
    }
}

fn title(role: crate::prometheus::Role) -> &'static str {
    match role {
        crate::prometheus::Role::Hub => "Hub",
        crate::prometheus::Role::Agent => "Agent",
    }
}
