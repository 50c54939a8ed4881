//! `kubectl promfed hub init --undo`

use k8s_openapi::api::core::v1::ConfigMap;
use tokio::time::Instant;

use crate::cli::{DryRunMode, HubInit};
use crate::cluster::{CONFIG_MAP, Cluster, DryRun};
use crate::command::change::Planned;
use crate::command::leave::{Left, leave, way_back};
use crate::command::observe::names;
use crate::command::shell::{End, Shell};
use crate::command::site::{Site, Wanted, find_install};
use crate::error::{Error, Result};
use crate::package::members_name;
use crate::prometheus::Role;
use crate::prometheus::api::Series;
use crate::prometheus::promql::Question;

/// Samples that are older than this come from nobody who still writes: two usual scrapes and a delivery.
const SILENT_AFTER: f64 = 150.0;

/// Takes the hub's role back, once nobody writes to it any more.
pub(super) async fn undo(shell: &Shell, args: &HubInit) -> Result<End> {
    let deadline = Instant::now() + args.write.timeout;
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let name = args.package.name.as_deref();
    if !args.write.force && args.write.dry_run == DryRunMode::None {
        nobody_writes(&cluster, name).await?;
    }
    let install = find_install(&cluster, Wanted { name, ref_name: None }).await?;
    let names = names(&cluster, install.as_ref(), name);
    let left = leave(shell, &cluster, name, Role::Hub, &args.write, deadline).await?;
    let (list, namespace) = (members_name(&names.install), Some(names.namespace.as_str()));
    let end = match left {
        Left::Now(end) => end,
        Left::Before(error) => {
            // A run that was killed was undone but for the list.
            let kept: Option<ConfigMap> = cluster.get(&CONFIG_MAP, namespace, &list).await?;
            if kept.is_none() || args.write.dry_run != DryRunMode::None {
                return Err(error);
            }
            shell.ui.say(&format!(
                "context {:?} is no hub any more: its list of clusters goes",
                cluster.context()
            ));
            End::Done
        }
    };
    if args.write.dry_run == DryRunMode::None {
        // Whoever is no hub has no members.
        cluster.delete(&CONFIG_MAP, namespace, &list, DryRun::Off).await.map_err(|failure| {
            Error::from(failure).because("written before that: all else; only the list of clusters is left")
        })?;
    }
    Ok(end)
}

/// What undoing would change.
pub(super) async fn undo_plan(shell: &Shell, args: &HubInit) -> Result<(Cluster, Planned)> {
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let planned = way_back(&cluster, args.package.name.as_deref(), Role::Hub, &args.write).await?;
    Ok((cluster, planned))
}

/// An agent whose hub is gone loses its samples, so each is named.
async fn nobody_writes(cluster: &Cluster, name: Option<&str>) -> Result<()> {
    let Some(site) = Site::read(cluster, Wanted { name, ref_name: None }).await? else { return Ok(()) };
    if site.desired_role() != Some(Role::Hub) {
        return Ok(());
    }
    let own = site.cluster_name();
    let context = cluster.context();
    let newest = site.prometheus.vector(&Question::LastSample.promql()).await.map_err(|error| {
        Error::from(error)
            .during(format!("the hub on context {context:?} cannot be asked who still writes to it"))
            .hint("add --force if nobody does")
    })?;
    let age = |series: &Series| Some(series.value.as_ref()?.0 - series.number()?);
    let mut writing: Vec<_> = newest
        .iter()
        .filter(|series| age(series).is_some_and(|age| age < SILENT_AFTER))
        .map(|series| series.label("cluster"))
        .filter(|name| !name.is_empty() && Some(*name) != own.as_deref())
        .collect();
    writing.sort_unstable();
    if writing.is_empty() {
        return Ok(());
    }
    Err(Error::failed(format!("the hub on context {context:?} still receives from {}", writing.join(", ")))
        .because("an agent whose hub is gone loses its samples")
        .hint("kubectl promfed agent leave --context CONTEXT   (on each of them, first)"))
}
