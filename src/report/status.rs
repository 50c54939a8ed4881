//! One row per context.

use serde::Serialize;

use super::mermaid::mermaid;
use super::{Cell, Column, Columns, Format, Paint, Table, Tone, View};
use crate::domain::seconds;
use crate::error::Result;

/// The result of `status`.
#[derive(Clone, Debug, Serialize)]
pub struct StatusView {
    pub items: Vec<StatusRow>,
}

/// A context, and what it does.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusRow {
    pub context: String,
    pub cluster: Option<String>,
    pub role: Option<String>,
    /// What a hub is that was read at a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_type: Option<&'static str>,
    /// The options that lead to such a hub again.
    #[serde(skip)]
    pub read_by: Option<String>,
    /// The version that runs.
    pub prometheus: Option<String>,
    pub package_version: Option<String>,
    /// Where the reconcile stands.
    pub package: Option<String>,
    pub delivery: Option<String>,
    /// Seconds since the newest sample at the hub.
    pub at_hub_seconds: Option<f64>,
    pub verdict: String,
    /// The code that `explain` takes, where a check found what is wrong.
    pub code: Option<&'static str>,
    /// What is wrong, in a sentence.
    pub reason: Option<String>,
    pub uid: Option<String>,
    /// The context of the hub that it writes to, where that was asked too.
    pub hub: Option<String>,
}

impl View for StatusView {
    const KIND: &'static str = "Status";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let usual =
            ["CONTEXT", "CLUSTER", "ROLE", "PROMETHEUS", "PACKAGE", "DELIVERY", "AT HUB"].map(Column::new);
        let wide = ["PACKAGE VERSION", "UID"].map(Column::wide);
        let mut table = Table::new(usual.into_iter().chain(wide).chain([Column::new("VERDICT")]));
        let cell = |text: &Option<String>| Cell::from(text.as_deref().unwrap_or("-"));
        for row in &self.items {
            table.row([
                row.context.as_str().into(),
                row.cluster.as_deref().map_or_else(Cell::unknown, Cell::from),
                cell(&row.role),
                Cell::from(row.prometheus.as_deref().or(row.hub_type).unwrap_or("-")),
                cell(&row.package),
                cell(&row.delivery),
                cell(&row.at_hub_seconds.map(seconds)),
                cell(&row.package_version),
                cell(&row.uid),
                row.cell(),
            ]);
        }
        table.to_text(columns, paint) + &first_reason(&self.items)
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|row| row.context.clone()).collect()
    }

    fn other(&self, format: Format) -> Option<Result<String>> {
        (format == Format::Mermaid).then(|| Ok(mermaid(self)))
    }
}

impl StatusRow {
    /// The verdict with the code that explains it, or with the reason.
    pub(super) fn cell(&self) -> Cell {
        let verdict = match (self.code, &self.reason) {
            (Some(code), _) => format!("{} ({code})", self.verdict),
            (None, Some(reason)) => format!("{}: {reason}", self.verdict),
            (None, None) => self.verdict.clone(),
        };
        Cell::from(verdict).toned(if self.verdict == "OK" { Tone::Good } else { Tone::Bad })
    }
}

/// What is wrong with the first row that has a code, and what to type next; nothing where no row has one.
pub(super) fn first_reason<'r>(rows: impl IntoIterator<Item = &'r StatusRow>) -> String {
    let Some((row, code)) = rows.into_iter().find_map(|row| Some((row, row.code?))) else {
        return String::new();
    };
    let (context, reason) = (&row.context, row.reason.as_deref().unwrap_or(&row.verdict));
    let more = row.read_by.clone().unwrap_or_else(|| format!("--context {context}"));
    format!("\n{context}: {reason}\n  kubectl promfed explain {code}\n  kubectl promfed check {more}\n")
}
