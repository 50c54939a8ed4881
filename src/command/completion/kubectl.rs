//! kubectl's way to ask a plugin: the words so far as arguments, the last of them unfinished; an answer a line, what it
//! means after a tab, and in the last line what the shell is to do (kubernetes/kubernetes, pull request 105867).

use std::ffi::OsString;
use std::io;

use clap_complete::CompletionCandidate;
use clap_complete::engine::complete;

use super::values::command;

/// No files in place of answers, as cobra's `ShellCompDirectiveNoFileComp` says it.
const NO_FILES: u8 = 4;
/// No space after the answer: it goes on, as `ShellCompDirectiveNoSpace`.
const NO_SPACE: u8 = 2;

/// What the words of the process ask for, as kubectl reads it.
pub(super) fn candidates(mut words: Vec<OsString>) -> io::Result<String> {
    // kubectl leaves out an empty word where nothing was typed yet.
    if words.len() < 2 {
        words.push(OsString::new());
    }
    let last = words.len() - 1;
    let begun = words[last].to_string_lossy().into_owned();
    let folder = std::env::current_dir().ok();
    let mut command = command(&words);
    let all = complete(&mut command, words, last, folder.as_deref())?;
    Ok(printed(&all, &begun))
}

fn printed(all: &[CompletionCandidate], begun: &str) -> String {
    let is_flag = |one: &CompletionCandidate| one.get_value().to_string_lossy().starts_with('-');
    // Flags are many: they come when somebody begins one, or when there is nothing else.
    let wants_flags = begun.starts_with('-') || all.iter().all(is_flag);
    let mut text = String::new();
    let mut directive = NO_FILES;
    for one in all.iter().filter(|one| !one.is_hide_set() && (wants_flags || !is_flag(one))) {
        let value = one.get_value().to_string_lossy();
        if value.ends_with(['/', '=']) {
            directive |= NO_SPACE;
        }
        text.push_str(&value);
        if let Some(help) = one.get_help() {
            text.push('\t');
            text.push_str(help.to_string().lines().next().unwrap_or_default());
        }
        text.push('\n');
    }
    text + &format!(":{directive}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(words: &[&str]) -> String {
        let words = std::iter::once("kubectl_complete-promfed").chain(words.iter().copied());
        candidates(words.map(OsString::from).collect()).expect("an answer")
    }

    #[test]
    fn commands_come_with_what_they_do() {
        assert_eq!(
            asked(&["hub", "i"]),
            "init\tMake this cluster the hub: install the package, or patch the one that is there\n:4\n"
        );
        assert!(asked(&[]).starts_with("hub\t"), "{}", asked(&[]));
    }

    #[test]
    fn flags_come_when_they_are_begun_or_nothing_else_can() {
        assert!(!asked(&["hub", ""]).contains("--"), "{}", asked(&["hub", ""]));
        assert!(asked(&["status", ""]).contains("--all-contexts\t"), "{}", asked(&["status", ""]));
        assert!(asked(&["rules", "--clusters"]).starts_with("--clusters\t"));
    }

    #[test]
    fn codes_are_known_without_a_cluster() {
        assert!(asked(&["explain", "PF80"]).contains("PF803\tthe hub's certificate is verified\n"));
        assert!(asked(&["check", "--only", "PF101,saf"]).starts_with("PF101,safety\n"));
    }
}
