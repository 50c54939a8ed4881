//! What a person is told when a command cannot do its work: what failed, why, and what to type next.

use std::fmt::Write as _;

use serde::Serialize;

/// How a command ended, as a process says it. The same for every output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Kind {
    /// The work was tried and failed, or a check failed: exit code 1.
    Failed,
    /// The arguments or the input cannot be used: exit code 2.
    Usage,
    /// A cluster could not be reached, or time ran out: exit code 3.
    Unreachable,
}

impl Kind {
    /// The exit code of a process that ends with this.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Unreachable => 3,
        }
    }
}

/// An error with its causes, outermost first, and hints: whole command lines that exist, or one short sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "camelCase")]
#[error("{what}")]
pub struct Error {
    #[serde(rename = "reason")]
    pub kind: Kind,
    #[serde(rename = "error")]
    pub what: String,
    pub causes: Vec<String>,
    pub hints: Vec<String>,
    /// Where it is rights that were missing.
    #[serde(skip)]
    pub denied: Option<Box<Denied>>,
}

/// Whose rights did not suffice, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    /// The kubeconfig context.
    pub context: String,
    /// The user as the API server knows them, where it tells.
    pub user: Option<String>,
}

/// Short for the results of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Something was tried and failed.
    pub fn failed(what: impl Into<String>) -> Self {
        Self::new(Kind::Failed, what)
    }

    /// The arguments or the input cannot be used; nothing was tried.
    pub fn usage(what: impl Into<String>) -> Self {
        Self::new(Kind::Usage, what)
    }

    /// A cluster did not answer, or not in time.
    pub fn unreachable(what: impl Into<String>) -> Self {
        Self::new(Kind::Unreachable, what)
    }

    fn new(kind: Kind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), causes: Vec::new(), hints: Vec::new(), denied: None }
    }

    /// Adds a cause below those that are there.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Says that it is rights that were missing.
    #[must_use]
    pub fn denied(mut self, denied: Denied) -> Self {
        self.denied = Some(Box::new(denied));
        self
    }

    /// The same, found when time ran out: whether it would have passed is not known.
    #[must_use]
    pub fn when_time_ran_out(mut self) -> Self {
        self.kind = Kind::Unreachable;
        self
    }

    /// Says what was being done; what was said before becomes its first cause.
    #[must_use]
    pub fn during(mut self, what: impl Into<String>) -> Self {
        let cause = std::mem::replace(&mut self.what, what.into());
        self.causes.insert(0, cause);
        self
    }

    /// The lines for stderr, without colour: `error: …`, `caused by: …`, `hint: …`.
    pub fn lines(&self) -> String {
        let mut text = format!("error: {}\n", indented(&self.what));
        for cause in &self.causes {
            let _ = writeln!(text, "caused by: {}", indented(cause));
        }
        for hint in &self.hints {
            let _ = writeln!(text, "hint: {}", indented(hint));
        }
        text
    }
}

/// Continuation lines stand below their first line, so that each `error:` or `hint:` begins a new thought.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_being_done_comes_before_why_it_failed() {
        let error =
            Error::failed("connection refused").during("reading the hub").hint("kubectl promfed status");
        assert_eq!(
            error.lines(),
            "error: reading the hub\ncaused by: connection refused\nhint: kubectl promfed status\n"
        );
    }
}
