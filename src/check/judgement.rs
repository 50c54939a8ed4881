//! What a check says of a context.

use serde::Serialize;

use super::facts::Unread;

/// The judgement, or the fact that is missing for one.
pub type Judged = Result<Judgement, Unread>;

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// It is as it should be.
    Holds,
    /// It has no meaning here, and is not shown.
    Moot,
    /// It is not; at least one finding.
    Found(Vec<Finding>),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    /// What is wrong here, with names and numbers: one line each, the most telling first.
    pub causes: Vec<String>,
    /// What to do about it, the best first.
    pub fixes: Vec<Fix>,
    /// The cluster name that it is about, where it is about another than the context's own.
    pub cluster: Option<String>,
    /// What `status` and `clusters` say of a cluster of which this is true.
    pub verdict: Option<Verdict>,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It will go wrong, or costs something.
    Warning,
    /// It is wrong now: something is lost, or does not run.
    Error,
}

/// A verdict over a cluster, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Verdict {
    /// Samples are refused, and lost.
    Losing,
    /// Nothing gets through; it is tried again until the buffer ends.
    Blocked,
    /// Two clusters write under one name.
    Twins,
    /// It reported, and does not any more.
    Silent,
    /// It should report, and never did.
    Never,
    /// It reports under a name that nobody gave.
    Ghost,
    /// Its clock or its samples are not of now.
    Skewed,
    /// It sends later than it scrapes, by more than two minutes.
    Behind,
    /// It sends as fast as it can, and that is not enough.
    Saturated,
    /// The package does not reconcile.
    Failed,
    /// The package is paused.
    Paused,
    /// Prometheus does not answer.
    Down,
}

/// What to do: a command that exists, or a sentence where no command can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fix {
    pub command: String,
    pub by: By,
}

/// Who can carry a fix out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// promfed itself: the command is complete.
    Promfed,
    /// A person: it needs something that promfed does not know, or belongs to somebody else.
    Hand,
}

impl Finding {
    pub fn error(cause: impl Into<String>) -> Self {
        Self::new(Severity::Error, cause)
    }

    pub fn warning(cause: impl Into<String>) -> Self {
        Self::new(Severity::Warning, cause)
    }

    fn new(severity: Severity, cause: impl Into<String>) -> Self {
        Self { severity, causes: vec![cause.into()], fixes: Vec::new(), cluster: None, verdict: None }
    }

    /// Adds a line below those that are there.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.causes.push(cause.into());
        self
    }

    #[must_use]
    pub fn fix(mut self, fix: Fix) -> Self {
        self.fixes.push(fix);
        self
    }

    #[must_use]
    pub fn about(mut self, cluster: impl Into<String>) -> Self {
        self.cluster = Some(cluster.into());
        self
    }

    #[must_use]
    pub fn verdict(mut self, verdict: Verdict) -> Self {
        self.verdict = Some(verdict);
        self
    }
}

impl Fix {
    /// A complete command line of promfed's, beginning with `kubectl promfed`.
    pub fn promfed(command: impl Into<String>) -> Self {
        Self { command: command.into(), by: By::Promfed }
    }

    /// A command line with a part to fill in, one of another tool's, or a sentence.
    pub fn hand(command: impl Into<String>) -> Self {
        Self { command: command.into(), by: By::Hand }
    }
}

impl From<Finding> for Judgement {
    fn from(finding: Finding) -> Self {
        Self::Found(vec![finding])
    }
}

impl From<Vec<Finding>> for Judgement {
    fn from(findings: Vec<Finding>) -> Self {
        if findings.is_empty() { Self::Holds } else { Self::Found(findings) }
    }
}

impl Verdict {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Losing => "LOSING",
            Self::Blocked => "BLOCKED",
            Self::Twins => "TWINS",
            Self::Silent => "SILENT",
            Self::Never => "NEVER",
            Self::Ghost => "GHOST",
            Self::Skewed => "SKEWED",
            Self::Behind => "BEHIND",
            Self::Saturated => "SATURATED",
            Self::Failed => "FAILED",
            Self::Paused => "PAUSED",
            Self::Down => "DOWN",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
