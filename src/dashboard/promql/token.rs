//! PromQL with Grafana's variables in it, cut into words and signs that know where they stand.

use std::ops::Range;

/// A piece of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, a number, a duration or a keyword, and any part of it may be a variable of Grafana's.
    Word,
    /// A string with its quotes.
    Text,
    /// Everything else: `(`, `=~`, `>=`.
    Sign,
    End,
}

/// Signs of two characters, which are looked for first.
const PAIRS: [&str; 6] = ["=~", "!~", "!=", "==", "<=", ">="];

/// Cuts a text. What is no PromQL is said in words.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut at = 0;
    // A colon is part of a name, but between brackets it stands for itself.
    let mut brackets = 0_usize;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = match c {
            c if c.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            '#' => {
                at += rest.find(['\n', '\r']).unwrap_or(rest.len());
                continue;
            }
            '"' | '\'' | '`' => (Kind::Text, string(rest).ok_or("a string does not end")?),
            _ => match word(rest, brackets > 0) {
                0 => (Kind::Sign, sign(rest).ok_or_else(|| format!("{c:?} is no part of PromQL"))?),
                length => (Kind::Word, length),
            },
        };
        if kind == Kind::Sign {
            match c {
                '[' => brackets += 1,
                ']' => brackets = brackets.checked_sub(1).ok_or("a bracket is closed that was not opened")?,
                _ => {}
            }
        }
        tokens.push(Token { kind, span: at..at + length });
        at += length;
    }
    tokens.push(Token { kind: Kind::End, span: text.len()..text.len() });
    Ok(tokens)
}

/// How long the string is that the text begins with.
fn string(text: &str) -> Option<usize> {
    let quote = text.chars().next()?;
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote != '`' => escaped = true,
            // Only a raw string may go on in the next line.
            '\n' if quote != '`' => return None,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// How long the word is that the text begins with; 0 where it begins with none.
fn word(text: &str, in_brackets: bool) -> usize {
    let is_number = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let exponent =
            || is_number && !text.starts_with("0x") && matches!(text[..at].chars().last(), Some('e' | 'E'));
        if let Some(variable) = variable(&text[at..]) {
            at += variable.length;
        } else if c.is_ascii_alphanumeric()
            || c == '_'
            || (c == ':' && !in_brackets)
            || (c == '.' && is_number)
            || (matches!(c, '+' | '-') && exponent())
        {
            at += 1;
        } else {
            break;
        }
    }
    // A point alone is no number.
    if &text[..at] == "." { 0 } else { at }
}

fn sign(text: &str) -> Option<usize> {
    if PAIRS.iter().any(|pair| text.starts_with(pair)) {
        return Some(2);
    }
    text.starts_with(|c: char| "(){}[],=<>+-*/%^@:".contains(c)).then_some(1)
}

/// A variable of Grafana's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dashboard) struct Variable<'t> {
    pub name: &'t str,
    pub length: usize,
}

/// The variable that the text begins with: `$name`, `${name}`, `${name:format}`, `${name.field}`, `[[name]]`.
pub(in crate::dashboard) fn variable(text: &str) -> Option<Variable<'_>> {
    let name_of =
        |text: &str| text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let found = |begin: usize, close: &str, separators: &[char]| {
        let length = name_of(&text[begin..]);
        let rest = &text[begin + length..];
        let end = rest.find(close)?;
        let is_one =
            length > 0 && (end == 0 || (rest.starts_with(separators) && !rest[..end].contains('\n')));
        is_one.then(|| Variable {
            name: &text[begin..begin + length],
            length: begin + length + end + close.len(),
        })
    };
    if text.starts_with("${") {
        found(2, "}", &[':', '.'])
    } else if text.starts_with("[[") {
        found(2, "]]", &[':'])
    } else {
        let name = text.strip_prefix('$').map(|rest| &rest[..name_of(rest)])?;
        (!name.is_empty()).then(|| Variable { name, length: name.len() + 1 })
    }
}

/// The names of all variables in a text.
pub(in crate::dashboard) fn variables(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut at = 0;
    while at < text.len() {
        match variable(&text[at..]) {
            Some(variable) => {
                names.push(variable.name);
                at += variable.length;
            }
            None => at += text[at..].chars().next().map_or(1, char::len_utf8),
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<&str> {
        let tokens = tokens(text).expect(text);
        tokens.iter().filter(|token| token.kind != Kind::End).map(|token| &text[token.span.clone()]).collect()
    }

    #[test]
    fn a_variable_may_be_any_part_of_a_word() {
        assert_eq!(
            cut("rate(node_${what:raw}_total{a=~\"$b\"}[[[step]]:$__interval])"),
            [
                "rate",
                "(",
                "node_${what:raw}_total",
                "{",
                "a",
                "=~",
                "\"$b\"",
                "}",
                "[",
                "[[step]]",
                ":",
                "$__interval",
                "]",
                ")"
            ]
        );
    }

    #[test]
    fn numbers_durations_rules_and_comments() {
        assert_eq!(
            cut("a:b:c{d='e'} # [ ( \"\n^ 1.5e-3 + .5 - 0x1e-2 @1e3 offset -5m"),
            [
                "a:b:c", "{", "d", "=", "'e'", "}", "^", "1.5e-3", "+", ".5", "-", "0x1e", "-", "2", "@",
                "1e3", "offset", "-", "5m"
            ]
        );
    }

    #[test]
    fn strings_keep_what_looks_like_their_end() {
        assert_eq!(cut(r#"{a="\"}", b=`\`, c='x"'}"#)[3], r#""\"}""#);
        assert_eq!(tokens("{a=\"").unwrap_err(), "a string does not end");
        assert_eq!(tokens("a ! b").unwrap_err(), "'!' is no part of PromQL");
    }

    #[test]
    fn variables_are_found_as_grafana_finds_them() {
        assert_eq!(variables("^$a.*${b:regex}[[c]]${d.text}$ $1 [[e f]]"), ["a", "b", "c", "d", "1"]);
    }
}
