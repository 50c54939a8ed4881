//! The commands that only read.

use clap::Args;

use super::connection::{FleetArgs, duration};
use super::read_at::ReadAt;
use crate::domain::ClusterName;
use std::time::Duration;

/// One row per context: role, versions, delivery, freshness at the hub, verdict.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    pub contexts: FleetArgs,
    /// Look again and again until Ctrl-C: with rates of the last minute, and a bar for what arrived between two looks
    #[arg(short, long)]
    pub watch: bool,
    /// From one look to the next
    #[arg(long, value_name = "TIME", value_parser = interval, default_value = "5s", requires = "watch")]
    pub interval: Duration,
    #[command(flatten)]
    pub at: ReadAt,
}

/// A time to wait between two looks.
fn interval(text: &str) -> Result<Duration, String> {
    let time = duration(text)?;
    if time.is_zero() { Err("between two looks there is some time, like 1s".to_owned()) } else { Ok(time) }
}

/// One row per cluster name that the hub sees. The context is the hub's.
#[derive(Debug, Args)]
pub struct Clusters {
    /// The hub's kubeconfig context [default: --context, or the current one]
    #[arg(long, value_name = "NAME", conflicts_with = "query_url")]
    pub hub_context: Option<String>,
    #[command(flatten)]
    pub at: ReadAt,
}

/// Runtime flags: expected by role and values, against what the process runs with.
#[derive(Debug, Args)]
pub struct Flags {
    #[command(flatten)]
    pub contexts: FleetArgs,
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
    #[arg(long, value_name = "NAME", conflicts_with = "query_url")]
    pub hub_context: Option<String>,
    #[command(flatten)]
    pub at: ReadAt,
}

/// The versions of promfed and of what runs in the context.
#[derive(Debug, Args)]
pub struct VersionArgs {
    /// Only promfed's own; no cluster is asked
    #[arg(long)]
    pub client: bool,
}

/// Alert rules for the hub, with the knowledge of check. The context is the hub's.
///
/// With -o yaml a rule file as Prometheus reads it. The hub's list of the clusters that joined tells whom to wait for:
/// a cluster that never reported, or is gone, can be told by its name only. To put the rules into the hub's values:
/// kubectl promfed hub init --with-rules.
#[derive(Debug, Args)]
pub struct Rules {
    /// Wait for these clusters, by commas, instead of those that joined; no cluster is asked
    #[arg(long, value_name = "NAME,…", value_delimiter = ',', conflicts_with = "hub_context")]
    pub clusters: Vec<ClusterName>,
    /// The hub's kubeconfig context [default: --context, or the current one]
    #[arg(long, value_name = "NAME")]
    pub hub_context: Option<String>,
}
