//! The steps of a plan.

use serde::Serialize;
use serde_json::Value;

use crate::package::ObjectRef;

/// What will be written, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// What the user should know before agreeing, one sentence each.
    pub warnings: Vec<String>,
}

/// One object, and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub object: ObjectRef,
    pub action: Action,
    /// What changes, in words.
    pub lines: Vec<Line>,
}

/// What becomes of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// It is not there. A Secret's texts stand in `stringData`.
    Create { manifest: Value },
    /// It is there, and somebody else's: a merge patch of just what changes, with the resource version that was read.
    Update { patch: Value, texts: Vec<TextChange> },
    /// It is as it should be.
    Unchanged,
}

/// A text of the user's before and after.
#[derive(Clone, Debug, PartialEq)]
pub struct TextChange {
    /// The key of the Secret.
    pub title: String,
    pub before: String,
    pub after: String,
}

/// A change in words: `+ flag     --web.enable-remote-write-receiver`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    pub sign: Sign,
    /// What kind of thing changes, one word.
    pub what: &'static str,
    pub text: String,
}

/// What happens to the thing that a line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    Added,
    Removed,
    Changed,
    /// It is there already.
    Kept,
}

impl Plan {
    /// Whether applying it would write anything.
    pub fn is_empty(&self) -> bool {
        self.steps.iter().all(|step| step.action == Action::Unchanged)
    }

    /// Whether it changes something that was there before, so that somebody should be asked.
    pub fn changes_existing(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.action, Action::Update { .. }))
    }
}

impl Line {
    pub fn new(sign: Sign, what: &'static str, text: impl Into<String>) -> Self {
        Self { sign, what, text: text.into() }
    }
}

impl Action {
    /// kubectl's word for it, before it is done.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Unchanged => "unchanged",
        }
    }
}

impl Sign {
    pub fn symbol(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed => '~',
            Self::Kept => '=',
        }
    }
}
