//! A plan's texts as diffs that people can read and that show no credential.
//!
//! A values text holds other documents as strings, so `levels` shows each on a level of its own; `masked` hides
//! credentials in both sides at once, so that a change of one is seen without the credential; `source` is what both
//! of them read, and `unified` makes hunks.

mod levels;
mod masked;
mod source;
mod unified;

use serde::Serialize;

use levels::levels;
use masked::masked_sides;

use super::step::{Action, Step, TextChange};
use crate::package::ObjectKind;

pub use masked::{hidden, masked};
pub use unified::{DiffLine, Hunk, LineKind, LineRange, hunks};

/// What changes in one document of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LevelDiff {
    /// The key of the Secret, and the paths of the strings that lead to the document.
    pub title: String,
    pub hunks: Vec<Hunk>,
}

/// The levels of a change, masked.
pub fn diff(change: &TextChange) -> Vec<LevelDiff> {
    levels(change)
        .into_iter()
        .map(|level| {
            let (before, after) = masked_sides(&level.before, &level.after);
            LevelDiff { title: level.title, hunks: hunks(&before, &after) }
        })
        .collect()
}

/// The texts that a step changes. Those of a Secret that is created come out of nothing.
pub fn changed_texts(step: &Step) -> Vec<TextChange> {
    match &step.action {
        Action::Unchanged | Action::Delete { .. } => Vec::new(),
        // What is kept is not what changes.
        Action::Create { .. } if step.object.kind == ObjectKind::Revision => Vec::new(),
        Action::Update { texts, .. } => texts.clone(),
        Action::Create { manifest } => manifest["stringData"]
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(key, text)| {
                let (title, after) = (key.clone(), text.as_str()?.to_owned());
                Some(TextChange { title, before: String::new(), after })
            })
            .collect(),
    }
}

/// The whole change as text: every level with its title, hunks separated by `...`.
pub fn unified(change: &TextChange) -> String {
    diff(change).iter().flat_map(LevelDiff::parts).map(|(_, line)| line + "\n").collect()
}

/// What a line of a diff as text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Title,
    /// Between hunks.
    Gap,
    Line(LineKind),
}

impl LevelDiff {
    /// The level as lines of text, without their ends.
    pub fn parts(&self) -> Vec<(Part, String)> {
        let mut all = vec![(Part::Title, format!("@@ {} @@", self.title))];
        for (number, hunk) in self.hunks.iter().enumerate() {
            if number > 0 {
                all.push((Part::Gap, "...".to_owned()));
            }
            let line =
                |line: &DiffLine| (Part::Line(line.kind), format!("{}{}", line.kind.sign(), line.text));
            all.extend(hunk.lines.iter().map(line));
        }
        all
    }
}

#[cfg(test)]
mod tests;
