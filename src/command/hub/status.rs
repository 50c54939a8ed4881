//! `kubectl promfed hub status`

use futures::join;

use crate::cluster::Cluster;
use crate::command::clusters::rows;
use crate::command::facts::{Depth, facts as read_facts};
use crate::command::role::role_facts;
use crate::command::shell::{End, Shell};
use crate::command::site::{Site, Wanted};
use crate::error::Result;
use crate::prometheus::Role;
use crate::prometheus::promql::Question;
use crate::prometheus::write_probe::Outcome;
use crate::report::{Proof, RoleStatus};

/// Tells how the hub is, and who reports.
pub(in crate::command) async fn status(shell: &Shell) -> Result<End> {
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let site = Site::require(&cluster, Wanted::default()).await?;
    let (mut facts, probe, read) = join!(
        role_facts(&site, Role::Hub),
        site.prometheus.probe(),
        Box::pin(read_facts(&cluster, Some(Role::Hub), Depth::Status))
    );
    facts.push(match probe {
        Ok(outcome) => Proof::new("write path", "accepts", outcome.to_string(), outcome == Outcome::Accepts),
        Err(error) => Proof::new("write path", "accepts", error.to_string(), false),
    });
    let clusters = rows(&read);
    let end = if read.stored.answer(Question::LastSample).is_ok() { End::Done } else { End::Failed };
    let end = if facts.iter().all(|fact| fact.holds) { end } else { End::Failed };
    shell.print(&RoleStatus {
        context: cluster.context().to_owned(),
        role: Role::Hub,
        cluster_name: site.cluster_name(),
        package: site.title(),
        facts,
        clusters,
    })?;
    Ok(end)
}
