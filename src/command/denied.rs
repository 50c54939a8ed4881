//! What a refused command's user is told to ask for.

use crate::cli::{AgentCommand, Command, Connection, Credentials, Diff, DiffArgs, HubCommand};
use crate::error::{Denied, Error};
use crate::rights::Task;

/// The same error, with the command that prints the missing rights where it is rights that are missing.
pub(super) fn explained(error: Error, command: &Command, connection: &Connection) -> Error {
    let Some(denied) = error.denied.clone() else { return error };
    let mut more = String::new();
    if matches!(command, Command::History(_) | Command::Diff(DiffArgs { what: Some(Diff::Rollback(_)), .. }))
    {
        more.push_str(" --with-history");
    }
    if matches!(command, Command::Ui(_)) {
        more.push_str(" --with-ui");
    }
    with_hint(error, &denied, task(command, &denied.context), more, connection)
}

/// The same for one of the agents that a command changes.
pub(super) fn explained_to_agent(error: Error, hub: Option<&str>, connection: &Connection) -> Error {
    let Some(denied) = error.denied.clone() else { return error };
    let task = if hub == Some(denied.context.as_str()) { Task::Hub } else { Task::Agent };
    with_hint(error, &denied, task, String::new(), connection)
}

fn with_hint(error: Error, denied: &Denied, role: Task, mut more: String, connection: &Connection) -> Error {
    if let Some(namespace) = &connection.namespace {
        more.push_str(" -n ");
        more.push_str(namespace);
    }
    more.push_str(&subject(denied));
    let context = &denied.context;
    error.hint(format!(
        "kubectl promfed rbac {role}{more}   (prints the roles that this needs, for whoever administers context {context})"
    ))
}

/// The role that a command needs on a context.
fn task(command: &Command, context: &str) -> Task {
    let is_hub = |hub: &Option<String>| hub.as_deref() == Some(context);
    match command {
        Command::Agent(AgentCommand::Join(args)) if is_hub(&args.hub.hub_context) => Task::Hub,
        Command::Agent(AgentCommand::Leave(args)) if is_hub(&args.hub_context) => Task::Hub,
        Command::Agent(AgentCommand::Join(_) | AgentCommand::Leave(_)) => Task::Agent,
        Command::Hub(HubCommand::Credentials(Credentials::List) | HubCommand::Status) => Task::Viewer,
        // A hub needs what an agent needs, and more. What a fleet file fails for as a whole is its hub.
        Command::Hub(_) | Command::Rollback(_) | Command::Apply(_) => Task::Hub,
        _ => Task::Viewer,
    }
}

/// Whoever was refused, as the flag that names them.
fn subject(denied: &Denied) -> String {
    let Some(user) = &denied.user else { return " --user NAME".to_owned() };
    match user.strip_prefix("system:serviceaccount:") {
        Some(account) => format!(" --serviceaccount {account}"),
        None if user.chars().all(|c| c.is_ascii_alphanumeric() || "@:._-".contains(c)) => {
            format!(" --user {user}")
        }
        None => format!(" --user '{}'", user.replace('\'', r"'\''")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    fn hint(line: &str, user: Option<&str>, context: &str) -> String {
        let cli = Cli::try_parse_from(line.split_whitespace()).expect("a command line");
        let denied = Denied { context: context.into(), user: user.map(str::to_owned) };
        let error = Error { denied: Some(Box::new(denied)), ..Error::failed("no") };
        let hint = explained(error, &cli.command, &cli.connection).hints.remove(0);
        hint.split("   ").next().unwrap_or_default().to_owned()
    }

    #[test]
    fn who_reads_is_a_viewer() {
        let hint = hint("promfed status", Some("ann"), "a");
        assert_eq!(hint, "kubectl promfed rbac viewer --user ann");
    }

    #[test]
    fn joining_needs_one_role_here_and_another_at_the_hub() {
        let join = "promfed agent join --hub-context h --cluster-name edge -n packages";
        assert_eq!(hint(join, Some("ann"), "h"), "kubectl promfed rbac hub -n packages --user ann");
        assert_eq!(hint(join, Some("ann"), "a"), "kubectl promfed rbac agent -n packages --user ann");
    }

    #[test]
    fn a_service_account_is_named_as_one() {
        let account = Some("system:serviceaccount:ci:robot");
        let hint = hint("promfed history", account, "a");
        assert_eq!(hint, "kubectl promfed rbac viewer --with-history --serviceaccount ci:robot");
    }

    #[test]
    fn a_user_may_have_any_name() {
        let hint = hint("promfed rollback", Some("Ann O'Hara"), "a");
        assert_eq!(hint, r"kubectl promfed rbac hub --user 'Ann O'\''Hara'");
    }
}
