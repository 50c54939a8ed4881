//! What `check` found: by context and category, one fact a line.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Columns, Format, Paint, Tone, View, hidden};
use crate::check::{By, Category, Check, Examined, Finding, Fix, Outcome, Result as CheckResult, Severity};
use crate::error::{Error, Result};

/// Where a line's code ends, so that 80 columns are enough.
const WIDTH: usize = 80;

/// The result of `check`.
#[derive(Clone, Debug, Serialize)]
pub struct CheckView {
    pub contexts: Vec<ContextChecks>,
    pub summary: Summary,
    #[serde(skip)]
    marks: Marks,
}

/// What came out for one context.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContextChecks {
    pub context: String,
    pub cluster: Option<String>,
    /// `hub`, `agent` or `server`; nothing where that cannot be told.
    pub role: Option<String>,
    pub checks: Vec<CheckRow>,
}

/// One check.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckRow {
    pub code: &'static str,
    pub category: Category,
    /// The fact that holds when nothing is wrong.
    pub title: &'static str,
    pub result: Verdict,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingRow>,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipped: Option<String>,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Passed,
    Warning,
    Failed,
    Skipped,
}

/// One thing that is wrong.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FindingRow {
    pub severity: Severity,
    pub causes: Vec<String>,
    pub fixes: Vec<Fix>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
}

/// How many ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub failed: usize,
    pub warnings: usize,
    pub passed: usize,
    pub skipped: usize,
}

/// The signs before the lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marks {
    /// √ ‼ × ·
    #[default]
    Unicode,
    /// For terminals and files that have no others.
    Ascii,
}

impl CheckView {
    /// Everything that was examined and that is chosen.
    pub fn of(examined: &[Examined<'_>], marks: Marks, is_chosen: impl Fn(&Check) -> bool) -> Self {
        let contexts: Vec<_> = examined
            .iter()
            .map(|one| ContextChecks {
                context: one.facts.context.clone(),
                cluster: one.facts.cluster_name(),
                role: one.facts.role().map(|role| role.to_string()),
                checks: one.outcomes.iter().filter(|one| is_chosen(one.check)).map(CheckRow::from).collect(),
            })
            .collect();
        let mut summary = Summary::default();
        for check in contexts.iter().flat_map(|context| &context.checks) {
            *match check.result {
                Verdict::Failed => &mut summary.failed,
                Verdict::Warning => &mut summary.warnings,
                Verdict::Passed => &mut summary.passed,
                Verdict::Skipped => &mut summary.skipped,
            } += 1;
        }
        Self { contexts, summary, marks }
    }

    /// The findings, in order, with the contexts and checks that they are of.
    pub fn findings(&self) -> impl Iterator<Item = (&ContextChecks, &CheckRow, &FindingRow)> {
        let rows = self.contexts.iter().flat_map(|one| one.checks.iter().map(move |check| (one, check)));
        rows.flat_map(|(one, check)| check.findings.iter().map(move |finding| (one, check, finding)))
    }

    /// One line for each finding: context, code, severity, and the most telling cause.
    fn short(&self) -> String {
        self.findings().fold(String::new(), |mut text, (context, check, finding)| {
            let severity = match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            };
            let cause = finding.causes.first().map_or("", String::as_str);
            let _ = writeln!(text, "{} {} {severity}: {cause}", context.context, check.code);
            text
        })
    }
}

impl From<&Outcome> for CheckRow {
    fn from(outcome: &Outcome) -> Self {
        let (result, findings, skipped) = match &outcome.result {
            CheckResult::Holds => (Verdict::Passed, Vec::new(), None),
            CheckResult::Explained { by, .. } => (Verdict::Skipped, Vec::new(), Some(format!("see {by}"))),
            CheckResult::Skipped(why) => (Verdict::Skipped, Vec::new(), Some(hidden(why))),
            CheckResult::Found(findings) => {
                let is_error = findings.iter().any(|finding| finding.severity == Severity::Error);
                let result = if is_error { Verdict::Failed } else { Verdict::Warning };
                (result, findings.iter().map(FindingRow::from).collect(), None)
            }
        };
        let check = outcome.check;
        Self { code: check.code, category: check.category, title: check.title, result, findings, skipped }
    }
}

impl From<&Finding> for FindingRow {
    fn from(finding: &Finding) -> Self {
        Self {
            severity: finding.severity,
            causes: finding.causes.iter().map(|cause| hidden(cause)).collect(),
            fixes: finding.fixes.clone(),
            cluster: finding.cluster.clone(),
            verdict: finding.verdict.map(|verdict| verdict.to_string()),
        }
    }
}

