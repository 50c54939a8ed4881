//! `kubectl promfed rules`

use super::clusters::hub;
use super::members;
use super::shell::{End, Shell};
use crate::check::alerts;
use crate::cli::Rules;
use crate::error::{Error, Result};
use crate::report::RulesView;

/// Prints the alert rules of a hub.
pub(super) async fn run(shell: &Shell, args: &Rules) -> Result<End> {
    let joined = if args.clusters.is_empty() {
        joined(shell, args.hub_context.as_deref()).await?
    } else {
        args.clusters.iter().map(ToString::to_string).collect()
    };
    if joined.is_empty() {
        shell.ui.warn("no cluster has joined the hub yet, so there is no alert on those that are silent");
    }
    let alerts = alerts(joined.iter().map(String::as_str));
    shell.print(&RulesView::new(joined, &alerts))?;
    Ok(End::Done)
}

/// The names on the hub's list.
async fn joined(shell: &Shell, context: Option<&str>) -> Result<Vec<String>> {
    let (cluster, site) = hub(shell, context).await?;
    let place = &site.installed.install.metadata;
    let (_, members) = members::read(&cluster, &place.namespace, &place.name)
        .await
        .map_err(|failure| Error::from(failure).hint("name the clusters with --clusters NAME,…"))?;
    Ok(members.into_keys().collect())
}
