//! One row per cluster name at the hub.

use serde::Serialize;

use super::{Cell, Column, Columns, Paint, Table, Tone, View};
use crate::domain::seconds;

/// The result of `clusters`.
#[derive(Clone, Debug, Serialize)]
pub struct ClustersView {
    /// The hub's context.
    pub hub: String,
    pub items: Vec<ClusterRow>,
}

/// A cluster as the hub sees it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClusterRow {
    /// Empty for series without the label.
    pub cluster: String,
    /// Seconds since its newest sample of `up`.
    pub last_sample_seconds: Option<f64>,
    /// Series at the last scrape of all its targets.
    pub series: Option<u64>,
    /// Pods by namespace, from kube-state-metrics.
    pub pods: Vec<NamespacePods>,
    pub verdict: String,
    /// The code that `explain` takes, where a check found what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<&'static str>,
}

/// The article's closing question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NamespacePods {
    pub namespace: String,
    pub pods: u64,
}

impl View for ClustersView {
    const KIND: &'static str = "Clusters";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut table = Table::new([
            Column::new("CLUSTER"),
            Column::new("LAST SAMPLE"),
            Column::new("SERIES"),
            Column::wide("NAMESPACE"),
            Column::new("PODS"),
            Column::new("VERDICT"),
        ]);
        for row in &self.items {
            let tone = if row.verdict == "OK" { Tone::Good } else { Tone::Bad };
            let verdict =
                row.code.map_or_else(|| row.verdict.clone(), |code| format!("{} ({code})", row.verdict));
            let total = row.pods.iter().map(|one| one.pods).sum::<u64>();
            let (namespace, pods) = match (columns, row.pods.first()) {
                (Columns::Wide, Some(first)) => (first.namespace.as_str().into(), first.pods.into()),
                _ if total == 0 => (Cell::none(), Cell::none()),
                _ => (Cell::none(), total.into()),
            };
            table.row([
                row.cluster.as_str().into(),
                row.last_sample_seconds.map(seconds).into(),
                row.series.into(),
                namespace,
                pods,
                Cell::from(verdict).toned(tone),
            ]);
            if columns == Columns::Wide {
                for more in row.pods.iter().skip(1) {
                    let [a, b, c] = [Cell::blank(), Cell::blank(), Cell::blank()];
                    table.row([a, b, c, more.namespace.as_str().into(), more.pods.into()]);
                }
            }
        }
        table.to_text(columns, paint)
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|row| row.cluster.clone()).collect()
    }
}
