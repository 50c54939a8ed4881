//! What is no YAML, in ytt's words.
//!
//! ytt's YAML reader and the one that is asked here descend from the same C library, and complain about the same places
//! with the same words. What differs is how ytt counts lines. In flow style ytt takes a colon without a blank behind it
//! (`{a:{}}`) for a part of a word; here that is a complaint of its own.

use serde::Deserialize as _;
use serde::de::IgnoredAny;

/// Why a text cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The reader's words, and a line where it tells one.
    At(Option<usize>, String),
    /// ytt's own end: it takes the first line for one before the first, and panics.
    Panic,
    /// Something that only the stand-in's other reader finds.
    Other(String),
}

/// Complaints about the grammar. All others are about letters, and ytt counts the lines of those from one.
const GRAMMAR: &[&str] = &[
    "did not find expected <",
    "did not find expected node content",
    "did not find expected key",
    "did not find expected '-' indicator",
    "did not find expected ',' or",
];

/// The first complaint about a text.
pub(super) fn check(text: &str) -> Result<(), Problem> {
    let marked =
        text.trim_start().strip_prefix("---").is_some_and(|rest| rest.starts_with(char::is_whitespace));
    // ytt does the same, and so the reader is in the same state when something goes wrong.
    let whole = if marked { text.to_owned() } else { format!("---\n{text}") };
    for document in serde_yaml::Deserializer::from_str(&whole) {
        if let Err(error) = IgnoredAny::deserialize(document) {
            return Err(problem(&error, &whole, marked));
        }
    }
    Ok(())
}

fn problem(error: &serde_yaml::Error, whole: &str, marked: bool) -> Problem {
    let text = error.to_string();
    let words = text.split(" at line ").next().unwrap_or_default();
    let words = words.split(", while ").next().unwrap_or_default().to_owned();
    if words == "unknown anchor" {
        let alias =
            error.location().and_then(|location| whole.get(location.index() + 1..)).unwrap_or_default();
        let is_name = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
        let name = alias.split(|letter| !is_name(letter)).next().unwrap_or_default();
        return Problem::At(None, format!("unknown anchor '{name}' referenced"));
    }
    let above = error.location().map_or(0, |location| location.line().saturating_sub(1));
    if above == 0 {
        return Problem::At(None, words);
    }
    let grammar = GRAMMAR.iter().any(|start| words.starts_with(start));
    match above + usize::from(!grammar) - usize::from(!marked) {
        0 => Problem::Panic,
        line => Problem::At(Some(line), words),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: usize, words: &str) -> Result<(), Problem> {
        Err(Problem::At(Some(line), words.to_owned()))
    }

    #[test]
    fn lines_are_those_that_ytt_tells() {
        assert_eq!(check("a: 1\n---\nb: [1]\n"), Ok(()));
        assert_eq!(check("a: b: c\n"), at(1, "mapping values are not allowed in this context"));
        assert_eq!(check("x: 1\na: [1, 2\nc: 3\n"), at(2, "did not find expected ',' or ']'"));
        assert_eq!(check("a: ]\n"), Err(Problem::Panic));
        assert_eq!(check("é: *a-b\n"), Err(Problem::At(None, "unknown anchor 'a-b' referenced".to_owned())));
        assert_eq!(check("---\na: ]\n"), at(1, "did not find expected node content"));
    }
}
