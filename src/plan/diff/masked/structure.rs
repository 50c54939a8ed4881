//! Credentials of a text that is YAML, and of the documents inside its strings.

use std::collections::HashSet;

use serde_json::Value;

use super::place::{is_below_credential, is_credential, is_no_credential};
use super::{Secret, comments, inline, lines, sight};
use crate::yaml::{self, Path, ScalarSpan, Segment, scalars};

/// The credentials of a text, whatever it is.
pub(super) fn find(text: &str) -> Vec<Secret> {
    match scalars(text) {
        Ok(spans) if spans.iter().all(|span| !span.path.segments().is_empty()) => structured(text, &spans),
        _ => lines::find(text),
    }
}

fn structured(text: &str, spans: &[ScalarSpan]) -> Vec<Secret> {
    let known = behind_aliases(text);
    let mut all = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        if is_credential(spans, index) || known.contains(&span.text) {
            all.push(Secret::of(text, span.range.clone(), span.text.as_str()));
        } else {
            all.extend(within(text, span));
        }
    }
    all.extend(comments::find(text, spans));
    // A key may be a URL, or what a log line quotes.
    let known = |one: &Secret| {
        let (first, last) = (one.pieces.first(), one.pieces.last());
        let range = first.map_or(0, |piece| piece.start)..last.map_or(0, |piece| piece.end);
        all.iter()
            .flat_map(|other| &other.pieces)
            .any(|piece| piece.start < range.end && range.start < piece.end)
    };
    let loose: Vec<_> = inline::anywhere(text).into_iter().filter(|one| !known(one)).collect();
    all.extend(loose);
    all
}

/// The credentials inside of a string that is none itself. Where its content cannot be found again in the text, for
/// its escapes or its folding, the whole of it is hidden.
fn within(text: &str, span: &ScalarSpan) -> Vec<Secret> {
    let content = &span.text;
    let may_have_keys = content.contains(['\n', '{']) || content.contains(": ") || content.ends_with(':');
    let found = if may_have_keys { find(content) } else { inline::find(content) };
    if found.is_empty() {
        return found;
    }
    match sight::Sight::of(&text[span.range.clone()], content) {
        Some(sight) => sight.through(found, span.range.start),
        None => vec![Secret::of(text, span.range.clone(), content.as_str())],
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
