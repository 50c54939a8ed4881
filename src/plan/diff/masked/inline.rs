//! Credentials inside of any string: private keys, URLs, arguments.

use std::ops::Range;

use super::Secret;
use super::place::{is_credential_name, is_credential_parameter, is_no_credential};

/// Whether a text can hold a credential at all. Each stands behind a colon, an equals sign or a dash, and what means
/// one of those without being one is an escape.
pub(super) fn may_hold(text: &str) -> bool {
    text.contains([':', '=', '-', '\\'])
}

pub(super) fn find(text: &str) -> Vec<Secret> {
    if !may_hold(text) {
        return Vec::new();
    }
    let ranges =
        private_keys(text).into_iter().chain(users(text)).chain(assignments(text)).chain(flags(text));
    secrets(text, ranges)
}

/// What is a credential wherever it stands, in keys too.
pub(super) fn anywhere(text: &str) -> Vec<Secret> {
    secrets(text, private_keys(text).into_iter().chain(users(text)))
}

fn secrets(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> Vec<Secret> {
    let secrets = ranges.filter(|range| !is_no_credential(text[range.clone()].trim()));
    secrets.map(|range| Secret::of(text, range.clone(), &text[range])).collect()
}

/// PEM blocks of private keys, to the end of the text where the block has none.
fn private_keys(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(begin) = text[at..].find("-----BEGIN ").map(|begin| at + begin) {
        let label = &text[begin + 11..];
        at = begin + 11;
        if !label.split("-----").next().is_some_and(|label| label.ends_with("PRIVATE KEY")) {
            continue;
        }
        let end = label.find("-----END ").and_then(|end| {
            let rest = &label[end + 9..];
            rest.find("-----").map(|dashes| at + end + 9 + dashes + 5)
        });
        all.push(begin..end.unwrap_or(text.len()));
        at = end.unwrap_or(text.len());
    }
    all
}

/// The password of `scheme://user:password@host`, or the user where that is all there is: it is a token then.
fn users(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    for (scheme, _) in text.match_indices("://") {
        let begin = scheme + 3;
        let rest = &text[begin..];
        let url = &rest
            [..rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '<' | '>')).unwrap_or(rest.len())];
        let authority = &url[..url.find(['/', '?', '#']).unwrap_or(url.len())];
        let port = authority.split_once(':').map_or("", |(_, port)| port);
        // A slash in a password should be escaped. Where it is not, what looks like a port is no number.
        let looks_cut = !authority.starts_with('[') && port.chars().any(|c| !c.is_ascii_digit());
        let Some(end) = authority.rfind('@').or_else(|| if looks_cut { url.rfind('@') } else { None }) else {
            continue;
        };
        let start = url[..end].find(':').map_or(0, |colon| colon + 1);
        if start < end {
            all.push(begin + start..begin + end);
        }
    }
    all
}

/// Where a name with a value stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Assigned {
    /// In a URL, or in a form.
    Parameter,
    /// At the beginning of a line, alone there as it seems.
    Line,
    /// Among other words.
    Word,
}

/// `?token=…`, `&password=…`, `--client-secret=…`, `API_KEY=…`. Not the matchers of `PromQL`: `{secret="…"}`.
fn assignments(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    for (equals, _) in text.match_indices('=') {
        let line = text[..equals].rfind('\n').map_or(0, |newline| newline + 1);
        let head = text[line..equals].trim_end();
        let name = trailing_name(head);
        let lead = &head[..head.len() - name.len()];
        let assigned = match lead.chars().next_back() {
            Some('?' | '&' | ';') => Assigned::Parameter,
            _ if lead.trim().is_empty() => Assigned::Line,
            Some(c)
                if (c.is_whitespace() || matches!(c, '"' | '\'' | '`'))
                    && (name.starts_with("--") || !lead.contains('{')) =>
            {
                Assigned::Word
            }
            _ => continue,
        };
        let bare = name.trim_start_matches('-');
        let is_secret = match assigned {
            Assigned::Parameter => is_credential_parameter(bare),
            Assigned::Line | Assigned::Word => is_credential_name(bare),
        };
        if is_secret {
            all.push(value_after(text, equals + 1, assigned));
        }
    }
    all
}

/// `--token VALUE`, with the marks between two items of a list or without.
fn flags(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    for (at, _) in text.match_indices("--") {
        let begin = at + 2;
        let rest = &text[begin..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        let name = &rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())];
        let behind = &rest[name.len()..];
        let mut value =
            behind.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | ','));
        value = value.strip_prefix("- ").unwrap_or(value).trim_start_matches([' ', '"', '\'', '\\']);
        if !is_credential_name(name) || value.len() == behind.len() || value.starts_with('-') {
            continue;
        }
        let start = text.len() - value.len();
        let end = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | ',' | ']'));
        all.push(start..start + end.unwrap_or(value.len()));
    }
    all
}

/// The letters of a name at the end of a text.
pub(super) fn trailing_name(text: &str) -> &str {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    &text[text.trim_end_matches(is_part).len()..]
}

/// Within its quotes, or up to where such a value ends.
fn value_after(text: &str, at: usize, assigned: Assigned) -> Range<usize> {
    let rest = text[at..].split('\n').next().unwrap_or_default();
    let start = at + rest.len() - rest.trim_start().len();
    let value = rest.trim();
    if let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let end = value[1..].find(quote).unwrap_or(value.len() - 1);
        return start + 1..start + 1 + end;
    }
    let end = match assigned {
        Assigned::Parameter => {
            value.find(|c: char| c.is_whitespace() || matches!(c, '&' | '#' | '"' | '\'' | '\\'))
        }
        Assigned::Word => value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '\\' | '`')),
        Assigned::Line => None,
    };
    start..start + end.unwrap_or(value.len())
}
