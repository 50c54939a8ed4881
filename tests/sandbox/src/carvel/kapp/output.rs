//! The text that kapp prints while it works.

use std::fmt::Write as _;

use super::apply::{Change, Operation};
use crate::objects;

/// The output so far.
#[derive(Default)]
pub(super) struct Output {
    text: String,
    total: usize,
}

impl Output {
    /// The table of changes.
    pub(super) fn changes(&mut self, changes: &[Change]) {
        self.text += "Target cluster 'https://10.96.0.1:443'\n\nChanges\n\n";
        let shown: Vec<&Change> =
            changes.iter().filter(|change| change.operation != Operation::Noop).collect();
        let mut rows = vec![["Namespace", "Name", "Kind", "Op", "Wait to"].map(str::to_owned)];
        for change in &shown {
            rows.push([
                change.key.namespace.clone().unwrap_or_else(|| "(cluster)".to_owned()),
                change.key.name.clone(),
                change.object["kind"].as_str().unwrap_or_default().to_owned(),
                word(change.operation).to_owned(),
                if change.operation == Operation::Delete { "delete" } else { "reconcile" }.to_owned(),
            ]);
        }
        let widths: Vec<usize> =
            (0..5).map(|column| rows.iter().map(|row| row[column].len()).max().unwrap_or(0)).collect();
        for row in rows {
            let cells: Vec<String> =
                row.iter().zip(&widths).map(|(cell, &width)| format!("{cell:<width$}")).collect();
            writeln!(self.text, "{}", cells.join("  ")).ok();
        }
        let count = |wanted: Operation| changes.iter().filter(|change| change.operation == wanted).count();
        self.total = shown.len();
        writeln!(
            self.text,
            "\nOp:      {} create, {} delete, {} update, {} noop, 0 exists\nWait to: {} reconcile, {} delete, 0 noop\n",
            count(Operation::Create),
            count(Operation::Delete),
            count(Operation::Update),
            count(Operation::Noop),
            changes.len() - count(Operation::Delete),
            count(Operation::Delete),
        )
        .ok();
        if self.total > 0 {
            let total = self.total;
            self.line(&format!("---- applying {total} changes [0/{total} done] ----"));
        }
    }

    /// That a change was written.
    pub(super) fn applied(&mut self, change: &Change) {
        if change.operation != Operation::Noop {
            let kind = change.object["kind"].as_str().unwrap_or_default().to_lowercase();
            let name = objects::name(&change.object);
            let version = change.object["apiVersion"].as_str().unwrap_or_default();
            self.line(&format!("{} {kind}/{name} ({version})", word(change.operation)));
        }
    }

    /// A line with the time.
    pub(super) fn line(&mut self, line: &str) {
        let time = jiff::Timestamp::now().strftime("%-I:%M:%S%p");
        if line == "Succeeded" {
            writeln!(self.text, "\n{line}").ok();
        } else {
            writeln!(self.text, "{time}: {line}").ok();
        }
    }

    /// All of it.
    pub(super) fn text(&self) -> String {
        self.text.clone()
    }
}

fn word(operation: Operation) -> &'static str {
    match operation {
        Operation::Create => "create",
        Operation::Update => "update",
        Operation::Delete => "delete",
        Operation::Noop => "noop",
    }
}
