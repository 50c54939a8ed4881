//! What a writing command did, and what it proved.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Cell, Column, Columns, Paint, Table, Tone, View, hidden};

/// The result of every command that writes.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    pub context: String,
    /// `None` where the package has no role.
    pub cluster_name: Option<String>,
    /// `None` for a plain server, or where there is no package any more.
    pub role: Option<crate::prometheus::Role>,
    pub package: String,
    /// `created`, `configured`, `deleted` or `unchanged`.
    pub result: &'static str,
    pub steps: Vec<StepView>,
    pub warnings: Vec<String>,
    /// Empty when it was not waited for.
    pub verified: Vec<Proof>,
    /// The command to type next.
    pub next: Option<Next>,
    /// Another one that is worth a thought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub also: Option<Next>,
}

/// One object.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepView {
    pub action: &'static str,
    pub kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub name: String,
    pub changes: Vec<crate::plan::Line>,
}

/// One thing that was asked of the running processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Proof {
    pub what: String,
    pub expected: String,
    pub actual: String,
    pub holds: bool,
}

impl Proof {
    /// Credentials are masked: URLs and flags may have some.
    pub fn new(what: &str, expected: &str, actual: impl Into<String>, holds: bool) -> Self {
        Self { what: what.to_owned(), expected: hidden(expected), actual: hidden(&actual.into()), holds }
    }

    /// Whether this is about a sample's age.
    pub fn is_freshness(&self) -> bool {
        self.expected == "fresh"
    }

    /// Whether it holds, or is a package's state that is still on its way: once the process is proven, that is no
    /// failure.
    pub fn is_enough(&self) -> bool {
        self.holds || self.actual == "reconciling"
    }

    /// The same, told as holding where it is enough.
    #[must_use]
    pub fn told_as_enough(self) -> Self {
        Self { holds: self.is_enough(), ..self }
    }
}

/// What to do next.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Next {
    pub why: String,
    pub command: String,
}

impl View for Outcome {
    const KIND: &'static str = "Outcome";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut text = String::new();
        let held = self.verified.iter().filter(|proof| proof.holds).count();
        let all = self.verified.len();
        if self.result == "unchanged" && held == all && all > 0 {
            let who = match (self.role, &self.cluster_name) {
                (Some(crate::prometheus::Role::Hub), Some(name)) => format!("Hub {name:?}"),
                (Some(crate::prometheus::Role::Agent), Some(name)) => format!("Agent {name:?}"),
                _ => "Prometheus".to_owned(),
            };
            return format!(
                "{who} on context {:?}: unchanged, and healthy ({held} of {all} verified)\n",
                self.context
            );
        }
        if !self.verified.is_empty() {
            let mut table = Table::new(["VERIFIED", "EXPECTED", "ACTUAL"].map(Column::new));
            for proof in &self.verified {
                let tone = if proof.holds { Tone::Good } else { Tone::Bad };
                let actual = Cell::from(proof.actual.as_str()).toned(tone);
                table.row([proof.what.as_str().into(), proof.expected.as_str().into(), actual]);
            }
            text.push_str(&table.to_text(columns, paint));
        }
        for next in self.next.iter().chain(&self.also) {
            if !text.is_empty() {
                text.push('\n');
            }
            let _ = writeln!(text, "{}\n  {}", next.why, next.command);
        }
        text
    }

    fn names(&self) -> Vec<String> {
        self.steps
            .iter()
            .map(|step| format!("{}/{} {}", step.kind.to_lowercase(), step.name, step.action))
            .collect()
    }
}

impl From<&crate::plan::Step> for StepView {
    fn from(step: &crate::plan::Step) -> Self {
        Self {
            action: step.action.verb(),
            kind: step.object.kind.to_string(),
            namespace: step.object.namespace.clone(),
            name: step.object.name.clone(),
            changes: step.lines.clone(),
        }
    }
}
