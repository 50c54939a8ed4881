//! What would change in every cluster of a fleet.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Columns, DiffView, Paint, View};
use crate::error::Error;

/// The result of `diff -f`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FleetDiffView {
    pub items: Vec<DiffView>,
    /// The clusters of which it cannot be told.
    pub unknown: Vec<UnknownDiff>,
}

/// A cluster of which it cannot be told what would change.
#[derive(Clone, Debug, Serialize)]
pub struct UnknownDiff {
    pub context: String,
    #[serde(flatten)]
    pub error: Error,
}

impl From<(String, Error)> for UnknownDiff {
    fn from((context, error): (String, Error)) -> Self {
        Self { context, error }
    }
}

impl View for FleetDiffView {
    const KIND: &'static str = "FleetDiff";

    /// What stays as it is is counted at the end; `-o wide` names it.
    fn text(&self, columns: Columns, paint: Paint) -> String {
        let is_told = |diff: &&DiffView| columns == Columns::Wide || !diff.identical;
        let mut parts: Vec<_> =
            self.items.iter().filter(is_told).map(|diff| diff.text(columns, paint)).collect();
        for UnknownDiff { context, error } in &self.unknown {
            let mut part = format!("Context {context:?} cannot be told: {}\n", error.what);
            for cause in &error.causes {
                let _ = writeln!(part, "  {cause}");
            }
            parts.push(part);
        }
        let same = self.items.iter().filter(|diff| diff.identical).count();
        let (changes, unknown) = (self.items.len() - same, self.unknown.len());
        parts.push(format!("{changes} would change, {same} unchanged, {unknown} cannot be told\n"));
        parts.join("\n")
    }

    fn names(&self) -> Vec<String> {
        let of = |diff: &DiffView| {
            let named = |name| format!("{} {name}", diff.context);
            diff.names().into_iter().map(named).collect::<Vec<_>>()
        };
        self.items.iter().flat_map(of).collect()
    }
}
