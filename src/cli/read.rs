//! The commands that only read.

use clap::Args;

use super::connection::Contexts;
use super::connection::duration;
use std::time::Duration;

/// One row per context: role, versions, delivery, freshness at the hub, verdict.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    pub contexts: Contexts,
}

/// One row per cluster name that the hub sees. The context is the hub's.
#[derive(Debug, Args)]
pub struct Clusters {
    /// The hub's kubeconfig context [default: --context, or the current one]
    #[arg(long, value_name = "NAME")]
    pub hub_context: Option<String>,
}

/// Runtime flags: expected by role and values, against what the process runs with.
#[derive(Debug, Args)]
pub struct Flags {
    #[command(flatten)]
    pub contexts: Contexts,
}

/// Ask the hub in PromQL, and see a table. The context is the hub's.
#[derive(Debug, Args)]
pub struct Query {
    /// The query
    #[arg(value_name = "PROMQL")]
    pub promql: String,
    /// Over this time until now instead of now only, like 1h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub range: Option<Duration>,
    /// The distance of points in a range
    #[arg(long, value_name = "TIME", value_parser = duration, requires = "range")]
    pub step: Option<Duration>,
    /// The hub's kubeconfig context [default: --context, or the current one]
    #[arg(long, value_name = "NAME")]
    pub hub_context: Option<String>,
}

/// The versions of promfed and of what runs in the context.
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Only promfed's own; no cluster is asked
    #[arg(long)]
    pub client: bool,
}
