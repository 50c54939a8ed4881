//! Credentials of a text that is not YAML, line by line: it is better to hide too much here than too little.

use std::ops::Range;

use super::place::{is_credential_header, is_no_credential};
use super::{Secret, inline};

/// A key whose value may go on below it.
struct Open {
    margin: Margin,
    /// Items of a list stand as far left as the key.
    is_empty: bool,
}

/// How far right a line begins. Lines of comments go on only in comments.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Margin {
    Text(usize),
    Comment(usize),
}

impl Margin {
    /// The margin of the line, as seen from a key with this one, and what stands there.
    fn of(line: &str, key: Self) -> (Self, &str) {
        let text = line.trim_start();
        let said = text.trim_start_matches(['#', ' ', '\t']);
        match key {
            Self::Comment(_) if text.starts_with('#') => {
                (Self::Comment(line.len() - said.len()), said.trim())
            }
            _ => (Self::Text(line.len() - text.len()), text.trim()),
        }
    }

    fn is_right_of(self, other: Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) | (Self::Comment(one), Self::Comment(other)) => one > other,
            _ => false,
        }
    }
}

pub(super) fn find(text: &str) -> Vec<Secret> {
    let mut all = inline::find(text);
    let mut open: Option<Open> = None;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let range = start..start + line.len();
        start = range.end;
        if line.trim_matches(|c: char| c == '#' || c.is_whitespace()).is_empty() {
            continue;
        }
        if let Some(key) = &open {
            let (margin, said) = Margin::of(line, key.margin);
            let is_item = key.is_empty && margin == key.margin && said.starts_with("- ");
            if margin.is_right_of(key.margin) || is_item {
                let said = said.strip_prefix("- ").unwrap_or(said);
                let end = range.start + line.trim_end().len();
                all.push(Secret::of(text, end - said.len()..end, said));
                continue;
            }
            open = None;
        }
        all.extend(behind_escapes(text, &range));
        for (at, _) in line.match_indices(':') {
            let Some(name) = key_before(&line[..at]) else { continue };
            let value = value_after(line, at);
            let said = line[value.clone()].trim();
            // What is below this key has keys of its own.
            if name.to_ascii_lowercase().ends_with("authorization")
                && (said.is_empty() || said.starts_with('{'))
            {
                continue;
            }
            if line[value.end..].trim().is_empty() {
                open = Some(Open { margin: key_margin(line), is_empty: said.is_empty() });
            }
            if !is_no_credential(said) && !is_header_of_block(said) {
                all.push(Secret::of(text, range.start + value.start..range.start + value.end, said));
            }
        }
    }
    all
}

/// A text within quotes may have lines and quotes of its own. Where those show a credential, all of it is hidden.
fn behind_escapes(text: &str, line: &Range<usize>) -> Option<Secret> {
    let body = &text[line.clone()];
    if !body.contains('\\') {
        return None;
    }
    let meant = body.replace("\\n", "\n").replace("\\\"", "\"").replace("\\\\", "\\");
    if meant == body || find(&meant).is_empty() {
        return None;
    }
    let first = body.find('"').map_or(0, |quote| quote + 1);
    let last = body.rfind('"').filter(|last| *last > first).unwrap_or(body.len());
    let range = line.start + first..line.start + last;
    Some(Secret::of(text, range.clone(), &text[range]))
}

/// The name of a credential that ends here, quotes aside.
pub(super) fn key_before(head: &str) -> Option<&str> {
    let name = inline::trailing_name(head.trim_end().trim_end_matches(['"', '\'', '\\']));
    let name = name.trim_start_matches('-');
    // Whether it is Slack's, only the keys above would tell.
    (is_credential_header(name) || name == "api_url").then_some(name)
}

/// The bytes of a value: within its quotes, up to the end of its flow mapping, or else the rest of the line.
pub(super) fn value_after(line: &str, colon: usize) -> Range<usize> {
    let rest = &line[colon + 1..];
    let begin = colon + 1 + (rest.len() - rest.trim_start().len());
    let value = line[begin..].trim_end();
    let bare = value.trim_start_matches('\\');
    let escapes = value.len() - bare.len();
    if let Some(quote) = bare.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let first = begin + escapes + 1;
        let end = closing(&line[first..begin + value.len()], quote, escapes);
        return first..first + end;
    }
    if !value.starts_with(['{', '['])
        && line[..colon].contains(['{', '['])
        && let Some(end) = value.find([',', '}', ']'])
    {
        return begin..begin + end;
    }
    begin..begin + value.len()
}

/// Where the closing quote is, or the end. In a text that is a string itself quotes have a backslash before them.
fn closing(text: &str, quote: char, escapes: usize) -> usize {
    let mut backslashes = 0;
    for (at, c) in text.char_indices() {
        if c == quote && backslashes == escapes {
            return at - escapes;
        }
        backslashes = if c == '\\' { backslashes + 1 } else { 0 };
    }
    text.len()
}

/// Where the first key of the line begins: behind the marks of a list and of a comment.
fn key_margin(line: &str) -> Margin {
    let key = line.trim_start_matches([' ', '\t', '#', '-']);
    let column = line.len() - key.len();
    if line.trim_start().starts_with('#') { Margin::Comment(column) } else { Margin::Text(column) }
}

fn is_header_of_block(value: &str) -> bool {
    value.starts_with(['|', '>']) && value.len() <= 3
}
