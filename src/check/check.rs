//! What a check is.

use serde::Serialize;

use super::judgement::Judged;
use super::view::View;

/// One thing that can be wrong, and how it is told.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// Stable: `PF` and three digits, the first of which is the category's.
    pub code: &'static str,
    pub category: Category,
    /// The fact that holds when nothing is wrong: `the hub accepts remote write`.
    pub title: &'static str,
    pub subject: Subject,
    /// The checks that explain this one when they find something: it is not judged then, so that a cause is reported
    /// and not its consequence. They may be of the same context, or of its hub.
    pub after: &'static [&'static str],
    pub page: Page,
    pub judge: fn(&View<'_>) -> Judged,
}

/// What a check is about, in the order in which one thing causes the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    Connection = 1,
    Package,
    Flags,
    Label,
    Delivery,
    Time,
    Capacity,
    Safety,
}

/// Which contexts a check is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Every context.
    Any,
    /// Those whose Prometheus is to be or is a hub.
    Hub,
    /// Those whose Prometheus is to be or is an agent.
    Agent,
    /// Those that are about to get a package.
    BeforeInstall,
}

/// What `explain` says. Plain sentences; a command stands in backticks.
#[derive(Clone, Copy, Debug)]
pub struct Page {
    /// What a person sees.
    pub symptom: &'static str,
    /// Why it is so.
    pub cause: &'static str,
    /// What promfed looked at.
    pub detected: &'static str,
    pub fix: &'static str,
    /// Which versions of Prometheus, or `all`.
    pub versions: &'static str,
}

impl Category {
    pub const ALL: [Self; 8] = [
        Self::Connection,
        Self::Package,
        Self::Flags,
        Self::Label,
        Self::Delivery,
        Self::Time,
        Self::Capacity,
        Self::Safety,
    ];

    /// The word that is typed for it.
    pub fn name(self) -> String {
        format!("{self:?}").to_lowercase()
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Package => "package",
            Self::Flags => "flags and configuration",
            Self::Label => "cluster label",
            Self::Delivery => "delivery",
            Self::Time => "time",
            Self::Capacity => "capacity",
            Self::Safety => "safety",
        }
    }
}
