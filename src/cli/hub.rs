//! `kubectl promfed hub …`

use clap::{Args, Subcommand, ValueEnum};

use super::credentials::{Credentials, JoinCommand};
use super::write::{PackageArgs, Write};
use crate::domain::{ClusterName, Fqdn, Quantity, WriteUrl};
use crate::prometheus::PromDuration;

#[derive(Debug, Subcommand)]
pub enum HubCommand {
    /// Make this cluster the hub: install the package, or patch the one that is there
    Init(Box<HubInit>),
    /// Reconcile, runtime flags, write path, and who reports
    Status,
    /// The certificates by which agents are let in
    #[command(subcommand)]
    Credentials(Credentials),
    /// What an agent needs to join without access to this cluster: one line, and a file for it
    JoinCommand(JoinCommand),
}

/// How a hub knows who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum AuthMode {
    Mtls,
    None,
}

/// Make this cluster the hub: install the package, or patch the one that is there.
///
/// On an empty cluster it creates the five objects that `kctrl package install` creates, under the same names. On one
/// that has the package it edits the values that are there, and nothing else: the remote write receiver is switched
/// on in the version's own words, and every scrape job labels its targets with the cluster's name. Then it waits
/// until the process runs with the new flags, accepts remote write, and has a fresh sample of its own.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on the command line")]
pub struct HubInit {
    /// The name of this cluster: the value of the `cluster` label on the hub's own series
    #[arg(long, value_name = "NAME", required_unless_present = "undo")]
    pub cluster_name: Option<ClusterName>,
    /// Take it back: the values from before the first hub init, or the package away where that installed it.
    /// Refused while agents still write
    #[arg(long, conflicts_with_all = ["cluster_name", "fqdn", "write_url", "no_ingress", "retention", "storage", "values", "repository", "package_version", "service_account_name", "with_rules", "auth", "write_fqdn", "shut_out"])]
    pub undo: bool,
    /// Make the package's ingress (Contour, cert-manager) serve the hub under this host name
    #[arg(long, value_name = "HOST", conflicts_with = "no_ingress")]
    pub fqdn: Option<Fqdn>,
    /// What agents are to write to, where that is not https://FQDN/api/v1/write
    #[arg(long, value_name = "URL")]
    pub write_url: Option<WriteUrl>,
    /// Switch the package's ingress off
    #[arg(long)]
    pub no_ingress: bool,
    /// How the hub knows who writes. mtls: agents write to a host name of its own and show a certificate, and the
    /// hub's public name takes no writes; none: whoever reaches the hub may write as any cluster [default: mtls for an
    /// ingress that is made now, else as it is]
    #[arg(long, value_name = "HOW")]
    pub auth: Option<AuthMode>,
    /// The host name that agents write to, with --auth mtls [default: prometheus-write.DOMAIN for prometheus.DOMAIN]
    #[arg(long, value_name = "HOST")]
    pub write_fqdn: Option<Fqdn>,
    /// Refuse writes without a certificate now, though clusters write so
    #[arg(long)]
    pub shut_out: bool,
    /// How long to keep samples, like 42d
    #[arg(long, value_name = "TIME")]
    pub retention: Option<PromDuration>,
    /// The size of the volume, like 150Gi
    #[arg(long, value_name = "SIZE")]
    pub storage: Option<Quantity>,
    /// Put promfed's alert rules (kubectl promfed rules) into the package's values, in a group of their own. Run it
    /// again after clusters joined or left, so that the hub waits for those that are there
    #[arg(long)]
    pub with_rules: bool,
    #[command(flatten)]
    pub package: PackageArgs,
    #[command(flatten)]
    pub write: Write,
}
