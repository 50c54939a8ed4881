//! `check --fix`: the fixes that promfed can make, through the same commands that a person would type.

use clap::Parser;

use crate::cli::{CheckArgs, Cli};
use crate::command::run::dispatch;
use crate::command::shell::{End, Shell};
use crate::error::{Error, Result};
use crate::report::CheckView;

/// Carries out the first own fix of each finding, each command once. A fix that fails does not keep the others from
/// being tried.
pub(super) async fn carry_out(shell: &Shell, args: &CheckArgs, view: &CheckView) -> Result<End> {
    let mut commands: Vec<&str> = Vec::new();
    for (_, _, finding) in view.findings() {
        let own = finding.own_fixes().next().map(|fix| fix.command.as_str());
        commands.extend(own.filter(|command| !commands.contains(command)));
    }
    if commands.is_empty() {
        let nothing = if view.findings().next().is_some() {
            "nothing that promfed can fix by itself"
        } else {
            "nothing to fix"
        };
        shell.ui.say(nothing);
        return Ok(if view.summary.failed > 0 { End::Failed } else { End::Done });
    }
    let mut failed = false;
    for command in commands {
        shell.ui.say(&format!("\n$ {command}"));
        match one(shell, args, command).await {
            Ok(End::Done) => {}
            Ok(_) => failed = true,
            Err(error) => {
                failed = true;
                shell.ui.error(&error);
            }
        }
    }
    Ok(if failed { End::Failed } else { End::Done })
}

/// Runs one command with the connection and the output that the check was given; it shows its plan and asks.
async fn one(shell: &Shell, args: &CheckArgs, command: &str) -> Result<End> {
    let unusable = || Error::failed(format!("the fix cannot be read: {command}"));
    let words = shlex::split(command).ok_or_else(unusable)?;
    let words = words.iter().skip(1).map(String::as_str).chain(args.yes.then_some("--yes"));
    let cli = Cli::try_parse_from(words).map_err(|error| unusable().because(error.to_string()))?;
    let mut connection = shell.connection.clone();
    connection.context = cli.connection.context.or(connection.context);
    let shell = Shell { connection, output: shell.output, ui: shell.ui.clone() };
    Box::pin(dispatch(&shell, &cli.command)).await
}
