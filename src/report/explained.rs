//! What `explain` says of a check, and the same for all of them as a page.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Column, Columns, Paint, Table, Tone, View};
use crate::check::{Category, Check, all};

/// The result of `explain`.
#[derive(Clone, Debug, Serialize)]
pub struct ExplainedView {
    pub code: &'static str,
    pub category: Category,
    pub title: &'static str,
    pub symptom: &'static str,
    pub cause: &'static str,
    pub detected: &'static str,
    pub fix: &'static str,
    pub versions: &'static str,
}

/// Headings, each with its text.
type Parts = [(&'static str, &'static str); 5];

impl From<&'static Check> for ExplainedView {
    fn from(check: &'static Check) -> Self {
        let page = check.page;
        Self {
            code: check.code,
            category: check.category,
            title: check.title,
            symptom: page.symptom,
            cause: page.cause,
            detected: page.detected,
            fix: page.fix,
            versions: page.versions,
        }
    }
}

impl ExplainedView {
    fn parts(&self) -> Parts {
        [
            ("Symptom", self.symptom),
            ("Cause", self.cause),
            ("How it is detected", self.detected),
            ("Fix", self.fix),
            ("Prometheus versions", self.versions),
        ]
    }
}

impl View for ExplainedView {
    const KIND: &'static str = "Explanation";

    fn text(&self, _: Columns, paint: Paint) -> String {
        let title = format!("{}: {}", self.code, self.title);
        let mut text = format!("{}\n", paint.on(Tone::Heading, &title));
        for (heading, words) in self.parts() {
            let _ = writeln!(text, "\n{}", paint.on(Tone::Heading, heading));
            for line in wrapped(&words.replace('`', ""), 76) {
                let _ = writeln!(text, "  {line}");
            }
        }
        text
    }

    fn names(&self) -> Vec<String> {
        vec![self.code.to_owned()]
    }
}

/// All checks, by `explain` without a code.
#[derive(Clone, Debug, Serialize)]
pub struct ChecksView {
    pub items: Vec<ExplainedView>,
}

impl ChecksView {
    pub fn all() -> Self {
        Self { items: all().iter().map(|check| ExplainedView::from(*check)).collect() }
    }
}

impl View for ChecksView {
    const KIND: &'static str = "Checks";

    fn text(&self, columns: Columns, paint: Paint) -> String {
        let mut table = Table::new(["CODE", "HOLDS WHEN NOTHING IS WRONG", "CATEGORY"].map(Column::new));
        for one in &self.items {
            table.row([one.code.into(), one.title.into(), one.category.as_str().into()]);
        }
        table.to_text(columns, paint)
    }

    fn names(&self) -> Vec<String> {
        self.items.iter().map(|one| one.code.to_owned()).collect()
    }
}

/// The lines of a text that are no longer than `width`, where its words allow.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

/// `docs/checks.md`: every check, by category.
pub fn checks_page() -> String {
    let mut text = String::from(
        "# Checks\n\nEverything that `kubectl promfed check` looks at. `kubectl promfed explain CODE` says the same of \
         one, offline.\n\nA check is judged by what was read of a context; none writes anything. Where one finding \
         explains another, only the first is reported.\n\n| code | what holds when nothing is wrong |\n| --- | --- |\n",
    );
    for check in all() {
        let anchor = check.code.to_lowercase();
        let _ = writeln!(text, "| [{}](#{anchor}) | {} |", check.code, check.title);
    }
    for category in Category::ALL {
        let mut name = category.as_str().to_owned();
        name[..1].make_ascii_uppercase();
        let _ = writeln!(text, "\n## {name}");
        for check in all().iter().filter(|check| check.category == category) {
            let view = ExplainedView::from(*check);
            let _ = writeln!(text, "\n### {}\n\n**{}**", check.code, check.title);
            for (heading, words) in view.parts() {
                let _ = writeln!(text, "\n*{heading}.* {words}");
            }
        }
    }
    text
}
