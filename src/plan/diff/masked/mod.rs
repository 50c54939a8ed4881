//! Credentials are hidden by the place where they stand, in both sides of a change at once.
//!
//! Nothing but the bytes of a credential is replaced, so the lines of both sides still line up. Whether a credential
//! changes is decided by comparing the two, and what is shown is only that.
//!
//! `place` knows the keys, `structure` finds them in YAML, with `comments` and `sight`, which tells where the content
//! of a string stands in its text; `lines` does what can be done for a text that is not YAML, and `inline` knows what
//! is a credential inside of any string; `words` is for a sentence or less.

mod comments;
mod inline;
mod lines;
mod place;
mod sight;
mod structure;
mod words;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use similar::{DiffOp, TextDiff};

pub(super) use place::is_credential;
use structure::Finder;

use super::source::Source;

const MASKED: &str = "<masked>";
const MASKED_BEFORE: &str = "<masked, before>";
const MASKED_AFTER: &str = "<masked, after>";

/// One credential.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Secret {
    /// Its bytes, none of them across lines.
    pieces: Vec<Range<usize>>,
    value: String,
}

impl Secret {
    /// The bytes of the range, without the white space that lines begin and end with.
    fn of(text: &str, range: Range<usize>, value: impl Into<String>) -> Self {
        let mut pieces = Vec::new();
        let mut start = range.start;
        for line in text[range].split_inclusive('\n') {
            let begin = start + (line.len() - line.trim_start().len());
            let end = start + line.trim_end().len();
            if begin < end {
                pieces.push(begin..end);
            }
            start += line.len();
        }
        Self { pieces, value: value.into() }
    }
}

/// Both texts with every credential masked: `<masked>` where it stays, else what tells before from after.
pub fn masked(before: &str, after: &str) -> (String, String) {
    masked_sides(&Source::read(before), &Source::read(after))
}

/// As [`masked`], of texts that were read.
pub(super) fn masked_sides(before: &Source, after: &Source) -> (String, String) {
    let mut finder = Finder::default();
    let old = Side::with(&before.text, finder.find_in(before));
    let new = Side::with(&after.text, finder.find_in(after));
    let changed = changes(&old, &new);
    (old.render(&changed.before, MASKED_BEFORE), new.render(&changed.after, MASKED_AFTER))
}

/// A word or a sentence with every credential masked.
pub fn hidden(text: &str) -> String {
    Side::with(text, words::find(text)).render(&HashSet::new(), MASKED)
}

/// One text and its credentials.
struct Side<'t> {
    text: &'t str,
    secrets: Vec<Secret>,
    /// Which bytes, and of which credential; in order, none over another.
    pieces: Vec<(Range<usize>, usize)>,
}

impl<'t> Side<'t> {
    fn with(text: &'t str, secrets: Vec<Secret>) -> Self {
        let all = secrets.iter().enumerate();
        let mut all: Vec<_> = all
            .flat_map(|(owner, secret)| secret.pieces.iter().map(move |piece| (piece.clone(), owner)))
            .collect();
        all.sort_by_key(|(piece, _)| (piece.start, std::cmp::Reverse(piece.end)));
        let mut pieces: Vec<(Range<usize>, usize)> = Vec::new();
        for (piece, owner) in all {
            let covered = pieces.last().map_or(0, |(last, _)| last.end);
            let rest = piece.start.max(covered)..piece.end;
            if !rest.is_empty() {
                pieces.push((rest, owner));
            }
        }
        Self { text, secrets, pieces }
    }

    fn render(&self, changed: &HashSet<usize>, when_changed: &str) -> String {
        let mut out = String::with_capacity(self.text.len());
        let mut at = 0;
        for (piece, owner) in &self.pieces {
            out.push_str(&self.text[at..piece.start]);
            out.push_str(if changed.contains(owner) { when_changed } else { MASKED });
            at = piece.end;
        }
        out.push_str(&self.text[at..]);
        out
    }

    /// For each line that has any, whose pieces it has.
    fn owners_by_line(&self) -> HashMap<usize, Vec<usize>> {
        let mut all: HashMap<usize, Vec<usize>> = HashMap::new();
        let (mut line, mut at) = (0, 0);
        for (piece, owner) in &self.pieces {
            line += self.text[at..piece.start].matches('\n').count();
            at = piece.start;
            all.entry(line).or_default().push(*owner);
        }
        all
    }
}

/// Which credentials of each side are not the same on the other.
#[derive(Default)]
struct Changed {
    before: HashSet<usize>,
    after: HashSet<usize>,
}

/// Credentials on lines that the masked texts share are compared with each other; such a line would not be shown as
/// changed otherwise. One on a line that only one side has is known if the other side has it on such a line too.
fn changes(old: &Side<'_>, new: &Side<'_>) -> Changed {
    let mut changed = Changed::default();
    if old.secrets.is_empty() && new.secrets.is_empty() {
        return changed;
    }
    let (mut met_old, mut met_new) = (HashSet::new(), HashSet::new());
    let (old_lines, new_lines) = (old.owners_by_line(), new.owners_by_line());
    for (line, other) in shared_lines(old, new) {
        let none = Vec::new();
        let (olds, news) = (old_lines.get(&line).unwrap_or(&none), new_lines.get(&other).unwrap_or(&none));
        let is_same = olds.len() == news.len()
            && olds.iter().zip(news).all(|(a, b)| old.secrets[*a].value == new.secrets[*b].value);
        met_old.extend(olds);
        met_new.extend(news);
        if !is_same {
            let differs = |a: &usize, b: Option<&usize>| {
                b.is_none_or(|b| old.secrets[*a].value != new.secrets[*b].value)
            };
            for (position, a) in olds.iter().enumerate() {
                if differs(a, news.get(position)) {
                    changed.before.insert(*a);
                    changed.after.extend(news.get(position));
                }
            }
            changed.after.extend(news.iter().skip(olds.len()));
        }
    }
    let rest = |side: &Side<'_>, met: &HashSet<usize>| -> Vec<usize> {
        (0..side.secrets.len()).filter(|owner| !met.contains(owner)).collect()
    };
    let (rest_old, rest_new) = (rest(old, &met_old), rest(new, &met_new));
    // What is only added or only taken away is told from nothing.
    if rest_old.is_empty() || rest_new.is_empty() {
        return changed;
    }
    let values = |side: &Side<'_>, rest: &[usize]| -> HashSet<String> {
        rest.iter().map(|owner| side.secrets[*owner].value.clone()).collect()
    };
    let (values_old, values_new) = (values(old, &rest_old), values(new, &rest_new));
    changed.before.extend(rest_old.into_iter().filter(|one| !values_new.contains(&old.secrets[*one].value)));
    changed.after.extend(rest_new.into_iter().filter(|one| !values_old.contains(&new.secrets[*one].value)));
    changed
}

/// The numbers of the lines that are the same on both sides, credentials aside.
fn shared_lines(old: &Side<'_>, new: &Side<'_>) -> Vec<(usize, usize)> {
    let nothing = HashSet::new();
    let (before, after) = (old.render(&nothing, MASKED), new.render(&nothing, MASKED));
    let (before, after): (Vec<_>, Vec<_>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let diff = TextDiff::from_slices(&before, &after);
    let mut all = Vec::new();
    for op in diff.ops() {
        if let DiffOp::Equal { old_index, new_index, len } = op {
            all.extend((0..*len).map(|step| (old_index + step, new_index + step)));
        }
    }
    all
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
