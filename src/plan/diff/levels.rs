//! A text and the documents inside its strings, each with its own change.

use std::collections::HashMap;

use crate::plan::TextChange;
use crate::yaml::{self, Path, ScalarSpan};

use super::masked::is_credential;
use super::source::Source;
use super::unified::differ_visibly;

/// The change of one document.
pub(super) struct Level {
    /// `prometheus-values.yaml > prometheus.config.prometheus_yml`.
    pub(super) title: String,
    /// Without the content of the strings that have levels of their own.
    pub(super) before: Source,
    pub(super) after: Source,
}

/// The levels that change, outer ones first. There is at least one where the texts differ: where none would show a
/// difference, it is the whole text, for its white space to be shown.
pub(super) fn levels(change: &TextChange) -> Vec<Level> {
    let whole = || Level {
        title: change.title.clone(),
        before: Source::read(&change.before),
        after: Source::read(&change.after),
    };
    let mut all = Vec::new();
    collect(whole(), &mut all);
    if all.iter().any(|level| differ_visibly(&level.before.text, &level.after.text))
        || change.before == change.after
    {
        return all;
    }
    vec![whole()]
}

fn collect(level: Level, all: &mut Vec<Level>) {
    let inner = documents(&level.before, &level.after);
    let (old, new): (Vec<_>, Vec<_>) =
        inner.iter().map(|inner| (inner.before.clone(), inner.after.clone())).unzip();
    let before = level.before.without(&old.into_iter().flatten().collect::<Vec<_>>());
    let after = level.after.without(&new.into_iter().flatten().collect::<Vec<_>>());
    let content = |side: Option<ScalarSpan>| Source::read(side.as_ref().map_or("", |span| &span.text));
    let title = level.title;
    if before.text != after.text {
        all.push(Level { title: title.clone(), before, after });
    }
    for Inner { path, before, after } in inner {
        let title = format!("{title} > {path}");
        collect(Level { title, before: content(before), after: content(after) }, all);
    }
}

/// A string that is a document, on the sides where its content stands apart from the line of its key.
struct Inner {
    path: Path,
    before: Option<ScalarSpan>,
    after: Option<ScalarSpan>,
}

fn documents(before: &Source, after: &Source) -> Vec<Inner> {
    // An empty text is YAML, so what is created has levels too.
    let (Ok(old), Ok(new)) = (&before.scalars, &after.scalars) else {
        return Vec::new();
    };
    let (old, new) = (candidates(old), candidates(new));
    let (before, after) = (by_path(&old), by_path(&new));
    let removed = old.iter().filter(|span| !after.contains_key(&span.path));
    let paths = new.iter().chain(removed).map(|span| &span.path);
    paths
        .filter_map(|path| {
            let (before, after) = (before.get(path).copied(), after.get(path).copied());
            let differ = before.map(|span| &span.text) != after.map(|span| &span.text);
            let is_one = || [before, after].into_iter().flatten().any(|span| is_document(&span.text));
            (differ && is_one()).then(|| Inner {
                path: path.clone(),
                before: before.cloned(),
                after: after.cloned(),
            })
        })
        .collect()
}

fn by_path<'s>(spans: &[&'s ScalarSpan]) -> HashMap<&'s Path, &'s ScalarSpan> {
    spans.iter().map(|span| (&span.path, *span)).collect()
}

/// The strings whose content can be taken out of the line of their key. What is a credential as a whole is none.
fn candidates(spans: &[ScalarSpan]) -> Vec<&ScalarSpan> {
    let is_candidate = |(index, span): &(usize, &ScalarSpan)| {
        let is_text = span.text.is_empty() || span.text.contains('\n') || is_mapping(&span.text);
        is_text && !span.path.segments().is_empty() && !is_credential(spans, *index)
    };
    spans.iter().enumerate().filter(is_candidate).map(|(_, span)| span).collect()
}

fn is_document(text: &str) -> bool {
    text.trim_end().contains('\n') && is_mapping(text)
}

fn is_mapping(text: &str) -> bool {
    may_have_keys(text) && yaml::read(text).is_ok_and(|value| value.is_object())
}

/// Whether something can be a key at all: its colon ends a word, but in a flow mapping and behind a quoted one. The
/// colon of an address or a URL does not, and there may be thousands.
fn may_have_keys(text: &str) -> bool {
    let ends_word = |(at, _): (usize, &str)| text[at + 1..].chars().next().is_none_or(char::is_whitespace);
    text.match_indices(':').any(ends_word) || text.contains(':') && text.contains(['{', '"', '\''])
}
