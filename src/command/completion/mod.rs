//! What can be typed next.
//!
//! kubectl asks by running `kubectl_complete-promfed`, which is this program by another name (`kubectl`); a shell asks
//! by the script that `completion SHELL` prints. `values` is what stands for a value: contexts and codes are known here,
//! names and versions are asked for, and a cluster has a second to answer. `install` gives the program its other name.

mod install;
mod kubectl;
mod values;

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use clap_complete::CompleteEnv;
use clap_complete::env::Shells;

use super::shell::{End, Shell};
use crate::cli::Completion;
use crate::error::{Error, Result};
use crate::ui::{ColourChoice, Ui, Verbosity};

/// A shell that asks sets this to its name.
const VARIABLE: &str = "PROMFED_COMPLETE";

/// Answers kubectl or a shell, if one of them asks. Before everything else: it has no streams to think of, and a
/// runtime of its own.
pub fn answer() -> Option<ExitCode> {
    let words: Vec<OsString> = env::args_os().collect();
    let name = Path::new(words.first()?).file_stem()?.to_string_lossy().into_owned();
    let ui = Ui::new(ColourChoice::Never, Verbosity::Quiet);
    if name == install::NAME {
        return Some(match kubectl::candidates(words) {
            Ok(text) => ui.result(&text).map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS),
            Err(_) => ExitCode::FAILURE,
        });
    }
    env::var_os(VARIABLE)?;
    let typed = words.clone();
    let folder = env::current_dir().ok();
    let asked = CompleteEnv::with_factory(move || values::command(&typed))
        .var(VARIABLE)
        .bin("kubectl-promfed")
        .try_complete(words, folder.as_deref());
    match asked {
        Ok(true) => Some(ExitCode::SUCCESS),
        Ok(false) => None,
        Err(error) => {
            ui.error(&Error::failed("nothing can be completed").because(error.to_string()));
            Some(ExitCode::FAILURE)
        }
    }
}

/// Prints a script, or lets kubectl complete.
pub(super) fn run(shell: &Shell, what: &Completion) -> Result<End> {
    let name = match what {
        Completion::Install(args) => return install::install(shell, args),
        Completion::Bash => "bash",
        Completion::Zsh => "zsh",
        Completion::Fish => "fish",
        Completion::Powershell => "powershell",
    };
    let shells = Shells::builtins();
    let script =
        shells.completer(name).ok_or_else(|| Error::failed(format!("there is no script for {name}")))?;
    let mut text = Vec::new();
    let bin = "kubectl-promfed";
    script
        .write_registration(VARIABLE, bin, bin, bin, &mut text)
        .map_err(|error| Error::failed("the script cannot be made").because(error.to_string()))?;
    shell.ui.result(&String::from_utf8_lossy(&text))?;
    Ok(End::Done)
}
