//! What every command has at hand, and how it ends.

use std::process::ExitCode;

use crate::cli::{Connection, Output};
use crate::error::{Error, Result};
use crate::report::{Document, Format, Outcome, View, hidden_error, render};
use crate::ui::Ui;

/// What every command has: how to connect, how to print, and the process's streams.
pub(super) struct Shell {
    pub connection: Connection,
    pub output: Output,
    pub ui: Ui,
}

/// How a command ended whose result was printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Done,
    /// The result says that something failed: exit code 1.
    Failed,
    /// The result says that a cluster could not be reached: exit code 3.
    Unreachable,
}

impl Shell {
    /// Prints a result in the format that was asked for.
    pub(super) fn print<V: View>(&self, view: &V) -> Result<()> {
        self.ui.result(&render(view, self.output.format, self.ui.stdout_paint())?)
    }

    /// The end of a command that writes: its result, unless the plan was only shown.
    pub(super) fn finish(&self, outcome: Option<Outcome>) -> Result<End> {
        if let Some(outcome) = outcome {
            self.print(&outcome)?;
        }
        Ok(End::Done)
    }

    /// Tells of an error, on stderr for people and on stdout where a document was asked for.
    pub(super) fn fail(&self, error: &Error) -> ExitCode {
        self.ui.error(error);
        // Whoever closed stdout does not want it.
        drop(error_document(error, self.output.format).map(|document| self.ui.result(&document)));
        ExitCode::from(error.kind.exit_code())
    }
}

/// An error as the one document of a command that has no other result. Credentials are masked.
pub(super) fn error_document(error: &Error, format: Format) -> Option<String> {
    let document = Document::new("Error", hidden_error(error));
    match format {
        Format::Json => document.to_json().ok(),
        Format::Yaml => document.to_yaml().ok(),
        Format::Table | Format::Wide | Format::Name | Format::Short | Format::Junit | Format::Mermaid => None,
    }
}
