//! A fleet: what is planned for its clusters, and what came of it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::{Cell, Column, Columns, Paint, StepView, Table, Tone, View};
use crate::error::Error;
use crate::prometheus::Role;

/// So many errors are told whole.
const ERRORS: usize = 3;

/// What would be done with every cluster of a fleet.
#[derive(Clone, Debug, Serialize)]
pub struct FleetPlanView {
    pub items: Vec<FleetPlanRow>,
}

/// What would be done with one of them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FleetPlanRow {
    pub context: String,
    pub cluster: Option<String>,
    pub role: Role,
    /// The package that is acted on, where that is known.
    pub package: Option<String>,
    pub change: Change,
    pub steps: Vec<StepView>,
    pub warnings: Vec<String>,
    /// Why it cannot be planned, or not yet.
    pub error: Option<Error>,
}

/// What becomes of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Change {
    Create,
    Update,
    /// What it takes cannot be known before something else is there.
    Later,
    Unchanged,
    Refused,
    Unreachable,
}

/// What was done with every cluster of a fleet.
#[derive(Clone, Debug, Serialize)]
pub struct FleetView {
    pub items: Vec<FleetRow>,
    /// The command to type next.
    pub next: super::Next,
}

/// What was done with one of them.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FleetRow {
    pub context: String,
    pub cluster: Option<String>,
    pub role: Role,
    pub result: Done,
    /// How much of what was asked of the running processes holds; nothing where nobody waited.
    pub verified: Option<Verified>,
    /// What it warned of on the way, besides what the plan did.
    pub warnings: Vec<String>,
    pub error: Option<Error>,
}

/// What came of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Done {
    Created,
    Configured,
    Unchanged,
    Failed,
    Unreachable,
    /// Nothing was begun, as others had failed.
    Skipped,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub held: usize,
    pub all: usize,
}

impl Change {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Later => "later",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Create | Self::Update | Self::Later | Self::Unchanged => Tone::Plain,
            Self::Refused | Self::Unreachable => Tone::Bad,
        }
    }
}

impl Done {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Unchanged => "unchanged",
            Self::Failed => "failed",
            Self::Unreachable => "unreachable",
            Self::Skipped => "skipped",
        }
    }

    fn tone(self) -> Tone {
        match self {
            Self::Created | Self::Configured | Self::Unchanged => Tone::Good,
            Self::Failed | Self::Unreachable | Self::Skipped => Tone::Bad,
        }
    }
}

impl FleetPlanRow {
    /// What is written, in few words.
    fn what(&self) -> String {
        if let Some(error) = &self.error {
            return error.what.clone();
        }
        let of = |action: &str| {
            let steps: Vec<_> = self.steps.iter().filter(|step| step.action == action).collect();
            match steps[..] {
                [] => None,
                [one] => Some(format!("{action} {} {}", one.kind, one.name)),
                [..] => Some(format!("{action} {} objects", steps.len())),
            }
        };
        let words: Vec<_> = ["create", "update", "delete"].into_iter().filter_map(of).collect();
        words.join(", ")
    }
}

impl View for FleetPlanView {
    const KIND: &'static str = "FleetPlan";

    /// What stays as it is is counted only; `-o wide` lists it too.
    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut table = Table::new(["CONTEXT", "CLUSTER", "ROLE", "CHANGE", "WHAT"].map(Column::new));
        let is_told = |row: &&FleetPlanRow| columns == Columns::Wide || row.change != Change::Unchanged;
        for row in self.items.iter().filter(is_told) {
            table.row([
                row.context.as_str().into(),
                row.cluster.as_deref().map_or_else(Cell::unknown, Cell::from),
                row.role.to_string().into(),
                Cell::from(row.change.as_str()).toned(row.change.tone()),
                Cell::from(row.what()),
            ]);
        }
        let counts = counted(self.items.iter().map(|row| (row.change, row.change.as_str())));
        let errors = self.items.iter().map(|row| (row.context.as_str(), row.error.as_ref()));
        with_counts(&table, columns, paint, self.items.len(), &counts) + &first_errors(errors)
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|row| format!("{} {}", row.context, row.change.as_str())).collect()
    }
}

impl View for FleetView {
    const KIND: &'static str = "FleetOutcome";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut table =
            Table::new(["CONTEXT", "CLUSTER", "ROLE", "RESULT", "VERIFIED", "WHY"].map(Column::new));
        for row in &self.items {
            let verified = row.verified.map(|Verified { held, all }| format!("{held} of {all}"));
            table.row([
                row.context.as_str().into(),
                row.cluster.as_deref().map_or_else(Cell::unknown, Cell::from),
                row.role.to_string().into(),
                Cell::from(row.result.as_str()).toned(row.result.tone()),
                verified.map_or_else(|| "-".into(), Cell::from),
                row.error.as_ref().map_or_else(Cell::blank, |error| error.what.as_str().into()),
            ]);
        }
        let counts = counted(self.items.iter().map(|row| (row.result, row.result.as_str())));
        let mut text = with_counts(&table, columns, paint, self.items.len(), &counts);
        text += &first_errors(self.items.iter().map(|row| (row.context.as_str(), row.error.as_ref())));
        let _ = writeln!(text, "\n{}\n  {}", self.next.why, self.next.command);
        text
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|row| format!("{} {}", row.context, row.result.as_str())).collect()
    }
}

