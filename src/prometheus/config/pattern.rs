//! Regular expressions and replacements of relabelling, as Prometheus means them: RE2, anchored at both ends.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use regex::Regex;
use regex_syntax::hir::{Hir, HirKind};

/// A regular expression. One that cannot be read here (RE2 has a few words of its own) may match anything.
pub(super) struct Pattern<'t> {
    text: Cow<'t, str>,
    /// Made when it is first needed: most rules are decided by their labels.
    expression: OnceCell<Arc<Expression>>,
}

/// What was made of a pattern's text; nothing, of one that cannot be read.
#[derive(Default)]
struct Expression {
    regex: OnceLock<Option<Regex>>,
    hir: OnceLock<Option<Hir>>,
}

/// A text in which `$1` and `${name}` stand for what was captured.
pub(super) struct Template(Vec<Part>);

/// What a text and a pattern make together.
pub(super) enum Outcome<T> {
    Matches(T),
    Differs,
    /// Only RE2 can tell.
    Unknown,
}

enum Part {
    Text(String),
    Capture(String),
}

/// Clusters have much the same rules, and making an expression takes longer than all else that is done with it.
fn expression(text: &str) -> Arc<Expression> {
    static ALL: LazyLock<Mutex<HashMap<String, Arc<Expression>>>> = LazyLock::new(Mutex::default);
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(expression) = all.get(text) {
        return Arc::clone(expression);
    }
    Arc::clone(all.entry(text.to_owned()).or_default())
}

impl<'t> Pattern<'t> {
    pub(super) fn new(text: impl Into<Cow<'t, str>>) -> Self {
        Self { text: text.into(), expression: OnceCell::new() }
    }

    fn expression(&self) -> &Expression {
        self.expression.get_or_init(|| expression(&self.text))
    }

    fn regex(&self) -> Option<&Regex> {
        self.expression().regex.get_or_init(|| Regex::new(&anchored(&self.text)).ok()).as_ref()
    }

    fn hir(&self) -> Option<&Hir> {
        self.expression().hir.get_or_init(|| regex_syntax::parse(&self.text).ok()).as_ref()
    }

    pub(super) fn matches(&self, text: &str) -> Option<bool> {
        Some(self.regex()?.is_match(text))
    }

    /// Whether it matches whatever the text is.
    pub(super) fn takes_anything(&self) -> bool {
        matches!(&*self.text, "(.*)" | ".*" | "^.*$" | "^(.*)$" | "(?s).*" | "(?s)(.*)")
    }

    /// The templates with what this captures of a text.
    pub(super) fn expand<const N: usize>(&self, text: &str, templates: [&str; N]) -> Outcome<[String; N]> {
        let Some(regex) = self.regex() else { return Outcome::Unknown };
        let Some(captures) = regex.captures(text) else { return Outcome::Differs };
        Outcome::Matches(templates.map(|template| {
            let mut out = String::new();
            captures.expand(template, &mut out);
            out
        }))
    }

    /// What a label of this name is mapped to, by a template as it is written.
    pub(super) fn renamed(&self, name: &str, template: &str) -> Outcome<String> {
        match self.expand(name, [template]) {
            Outcome::Matches([name]) => Outcome::Matches(name),
            Outcome::Differs => Outcome::Differs,
            Outcome::Unknown => Outcome::Unknown,
        }
    }

    /// The names that labels may be mapped to of which nobody knows the names.
    pub(super) fn reach<'r>(&'r self, template: &'r Template) -> Reach<'r> {
        let Some((before, capture, after)) = template.around_capture() else {
            return Reach::Template(template);
        };
        let captured = match self.hir() {
            None => Captured::Anything,
            Some(_) if capture == "0" => Captured::Whole(self),
            Some(hir) => match group(hir, capture) {
                Some(group) => Captured::Group(Pattern::new(group.to_string())),
                None => Captured::Nothing,
            },
        };
        Reach::Around { before, captured, after }
    }
}

/// The names that a pattern and a template may make of a name that nobody knows.
pub(super) enum Reach<'r> {
    Template(&'r Template),
    Around { before: &'r str, captured: Captured<'r>, after: &'r str },
}

/// What a capture may be.
pub(super) enum Captured<'r> {
    Anything,
    Whole(&'r Pattern<'r>),
    Group(Pattern<'static>),
    /// What is not captured is the empty text.
    Nothing,
}

impl Reach<'_> {
    /// Whether this name is among them.
    pub(super) fn takes(&self, name: &str) -> bool {
        let (before, captured, after) = match self {
            Self::Template(template) => return template.may_become(name),
            Self::Around { before, captured, after } => (before, captured, after),
        };
        let middle = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        middle.is_some_and(|middle| match captured {
            Captured::Anything => true,
            Captured::Whole(pattern) => pattern.matches(middle) != Some(false),
            Captured::Group(pattern) => pattern.matches(middle) != Some(false),
            Captured::Nothing => middle.is_empty(),
        })
    }
}

