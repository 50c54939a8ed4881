//! What the documents say is what the program says.
//!
//! `PROMFED_DOCS=write` writes them instead of comparing.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use promfed::report::checks_page;

#[test]
fn the_page_of_checks_has_every_check() {
    is_written("docs/checks.md", &checks_page());
}

#[test]
fn the_schema_of_fleet_files_is_what_is_read() {
    let schema = Command::new(env!("CARGO_BIN_EXE_kubectl-promfed")).args(["apply", "--schema"]).output();
    is_written("docs/fleet.schema.json", &String::from_utf8(schema.expect("a schema").stdout).expect("text"));
}

#[test]
fn the_cli_reference_equals_the_binarys_help() {
    let mut page = String::from(
        "# Commands\n\nWhat `--help` says of every command. Flags that all commands take stand here and are not said \
         again below.\n",
    );
    let all = every_command();
    let (_, top) = all.first().expect("the program itself");
    for (path, help) in &all {
        if path.is_empty() {
            let _ = write!(page, "\n```text\n{}\n```\n", parts(help).concat().trim_end());
        } else {
            let (path, own) = (path.join(" "), without(help, top));
            let _ = write!(page, "\n## kubectl promfed {path}\n\n```text\n{}\n```\n", own.trim_end());
        }
    }
    is_written("docs/cli.md", &page);
}

#[test]
fn every_command_has_a_page_that_man_reads() {
    let folder = tempfile::tempdir().expect("a folder");
    let written = Command::new(env!("CARGO_BIN_EXE_kubectl-promfed"))
        .arg("man")
        .arg(folder.path())
        .output()
        .expect("pages");
    assert!(written.status.success(), "{written:?}");
    let mut pages: Vec<_> =
        String::from_utf8(written.stdout).expect("names").lines().map(PathBuf::from).collect();
    let mut wanted: Vec<_> = every_command()
        .iter()
        .map(|(path, _)| [&["kubectl-promfed".to_owned()], &path[..]].concat().join("-"))
        .map(|name| folder.path().join(format!("{name}.1")))
        .collect();
    pages.sort();
    wanted.sort();
    assert_eq!(pages, wanted);
    for page in &pages {
        let text = std::fs::read_to_string(page).expect("a page");
        for section in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION", ".SH OPTIONS"] {
            assert!(text.contains(section), "{} has no {section}", page.display());
        }
    }
    // Where man's own formatter is at hand it has nothing to complain of.
    match Command::new("groff").args(["-man", "-ww", "-z", "-Kutf8", "-Tutf8"]).args(&pages).output() {
        Ok(read) => assert!(read.status.success() && read.stderr.is_empty(), "{read:?}"),
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::NotFound, "{error}"),
    }
}

/// Every command, those below one right behind it, with its help.
fn every_command() -> Vec<(Vec<String>, String)> {
    let mut all = Vec::new();
    let mut waiting = vec![Vec::new()];
    while let Some(path) = waiting.pop() {
        let help = help(&path);
        let below = commands(&help).into_iter().rev();
        waiting.extend(below.map(|name| [&path[..], &[name.to_owned()]].concat()));
        all.push((path, help));
    }
    all
}

/// What the binary prints, as wide as this, whoever asks.
fn help(path: &[String]) -> String {
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
