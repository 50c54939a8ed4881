//! Many contexts on one command line, as a file would declare them.

use futures::future::join_all;

use crate::cli::{AgentJoin, Connection};
use crate::cluster::{Choice, Cluster};
use crate::command::shell::Shell;
use crate::command::site::{Site, Wanted};
use crate::domain::ClusterName;
use crate::error::{Error, Result};
use crate::fleet_file::{Declared, FleetFile};

/// Every context that is meant, but the hub's, as an agent of its own name.
pub(in crate::command) async fn declared(shell: &Shell, args: &AgentJoin) -> Result<FleetFile> {
    let options = shell.connection.options_for_any();
    let clusters = Cluster::connect_each(&options, Choice::Named(args.contexts.clone())).await?;
    let hub = args.hub.hub_context.as_deref();
    let others = clusters.into_iter().filter(|(context, _)| Some(context.as_str()) != hub);
    let named = others.map(|(context, cluster)| async move {
        let name = name(&cluster?, args).await?;
        Ok(Declared {
            place: format!("context {context:?}"),
            connection: Connection {
                context: Some(context),
                insecure_skip_tls_verify: shell.connection.insecure_skip_tls_verify,
                ..Connection::default()
            },
            args: AgentJoin { cluster_name: Some(name), contexts: Vec::new(), ..args.clone() },
        })
    });
    FleetFile::new(None, join_all(named).await.into_iter().collect::<Result<_>>()?)
}

/// The name that a cluster has; one that has none is called as the kubeconfig calls it. What does not answer is told
/// when it is planned.
async fn name(cluster: &Cluster, args: &AgentJoin) -> Result<ClusterName> {
    let wanted = Wanted { name: args.package.name.as_deref(), ref_name: args.package.package.as_deref() };
    let site = Box::pin(Site::read(cluster, wanted)).await.ok().flatten();
    if let Some(name) = site.and_then(|site| site.cluster_name()?.parse().ok()) {
        return Ok(name);
    }
    let context = cluster.context();
    let entry = cluster.entry().unwrap_or(context);
    entry.parse().map_err(|why| {
        Error::usage(format!("context {context:?} has no name to join under: {entry:?} is none"))
            .because(format!("{why}"))
            .hint("declare it in a fleet file, with a clusterName: kubectl promfed apply --schema")
    })
}
