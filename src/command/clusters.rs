//! `kubectl promfed clusters`

use super::hub::clusters_of;
use super::shell::{End, Shell};
use super::site::{Site, Wanted};
use crate::cli::Clusters;
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::prometheus::Role;
use crate::report::ClustersView;

/// Lists the cluster names that the hub has samples of.
pub(super) async fn run(shell: &Shell, args: &Clusters) -> Result<End> {
    let (cluster, site) = hub(shell, args.hub_context.as_deref()).await?;
    let items = clusters_of(&site.prometheus).await.map_err(|error| {
        Error::from(error).during(format!("the hub on context {:?} cannot be asked", cluster.context()))
    })?;
    let end = if items.iter().all(|row| row.verdict == "OK") { End::Done } else { End::Failed };
    shell.print(&ClustersView { hub: cluster.context().to_owned(), items })?;
    Ok(end)
}

/// The hub that a reading command is about. An agent cannot be queried.
pub(super) async fn hub(shell: &Shell, context: Option<&str>) -> Result<(Cluster, Site)> {
    let options = match context {
        Some(context) => shell.connection.options_for(context),
        None => shell.connection.options(),
    };
    let cluster = Cluster::connect(&options).await?;
    let site = Site::require(&cluster, Wanted::default()).await?;
    if site.desired_role() == Some(Role::Agent) {
        return Err(Error::usage(format!(
            "context {:?} is an agent, which stores nothing to ask for",
            cluster.context()
        ))
        .hint("name the hub's context with --hub-context"));
    }
    Ok((cluster, site))
}
