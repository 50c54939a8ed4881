//! What an agent trusts already: who joins again need not name the hub's authority again.

use crate::cluster::Cluster;
use crate::command::observe::{names, overlay};
use crate::command::site::{Site, Wanted};
use crate::domain::WriteUrl;
use crate::error::Result;
use crate::package::Mounted;
use crate::prometheus::config::{Trust, tls_of};

/// How the agent verifies the hub at this URL so far; by the authorities that its image brings where it has no others,
/// or does not write there.
pub(super) async fn trusted_so_far(cluster: &Cluster, wanted: Wanted<'_>, url: &WriteUrl) -> Result<Trust> {
    let Some(site) = Site::read(cluster, wanted).await? else { return Ok(Trust::System) };
    // A configuration that cannot be read is the plan's to refuse.
    let Ok(config) = site.values.config() else { return Ok(Trust::System) };
    let Some(tls) = tls_of(config.value(), url) else { return Ok(Trust::System) };
    let overlay = overlay(cluster, &names(cluster, Some(&site.installed.install), None)).await?;
    let mounted = overlay.map(|overlay| Mounted::read(&overlay.text)).unwrap_or_default();
    let authorities = mounted.authorities(tls).map(str::to_owned);
    Ok(authorities.map_or(Trust::System, Trust::Authority))
}