/// `2 created, 1 failed`, in the order of the kinds.
fn counted<K: Ord>(kinds: impl Iterator<Item = (K, &'static str)>) -> String {
    let mut counts: BTreeMap<K, (&str, usize)> = BTreeMap::new();
    for (kind, word) in kinds {
        counts.entry(kind).or_insert((word, 0)).1 += 1;
    }
    let words: Vec<_> = counts.values().map(|(word, count)| format!("{count} {word}")).collect();
    words.join(", ")
}

/// The first errors whole: what is wrong with one is often wrong with the next.
fn first_errors<'r>(rows: impl Iterator<Item = (&'r str, Option<&'r Error>)>) -> String {
    let mut text = String::new();
    for (context, error) in rows.filter_map(|(context, error)| Some((context, error?))).take(ERRORS) {
        let lines = error.lines();
        let lines = lines.trim_start_matches("error: ").trim_end().replace('\n', "\n  ");
        let _ = write!(text, "\n{context}: {lines}\n");
    }
    text
}

fn with_counts(table: &Table, columns: Columns, paint: Paint, all: usize, counts: &str) -> String {
    let rows = if table.is_empty() { String::new() } else { table.to_text(columns, paint) + "\n" };
    let clusters = if all == 1 { "cluster" } else { "clusters" };
    format!("{rows}{all} {clusters}: {counts}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Format, Next, render};

    fn planned(context: &str, change: Change) -> FleetPlanRow {
        let step = |action, name: &str| StepView {
            action,
            kind: "Secret".into(),
            namespace: None,
            name: name.into(),
            changes: Vec::new(),
        };
        FleetPlanRow {
            context: context.into(),
            cluster: Some(context.trim_start_matches("admin@").into()),
            role: Role::Agent,
            package: None,
            change,
            steps: match change {
                Change::Create => vec![step("create", "a"), step("create", "b")],
                Change::Update => vec![step("create", "kept"), step("update", "values")],
                _ => Vec::new(),
            },
            warnings: Vec::new(),
            error: (change == Change::Refused).then(|| Error::usage("another cluster joined as \"d\"")),
        }
    }

    #[test]
    fn a_summary_tells_what_changes_and_counts_the_rest() {
        let all = [Change::Create, Change::Update, Change::Unchanged, Change::Refused];
        let rows = ["admin@a", "admin@b", "admin@c", "admin@d"].into_iter().zip(all);
        let view = FleetPlanView { items: rows.map(|(context, change)| planned(context, change)).collect() };
        insta::assert_snapshot!(render(&view, Format::Table, Paint::Plain).expect("a table"), @r#"
        CONTEXT   CLUSTER   ROLE    CHANGE    WHAT
        admin@a   a         agent   create    create 2 objects
        admin@b   b         agent   update    create Secret kept, update Secret values
        admin@d   d         agent   refused   another cluster joined as "d"

        4 clusters: 1 create, 1 update, 1 unchanged, 1 refused

        admin@d: another cluster joined as "d"
        "#);
        let unchanged = FleetPlanView { items: vec![planned("admin@c", Change::Unchanged)] };
        assert_eq!(
            render(&unchanged, Format::Table, Paint::Plain).expect("a line"),
            "1 cluster: 1 unchanged\n"
        );
    }

    #[test]
    fn a_result_tells_every_cluster() {
        let row = |context: &str, result, verified, error| FleetRow {
            context: context.into(),
            cluster: Some("x".into()),
            role: Role::Agent,
            result,
            verified,
            warnings: Vec::new(),
            error,
        };
        let view = FleetView {
            items: vec![
                row("a", Done::Created, Some(Verified { held: 7, all: 7 }), None),
                row(
                    "b",
                    Done::Failed,
                    None,
                    Some(Error::failed("the package failed").because("no such image")),
                ),
                row("c", Done::Skipped, None, None),
            ],
            next: Next { why: "To go on:".into(), command: "kubectl promfed apply -f fleet.yaml".into() },
        };
        insta::assert_snapshot!(render(&view, Format::Table, Paint::Plain).expect("a table"), @"
        CONTEXT   CLUSTER   ROLE    RESULT    VERIFIED   WHY
        a         x         agent   created   7 of 7
        b         x         agent   failed    -          the package failed
        c         x         agent   skipped   -

        3 clusters: 1 created, 1 failed, 1 skipped

        b: the package failed
          caused by: no such image

        To go on:
          kubectl promfed apply -f fleet.yaml
        ");
    }
}
