//! `kubectl promfed history`, `rollback` and `diff`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::agent::AgentJoin;
use super::hub::HubInit;
use super::write::Write;

/// What earlier writes changed, with the values from before each.
///
/// Every write of promfed's keeps the values before it in a Secret of its own beside the PackageInstall, the newest
/// ten. A revision is a write; going back to it brings the values from before it.
#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// The name of the PackageInstall [default: the one that is there, or prometheus]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
}

/// Go back to the values from before a write, byte for byte.
///
/// It is a write itself, so that it can be taken back too. What others changed since stays; where that meets the
/// change that goes back, nothing is done and both are shown (--force brings the kept bytes all the same).
#[derive(Debug, Args)]
pub struct Rollback {
    /// The write to go back over [default: the last one]
    #[arg(value_name = "REVISION")]
    pub revision: Option<u32>,
    /// The name of the PackageInstall [default: the one that is there, or prometheus]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    #[command(flatten)]
    pub write: Write,
}

/// What a command would change, or a fleet file.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
pub struct DiffArgs {
    /// What apply would change with this fleet file; - is stdin
    #[arg(short = 'f', long = "filename", value_name = "FILE", required = true)]
    pub file: Option<PathBuf>,
    #[command(subcommand)]
    pub what: Option<Diff>,
}

/// Of which command the change is to be shown.
#[derive(Debug, Subcommand)]
pub enum Diff {
    /// What hub init would change
    #[command(subcommand)]
    Hub(DiffHub),
    /// What agent join would change
    #[command(subcommand)]
    Agent(DiffAgent),
    /// What rollback would change
    Rollback(Rollback),
}

#[derive(Debug, Subcommand)]
pub enum DiffHub {
    /// What hub init would change
    Init(Box<HubInit>),
}

#[derive(Debug, Subcommand)]
pub enum DiffAgent {
    /// What agent join would change
    Join(Box<AgentJoin>),
}
