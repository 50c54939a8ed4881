//! The hunks between two texts.

use std::collections::HashMap;
use std::ops::Range;

use serde::Serialize;
use similar::{ChangeTag, DiffOp, TextDiff};

/// How many lines around a change are shown.
const CONTEXT: usize = 2;

/// Lines that change, and a few around them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hunk {
    pub before: LineRange,
    pub after: LineRange,
    pub lines: Vec<DiffLine>,
}

/// Lines of a level's text, counted from one. As in `diff -u`, a range of no lines names the line before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LineRange {
    pub line: usize,
    pub count: usize,
}

/// A line without its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DiffLine {
    pub kind: LineKind,
    pub text: String,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LineKind {
    Context,
    Added,
    Removed,
}

/// How a line is shown.
#[derive(Clone, Copy)]
enum Show {
    Usual,
    /// With the white space that nobody sees.
    Invisible,
}

impl LineKind {
    /// The character that begins the line in a unified diff.
    pub fn sign(self) -> char {
        match self {
            Self::Context => ' ',
            Self::Added => '+',
            Self::Removed => '-',
        }
    }
}

/// The hunks that turn `before` into `after`. Where a line seems to be replaced by the same line, what nobody sees of
/// it is written out, and so it is throughout that text.
pub fn hunks(before: &str, after: &str) -> Vec<Hunk> {
    let (old, new): (Vec<_>, Vec<_>) = (lines(before).collect(), lines(after).collect());
    let diff = TextDiff::from_slices(&old, &new);
    let groups = diff.grouped_ops(CONTEXT);
    let looks_alike = groups.iter().any(|group| {
        let changed = |tag| {
            let changes = group.iter().flat_map(|op| diff.iter_changes(op));
            changes.filter(move |change| change.tag() == tag).map(|change| change.value())
        };
        let removed: HashMap<_, _> = changed(ChangeTag::Delete).map(|line| (seen(line), line)).collect();
        changed(ChangeTag::Insert).any(|line| removed.get(&seen(line)).is_some_and(|other| *other != line))
    });
    let show = if looks_alike { Show::Invisible } else { Show::Usual };
    groups
        .iter()
        .map(|group| {
            let mut all = Vec::new();
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                let kind = match change.tag() {
                    ChangeTag::Delete => LineKind::Removed,
                    ChangeTag::Insert => LineKind::Added,
                    ChangeTag::Equal => LineKind::Context,
                };
                shown(kind, change.value(), show, &mut all);
            }
            let range = |side: fn(&DiffOp) -> Range<usize>| {
                let start = group.first().map_or(0, |op| side(op).start);
                let end = group.last().map_or(0, |op| side(op).end);
                LineRange { line: if end > start { start + 1 } else { start }, count: end - start }
            };
            Hunk { before: range(DiffOp::old_range), after: range(DiffOp::new_range), lines: all }
        })
        .collect()
}

/// Whether somebody who sees both texts would see a difference.
pub(super) fn differ_visibly(before: &str, after: &str) -> bool {
    !lines(before).map(seen).eq(lines(after).map(seen))
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive('\n')
}

/// What a person sees of a line.
fn seen(line: &str) -> String {
    let seen: String =
        line.chars().filter(|c| !is_hidden(*c)).map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    seen.trim_end().to_owned()
}

/// Takes no room on a screen: marks of byte order, of joining and of direction.
fn is_hidden(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}')
}

fn shown(kind: LineKind, line: &str, show: Show, all: &mut Vec<DiffLine>) {
    let body = line.strip_suffix('\n').unwrap_or(line);
    let text = match show {
        Show::Usual => harmless(body.strip_suffix('\r').unwrap_or(body)),
        Show::Invisible => written_out(body),
    };
    all.push(DiffLine { kind, text });
    if matches!(show, Show::Invisible) && !line.ends_with('\n') {
        all.push(DiffLine { kind, text: "\\ No newline at end of file".to_owned() });
    }
}

/// A text of somebody's must not drive the terminal.
fn harmless(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        if (c.is_control() && c != '\t') || is_hidden(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
        out
    })
}

fn written_out(text: &str) -> String {
    let end = text.trim_end_matches([' ', '\r', '\t']).len();
    text.char_indices().fold(String::new(), |mut out, (at, c)| {
        match c {
            ' ' if at >= end => out.push('·'),
            c if c != ' ' && (c.is_control() || c.is_whitespace() || is_hidden(c)) => {
                out.extend(c.escape_default());
            }
            c => out.push(c),
        }
        out
    })
}
