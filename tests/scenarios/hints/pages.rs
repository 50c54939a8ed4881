//! Every promfed command that a page names exists, and every one that a page shows is run or can be typed.
//!
//! `console` blocks are run by the scenarios that hold their page. Lines of other blocks are typed as they stand. A name in
//! a sentence (`agent join --from FILE`, `--watch`) need not be a whole command: what it says has to exist, and what
//! it does not say may be missing.

use std::iter::once;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{Arg, Command, CommandFactory, Parser};
use promfed::cli::Cli;

use super::{concrete, walk};

/// Flags of others that pages speak of, beside those with a dot in their name, which are Prometheus's.
const OF_OTHERS: [&str; 3] = ["--agent", "--enable-feature", "--webhook-url"];

struct Page {
    name: String,
    text: String,
}

/// What is read by whoever uses promfed. What changed is told in the words of its time, and so are decisions.
fn pages() -> Vec<Page> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/");
    let mut names: Vec<String> = walk("docs").iter().map(|path| path.replace(root, "")).collect();
    let is_page = |name: &str| Path::new(name).extension() == Some("md".as_ref());
    names.retain(|name| is_page(name) && !name.starts_with("docs/decisions/"));
    names.extend(["README.md", "CONTRIBUTING.md", "SECURITY.md"].map(str::to_owned));
    let read = |name: String| {
        let text = std::fs::read_to_string(format!("{root}{name}")).expect("a page");
        Page { name, text }
    };
    names.into_iter().map(read).collect()
}

#[test]
fn pages_with_consoles_are_run() {
    let scenarios: String =
        walk("tests/scenarios").iter().map(|file| std::fs::read_to_string(file).expect("a file")).collect();
    let shows = |page: &Page| page.text.lines().any(|line| line == "```console");
    for Page { name, .. } in pages().into_iter().filter(shows) {
        assert!(scenarios.contains(&format!("holds(&rig, \"{name}\"")), "no scenario runs {name}");
    }
}

#[test]
fn commands_that_pages_show_can_be_typed() {
    let mut seen = 0;
    for Page { name, text } in pages() {
        for line in shown(&text) {
            let words = words(&line);
            // Another program takes over what comes after these.
            let own = words.iter().position(|word| ["|", "&&", ">"].contains(&word.as_str()));
            let own = &words[..own.unwrap_or(words.len())];
            let parsed = Cli::try_parse_from(own);
            assert!(parsed.is_ok(), "{name}: {line}\n{own:?}\n{}", parsed.expect_err("an error"));
            seen += 1;
        }
    }
    assert!(seen >= 4, "only {seen} commands are shown");
}