impl Template {
    pub(super) fn new(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            parts.push(Part::Text(rest[..at].to_owned()));
            let after = &rest[at + 1..];
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let bare = after.len() - after.trim_start_matches(is_word).len();
            let braced = after.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let (part, left) = match braced {
                Some((name, left)) => (Part::Capture(name.to_owned()), left),
                None if bare > 0 => (Part::Capture(after[..bare].to_owned()), &after[bare..]),
                None => (Part::Text("$".to_owned()), after.strip_prefix('$').unwrap_or(after)),
            };
            parts.push(part);
            rest = left;
        }
        parts.push(Part::Text(rest.to_owned()));
        Self(parts)
    }

    /// The text that it always is.
    pub(super) fn constant(&self) -> Option<String> {
        let text = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Capture(_) => None,
        };
        self.0.iter().map(text).collect()
    }

    /// Whether it is this text with some captures.
    pub(super) fn may_become(&self, text: &str) -> bool {
        let part = |part: &Part| match part {
            Part::Text(text) => regex::escape(text),
            Part::Capture(_) => "(?s:.*)".to_owned(),
        };
        Pattern::new(self.0.iter().map(part).collect::<String>()).matches(text) != Some(false)
    }

    /// The only capture, and the texts around it.
    fn around_capture(&self) -> Option<(&str, &str, &str)> {
        match self.0.as_slice() {
            [Part::Text(before), Part::Capture(name), Part::Text(after)] => Some((before, name, after)),
            _ => None,
        }
    }

    /// As Rust's expressions take it.
    pub(super) fn written(&self) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.replace('$', "$$"),
            Part::Capture(name) => format!("${{{name}}}"),
        };
        self.0.iter().map(part).collect()
    }
}

fn anchored(text: &str) -> String {
    format!("^(?:{text})$")
}

/// The part of an expression that a capture is of.
fn group<'h>(hir: &'h Hir, wanted: &str) -> Option<&'h Hir> {
    match hir.kind() {
        HirKind::Capture(capture) => {
            let is_it = capture.index.to_string() == wanted || capture.name.as_deref() == Some(wanted);
            if is_it { Some(&capture.sub) } else { group(&capture.sub, wanted) }
        }
        HirKind::Concat(all) | HirKind::Alternation(all) => all.iter().find_map(|one| group(one, wanted)),
        HirKind::Repetition(repetition) => group(&repetition.sub, wanted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_can_bring_a_name_or_not() {
        let may = |regex: &str, replacement: &str| {
            Pattern::new(regex).reach(&Template::new(replacement)).takes("cluster")
        };
        assert!(may("__meta_kubernetes_pod_label_(.+)", "$1"));
        assert!(may("__meta_kubernetes_pod_label_(.+)", "${1}"));
        assert!(may("__meta_kubernetes_(?:pod|node)_label_(?P<name>[a-z]+)", "$name"));
        assert!(may("__meta_kubernetes_pod_label_(.+)", "clu$1"));
        assert!(may("__meta_.+", "cluster"));
        assert!(may(".*_(cluster|zone)", "$1"));
        assert!(!may("__meta_kubernetes_pod_label_(app|team)", "$1"));
        assert!(!may("__meta_kubernetes_pod_label_(app_.+)", "$1"));
        assert!(!may("__meta_kubernetes_pod_label_(.+)", "pod_$1"));
        assert!(!may("__meta_kubernetes_pod_label_(.+)", "${1}_pod"));
        assert!(!may("__meta_.+", "other"));
        assert!(!may("__meta_kubernetes_pod_label_.+", "$1"));
        // RE2 reads this, and nobody here knows what it says.
        assert!(may(r"__meta_(\C+)", "$1"));
    }

    #[test]
    fn templates_are_read_as_go_reads_them() {
        assert_eq!(Template::new("a$$b").constant(), Some("a$b".to_owned()));
        assert_eq!(Template::new("a$1b").constant(), None);
        assert!(Template::new("a${1}b").may_become("a-b") && !Template::new("a${1}b").may_become("b"));
        let renamed = |to: &str| match Pattern::new("x_(.+)").renamed("x_y", &Template::new(to).written()) {
            Outcome::Matches(name) => name,
            Outcome::Differs | Outcome::Unknown => panic!("it matches"),
        };
        assert_eq!((renamed("$1_z").as_str(), renamed("${1}_z").as_str()), ("", "y_z"));
    }
}
