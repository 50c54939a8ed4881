//! Flags of the commands that write.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::connection::duration;

/// Whether and how to write.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct Write {
    /// Print what would be written instead of writing it: `client` asks the API server for nothing but what is there,
    /// `server` has it validate the change too. With -o yaml or json: manifests for kubectl apply
    #[arg(long, value_enum, value_name = "WHERE", num_args = 0..=1, require_equals = true, default_value = "none", default_missing_value = "client")]
    pub dry_run: DryRunMode,
    /// Show the change of the values as a unified diff, credentials masked
    #[arg(long)]
    pub diff: bool,
    /// Do not ask before changing what is there
    #[arg(short, long)]
    pub yes: bool,
    /// Wait until the running processes prove that it worked (--wait=false to return after writing)
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_value_t = true, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub wait: bool,
    /// How long to wait for that
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10m")]
    pub timeout: Duration,
    /// Go back to what was there before when it cannot be proven that it worked
    #[arg(long)]
    pub rollback_on_failure: bool,
    /// Write although another tool manages the objects, over what somebody else changed since, or although an agent
    /// has not sent yet what it scraped, and forgets it
    #[arg(long)]
    pub force: bool,
}

impl Default for Write {
    /// As if nothing of it was typed.
    fn default() -> Self {
        Self {
            dry_run: DryRunMode::None,
            diff: false,
            yes: false,
            wait: true,
            timeout: Duration::from_secs(600),
            rollback_on_failure: false,
            force: false,
        }
    }
}

/// What a dry run asks of the API server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DryRunMode {
    None,
    Client,
    Server,
}

/// Which package, and how it is installed where it is not.
#[derive(Clone, Debug, Args)]
pub struct PackageArgs {
    /// The package's name, where several are offered
    #[arg(long, value_name = "REFNAME")]
    pub package: Option<String>,
    /// The package's version: whole, or without its build (2.43.0). One that is installed moves to it, with its values
    /// in that version's words [default: the one that is installed, or the newest]
    #[arg(long, value_name = "VERSION")]
    pub package_version: Option<String>,
    /// Let --package-version be older than what is installed
    #[arg(long, requires = "package_version")]
    pub allow_downgrade: bool,
    /// The name of the PackageInstall [default: the one that is there, or prometheus]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Values to put over the package's defaults and promfed's changes, as a YAML file
    #[arg(long, value_name = "FILE")]
    pub values: Option<PathBuf>,
    /// Add a PackageRepository with this image bundle where no Prometheus package is offered
    #[arg(long, value_name = "IMAGE")]
    pub repository: Option<String>,
    /// Install with this ServiceAccount's rights instead of a new one that may do everything
    #[arg(long, value_name = "NAME")]
    pub service_account_name: Option<String>,
}
