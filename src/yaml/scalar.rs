//! Changes the inside of a string whose content is a text of its own, line by line.

use similar::{ChangeTag, TextDiff};

use super::block::{Habits, indented, literal, scalar};
use super::tree::Style;

/// The bytes for a string's new content, given the bytes, the style and the content that it has now.
///
/// A literal block keeps every line that stays, byte for byte, blank ones with their spaces included; new lines take
/// the block's indentation. The other styles cannot hold lines one by one, so a text of several lines becomes a
/// literal block; `indentation` is that of the key which the string belongs to.
pub(super) fn rewrite(source: &Source<'_>, new: &str, habits: &Habits) -> Rewritten {
    if source.style == Style::Literal
        && let Some(text) = literal_lines(source, new, habits)
    {
        return Rewritten::Content(text);
    }
    match literal(new, 2) {
        Some((header, lines)) if new.contains('\n') && source.may_be_block => {
            let lines = lines.iter().map(|line| indented(source.indentation + 2, line)).collect();
            Rewritten::Whole { first: header, lines }
        }
        _ => Rewritten::Whole { first: scalar(new), lines: Vec::new() },
    }
}

/// What to put in place of a string.
pub(super) enum Rewritten {
    /// The lines of the literal block, below the header that it has.
    Content(String),
    /// Another way of writing it: what stands on the key's line, and the lines below.
    Whole { first: String, lines: Vec<String> },
}

/// A string as it stands in the document.
pub(super) struct Source<'a> {
    pub(super) bytes: &'a str,
    pub(super) style: Style,
    pub(super) content: &'a str,
    pub(super) indentation: usize,
    /// Not within a flow collection.
    pub(super) may_be_block: bool,
}

/// The content lines of a literal block, without its header. The parser's span begins after the first line's
/// indentation, so that line has its indentation already.
fn literal_lines(source: &Source<'_>, new: &str, habits: &Habits) -> Option<String> {
    if new.trim().is_empty() || new.chars().any(|c| c != '\n' && c != '\t' && c.is_control()) {
        return None;
    }
    let (content, trailing) = split_trailing(source.content);
    let (wanted, wanted_trailing) = split_trailing(new);
    if trailing != wanted_trailing || wanted.starts_with(' ') != content.starts_with(' ') {
        return None;
    }
    let lines: Vec<&str> = source.bytes.split('\n').collect();
    let indentation = lines
        .iter()
        .zip(content.split('\n'))
        .skip(1)
        .find(|(_, line)| !line.trim().is_empty())
        .map_or(source.indentation + 2, |(raw, line)| raw.trim_end_matches('\r').len() - line.len());
    let mut kept = lines.iter();
    let mut out: Vec<String> = Vec::new();
    let (old_lines, new_lines): (Vec<_>, Vec<_>) =
        (content.split('\n').collect(), wanted.split('\n').collect());
    for change in TextDiff::from_slices(&old_lines, &new_lines).iter_all_changes() {
        let raw = if change.tag() == ChangeTag::Insert { None } else { kept.next() };
        let first_moves = out.is_empty();
        match (change.tag(), raw) {
            (ChangeTag::Delete, _) => {}
            (ChangeTag::Equal, Some(raw)) => {
                let is_first = std::ptr::eq(*raw, lines[0]);
                out.push(match (first_moves, is_first) {
                    (false, true) => indented(indentation, raw),
                    (true, false) => raw.get(indentation..).unwrap_or_default().to_owned(),
                    _ => (*raw).to_owned(),
                });
            }
            _ => {
                let line = if first_moves {
                    change.value().to_owned()
                } else {
                    indented(indentation, change.value())
                };
                out.push(if habits.newline == "\r\n" { format!("{line}\r") } else { line });
            }
        }
    }
    out.extend(kept.map(|line| (*line).to_owned()));
    Some(out.join("\n"))
}

fn split_trailing(text: &str) -> (&str, &str) {
    text.split_at(text.trim_end_matches('\n').len())
}