#[test]
fn commands_that_sentences_name_exist() {
    let program = built();
    let (mut seen, mut wrong) = (0, Vec::new());
    for Page { name, text } in pages() {
        for span in spans(&name, &text) {
            let Some(paths) = paths(&program, &span) else { continue };
            let why: Result<(), String> =
                paths.iter().map(|path| says(&program, path, &span)).reduce(Result::or).unwrap_or(Ok(()));
            wrong.extend(why.err().map(|why| format!("{name}: `{span}`: {why}")));
            seen += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(seen >= 250, "only {seen} names were found");
}

#[test]
fn a_name_of_nothing_is_seen() {
    let program = built();
    let holds = |span: &str| {
        let paths = paths(&program, span).expect("a command or a flag");
        paths.iter().any(|path| says(&program, path, span).is_ok())
    };
    for span in
        ["kubectl promfed agent join", "agent join --contexts 'a-*' … --beside", "--fail-on warning", "-n"]
    {
        assert!(holds(span), "{span}");
    }
    for span in [
        "kubectl promfed joins",
        "agent join --beyond",
        "agent leave --fqdn HOST",
        "--fail-on never",
        "--undone",
    ] {
        assert!(!holds(span), "{span}");
    }
    for span in ["tanzu package", "status.conditions[].errors", "--web.route-prefix", "--agent"] {
        assert!(paths(&program, span).is_none(), "{span}");
    }
}

/// The definition, with the flags that every command takes at every command.
fn built() -> Command {
    let mut program = Cli::command();
    program.build();
    program
}

/// The commands that words in a sentence may be about: the one that they name, or for a flag alone any. `None` where they
/// are about something else.
fn paths(program: &Command, span: &str) -> Option<Vec<Vec<String>>> {
    let words: Vec<_> = span.split_whitespace().collect();
    match words[0] {
        "kubectl" if words.get(1) == Some(&"promfed") => Some(vec![vec![]]),
        flag if flag.starts_with('-') => {
            let name = flag.split('=').next().unwrap_or_default();
            let ours = !name.contains('.') && name.len() > 1 && !OF_OTHERS.contains(&name);
            ours.then(|| below(program))
        }
        name => program.find_subcommand(name).map(|_| vec![vec![]]),
    }
}

/// The names that lead to every command.
fn below(command: &Command) -> Vec<Vec<String>> {
    let deeper = command.get_subcommands().flat_map(|next| {
        let name = next.get_name().to_owned();
        below(next).into_iter().map(move |path| once(name.clone()).chain(path).collect())
    });
    once(vec![]).chain(deeper).collect()
}

/// Nothing is wrong with the words at this command but that some are missing.
fn says(program: &Command, path: &[String], span: &str) -> Result<(), String> {
    let mut words = words(span);
    words.splice(1..1, path.iter().cloned());
    let words = with_values(program, &words);
    match Cli::try_parse_from(&words) {
        Ok(_) => Ok(()),
        Err(error) => match error.kind() {
            ErrorKind::MissingRequiredArgument
            | ErrorKind::MissingSubcommand
            | ErrorKind::DisplayHelp
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => Ok(()),
            _ => Err(format!("{words:?}\n{error}")),
        },
    }
}

/// The words of a line as the program gets them: in front its name, and examples for what stands for something.
fn words(line: &str) -> Vec<String> {
    let line = line.strip_prefix("kubectl promfed").unwrap_or(line);
    let words = shlex::split(line).unwrap_or_else(|| panic!("a quote without its end: {line}"));
    let before = once("").chain(words.iter().map(String::as_str));
    let own = words
        .iter()
        .zip(before)
        .filter(|(word, _)| *word != "…")
        .map(|(word, before)| concrete(word, before));
    once("kubectl-promfed".to_owned()).chain(own).collect()
}

/// A flag that is named without the value that it takes gets one.
fn with_values(program: &Command, words: &[String]) -> Vec<String> {
    let mut here = program;
    let mut all = Vec::new();
    for (at, word) in words.iter().enumerate() {
        all.push(word.clone());
        here = here.find_subcommand(word).unwrap_or(here);
        let alone = words.get(at + 1).is_none_or(|next| next.starts_with('-'));
        let flag = here.get_arguments().find(|flag| is(flag, word));
        all.extend(flag.filter(|_| alone).and_then(example));
    }
    all
}

fn is(flag: &Arg, word: &str) -> bool {
    let long = flag.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long));
    long || flag.get_short().is_some_and(|short| word == format!("-{short}"))
}

/// Something that the flag takes, where it cannot be without.
fn example(flag: &Arg) -> Option<String> {
    if flag.get_num_args().is_none_or(|values| values.min_values() == 0) {
        return None;
    }
    let possible = flag.get_possible_values().first().map(|value| value.get_name().to_owned());
    let name = flag.get_value_names().and_then(<[_]>::first).map(ToString::to_string).unwrap_or_default();
    // Samples are read at another URL than the one that they are written to.
    let example =
        if flag.get_long() == Some("query-url") { "https://a.b".to_owned() } else { concrete(&name, "") };
    possible.or(Some(example))
}

/// The lines that begin with a command in blocks that are not run. Lines of usage, with brackets, are clap's own.
fn shown(text: &str) -> Vec<String> {
    let mut fence = None;
    let mut all = Vec::new();
    for line in text.lines() {
        if let Some(kind) = line.strip_prefix("```") {
            fence = if fence.is_some() { None } else { Some(kind) };
        } else if fence.map_or_else(|| line.starts_with("    "), |kind| kind != "console") {
            let line = line.trim();
            if line.starts_with("kubectl promfed ") && !line.contains(['<', '[']) {
                all.push(line.to_owned());
            }
        }
    }
    all
}

/// What stands in backticks in the text outside of blocks, each in one line.
fn spans(name: &str, text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut prose = String::new();
    for line in text.lines() {
        let fence = line.starts_with("```");
        fenced ^= fence;
        if !fence && !fenced && !line.starts_with("    ") {
            prose.push_str(line.trim());
        }
        prose.push(if line.is_empty() { '\u{b6}' } else { ' ' });
    }
    let mut all = Vec::new();
    for paragraph in prose.split('\u{b6}') {
        let parts: Vec<_> = paragraph.split('`').collect();
        assert!(parts.len() % 2 == 1, "{name}: a backtick without another: {paragraph}");
        let marked = parts.into_iter().skip(1).step_by(2).map(str::trim);
        all.extend(marked.filter(|span| !span.is_empty()).map(str::to_owned));
    }
    all
}
