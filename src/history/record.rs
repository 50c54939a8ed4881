//! One write, and what was there before it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::package::{Location, ObjectRef};

/// A write, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    pub revision: u32,
    /// The PackageInstall that was written for.
    pub install: String,
    pub verb: Verb,
    pub author: Author,
    /// What the write changed, in words.
    pub changes: Vec<String>,
    /// The package's version constraint, where the write changed it.
    pub constraint: Option<Constraint>,
    /// Annotations of the PackageInstall that the write changed.
    pub notes: Vec<Note>,
    /// What was not there before.
    pub created: Vec<ObjectRef>,
    /// The texts that the write changed.
    #[serde(skip)]
    pub texts: Vec<KeptText>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Verb {
    #[serde(rename = "hub init")]
    HubInit,
    #[serde(rename = "hub init --undo")]
    HubUndo,
    #[serde(rename = "agent join")]
    AgentJoin,
    #[serde(rename = "agent leave")]
    AgentLeave,
    #[serde(rename = "rollback")]
    Rollback,
}

/// Who wrote, when and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Author {
    pub time: Timestamp,
    /// As the API server knows the user.
    pub user: String,
    /// The command line, without credentials.
    pub command: String,
    /// The version of promfed.
    pub promfed: String,
}

/// A version constraint before and after a write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    pub before: String,
    pub after: String,
}

/// An annotation before and after a write; `None` where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub key: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// A values text before and after a write, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptText {
    pub location: Location,
    pub before: String,
    pub after: String,
}

impl Verb {
    /// Whether it gave the package a role, so that leaving goes back to before it.
    pub fn takes_a_role(self) -> bool {
        matches!(self, Self::HubInit | Self::AgentJoin)
    }

    /// Whether it leads to what was before another write.
    pub fn goes_back(self) -> bool {
        self.leaves_a_role() || self == Self::Rollback
    }

    /// Whether it gave the role up: what was before belongs to another story.
    pub fn leaves_a_role(self) -> bool {
        matches!(self, Self::HubUndo | Self::AgentLeave)
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::HubInit => "hub init",
            Self::HubUndo => "hub init --undo",
            Self::AgentJoin => "agent join",
            Self::AgentLeave => "agent leave",
            Self::Rollback => "rollback",
        })
    }
}

impl Record {
    /// Whether the write installed the package.
    pub fn installed(&self) -> bool {
        self.created.iter().any(|object| object.kind == crate::package::ObjectKind::PackageInstall)
    }
}

#[cfg(test)]
impl Record {
    /// A write without anything that it changed, which each test adds.
    pub(super) fn of_nothing(revision: u32, verb: Verb) -> Self {
        Self {
            revision,
            install: "prometheus".into(),
            verb,
            author: Author {
                time: Timestamp::UNIX_EPOCH,
                user: "admin".into(),
                command: format!("kubectl promfed {verb}"),
                promfed: "0.1.0".into(),
            },
            changes: Vec::new(),
            constraint: None,
            notes: Vec::new(),
            created: Vec::new(),
            texts: Vec::new(),
        }
    }
}
