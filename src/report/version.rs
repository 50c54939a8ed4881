//! Versions: promfed's own, and what a context runs.

use serde::Serialize;

use super::{Cell, Column, Columns, Paint, Table, View};

/// The result of `version`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionView {
    pub promfed: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerVersions>,
}

/// What runs in the context.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerVersions {
    pub context: String,
    pub kubernetes: Option<String>,
    pub package: Option<String>,
    pub prometheus: Option<String>,
    /// What could not be asked, and why.
    pub unknown: Vec<String>,
}

impl View for VersionView {
    const KIND: &'static str = "Version";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut table = Table::new(["COMPONENT", "VERSION"].map(Column::new));
        table.row(["promfed".into(), self.promfed.into()]);
        if let Some(server) = &self.server {
            let rows = [
                ("kubernetes", &server.kubernetes),
                ("package", &server.package),
                ("prometheus", &server.prometheus),
            ];
            for (what, version) in rows {
                table.row([what.into(), version.as_deref().map_or_else(Cell::unknown, Cell::from)]);
            }
        }
        table.to_text(columns, paint)
    }

    fn names(&self) -> Vec<String> {
        vec![format!("promfed {}", self.promfed)]
    }
}
