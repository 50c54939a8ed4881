//! Runs a parsed command line, and ends as a process should.

use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue};

use super::shell::{End, Shell, error_document};
use super::{
    agent, back, check, clusters, completion, dashboard, denied, diff, explain, export, flags, history, hub,
    man, query, rbac, rollout, rules, status, ui, version,
};
use crate::cli::{AgentCommand, Cli, Command, HubCommand};
use crate::error::{Error, Kind, Result};
use crate::report::{Format, hidden, not_for_this};
use crate::ui::{ColourChoice, INTERRUPTED, Ui, Verbosity};

/// Runs the command. With `-o json` or `yaml` a failure is a document on stdout too. Ctrl-C ends it at once: every
/// prefix of what is written does no harm, and the same command finishes it.
pub async fn run(cli: Cli) -> ExitCode {
    let Cli { connection, output, command } = cli;
    let shell = Shell { connection, output, ui: Ui::new(output.color, output.verbosity()) };
    shell.ui.trace();
    let result = tokio::select! {
        result = dispatch(&shell, &command) => result,
        () = shell.ui.interrupted() => {
            // That is how they end.
            if matches!(command, Command::Ui(_)) || matches!(&command, Command::Status(args) if args.watch) {
                return ExitCode::SUCCESS;
            }
            shell.ui.warn("interrupted; run the same command again to finish it");
            return ExitCode::from(INTERRUPTED);
        }
    };
    match result {
        Ok(End::Done) => ExitCode::SUCCESS,
        Ok(End::Failed) => ExitCode::from(1),
        Ok(End::Unreachable) => ExitCode::from(3),
        Err(error) => {
            let error = denied::explained(error, &command, &shell.connection);
            let code = shell.fail(&error);
            // For a diff, 1 says that there is one.
            let is_diff = matches!(command, Command::Diff(_)) && error.kind == Kind::Failed;
            if is_diff { ExitCode::from(Kind::Usage.exit_code()) } else { code }
        }
    }
}

/// Runs one command.
pub(super) async fn dispatch(shell: &Shell, command: &Command) -> Result<End> {
    match (shell.output.format.only_of(), command) {
        (None, _) | (Some("check"), Command::Check(_)) | (Some("status"), Command::Status(_)) => {}
        _ => return Err(not_for_this(shell.output.format)),
    }
    match command {
        Command::Hub(HubCommand::Init(args)) => hub::init(shell, args).await,
        Command::Hub(HubCommand::Status) => hub::status(shell).await,
        Command::Hub(HubCommand::Credentials(what)) => Box::pin(hub::credentials(shell, what)).await,
        Command::Hub(HubCommand::JoinCommand(args)) => Box::pin(hub::join_command(shell, args)).await,
        Command::Agent(AgentCommand::Join(args)) if !args.contexts.is_empty() => {
            Box::pin(rollout::join(shell, args)).await
        }
        Command::Agent(AgentCommand::Join(args)) => agent::join(shell, args).await,
        Command::Agent(AgentCommand::Leave(args)) => agent::leave(shell, args).await,
        Command::Agent(AgentCommand::Status) => agent::status(shell).await,
        Command::Status(args) => status::run(shell, args).await,
        Command::Clusters(args) => clusters::run(shell, args).await,
        Command::Flags(args) => flags::run(shell, args).await,
        Command::Query(args) => query::run(shell, args).await,
        Command::Ui(args) => Box::pin(ui::run(shell, args)).await,
        Command::Check(args) => check::run(shell, args).await,
        Command::Explain(args) => explain::run(shell, args),
        Command::Rules(args) => rules::run(shell, args).await,
        Command::Dashboard(what) => dashboard::run(shell, what),
        Command::Diff(what) => Box::pin(diff::run(shell, what)).await,
        Command::Apply(args) => Box::pin(rollout::apply(shell, args)).await,
        Command::Export(args) => Box::pin(export::run(shell, args)).await,
        Command::History(args) => history::run(shell, args).await,
        Command::Rollback(args) => back::rollback(shell, args).await,
        Command::Rbac(args) => rbac::run(shell, args),
        Command::Completion(what) => completion::run(shell, what),
        Command::Man(args) => man::run(shell, args),
        Command::Version(args) => version::run(shell, args).await,
    }
}

/// A command line that cannot be parsed, or one that asks for help. clap's own words; a document where one was asked
/// for.
pub fn refused(error: &clap::Error) -> ExitCode {
    let ui = Ui::new(ColourChoice::Auto, Verbosity::Usual);
    if !error.use_stderr() {
        drop(ui.result(&error.render().to_string()));
        return ExitCode::SUCCESS;
    }
    let text = without_value(error);
    let text = text.trim_end();
    ui.say(text);
    let what: Vec<_> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let what = what.join(" ").trim_start_matches("error: ").to_owned();
    let asked: Vec<String> = std::env::args().collect();
    let format =
        asked.iter().find_map(|arg| match arg.trim_start_matches("--output=").trim_start_matches("-o") {
            "json" | "=json" => Some(Format::Json),
            "yaml" | "=yaml" => Some(Format::Yaml),
            _ => None,
        });
    if let Some(document) = format.and_then(|format| error_document(&Error::usage(what), format)) {
        drop(ui.result(&document));
    }
    ExitCode::from(2)
}

/// clap's words. A value that it refuses may be a URL with a password, or a header that logs in.
fn without_value(error: &clap::Error) -> String {
    let text = error.render().to_string();
    match error.get(ContextKind::InvalidValue) {
        Some(ContextValue::String(value)) if !value.is_empty() => text.replace(value, &hidden(value)),
        _ => text,
    }
}

/// The runtime cannot be made: there are no threads or files left.
pub fn cannot_start(error: &std::io::Error) -> ExitCode {
    let ui = Ui::new(ColourChoice::Auto, Verbosity::Usual);
    ui.error(&Error::failed("cannot start").because(error.to_string()));
    ExitCode::from(1)
}
