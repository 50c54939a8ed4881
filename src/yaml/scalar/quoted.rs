//! Double-quoted strings: only the characters that change are written anew, the others stay as they are escaped.

use std::fmt::Write as _;
use std::ops::Range;

use super::diff::{Change, changes};

/// The string with its new content, quotes included; `None` where the pieces cannot be told apart.
pub(super) fn rewritten(bytes: &str, content: &str, new: &str) -> Option<String> {
    let inner = bytes.strip_prefix('"')?.strip_suffix('"')?;
    let pieces = pieces(inner)?;
    if meaning(&pieces) != content {
        return None;
    }
    let lines: Vec<&str> = content.split_inclusive('\n').collect();
    let wanted: Vec<&str> = new.split_inclusive('\n').collect();
    let starts: Vec<usize> =
        lines.iter().scan(0, |at, line| Some(std::mem::replace(at, *at + line.len()))).collect();
    let mut out = String::with_capacity(inner.len() + 256);
    let (mut piece, mut at) = (0, 0);
    let mut take = |until: usize, out: &mut Option<&mut String>| {
        while at < until {
            let (range, text): &(Range<usize>, String) = pieces.get(piece)?;
            at += text.len();
            piece += 1;
            if let Some(out) = out {
                out.push_str(&inner[range.clone()]);
            }
        }
        (at == until).then_some(())
    };
    for change in changes(&lines, &wanted) {
        match change {
            Change::Insert(line) => escape(line, &mut out),
            Change::Keep(index) => {
                take(starts[index], &mut None)?;
                take(starts[index] + lines[index].len(), &mut Some(&mut out))?;
            }
        }
    }
    // Line breaks escaped at the very end mean nothing, and stay.
    take(content.len(), &mut None)?;
    let changed = format!("\"{out}\"");
    (meaning(&self::pieces(&out)?) == new).then_some(changed)
}

fn meaning(pieces: &[(Range<usize>, String)]) -> String {
    pieces.iter().map(|(_, text)| text.as_str()).collect()
}

/// The characters as they are written, each with what it means.
fn pieces(inner: &str) -> Option<Vec<(Range<usize>, String)>> {
    let mut all: Vec<(Range<usize>, String)> = Vec::new();
    let mut rest = inner;
    while let Some(first) = rest.chars().next() {
        let start = inner.len() - rest.len();
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        let (length, text) = if first == '\\' {
            escaped(rest)?
        } else if rest[blank..].starts_with(['\n', '\r']) {
            let (length, breaks) = fold(rest);
            (length, if breaks == 1 { " ".to_owned() } else { "\n".repeat(breaks - 1) })
        } else {
            (first.len_utf8(), first.to_string())
        };
        all.push((start..start + length, text));
        rest = &rest[length..];
    }
    Some(all)
}

/// Blanks, line ends and indentation, as far as they are folded; and how many line ends there were.
fn fold(text: &str) -> (usize, usize) {
    let space = text.len() - text.trim_start_matches([' ', '\t', '\n', '\r']).len();
    let breaks =
        text[..space].matches('\n').count() + text[..space].replace("\r\n", "").matches('\r').count();
    (space, breaks.max(1))
}

/// One escape: how long it is, and what it means.
fn escaped(text: &str) -> Option<(usize, String)> {
    let code = text[1..].chars().next()?;
    let number = |digits: usize| {
        let hex = text.get(2..2 + digits)?;
        let character = char::from_u32(u32::from_str_radix(hex, 16).ok()?)?;
        Some((2 + digits, character.to_string()))
    };
    let simple = match code {
        '0' => "\0",
        'a' => "\u{7}",
        'b' => "\u{8}",
        't' | '\t' => "\t",
        'n' => "\n",
        'v' => "\u{b}",
        'f' => "\u{c}",
        'r' => "\r",
        'e' => "\u{1b}",
        ' ' => " ",
        '"' => "\"",
        '/' => "/",
        '\\' => "\\",
        'N' => "\u{85}",
        '_' => "\u{a0}",
        'L' => "\u{2028}",
        'P' => "\u{2029}",
        'x' => return number(2),
        'u' => return number(4),
        'U' => return number(8),
        '\n' | '\r' => {
            let (length, breaks) = fold(&text[1..]);
            return Some((1 + length, "\n".repeat(breaks - 1)));
        }
        _ => return None,
    };
    Some((1 + code.len_utf8(), simple.to_owned()))
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &str, content: &str, new: &str, expected: &str) {
        assert_eq!(rewritten(bytes, content, new).as_deref(), Some(expected));
    }

    #[test]
    fn what_stays_is_escaped_as_it_was() {
        check(
            "\"a: \\u0031\\nb: \\x32\\n\"",
            "a: 1\nb: 2\n",
            "a: 1\nc: \"\nb: 2\n",
            "\"a: \\u0031\\nc: \\\"\\nb: \\x32\\n\"",
        );
    }

    #[test]
    fn a_line_folded_over_several_stays_folded() {
        let bytes = "\"a: 1\\n\\\n  b: x\n  y\\n\"";
        check(bytes, "a: 1\nb: x y\n", "a: 1\nb: x y\nc: 3\n", "\"a: 1\\n\\\n  b: x\n  y\\nc: 3\\n\"");
    }

    #[test]
    fn bytes_that_mean_something_else_are_not_touched() {
        assert_eq!(rewritten("\"a\"", "b", "c"), None);
    }
}
