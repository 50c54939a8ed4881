//! ytt's words about values that it does not take.

use std::fmt::Write as _;

use super::ValuesFile;
use super::syntax::Problem;
use super::tree::Place;
use crate::carvel::schema::FILE;

/// Something that the schema does not admit. The line is the one of the schema.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure<'t> {
    Mismatch { place: Place<'t>, found: &'static str, expected: &'static str, line: usize },
    Unknown { place: Place<'t>, found: String, known: Vec<String>, line: usize },
}

impl<'t> Failure<'t> {
    fn place(&self) -> Place<'t> {
        match self {
            Self::Mismatch { place, .. } | Self::Unknown { place, .. } => *place,
        }
    }
}

/// The values are not what the schema says.
pub(super) fn invalid(failures: &[Failure<'_>]) -> String {
    let summary = "One or more data values were invalid";
    let width =
        failures.iter().map(|failure| failure.place().line.to_string().len()).max().unwrap_or_default();
    let mut text = format!("\n{summary}\n{}\n\n", "=".repeat(summary.len()));
    for failure in failures {
        hunk(&mut text, failure, width);
    }
    overlaying(&text)
}

fn hunk(text: &mut String, failure: &Failure<'_>, width: usize) {
    let Place { file, line, text: source } = failure.place();
    let (title, found, expected, hint) = match failure {
        Failure::Mismatch { found, expected, line, .. } => {
            ("", (*found).to_owned(), format!("{expected} (by {FILE}:{line})"), None)
        }
        Failure::Unknown { found, known, line, .. } => {
            let mut known: Vec<&str> = known.iter().map(String::as_str).collect();
            known.sort_unstable();
            let expected = format!("{} (from {FILE}:{line})", one_of(&known));
            ("Given data value is not declared in schema\n", found.clone(), expected, nearest(found, &known))
        }
    };
    let blank = " ".repeat(width);
    // Writing to a string does not fail.
    let _ = write!(
        text,
        "{title}{file}:\n  {blank} |\n  {line:>width$} | {source}\n  {blank} |\n\n  \
         {blank} = found: {found}\n  {blank} = expected: {expected}\n"
    );
    if let Some(hint) = hint {
        let _ = writeln!(text, "  {blank} = hint: did you mean \"{hint}\"?");
    }
    text.push('\n');
}

fn one_of(known: &[&str]) -> String {
    match known {
        [only] => format!("a map item with the key named \"{only}\""),
        [_, _, ..] if known.len() <= 9 => format!("one of {{ {} }}", known.join(", ")),
        _ => "a key declared in map".to_owned(),
    }
}

/// The values cannot be put together.
pub(super) fn overlaying(problem: &str) -> String {
    error(&format!("Overlaying data values (in following order: additional data values): {problem}"))
}

/// The file is not YAML.
pub(super) fn unreadable(file: &ValuesFile, problem: Problem) -> String {
    let problem = match problem {
        Problem::Panic => return "panic: Lines are 1 based\n\ngoroutine 1 [running]:\n".to_owned(),
        Problem::At(Some(line), words) => format!("line {line}: {words}"),
        Problem::At(None, words) | Problem::Other(words) => words,
    };
    let path = file.path();
    error(&format!(
        "Extracting data value from file: Unmarshaling YAML data values file 'file {path}': yaml: {problem}"
    ))
}

/// The file has annotations.
pub(super) fn annotated(file: &ValuesFile) -> String {
    error(&format!(
        "Extracting data value from file: Checking data values file '{}': \
         Expected to be plain YAML, having no annotations (hint: remove comments starting with `#@`)",
        file.path()
    ))
}

/// An error as ytt prints it: in its first line every cause gets a line of its own, one step further in. A closing
/// bracket that nothing opened ends the line, which costs libyaml's `expected ',' or ']'` its end.
fn error(text: &str) -> String {
    let (first, rest) = text.split_once('\n').map_or((text, None), |(first, rest)| (first, Some(rest)));
    let mut result = String::from("ytt: Error: ");
    let (mut brackets, mut causes) = (0_usize, 0);
    let mut letters = first.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '[' | '(' | '{' => brackets += 1,
            ']' | ')' | '}' if brackets == 0 => break,
            ']' | ')' | '}' => brackets -= 1,
            ' ' if brackets == 0
                && result.ends_with(':')
                && letters.peek().is_some_and(char::is_ascii_uppercase) =>
            {
                causes += 1;
                result.push('\n');
                result.push_str(&"  ".repeat(causes));
                continue;
            }
            _ => {}
        }
        result.push(letter);
    }
    if let Some(rest) = rest {
        result.push('\n');
        result.push_str(rest);
    }
    result.push('\n');
    result
}

/// The known key that was meant: the first of those that differ least, if less than half of the letters differ. Case
/// and underscores do not count.
fn nearest<'k>(key: &str, known: &[&'k str]) -> Option<&'k str> {
    let folded = |key: &str| key.replace('_', "").to_lowercase();
    let key = folded(key);
    let mut least = key.len().div_ceil(2);
    let mut best = None;
    for candidate in known {
        let changes = distance(&key, &folded(candidate));
        if changes < least {
            least = changes;
            best = Some(*candidate);
        }
    }
    best
}

/// How many bytes have to change.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.bytes().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, right) in b.bytes().enumerate() {
            let cost = diagonal + usize::from(left != right);
            diagonal = row[j + 1];
            row[j + 1] = cost.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_get_lines_of_their_own() {
        assert_eq!(error("A b: C (d: E): F: g\nh: I"), "ytt: Error: A b:\n  C (d: E):\n    F: g\nh: I\n");
        assert_eq!(error("A: b ',' or ']'"), "ytt: Error: A: b ',' or '\n");
    }

    #[test]
    fn a_slip_is_recognised() {
        let known = ["kube_state_metrics", "namespace", "prometheus"];
        assert_eq!(nearest("promtheus", &known), Some("prometheus"));
        assert_eq!(nearest("KubeStateMetrics", &known), Some("kube_state_metrics"));
        assert_eq!(nearest("nope", &known), None);
    }

    #[test]
    fn many_keys_are_not_listed() {
        assert_eq!(one_of(&["a"]), "a map item with the key named \"a\"");
        assert_eq!(one_of(&["a", "b"]), "one of { a, b }");
        assert_eq!(one_of(&["a"; 10]), "a key declared in map");
    }
}
