//! Credentials of a text that is YAML, and of the documents inside its strings.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::super::source::Source;
use super::place::{is_below_credential, is_credential, is_no_credential};
use super::{Secret, comments, inline, lines, sight};
use crate::yaml::{self, Path, ScalarSpan, Segment};

/// The credentials of a text, whatever it is.
pub(super) fn find(text: &str) -> Vec<Secret> {
    Finder::default().find(text)
}

/// Finds credentials in texts that have much in common, as the sides of a change.
#[derive(Default)]
pub(super) struct Finder {
    /// By the documents inside of strings, which may be large: each is read once.
    found: HashMap<String, Vec<Secret>>,
}

impl Finder {
    fn find(&mut self, text: &str) -> Vec<Secret> {
        if inline::may_hold(text) { self.find_in(&Source::read(text)) } else { Vec::new() }
    }

    /// The credentials of a text that was read.
    pub(super) fn find_in(&mut self, source: &Source) -> Vec<Secret> {
        match &source.scalars {
            Ok(spans) if spans.iter().all(|span| !span.path.segments().is_empty()) => {
                self.structured(&source.text, spans)
            }
            _ => lines::find(&source.text),
        }
    }

    fn structured(&mut self, text: &str, spans: &[ScalarSpan]) -> Vec<Secret> {
        let known = behind_aliases(text);
        let mut all = Vec::new();
        for (index, span) in spans.iter().enumerate() {
            if is_credential(spans, index) || known.contains(&span.text) {
                all.push(Secret::of(text, span.range.clone(), span.text.as_str()));
            } else {
                all.extend(self.within(text, span));
            }
        }
        all.extend(comments::find(text, spans));
        // A key may be a URL, or what a log line quotes.
        let loose = inline::anywhere(text);
        if !loose.is_empty() {
            let known = Covered::by(&all);
            all.extend(loose.into_iter().filter(|one| !known.meets(one)));
        }
        all
    }

    /// The credentials inside of a string that is none itself. Where its content cannot be found again in the text, for
    /// its escapes or its folding, the whole of it is hidden.
    fn within(&mut self, text: &str, span: &ScalarSpan) -> Vec<Secret> {
        let content = &span.text;
        let may_have_keys = content.contains(['\n', '{']) || content.contains(": ") || content.ends_with(':');
        let found = if may_have_keys { self.document(content) } else { inline::find(content) };
        if found.is_empty() {
            return found;
        }
        match sight::Sight::of(&text[span.range.clone()], content) {
            Some(sight) => sight.through(found, span.range.start),
            None => vec![Secret::of(text, span.range.clone(), content.as_str())],
        }
    }

    fn document(&mut self, content: &str) -> Vec<Secret> {
        if let Some(found) = self.found.get(content) {
            return found.clone();
        }
        let found = self.find(content);
        self.found.insert(content.to_owned(), found.clone());
        found
    }
}

/// The bytes of credentials, in order: where each piece begins, and where the last of all up to it ends.
struct Covered(Vec<(usize, usize)>);

impl Covered {
    fn by(secrets: &[Secret]) -> Self {
        let pieces = secrets.iter().flat_map(|secret| &secret.pieces);
        let mut all: Vec<_> = pieces.map(|piece| (piece.start, piece.end)).collect();
        all.sort_unstable();
        let mut last = 0;
        for (_, end) in &mut all {
            last = last.max(*end);
            *end = last;
        }
        Self(all)
    }

    fn meets(&self, one: &Secret) -> bool {
        let (first, last) = (one.pieces.first(), one.pieces.last());
        let range = first.map_or(0, |piece| piece.start)..last.map_or(0, |piece| piece.end);
        let before = self.0.partition_point(|(start, _)| *start < range.end);
        before.checked_sub(1).is_some_and(|last| range.start < self.0[last].1)
    }
}

/// What is a credential by a place that only an alias points to. It is written where the anchor is.
fn behind_aliases(text: &str) -> HashSet<String> {
    let mut all = HashSet::new();
    if text.contains('*')
        && text.contains('&')
        && let Ok(value) = yaml::read(text)
    {
        walk(&value, &Path::default(), &mut all);
    }
    all
}

fn walk(value: &Value, path: &Path, all: &mut HashSet<String>) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| walk(value, &path.key(key), all)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| walk(value, &path.index(index), all));
        }
        leaf => {
            let segments: &[Segment] = path.segments();
            let text = leaf.as_str().map_or_else(|| leaf.to_string(), str::to_owned);
            if is_below_credential(segments) && !is_no_credential(&text) {
                all.insert(text);
            }
        }
    }
}
