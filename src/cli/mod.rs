//! The command line: what can be typed, and nothing about what it does.
//!
//! One `Args` per verb; its doc comments are the help. kubectl's own flags keep kubectl's meaning and may stand at any
//! depth. What is typed is checked here for form; what depends on a cluster is checked where the cluster is known.

#![expect(clippy::doc_markdown, reason = "doc comments are the help, where backticks would be noise")]

mod agent;
mod apply;
mod back;
mod check;
mod completion;
mod connection;
mod credentials;
mod dashboard;
mod hub;
mod man;
mod output;
mod rbac;
mod read;
mod read_at;
mod ui;
mod write;

use clap::{Parser, Subcommand};

pub use agent::{AgentCommand, AgentJoin, AtHubUrl, HubTarget, Leave, Login};
pub use apply::{Apply, Export, MaxFailures, Pace};
pub use back::{Diff, DiffAgent, DiffArgs, DiffHub, HistoryArgs, Rollback};
pub use check::{CheckArgs, Chosen, Explain, FailOn};
pub use completion::{Completion, CompletionInstall};
pub use connection::{Connection, FleetArgs};
pub use credentials::{Credentials, Invite, JoinCommand, JoinFileArgs, Revoke};
pub use dashboard::{Dashboard, DashboardRewrite};
pub use hub::{AuthMode, HubCommand, HubInit};
pub use man::ManArgs;
pub use output::Output;
pub use rbac::{RbacArgs, RbacRole};
pub use read::{Clusters, Flags, Query, Rules, Status, VersionArgs};
pub use read_at::ReadAt;
pub use ui::UiArgs;
pub use write::{DryRunMode, PackageArgs, Write};

/// One Prometheus for many Kubernetes clusters: a hub that accepts remote write, agents that push to it.
///
/// Prometheus comes as a Carvel package (PackageInstall and a values Secret). promfed installs or patches it in the
/// hub or agent role, checks the runtime flags, and proves that samples arrive. The current kubeconfig context is the
/// default everywhere. No telemetry: nothing is contacted but the clusters and URLs that you name.
#[derive(Debug, Parser)]
#[command(
    name = "kubectl-promfed",
    bin_name = "kubectl promfed",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Begin with:\n  kubectl promfed hub init --context HUB --cluster-name NAME --fqdn HOST\n  kubectl promfed agent join --context CLUSTER --hub-context HUB --cluster-name NAME\n  kubectl promfed status --contexts HUB,CLUSTER"
)]
pub struct Cli {
    #[command(flatten)]
    pub connection: Connection,
    #[command(flatten)]
    pub output: Output,
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The Prometheus that all clusters report to
    #[command(subcommand)]
    Hub(HubCommand),
    /// A Prometheus that stores nothing and pushes to the hub
    #[command(subcommand)]
    Agent(AgentCommand),
    /// One row per context: role, versions, delivery, freshness at the hub, verdict
    Status(Status),
    /// One row per cluster name that the hub sees: freshness, series, and with -o wide the pods by namespace
    Clusters(Clusters),
    /// Runtime flags: expected by role and values, against what the process runs with
    Flags(Flags),
    /// Ask the hub in PromQL, and see a table
    Query(Query),
    /// The web UI of Prometheus, of a hub or of an agent
    Ui(UiArgs),
    /// Everything that can be wrong, each with its cause and its fix
    ///
    /// Reads one or many contexts, and writes nothing. Exits with 1 when something is wrong, with 3 when a cluster
    /// could not be reached.
    Check(CheckArgs),
    /// What a code of check means, and what to do
    Explain(Explain),
    /// Alert rules for the hub, with the knowledge of check
    Rules(Rules),
    /// Grafana dashboards for a hub that holds many clusters
    #[command(subcommand)]
    Dashboard(Dashboard),
    /// What a command would change, in words and as a diff
    ///
    /// Nothing is written. Exits with 0 when nothing would change, with 1 when something would, and above 1 when that
    /// cannot be told.
    Diff(DiffArgs),
    /// A hub and its agents as one file declares them
    ///
    /// Plans everything first, shows one summary and asks once. The hub comes before the agents, the agents side by
    /// side; a share of them that fails stops the rest. Run again, it begins from what is there: what is as declared
    /// is only proven. A cluster that does not answer is left out, and the exit code is 3.
    Apply(Apply),
    /// The fleet file of clusters as they are
    ///
    /// For apply -f: what it prints declares what is there, so that applying it changes nothing. Contexts without a hub
    /// or an agent are left out.
    Export(Export),
    /// The writes so far, and what each changed
    History(HistoryArgs),
    /// Back to the values from before a write
    Rollback(Rollback),
    /// The Roles that a person or a pipeline needs for promfed's commands
    Rbac(RbacArgs),
    /// Completion for kubectl and for shells
    #[command(subcommand)]
    Completion(Completion),
    /// A page for man of each command
    #[command(hide = true)]
    Man(ManArgs),
    /// The versions of promfed and of what runs in the context
    Version(VersionArgs),
}
