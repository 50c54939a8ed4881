//! What the documents say is what the program says.
//!
//! `PROMFED_DOCS=write` writes them instead of comparing.

use std::fmt::Write as _;
use std::process::Command;

use promfed::report::checks_page;

#[test]
fn the_page_of_checks_has_every_check() {
    is_written("docs/checks.md", &checks_page());
}

#[test]
fn the_cli_reference_equals_the_binarys_help() {
    let mut page = String::from(
        "# Commands\n\nWhat `--help` says of every command. Flags that all commands take stand here and are not said \
         again below.\n",
    );
    let top = help(&[]);
    let _ = write!(page, "\n```text\n{}\n```\n", parts(&top).concat().trim_end());
    for command in commands(&top) {
        describe(&mut page, &[command], &top);
    }
    is_written("docs/cli.md", &page);
}

/// A command and those below it, in the order of the help.
fn describe(page: &mut String, path: &[&str], top: &str) {
    let help = help(path);
    let own = without(&help, top);
    let _ = write!(page, "\n## kubectl promfed {}\n\n```text\n{}\n```\n", path.join(" "), own.trim_end());
    for command in commands(&help) {
        describe(page, &[path, &[command]].concat(), top);
    }
}

/// What the binary prints, as wide as this, whoever asks.
fn help(path: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-promfed"));
    let output = command.args(path).arg("--help").env_clear().env("COLUMNS", "100").output().expect("help");
    assert!(output.status.success(), "{path:?} has no help");
    String::from_utf8(output.stdout).expect("words")
}

/// The names in the list of commands below this one.
fn commands(help: &str) -> Vec<&str> {
    let list = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let rows = list.take_while(|line| !line.is_empty());
    // What goes on in another line is further to the right.
    let names = rows.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).collect()
}

/// The help without the flags that stand in another one, and without the headings that have nothing below them then.
fn without(help: &str, other: &str) -> String {
    let known: Vec<String> = parts(other).iter().map(|part| part.trim_end().to_owned()).collect();
    let is_flag = |part: &str| part.trim_start().starts_with('-');
    let is_heading = |part: &str| part.ends_with(":\n") && !part.starts_with(' ');
    let is_known = |part: &str| is_flag(part) && known.iter().any(|one| one == part.trim_end());
    let own: Vec<String> = parts(help).into_iter().filter(|part| !is_known(part)).collect();
    let mut kept = String::new();
    for (at, part) in own.iter().enumerate() {
        let next = own.get(at + 1).map_or("", String::as_str);
        if !is_heading(part) || next.starts_with(' ') {
            kept.push_str(part);
        }
    }
    kept
}

/// Headings, flags, and the lines between them.
fn parts(help: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for line in help.lines() {
        let begins = (!line.is_empty() && !line.starts_with(' ')) || line.trim_start().starts_with('-');
        if begins || parts.is_empty() {
            parts.push(String::new());
        }
        let part = parts.last_mut().expect("one was begun");
        part.push_str(line.trim_end());
        part.push('\n');
    }
    parts
}

/// A page of the repository is this text.
#[track_caller]
fn is_written(name: &str, page: &str) {
    let path = format!("{}/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var("PROMFED_DOCS").is_ok_and(|wish| wish == "write") {
        std::fs::write(&path, page).expect("a page");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == page, "{name} is not what the program says: PROMFED_DOCS=write writes it");
}
