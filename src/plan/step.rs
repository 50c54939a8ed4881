//! The steps of a plan.

use serde::Serialize;
use serde_json::Value;

use super::diff::masked;
use super::forgets::Forgets;
use crate::history::{Constraint, Note};
use crate::package::{InstallMeta, ObjectKind, ObjectRef};

/// What will be written, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub steps: Vec<Step>,
    /// What the user should know before agreeing, one sentence each.
    pub warnings: Vec<String>,
    /// What somebody else changed since promfed wrote, where a plan goes back over that.
    pub others: Vec<TextChange>,
    /// What becomes of the package's version constraint.
    pub constraint: Option<Constraint>,
    /// What becomes of annotations of the PackageInstall.
    pub notes: Vec<Note>,
    /// What it makes a running Prometheus forget.
    pub forgets: Forgets,
    /// The PackageInstall as it was when this was planned.
    pub planned_for: Option<InstallMeta>,
}

/// One object, and what becomes of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub object: ObjectRef,
    pub action: Action,
    /// What changes, in words.
    pub lines: Vec<Line>,
    /// What the next step waits for.
    pub then: Then,
    pub place: Place,
}

/// In which cluster a step is done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// The one that the command is about.
    #[default]
    Own,
    /// The hub that it joins.
    Hub,
}

/// What has to be so before the next step is safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    #[default]
    GoOn,
    /// kapp-controller has stopped to look at values.
    UntilPaused,
    /// The object is gone, with all that it deployed.
    UntilGone,
}

/// What becomes of an object.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// It is not there. A Secret's texts stand in `stringData`.
    Create { manifest: Value },
    /// It is there, and somebody else's: a merge patch of just what changes, with the resource version that was read.
    Update { patch: Value, texts: Vec<TextChange> },
    /// It is there, and promfed made it. The texts are those that have to be kept, in case somebody wants them back.
    Delete { texts: Vec<TextChange> },
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

    /// Whether it changes anything in the cluster that it is about.
    pub(super) fn changes_own(&self) -> bool {
        let mut own = self.steps.iter().filter(|step| step.place == Place::Own);
        own.any(|step| step.action != Action::Unchanged)
    }

    /// Whether it changes something that was there before, so that somebody should be asked.
    pub fn changes_existing(&self) -> bool {
        // What promfed keeps for itself, here and at the hub, is nobody's to be asked about.
        let is_ours = |step: &&Step| step.object.kind == ObjectKind::Revision || step.place == Place::Hub;
        let mut steps = self.steps.iter().filter(|step| !is_ours(step));
        steps.any(|step| matches!(step.action, Action::Update { .. } | Action::Delete { .. }))
    }
}

impl Step {
    pub fn new(object: ObjectRef, action: Action, lines: Vec<Line>) -> Self {
        Self { object, action, lines, then: Then::GoOn, place: Place::Own }
    }

    /// An object goes that holds nothing of anybody's.
    pub fn delete(object: ObjectRef, lines: Vec<Line>) -> Self {
        Self::new(object, Action::Delete { texts: Vec::new() }, lines)
    }

    /// The same, at the hub.
    #[must_use]
    pub fn at_hub(self) -> Self {
        Self { place: Place::Hub, ..self }
    }

    /// The same, and the next step waits.
    #[must_use]
    pub fn then(self, then: Then) -> Self {
        Self { then, ..self }
    }
}

impl Line {
    /// A credential in the text is masked: a line is for everybody to read.
    pub fn new(sign: Sign, what: &'static str, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { sign, what, text: masked(&text, &text).0 }
    }
}

impl Action {
    /// kubectl's word for it, before it is done.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Create { .. } => "create",
            Self::Update { .. } => "update",
            Self::Delete { .. } => "delete",
            Self::Unchanged => "unchanged",
        }
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {:<8} {}", self.sign.symbol(), self.what, self.text)
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
