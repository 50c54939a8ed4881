//! `kubectl promfed agent status`

use futures::join;

use crate::cluster::Cluster;
use crate::command::role::role_facts;
use crate::command::shell::{End, Shell};
use crate::command::site::{Site, Wanted};
use crate::domain::seconds;
use crate::error::Result;
use crate::prometheus::Role;
use crate::prometheus::metrics::Delivery;
use crate::report::{Proof, RoleStatus};

/// Tells how the agent is, and whether what it has is delivered.
pub(in crate::command) async fn status(shell: &Shell) -> Result<End> {
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let site = Site::require(&cluster, Wanted::default()).await?;
    let (mut facts, delivery) = join!(role_facts(&site, Role::Agent), site.prometheus.delivery());
    for url in site.remote_writes() {
        facts.push(Proof::new("remote write to", "a hub", url, true));
    }
    match delivery {
        Ok(Some(delivery)) => facts.extend(delivery_facts(delivery)),
        Ok(None) => facts.push(Proof::new("delivery", "to a hub", "no remote write", false)),
        Err(error) => facts.push(Proof::new("delivery", "to a hub", error.to_string(), false)),
    }
    let end = if facts.iter().all(|fact| fact.holds) { End::Done } else { End::Failed };
    shell.print(&RoleStatus {
        context: cluster.context().to_owned(),
        role: Role::Agent,
        cluster_name: site.cluster_name(),
        package: site.title(),
        facts,
        clusters: Vec::new(),
    })?;
    Ok(end)
}

/// Lag says nothing when samples are refused, so failures come first.
fn delivery_facts(delivery: Delivery) -> [Proof; 4] {
    let lag = delivery.lag.map_or_else(|| "never sent".to_owned(), seconds);
    [
        Proof::new("samples delivered", "some", delivery.delivered().to_string(), delivery.delivered() > 0.0),
        Proof::new("samples failed", "0", delivery.failed.to_string(), !delivery.is_losing()),
        Proof::new("samples pending", "few", delivery.pending.to_string(), true),
        Proof::new("lag", "< 2m", lag, delivery.lag.is_some_and(|lag| lag < 120.0)),
    ]
}

/// The same in one cell.
pub(in crate::command) fn delivery_words(delivery: Delivery) -> String {
    match (delivery.failed, delivery.lag) {
        (failed, _) if delivery.is_losing() => format!("{failed} lost"),
        (_, None) => "never sent".to_owned(),
        (_, Some(lag)) => format!("lag {}", seconds(lag)),
    }
}
