//! `kubectl promfed rbac`

use super::shell::{End, Shell};
use crate::cli::{RbacArgs, RbacRole};
use crate::error::Result;
use crate::package::{DEFAULT_NAMESPACE, Names, ServiceAccountChoice};
use crate::report::{Format, grants_json, grants_names, grants_yaml};
use crate::rights::{Extra, Scope, Subject, Task, grants};

/// Prints the objects that grant a role. No cluster is asked.
pub(super) fn run(shell: &Shell, args: &RbacArgs) -> Result<End> {
    let subjects: Vec<Subject> = shell
        .connection
        .user
        .iter()
        .map(|user| Subject::User(user.clone()))
        .chain(args.groups.iter().map(|group| Subject::Group(group.clone())))
        .chain(args.accounts.iter().cloned())
        .collect();
    let namespace = shell.connection.namespace.as_deref().unwrap_or(DEFAULT_NAMESPACE);
    let all = grants(task(args.role), &scope(args, namespace), &subjects);
    shell.ui.result(&match shell.output.format {
        Format::Json => grants_json(&all),
        Format::Name => grants_names(&all),
        _ => grants_yaml(&all),
    })?;
    if subjects.is_empty() {
        shell
            .ui
            .warn("these roles are bound to nobody: name somebody with --user, --group or --serviceaccount");
    }
    Ok(End::Done)
}

fn task(role: RbacRole) -> Task {
    match role {
        RbacRole::Viewer => Task::Viewer,
        RbacRole::Hub => Task::Hub,
        RbacRole::Agent => Task::Agent,
    }
}

fn scope(args: &RbacArgs, namespace: &str) -> Scope {
    let extras = [
        (args.with_history, Extra::History),
        (args.with_ui, Extra::Ui),
        (args.with_repository, Extra::Repository),
    ];
    Scope {
        names: Names::new(&args.name, namespace),
        values: args.values_secrets.clone(),
        workloads: args.workload_namespace.clone(),
        port: args.service_port.to_string(),
        account: match &args.service_account_name {
            Some(name) => ServiceAccountChoice::Existing(name.clone()),
            None => ServiceAccountChoice::ClusterAdmin,
        },
        extras: extras.into_iter().filter_map(|(wanted, extra)| wanted.then_some(extra)).collect(),
    }
}
