//! `kubectl promfed agent …`

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::apply::Pace;
use super::connection::FLEET;
use super::write::{PackageArgs, Write};
use crate::domain::{ClusterName, Header, Quantity, QueryUrl, WriteUrl};
use crate::prometheus::config::RemoteWriteVersion;
use crate::prometheus::{HubType, PromDuration};

#[derive(Debug, Subcommand)]
pub enum AgentCommand {
    /// Make this cluster an agent of a hub: install the package, or convert the one that is there
    Join(Box<AgentJoin>),
    /// Back to what was before joining, or uninstall what joining installed
    Leave(Leave),
    /// Reconcile, runtime flags, and delivery: lag, pending, failed, retried
    Status,
}

/// Back to what was before joining, or uninstall what joining installed.
///
/// The values become what they were before the first `agent join`. What others changed since stays; where that meets
/// promfed's own change, nothing is done and both are shown. A package that joining installed is deleted with the
/// objects that promfed made for it, and nothing else.
#[derive(Debug, Args)]
pub struct Leave {
    /// The hub's kubeconfig context: its list of clusters forgets this one
    #[arg(long, value_name = "NAME")]
    pub hub_context: Option<String>,
    /// The name of the PackageInstall [default: the one that is there, or prometheus]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    #[command(flatten)]
    pub write: Write,
}

/// Make this cluster an agent of a hub: install the package, or convert the one that is there.
///
/// Before anything is written, the hub is checked: it accepts remote write, it is another cluster than this one, and
/// nobody else writes under the name. Afterwards promfed waits until a fresh `up{cluster="NAME"}` is seen at the hub,
/// or says which hop failed and why.
#[derive(Clone, Debug, Args)]
pub struct AgentJoin {
    #[command(flatten)]
    pub hub: HubTarget,
    #[command(flatten)]
    pub at: AtHubUrl,
    /// The name of this cluster: the value of the `cluster` label on all its series [default: the one in --from]
    #[arg(long, value_name = "NAME", required_unless_present_any = ["from", "contexts"])]
    pub cluster_name: Option<ClusterName>,
    /// Go on writing to the hub before too, until a join without this: what a move to another hub needs to lose nothing
    #[arg(long)]
    pub beside: bool,
    /// The size of the volume [default: 1Gi for a new install]
    #[arg(long, value_name = "SIZE")]
    pub storage: Option<Quantity>,
    /// Outlive an absence of the hub of this length, like 6h: sets the agent's flags and its volume
    #[arg(long, value_name = "TIME")]
    pub buffer: Option<PromDuration>,
    /// Verify the hub's certificate by the authorities in this PEM file [default: what the agent trusts there; with --hub-context, the hub's own]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["insecure_skip_tls_verify", "from"])]
    pub ca_file: Option<PathBuf>,
    /// Take the authority in --from or --ca-file only if it has this fingerprint (SHA-256, in hexadecimal)
    #[arg(long, value_name = "HEX")]
    pub ca_sha256: Option<String>,
    /// Speak this remote write to the hub [default: what a cluster that joined speaks; for a new one 2.0, where both
    /// ends are Prometheus 3.5 or later]
    #[arg(long, value_name = "1.0|2.0", value_parser = remote_write_version)]
    pub remote_write_version: Option<RemoteWriteVersion>,
    #[command(flatten)]
    pub login: Login,
    #[command(flatten)]
    pub package: PackageArgs,
    /// Join with all these contexts but the hub's, by commas; * and ? stand for any letters and for one. Each joins
    /// under the name that it has, or that the kubeconfig gives its cluster
    #[arg(long, value_name = "A,B", value_delimiter = ',', conflicts_with_all = ["cluster_name", "from"], help_heading = FLEET)]
    pub contexts: Vec<String>,
    #[command(flatten)]
    pub pace: Pace,
    #[command(flatten)]
    pub write: Write,
}

/// In a file 2.0 is a number, and comes as 2.
fn remote_write_version(text: &str) -> Result<RemoteWriteVersion, String> {
    match text {
        "1" | "1.0" => Ok(RemoteWriteVersion::One),
        "2" | "2.0" => Ok(RemoteWriteVersion::Two),
        _ => Err("remote write is 1.0 or 2.0".to_owned()),
    }
}

const LOGIN: &str = "Login, where the hub asks for one";

/// How an agent, or whoever reads, says who it is. What is secret is read from files. That of an agent goes into a Secret
/// that Prometheus mounts: never into the values, a ConfigMap or a command line.
#[derive(Clone, Debug, Default, Args)]
pub struct Login {
    /// Log in to the hub as this user
    #[arg(long, value_name = "NAME", requires = "password_file", help_heading = LOGIN)]
    pub username: Option<String>,
    /// The user's password
    #[arg(long, value_name = "FILE", requires = "username", help_heading = LOGIN)]
    pub password_file: Option<PathBuf>,
    /// Send the token in this file
    #[arg(long, value_name = "FILE", conflicts_with = "username", help_heading = LOGIN)]
    pub bearer_token_file: Option<PathBuf>,
    /// Show the certificate in this PEM file
    #[arg(long, value_name = "FILE", requires = "client_cert_key", conflicts_with_all = ["username", "bearer_token_file"], help_heading = LOGIN)]
    pub client_cert: Option<PathBuf>,
    /// The certificate's private key (--client-key is kubectl's, for the API server)
    #[arg(long, value_name = "FILE", requires = "client_cert", help_heading = LOGIN)]
    pub client_cert_key: Option<PathBuf>,
    /// Send this header too (may be repeated)
    #[arg(long = "header", value_name = "NAME: VALUE", help_heading = LOGIN)]
    pub headers: Vec<Header>,
}

impl Login {
    /// Whether any credential is named.
    pub fn is_given(&self) -> bool {
        self.username.is_some() || self.bearer_token_file.is_some() || self.client_cert.is_some()
    }
}

/// Which hub.
#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = true)]
pub struct HubTarget {
    /// The hub's kubeconfig context: its write URL and certificate authority are read there
    #[arg(long, value_name = "NAME")]
    pub hub_context: Option<String>,
    /// The hub's write URL, where there is no access to the hub, another URL is to be used, or it is no Prometheus
    #[arg(long, value_name = "URL")]
    pub hub_url: Option<WriteUrl>,
    /// The file that hub join-command wrote: the hub's URL and authority, and who this cluster is
    #[arg(long, value_name = "FILE", conflicts_with_all = ["hub_context", "username", "bearer_token_file", "client_cert"])]
    pub from: Option<PathBuf>,
}

/// What is at the hub's URL, where that is no Prometheus in a cluster.
#[derive(Clone, Debug, Args)]
#[group(skip)]
pub struct AtHubUrl {
    /// What takes the samples at --hub-url [default: what answers there]
    #[arg(long, value_enum, value_name = "TYPE", requires = "hub_url", conflicts_with_all = ["hub_context", "from"])]
    pub hub_type: Option<HubType>,
    /// Write as this tenant, where the hub's type has tenants
    #[arg(long, value_name = "NAME", requires = "hub_type")]
    pub tenant: Option<String>,
    /// Where to look for what arrives, as it stands before /api/v1/query [default: told by --hub-url, but not of Thanos]
    #[arg(long, value_name = "URL", requires = "hub_url", conflicts_with_all = ["hub_context", "from"])]
    pub query_url: Option<QueryUrl>,
}
