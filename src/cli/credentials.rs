//! `kubectl promfed hub credentials …` and `hub join-command`

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::connection::duration;
use crate::domain::ClusterName;

#[derive(Debug, Subcommand)]
pub enum Credentials {
    /// Whom the hub lets in, and until when
    List,
    /// Let one more cluster in, and write what it needs into a file
    Create(Invite),
    /// Make another certificate for a cluster. The newest one so far stays valid until revoke --older
    Rotate(Invite),
    /// Let a cluster in no more
    Revoke(Revoke),
}

/// Let a cluster in, and write what it needs into a file.
#[derive(Debug, Args)]
pub struct Invite {
    /// The cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,
    #[command(flatten)]
    pub file: JoinFileArgs,
}

/// Print what an agent needs to join without access to this cluster: one line, and a file for it.
///
/// The line has the URL, the fingerprint of the authority and the name of the file; what is secret is in the file alone.
#[derive(Debug, Args)]
pub struct JoinCommand {
    /// The cluster that is to join
    #[arg(long, value_name = "NAME")]
    pub cluster_name: ClusterName,
    #[command(flatten)]
    pub file: JoinFileArgs,
}

/// The file for `agent join --from`.
#[derive(Clone, Debug, Args)]
pub struct JoinFileArgs {
    /// The file to write, for its owner's eyes alone. One that is there is not written over
    #[arg(long, value_name = "FILE")]
    pub join_file: PathBuf,
    /// How long the file may be used
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "24h")]
    pub expires: Duration,
    /// How long to wait until the hub lets the cluster in
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "2m")]
    pub timeout: Duration,
}

/// Let a cluster in no more.
#[derive(Debug, Args)]
pub struct Revoke {
    /// The cluster
    #[arg(value_name = "NAME")]
    pub name: ClusterName,
    /// Keep its newest certificate
    #[arg(long)]
    pub older: bool,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// How long to wait until the hub does not let it in any more
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "2m")]
    pub timeout: Duration,
}
