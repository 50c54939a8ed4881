//! A text and the documents inside its strings, each with its own change.

use crate::plan::TextChange;
use crate::yaml::{self, Path, ScalarSpan, scalars};

use super::masked::is_credential;
use super::unified::differ_visibly;

/// The change of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelChange {
    /// `prometheus-values.yaml > prometheus.config.prometheus_yml`.
    pub title: String,
    /// Without the content of the strings that have levels of their own.
    pub before: String,
    pub after: String,
}

/// The levels that change, outer ones first. There is at least one where the texts differ: where none would show a
/// difference, it is the whole text, for its white space to be shown.
pub fn levels(change: &TextChange) -> Vec<LevelChange> {
    let whole = LevelChange {
        title: change.title.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
    };
    let mut all = Vec::new();
    collect(whole.clone(), &mut all);
    if all.iter().any(|level| differ_visibly(&level.before, &level.after)) || whole.before == whole.after {
        return all;
    }
    vec![whole]
}

fn collect(level: LevelChange, all: &mut Vec<LevelChange>) {
    let inner = documents(&level.before, &level.after);
    let before = without(&level.before, inner.iter().filter_map(|inner| inner.before.as_ref()));
    let after = without(&level.after, inner.iter().filter_map(|inner| inner.after.as_ref()));
    let content = |side: Option<ScalarSpan>| side.map_or_else(String::new, |span| span.text);
    let title = level.title;
    if before != after {
        all.push(LevelChange { title: title.clone(), before, after });
    }
    for Inner { path, before, after } in inner {
        let title = format!("{title} > {path}");
        collect(LevelChange { title, before: content(before), after: content(after) }, all);
    }
}

/// A string that is a document, on the sides where its content stands apart from the line of its key.
struct Inner {
    path: Path,
    before: Option<ScalarSpan>,
    after: Option<ScalarSpan>,
}

fn documents(before: &str, after: &str) -> Vec<Inner> {
    // An empty text is YAML, so what is created has levels too.
    let (Ok(old), Ok(new)) = (candidates(before), candidates(after)) else {
        return Vec::new();
    };
    let removed = old.iter().filter(|span| new.iter().all(|other| other.path != span.path));
    let paths = new.iter().chain(removed).map(|span| &span.path);
    paths
        .filter_map(|path| {
            let find = |all: &[ScalarSpan]| all.iter().find(|span| span.path == *path).cloned();
            let (before, after) = (find(&old), find(&new));
            let is_one = [&before, &after].into_iter().flatten().any(|span| is_document(&span.text));
            let text = |side: &Option<ScalarSpan>| side.as_ref().map(|span| span.text.clone());
            (is_one && text(&before) != text(&after)).then(|| Inner { path: path.clone(), before, after })
        })
        .collect()
}

/// The strings whose content can be taken out of the line of their key. What is a credential as a whole is none.
fn candidates(text: &str) -> Result<Vec<ScalarSpan>, yaml::Malformed> {
    let spans = scalars(text)?;
    let is_candidate = |(index, span): &(usize, &ScalarSpan)| {
        let is_text = span.text.is_empty() || span.text.contains('\n') || is_mapping(&span.text);
        is_text && !span.path.segments().is_empty() && !is_credential(&spans, *index)
    };
    Ok(spans.iter().enumerate().filter(is_candidate).map(|(_, span)| span.clone()).collect())
}

fn is_document(text: &str) -> bool {
    text.trim_end().contains('\n') && is_mapping(text)
}

fn is_mapping(text: &str) -> bool {
    text.contains(':') && yaml::read(text).is_ok_and(|value| value.is_object())
}

/// The text without the lines of these blocks; of a quoted string the quotes stay.
fn without<'a>(text: &str, spans: impl Iterator<Item = &'a ScalarSpan>) -> String {
    let mut ranges: Vec<_> = spans.map(|span| span.range.clone()).collect();
    ranges.sort_by_key(|range| range.start);
    let mut out = text.to_owned();
    for range in ranges.into_iter().rev() {
        let is_block = range.is_empty() || text[..range.start].ends_with('\n');
        out.replace_range(range, if is_block { "" } else { "..." });
    }
    out
}
