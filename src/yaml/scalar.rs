//! Changes the inside of a string whose content is a text of its own, line by line.
//!
//! A literal block keeps every line that stays, byte for byte, blank ones with their spaces included; new lines take
//! the block's indentation. A double-quoted string keeps every character that stays, as it is escaped and folded. The
//! other styles cannot be added to piece by piece without folding something else anew, so a text of several lines in
//! them becomes a literal block, which shows every character; within a flow collection, where there are no blocks, it
//! becomes double-quoted. On one line, a quoted string keeps its quotes.

mod diff;
mod quoted;

use super::block::{indented, literal, scalar};
use super::tree::Style;
use diff::{Change, changes};

/// The bytes for a string's new content, given the bytes, the style and the content that it has now. A block is
/// indented by `step` below the key.
pub(super) fn rewrite(source: &Source<'_>, new: &str, step: usize) -> Rewritten {
    let kept = match source.style {
        Style::Literal => literal_lines(source, new),
        Style::DoubleQuoted => quoted::rewritten(source.bytes, source.content, new),
        Style::SingleQuoted if !new.contains(char::is_control) && !source.bytes.contains('\n') => {
            Some(format!("'{}'", new.replace('\'', "''")))
        }
        _ => None,
    };
    if let Some(text) = kept {
        return Rewritten::Content(text);
    }
    match literal(new, step) {
        Some((header, lines)) if new.contains('\n') && source.may_be_block => {
            let lines = lines.iter().map(|line| indented(source.indentation + step, line)).collect();
            Rewritten::Whole { first: header, lines }
        }
        _ => Rewritten::Whole { first: scalar(new), lines: Vec::new() },
    }
}

/// What to put in place of a string.
pub(super) enum Rewritten {
    /// The bytes in place of those that it has: the lines below the header that a block has, or all with its quotes.
    Content(String),
    /// Another way of writing it: what stands on the key's line, and the lines below.
    Whole { first: String, lines: Vec<String> },
}

/// A string as it stands in the document.
pub(super) struct Source<'a> {
    pub(super) bytes: &'a str,
    pub(super) style: Style,
    pub(super) content: &'a str,
    /// The column of the key that it belongs to.
    pub(super) indentation: usize,
    /// Not within a flow collection.
    pub(super) may_be_block: bool,
    /// The line end of its first line.
    pub(super) newline: &'static str,
}

/// The lines of a literal block below its header.
fn literal_lines(source: &Source<'_>, new: &str) -> Option<String> {
    if new.trim().is_empty() || new.chars().any(|c| c != '\n' && c != '\t' && c.is_control()) {
        return None;
    }
    let (content, trailing) = split_trailing(source.content);
    let (wanted, wanted_trailing) = split_trailing(new);
    let first = |text: &str| text.split('\n').find(|line| !line.is_empty()).map(|line| line.starts_with(' '));
    if trailing != wanted_trailing || first(wanted) != first(content) {
        return None;
    }
    let raw: Vec<&str> = source.bytes.split_inclusive('\n').collect();
    let lines: Vec<&str> = content.split('\n').collect();
    let indentation = raw
        .iter()
        .zip(&lines)
        .find(|(_, line)| !line.trim().is_empty())
        .and_then(|(raw, line)| without_end(raw).len().checked_sub(line.len()))?;
    if raw.len() < lines.len() || !raw.iter().zip(&lines).all(|(raw, line)| without_end(raw).ends_with(line))
    {
        return None;
    }
    let (kept, trailing_lines) = raw.split_at(lines.len());
    let last_is_open = raw.last().is_some_and(|line| !line.ends_with('\n'));
    let mut out = String::with_capacity(source.bytes.len() + new.len() / 8);
    let mut push = |line: &str, end: &str| {
        // A last line without an end gets one when another follows it.
        if !out.is_empty() && !out.ends_with('\n') {
            out.push_str(source.newline);
        }
        out.push_str(line);
        out.push_str(end);
    };
    let wanted: Vec<&str> = wanted.split('\n').collect();
    let mut end = kept.first().map_or("\n", |raw| &raw[without_end(raw).len()..]);
    for change in changes(&lines, &wanted) {
        match change {
            Change::Keep(index) => {
                push(kept[index], "");
                end = &kept[index][without_end(kept[index]).len()..];
            }
            Change::Insert(line) => {
                let end = if end.is_empty() { source.newline } else { end };
                push(&indented(indentation, line), end);
            }
        }
    }
    for line in trailing_lines {
        push(line, "");
    }
    if last_is_open && out.ends_with('\n') {
        out.truncate(without_end(&out).len());
    }
    Some(out)
}

/// A line without its line end.
fn without_end(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

fn split_trailing(text: &str) -> (&str, &str) {
    text.split_at(text.trim_end_matches('\n').len())
}
