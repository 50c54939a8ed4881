//! `kubectl promfed agent leave`

use tokio::time::Instant;

use crate::cli::Leave;
use crate::cluster::Cluster;
use crate::command::leave;
use crate::command::shell::{End, Shell};
use crate::error::Result;
use crate::prometheus::Role;

/// Gives the agent's role up.
pub(in crate::command) async fn leave(shell: &Shell, args: &Leave) -> Result<End> {
    let deadline = Instant::now() + args.write.timeout;
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    leave::leave(shell, &cluster, args.name.as_deref(), Role::Agent, &args.write, deadline).await
}
