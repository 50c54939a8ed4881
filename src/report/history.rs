//! The writes so far.

use jiff::Timestamp;
use serde::Serialize;

use super::{Column, Columns, Paint, Table, View};
use crate::domain::since;
use crate::history::{Constraint, History, Record, name};
use crate::package::{Names, ObjectRef};

/// The result of `history`.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryView {
    pub context: String,
    pub namespace: String,
    pub install: String,
    /// Newest first.
    pub items: Vec<RevisionRow>,
    #[serde(skip)]
    now: Timestamp,
}

/// One write.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionRow {
    pub revision: u32,
    /// The Secret that keeps the values from before it.
    pub secret: String,
    pub time: Timestamp,
    pub user: String,
    /// The command, without its arguments.
    pub verb: String,
    pub command: String,
    /// The version of promfed that wrote.
    pub promfed: String,
    pub changes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<Constraint>,
    pub created: Vec<ObjectRef>,
}

impl HistoryView {
    pub fn of(context: &str, names: &Names, history: &History, now: Timestamp) -> Self {
        Self {
            context: context.to_owned(),
            namespace: names.namespace.clone(),
            install: names.install.clone(),
            items: history.records.iter().rev().map(RevisionRow::from).collect(),
            now,
        }
    }
}

impl From<&Record> for RevisionRow {
    fn from(record: &Record) -> Self {
        Self {
            revision: record.revision,
            secret: name(&record.install, record.revision),
            time: record.author.time,
            user: record.author.user.clone(),
            verb: record.verb.to_string(),
            command: record.author.command.clone(),
            promfed: record.author.promfed.clone(),
            changes: record.changes.clone(),
            constraint: record.constraint.clone(),
            created: record.created.clone(),
        }
    }
}

impl View for HistoryView {
    const KIND: &'static str = "History";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        if self.items.is_empty() {
            return format!("promfed has written nothing on context {:?} yet\n", self.context);
        }
        let mut table = Table::new([
            Column::new("REVISION"),
            Column::new("AGE"),
            Column::new("USER"),
            Column::new("BEFORE"),
            Column::new("CHANGED"),
            Column::wide("SECRET"),
            Column::wide("PROMFED"),
            Column::wide("COMMAND"),
        ]);
        for row in &self.items {
            let mut changes = row.changes.iter().map(|change| squeezed(change));
            let first = changes.next().unwrap_or_else(|| format!("{} objects created", row.created.len()));
            table.row([
                row.revision.to_string().into(),
                since(row.time, self.now).into(),
                row.user.as_str().into(),
                row.verb.as_str().into(),
                first.into(),
                row.secret.as_str().into(),
                row.promfed.as_str().into(),
                row.command.as_str().into(),
            ]);
            for change in changes {
                let blank = super::Cell::blank;
                table.row([blank(), blank(), blank(), blank(), change.into(), blank(), blank(), blank()]);
            }
        }
        let text = table.to_text(columns, paint);
        let next = format!("kubectl promfed rollback --context {} REVISION", self.context);
        text + "\nBring back the values from before one of them:\n  " + &next + "\n"
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|row| format!("secret/{}", row.secret)).collect()
    }
}

/// In a column of its own, a change needs no columns.
fn squeezed(change: &str) -> String {
    change.split_whitespace().collect::<Vec<_>>().join(" ")
}
