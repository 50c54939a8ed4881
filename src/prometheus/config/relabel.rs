//! What relabelling does to labels of which only some are known.
//!
//! A static target has just the labels that are written, so its rules are followed to the end. A discovered one has
//! others beside: what depends on those is unknown, and what could come of them is decided by their names.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::pattern::{Outcome, Pattern, Template};

/// The labels of a target, or of a sample.
#[derive(Clone, Debug)]
pub(super) struct Labels {
    /// By name; `None` may be anything. A label without a value is none.
    known: BTreeMap<String, Option<String>>,
    others: Others,
}

/// What is known of labels that are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    None,
    /// There may be any.
    Any,
}

/// What becomes of the one that has the labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stays,
    Goes,
    /// What is not known decides.
    Depends,
}

impl Fate {
    fn of(goes: Option<bool>) -> Self {
        goes.map_or(Self::Depends, |goes| if goes { Self::Goes } else { Self::Stays })
    }
}

impl Labels {
    pub(super) fn new(others: Others) -> Self {
        Self { known: BTreeMap::new(), others }
    }

    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        self.known.insert(name.to_owned(), value);
    }

    /// The value, empty where there is none; `None` may be anything.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        match (self.known.get(name), self.others) {
            (Some(value), _) => value.as_deref(),
            (None, Others::None) => Some(""),
            (None, Others::Any) => None,
        }
    }

    /// Follows the rules, in order, and says whether one of them sends it away. The labels are those that it would have
    /// at the end all the same. What is certain of labels of which some are unknown is so whatever those are.
    pub(super) fn relabel(&mut self, rules: &[Value]) -> Fate {
        let fates: Vec<_> = rules.iter().map(|rule| self.follow(rule)).collect();
        let one_of = |fate| fates.contains(&fate).then_some(fate);
        one_of(Fate::Goes).or(one_of(Fate::Depends)).unwrap_or(Fate::Stays)
    }

    fn follow(&mut self, rule: &Value) -> Fate {
        let value = self.source(rule);
        let pattern = Pattern::new(text(rule, "regex", "(.*)"));
        let target = text(rule, "target_label", "");
        let matches = value.as_deref().and_then(|value| pattern.matches(value));
        // Prometheus takes an action in any case.
        match text(rule, "action", "replace").to_lowercase().as_str() {
            "replace" => self.replace(rule, value.as_deref(), &pattern, &target),
            "lowercase" => self.set(&target, value.map(|value| value.to_lowercase())),
            "uppercase" => self.set(&target, value.map(|value| value.to_uppercase())),
            "hashmod" => self.set(&target, None),
            "labelmap" => self.map(&pattern, &Template::new(&text(rule, "replacement", "$1"))),
            "labeldrop" => self.remove(|name| pattern.matches(name)),
            "labelkeep" => self.remove(|name| pattern.matches(name).map(|matches| !matches)),
            "keep" => return Fate::of(matches.map(|matches| !matches)),
            "drop" => return Fate::of(matches),
            "keepequal" | "dropequal" => {
                let is_equal = value.as_deref().zip(self.get(&target)).map(|(one, other)| one == other);
                let goes = text(rule, "action", "").eq_ignore_ascii_case("dropequal");
                return Fate::of(is_equal.map(|is_equal| is_equal == goes));
            }
            _ => {}
        }
        Fate::Stays
    }

    /// The values of the source labels, joined.
    fn source(&self, rule: &Value) -> Option<String> {
        let names = rule["source_labels"].as_array().map_or(&[][..], Vec::as_slice);
        let values = names.iter().map(|name| self.get(name.as_str().unwrap_or_default()));
        Some(values.collect::<Option<Vec<_>>>()?.join(&text(rule, "separator", ";")))
    }

    fn replace(&mut self, rule: &Value, value: Option<&str>, pattern: &Pattern<'_>, target: &str) {
        let replacement = text(rule, "replacement", "$1");
        match value.map_or(Outcome::Unknown, |value| pattern.expand(value, [target, &replacement])) {
            Outcome::Matches([target, result]) => return self.set(&target, Some(result)),
            Outcome::Differs => return,
            Outcome::Unknown => {}
        }
        let result = Template::new(&replacement).constant();
        match Template::new(target).constant() {
            Some(target) if pattern.takes_anything() => self.set(&target, result),
            // It may match or not, which is the same where the value is there already.
            Some(target) if result.is_some() && self.get(&target) == result.as_deref() => {}
            Some(target) => self.set(&target, None),
            None => self.forget(|name| Template::new(target).may_become(name)),
        }
    }

    fn map(&mut self, pattern: &Pattern<'_>, template: &Template) {
        let written = template.written();
        let mut new = Vec::new();
        for (name, value) in self.known.iter().filter(|(_, value)| value.as_deref() != Some("")) {
            match pattern.renamed(name, &written) {
                Outcome::Matches(name) => new.push((name, value.clone())),
                Outcome::Differs => {}
                // That goes for every name.
                Outcome::Unknown => return self.forget(|name| template.may_become(name)),
            }
        }
        self.known.extend(new);
        if self.others == Others::Any {
            let reach = pattern.reach(template);
            self.forget(|name| reach.takes(name));
        }
    }

    /// Takes away what is chosen; what may be chosen may be anything.
    fn remove(&mut self, chosen: impl Fn(&str) -> Option<bool>) {
        for (name, value) in &mut self.known {
            match chosen(name) {
                Some(true) => *value = Some(String::new()),
                Some(false) => {}
                None => *value = None,
            }
        }
    }

    /// A label of a name that nobody knows gets a value, or does not.
    fn forget(&mut self, chosen: impl Fn(&str) -> bool) {
        for (_, value) in self.known.iter_mut().filter(|(name, _)| chosen(name)) {
            *value = None;
        }
        self.others = Others::Any;
    }
}

/// A field's text: YAML reads `regex: true` as no text, and Prometheus takes it for one.
fn text<'r>(rule: &'r Value, key: &str, default: &'r str) -> Cow<'r, str> {
    match &rule[key] {
        Value::Null => Cow::Borrowed(default),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}
