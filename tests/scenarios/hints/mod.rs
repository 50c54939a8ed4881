//! Every promfed command that the source or a page tells a person to type can be typed.

mod pages;

use clap::Parser;
use promfed::cli::Cli;

/// Words that stand for something, with something that they could stand for.
const EXAMPLES: [(&str, &str); 14] = [
    ("N", "1"),
    ("N|N%", "1"),
    ("PORT", "1"),
    ("1.0|2.0", "2.0"),
    ("TIME", "1d"),
    ("CODE", "PF801"),
    ("SIZE", "1Gi"),
    ("CONTEXT", "c"),
    ("HUB", "h"),
    ("NAME", "n"),
    ("HOST", "a.b"),
    ("URL", "https://a.b/api/v1/write"),
    ("CLUSTER", "c"),
    ("REVISION", "1"),
];

#[test]
fn commands_in_hints_exist() {
    let mut seen = 0;
    for file in walk("src") {
        let text = std::fs::read_to_string(&file).expect("a source file");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (at, _) in text.match_indices("kubectl promfed ") {
            let before = text[..at].rsplit('\n').next().unwrap_or_default();
            if before.trim_start().starts_with("//") {
                continue;
            }
            if !begins(&text[..at]) {
                continue;
            }
            let line = command(&text[at..]);
            let words =
                shlex::split(&line).unwrap_or_else(|| panic!("{file}: {line}: a quote without its end"));
            // Flags that the code puts there are looked at where they are written.
            let words: Vec<&str> =
                words.iter().skip(1).map(String::as_str).filter(|word| *word != "{more}").collect();
            let before = std::iter::once("").chain(words.iter().copied());
            let words: Vec<String> =
                words.iter().zip(before).map(|(word, before)| concrete(word, before)).collect();
            if words.len() < 2 {
                continue;
            }
            let complete = complete(words);
            let parsed = Cli::try_parse_from(&complete);
            assert!(parsed.is_ok(), "{file}: {line}\n{complete:?}\n{}", parsed.expect_err("an error"));
            seen += 1;
        }
    }
    assert!(seen >= 90, "only {seen} hints were found");
}

/// A command comes after this, and not the rest of a sentence that speaks of one.
fn begins(before: &str) -> bool {
    before.ends_with(['"', '`']) || before.ends_with(": ") || before.ends_with("\\n  ")
}

/// The command at the beginning of a text: up to the end of the string or of the sentence's part that it is in.
fn command(text: &str) -> String {
    let (mut line, mut quoted) = (String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        quoted ^= c == '\'';
        match c {
            // A quote within quotes is of the command; any other escape ends it.
            '\\' if quoted && chars.peek() == Some(&'"') => line.extend(chars.next()),
            '"' | '`' | '\n' => break,
            '\\' | ')' | '(' | '…' if !quoted => break,
            _ => line.push(c),
        }
    }
    line.trim().to_owned()
}

/// A placeholder of the text or of the code becomes an example.
fn concrete(word: &str, before: &str) -> String {
    if word.starts_with('{') {
        if before == "rollback" {
            return "1".to_owned();
        }
        return match before {
            "--hub-url" => "https://a.b/api/v1/write",
            "-o" => "json",
            "--hub-type" => "mimir",
            "rbac" => "viewer",
            "promfed" => "check",
            "check" => "--context",
            _ => "x",
        }
        .to_owned();
    }
    let example = EXAMPLES.iter().find(|(name, _)| *name == word);
    example.map_or_else(|| word.to_owned(), |(_, example)| (*example).to_owned())
}

/// A line that goes on in code gets what it needs, as a person would add it.
fn complete(mut words: Vec<String>) -> Vec<String> {
    "kubectl-promfed".clone_into(&mut words[0]);
    let has = |words: &[String], flag: &str| words.iter().any(|word| word == flag);
    let is = |words: &[String], a: &str, b: &str| {
        words[1] == a && words[2..].first().is_some_and(|word| word == b)
    };
    let begins = is(&words, "hub", "init") || is(&words, "agent", "join");
    let named = ["--cluster-name", "--contexts", "--undo"].iter().any(|flag| has(&words, flag));
    if begins && !named {
        words.extend(["--cluster-name".to_owned(), "x".to_owned()]);
    }
    if is(&words, "agent", "join") && !has(&words, "--hub-context") && !has(&words, "--hub-url") {
        words.extend(["--hub-context".to_owned(), "x".to_owned()]);
    }
    words
}

fn walk(folder: &str) -> Vec<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut folders = vec![root];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.display().to_string());
            }
        }
    }
    files
}