impl Marks {
    fn of(self, result: Verdict) -> (&'static str, Tone) {
        match (self, result) {
            (Self::Unicode, Verdict::Passed) => ("√", Tone::Good),
            (Self::Unicode, Verdict::Warning) => ("‼", Tone::Warning),
            (Self::Unicode, Verdict::Failed) => ("×", Tone::Bad),
            (Self::Unicode, Verdict::Skipped) => ("·", Tone::Faint),
            (Self::Ascii, Verdict::Passed) => ("+", Tone::Good),
            (Self::Ascii, Verdict::Warning) => ("!", Tone::Warning),
            (Self::Ascii, Verdict::Failed) => ("x", Tone::Bad),
            (Self::Ascii, Verdict::Skipped) => ("-", Tone::Faint),
        }
    }
}

impl CheckRow {
    fn write(&self, text: &mut String, marks: Marks, columns: Columns, paint: Paint) {
        let (mark, tone) = marks.of(self.result);
        let has_code = columns == Columns::Wide || matches!(self.result, Verdict::Failed | Verdict::Warning);
        let title = if has_code {
            format!("{:<width$}{}", self.title, self.code, width = WIDTH - 2 - self.code.len())
        } else {
            self.title.to_owned()
        };
        let _ = writeln!(text, "{} {title}", paint.on(tone, mark));
        if let Some(why) = &self.skipped {
            let _ = writeln!(text, "    {}", paint.on(Tone::Faint, &format!("skipped: {}", indented(why))));
        }
        for finding in &self.findings {
            for cause in &finding.causes {
                let _ = writeln!(text, "    {}", indented(cause));
            }
            for fix in &finding.fixes {
                let _ = writeln!(text, "    fix: {}", indented(&fix.command));
            }
        }
    }
}

/// Lines after the first stand below it.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n      ")
}

impl ContextChecks {
    fn write(&self, text: &mut String, marks: Marks, columns: Columns, paint: Paint) {
        for category in Category::ALL {
            let rows: Vec<_> = self.checks.iter().filter(|row| row.category == category).collect();
            if rows.is_empty() {
                continue;
            }
            let heading = category.as_str();
            let _ = writeln!(text, "{}\n{}", paint.on(Tone::Heading, heading), "-".repeat(heading.len()));
            for row in rows {
                row.write(text, marks, columns, paint);
            }
            text.push('\n');
        }
    }

    /// `context "admin@edge": agent "edge"`
    fn title(&self) -> String {
        let role = self.role.as_deref().unwrap_or("no role");
        let cluster = self.cluster.as_ref().map_or_else(String::new, |name| format!(" {name:?}"));
        format!("context {:?}: {role}{cluster}", self.context)
    }
}

impl View for CheckView {
    const KIND: &'static str = "Check";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut text = String::new();
        for context in &self.contexts {
            let _ = writeln!(text, "{}\n", paint.on(Tone::Heading, &context.title()));
            context.write(&mut text, self.marks, columns, paint);
        }
        let counted = |count: usize, one: &str, many: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {many}")),
        };
        let Summary { failed, warnings, passed, skipped } = self.summary;
        let parts = [
            counted(failed, "failed", "failed"),
            counted(warnings, "warning", "warnings"),
            Some(format!("{passed} passed")),
            counted(skipped, "skipped", "skipped"),
        ];
        let _ = writeln!(text, "{}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "));
        if let Some((_, check, _)) = self.findings().next() {
            let _ = writeln!(text, "\nRead about the first:\n  kubectl promfed explain {}", check.code);
        }
        text
    }

    /// The codes that found something.
    fn names(&self) -> Vec<String> {
        let mut codes: Vec<_> = self.findings().map(|(_, check, _)| check.code.to_owned()).collect();
        codes.dedup();
        codes
    }

    fn other(&self, format: Format) -> Option<Result<String>> {
        match format {
            Format::Short => Some(Ok(self.short())),
            Format::Junit => Some(super::junit::junit(self).map_err(|error| {
                Error::failed("the result cannot be written as JUnit XML").because(error.to_string())
            })),
            _ => None,
        }
    }
}

impl FindingRow {
    /// The fixes that promfed can carry out.
    pub fn own_fixes(&self) -> impl Iterator<Item = &Fix> {
        self.fixes.iter().filter(|fix| fix.by == By::Promfed)
    }
}
