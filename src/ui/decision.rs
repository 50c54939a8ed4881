//! What the surroundings of the process and its flags decide, as pure functions.

use std::env;
use std::io::{IsTerminal, stderr, stdin, stdout};

use crate::report::{Marks, Paint};

/// `--color`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColourChoice {
    /// On a terminal that shows it.
    #[default]
    Auto,
    Always,
    Never,
}

/// `-q` and `-v`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Results, warnings and errors only.
    Quiet,
    #[default]
    Usual,
    /// What is done on the way, too.
    Verbose,
}

/// Facts about the streams and the environment of the process.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    pub terminals: Terminals,
    /// `NO_COLOR` is set to anything but nothing.
    pub no_color: bool,
    /// `TERM` is `dumb`: no colour, and no line can be redrawn.
    pub dumb: bool,
    /// The locale names an encoding that has no signs but ASCII's.
    pub ascii: bool,
}

/// Which streams are terminals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terminals {
    pub stdin: bool,
    pub stdout: bool,
    pub stderr: bool,
}

/// How progress is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// One line that is redrawn in place.
    Redrawn,
    /// One line per change.
    Lines,
    Hidden,
}

impl Surroundings {
    pub fn of_process() -> Self {
        Self {
            terminals: Terminals {
                stdin: stdin().is_terminal(),
                stdout: stdout().is_terminal(),
                stderr: stderr().is_terminal(),
            },
            no_color: env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()),
            dumb: env::var_os("TERM").is_some_and(|value| value == "dumb"),
            ascii: is_ascii(["LC_ALL", "LC_CTYPE", "LANG"].map(|name| env::var(name).unwrap_or_default())),
        }
    }

    /// Whether stdout is coloured.
    pub(super) fn stdout_paint(self, choice: ColourChoice) -> Paint {
        self.paint(choice, self.terminals.stdout)
    }

    /// Whether stderr is coloured.
    pub(super) fn stderr_paint(self, choice: ColourChoice) -> Paint {
        self.paint(choice, self.terminals.stderr)
    }

    fn paint(self, choice: ColourChoice, is_terminal: bool) -> Paint {
        match choice {
            ColourChoice::Always => Paint::Colour,
            ColourChoice::Auto if is_terminal && !self.no_color && !self.dumb => Paint::Colour,
            ColourChoice::Auto | ColourChoice::Never => Paint::Plain,
        }
    }

    /// The signs before the lines of a check.
    pub(super) fn marks(self) -> Marks {
        if self.ascii || self.dumb { Marks::Ascii } else { Marks::Unicode }
    }

    pub(super) fn manner(self, verbosity: Verbosity) -> Manner {
        match verbosity {
            Verbosity::Quiet => Manner::Hidden,
            _ if self.terminals.stderr && !self.dumb => Manner::Redrawn,
            _ => Manner::Lines,
        }
    }

    /// Whether there is a person who reads a question and can answer it.
    pub(super) fn can_ask(self) -> bool {
        self.terminals.stdin && self.terminals.stderr
    }
}

/// The first of the locale's variables that is set decides; where none is, nothing speaks against more signs.
fn is_ascii(locale: [String; 3]) -> bool {
    let locale = locale.into_iter().find(|value| !value.is_empty());
    locale.is_some_and(|value| {
        let value = value.to_ascii_lowercase();
        !value.contains("utf-8") && !value.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Terminals = Terminals { stdin: true, stdout: true, stderr: true };
    const TERMINAL: Surroundings =
        Surroundings { terminals: ALL, no_color: false, dumb: false, ascii: false };

    fn with(terminals: Terminals) -> Surroundings {
        Surroundings { terminals, ..TERMINAL }
    }

    #[test]
    fn a_terminal_shows_colour() {
        assert_eq!(TERMINAL.stdout_paint(ColourChoice::Auto), Paint::Colour);
    }

    #[test]
    fn colour_ends_where_the_terminal_ends() {
        let piped = with(Terminals { stdout: false, ..ALL });
        assert_eq!(piped.stdout_paint(ColourChoice::Auto), Paint::Plain);
        assert_eq!(piped.stderr_paint(ColourChoice::Auto), Paint::Colour);
    }

    #[test]
    fn the_environment_can_forbid_colour() {
        let no_color = Surroundings { no_color: true, ..TERMINAL };
        let dumb = Surroundings { dumb: true, ..TERMINAL };
        assert_eq!(no_color.stdout_paint(ColourChoice::Auto), Paint::Plain);
        assert_eq!(dumb.stdout_paint(ColourChoice::Auto), Paint::Plain);
    }

    #[test]
    fn the_locale_can_forbid_signs() {
        let set = |first: &str, last: &str| [first.to_owned(), String::new(), last.to_owned()];
        assert!(is_ascii(set("", "C")) && is_ascii(set("POSIX", "en_US.UTF-8")));
        assert!(!is_ascii(set("", "")) && !is_ascii(set("", "de_DE.utf8")));
    }

    #[test]
    fn a_flag_is_stronger_than_everything_else() {
        let nowhere = Surroundings { no_color: true, ..Surroundings::default() };
        assert_eq!(nowhere.stdout_paint(ColourChoice::Always), Paint::Colour);
        assert_eq!(TERMINAL.stdout_paint(ColourChoice::Never), Paint::Plain);
    }

    #[test]
    fn progress_is_redrawn_only_where_a_line_can_be() {
        assert_eq!(TERMINAL.manner(Verbosity::Usual), Manner::Redrawn);
        assert_eq!(Surroundings { dumb: true, ..TERMINAL }.manner(Verbosity::Usual), Manner::Lines);
        assert_eq!(Surroundings::default().manner(Verbosity::Verbose), Manner::Lines);
    }

    #[test]
    fn quiet_has_no_progress() {
        assert_eq!(TERMINAL.manner(Verbosity::Quiet), Manner::Hidden);
    }

    #[test]
    fn a_question_needs_somebody_who_sees_it_and_can_answer() {
        assert!(TERMINAL.can_ask());
        assert!(!with(Terminals { stdin: false, ..ALL }).can_ask());
        assert!(!with(Terminals { stderr: false, ..ALL }).can_ask());
        assert!(with(Terminals { stdout: false, ..ALL }).can_ask());
    }
}
