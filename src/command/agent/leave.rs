//! `kubectl promfed agent leave`

use tokio::time::Instant;

use super::awaited::Awaited;
use crate::cli::{DryRunMode, Leave};
use crate::cluster::Cluster;
use crate::command::hub;
use crate::command::leave::{self, Left};
use crate::command::members::{self, Membership};
use crate::command::shell::{End, Shell};
use crate::command::site::{Site, Wanted, cluster_uid, find_install, no_install};
use crate::error::{Error, Result};
use crate::package::Names;
use crate::prometheus::Role;

/// Gives the agent's role up. Where the hub was named, its list of clusters forgets this one.
pub(in crate::command) async fn leave(shell: &Shell, args: &Leave) -> Result<End> {
    let deadline = Instant::now() + args.write.timeout;
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let membership = match &args.hub_context {
        Some(context) => Box::pin(membership(shell, context, &cluster)).await?,
        None => None,
    };
    let left =
        leave::leave(shell, &cluster, args.name.as_deref(), Role::Agent, &args.write, deadline).await?;
    let membership = membership.filter(|_| args.write.dry_run == DryRunMode::None);
    let end = match (left, &membership) {
        (Left::Now(end), _) => end,
        (Left::Before(error), None) => return Err(error),
        (Left::Before(_), Some((membership, _))) => {
            // A run that was killed left, and did not come to tell the hub.
            let gone = format!("context {:?} is no agent any more", cluster.context());
            shell.ui.say(&format!("{gone}: the hub forgets {:?}", membership.cluster.as_str()));
            End::Done
        }
    };
    if let Some((membership, awaited)) = membership {
        // By the list the rest is found, so the list goes last.
        let alone = |error: Error| {
            error.because(format!(
                "written before that: all of context {:?}; the hub still knows {:?}",
                cluster.context(),
                membership.cluster.as_str()
            ))
        };
        hub::forget(&membership.hub, &membership.names, &membership.cluster, shell).await.map_err(alone)?;
        membership.end().await.map_err(|failure| alone(failure.into()))?;
        if let Some(next) = awaited.and_then(|awaited| awaited.keep(&membership.cluster)) {
            shell.ui.say(&format!("{}\n  {}", next.why, next.command));
        }
    }
    Ok(end)
}

/// The place of a cluster in the list of a hub, found by the cluster's own identity, whatever name it has now; and whom
/// the hub's alerts wait for.
async fn membership(
    shell: &Shell,
    context: &str,
    cluster: &Cluster,
) -> Result<Option<(Membership, Option<Awaited>)>> {
    let hub = Cluster::connect(&shell.connection.options_for(context)).await?;
    let (install, uid) = futures::join!(find_install(&hub, Wanted::default()), cluster_uid(cluster));
    let (found, uid) = (install?.ok_or_else(|| no_install(&hub))?, uid?);
    let install = found.metadata.clone();
    let (members, site) =
        futures::join!(members::read(&hub, &install.namespace, &install.name), Site::of(&hub, found));
    let (_, members) = members?;
    let found = members.into_iter().find(|(_, member)| member.uid.is_some() && member.uid == uid);
    let Some(name) = found.and_then(|(name, _)| name.parse().ok()) else { return Ok(None) };
    let names = Names::new(&install.name, &install.namespace);
    // Leaving does not need it.
    let awaited = site.ok().and_then(|site| Awaited::of(&site, context));
    Ok(Some((Membership { hub, names, cluster: name, uid }, awaited)))
}
