//! `kubectl promfed rbac`

use clap::{Args, ValueEnum};

use crate::rights::Subject;

/// What somebody is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RbacRole {
    /// All commands that only read
    Viewer,
    /// hub init, its --undo, rollback, hub credentials and join-command; and the hub's side of agent join
    Hub,
    /// agent join, agent leave and rollback
    Agent,
}

/// The Roles that a person or a pipeline needs for promfed's commands, and no more than that.
///
/// Prints objects for kubectl apply, as YAML with a word on each rule, or with -o json as a List. No cluster is asked.
/// -n is the namespace of the PackageInstall. --user, --group and --serviceaccount bind the roles.
#[derive(Debug, Args)]
pub struct RbacArgs {
    /// What they are to do
    #[arg(value_enum, value_name = "ROLE")]
    pub role: RbacRole,
    /// Bind the roles to this group (may be repeated). A user is named by --user
    #[arg(long = "group", value_name = "NAME")]
    pub groups: Vec<String>,
    /// Bind the roles to this ServiceAccount (may be repeated)
    #[arg(long = "serviceaccount", value_name = "NAMESPACE:NAME")]
    pub accounts: Vec<Subject>,
    /// The name of the PackageInstall
    #[arg(long, value_name = "NAME", default_value = crate::package::DEFAULT_INSTALL)]
    pub name: String,
    /// The namespace that the package deploys to
    #[arg(long, value_name = "NAME", default_value = crate::package::DEFAULT_WORKLOADS)]
    pub workload_namespace: String,
    /// The port of Prometheus's Service, where the values name another one
    #[arg(long, value_name = "PORT", default_value_t = crate::package::DEFAULT_PORT)]
    pub service_port: u64,
    /// A Secret that the PackageInstall takes values from, where kctrl or promfed did not name it (may be repeated)
    #[arg(long = "values-secret", value_name = "NAME")]
    pub values_secrets: Vec<String>,
    /// For hub init and agent join with the same option: without the rights to make an account for the package
    #[arg(long, value_name = "NAME")]
    pub service_account_name: Option<String>,
    /// For viewers who may see history: that takes the right to read every Secret in the PackageInstall's namespace
    #[arg(long)]
    pub with_history: bool,
    /// For viewers who may open the web UI: that takes the right to reach every port of every pod in its namespace
    #[arg(long)]
    pub with_ui: bool,
    /// For hub init and agent join with --repository: also the right to add a PackageRepository
    #[arg(long)]
    pub with_repository: bool,
}
