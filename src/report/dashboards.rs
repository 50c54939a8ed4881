//! What became of dashboards.

use serde::Serialize;

use super::{Cell, Column, Columns, Paint, Table, Tone, View};
use crate::dashboard::{Change, Left};

/// The result of a rewriting that went to files.
#[derive(Clone, Debug, Serialize)]
pub struct DashboardsView {
    pub items: Vec<DashboardRow>,
}

/// One dashboard.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DashboardRow {
    /// Where it is now.
    pub file: String,
    /// Whether the file is another one than before.
    pub written: bool,
    pub variable: String,
    pub change: Change,
    /// Expressions that were given the label.
    pub rewritten: usize,
    /// Expressions that needed nothing.
    pub unchanged: usize,
    /// Expressions that stay as they were, because nothing better is certain.
    pub left: Vec<Left>,
}

impl View for DashboardsView {
    const KIND: &'static str = "Dashboards";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut table = Table::new([
            Column::new("FILE"),
            Column::new("WRITTEN"),
            Column::new("VARIABLE"),
            Column::new("REWRITTEN"),
            Column::new("UNCHANGED"),
            Column::new("LEFT"),
        ]);
        for row in &self.items {
            let change = match row.change {
                Change::Added => "added",
                Change::Shown => "shown",
                Change::Replaced => "replaced",
                Change::Kept => "kept",
            };
            let left = Cell::from(row.left.len().to_string().as_str());
            table.row([
                row.file.as_str().into(),
                if row.written { "yes" } else { "no" }.into(),
                format!("{} ({change})", row.variable).as_str().into(),
                row.rewritten.to_string().as_str().into(),
                row.unchanged.to_string().as_str().into(),
                if row.left.is_empty() { left } else { left.toned(Tone::Warning) },
            ]);
        }
        table.to_text(columns, paint)
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().filter(|row| row.written).map(|row| row.file.clone()).collect()
    }
}
