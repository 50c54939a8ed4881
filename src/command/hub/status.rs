//! `kubectl promfed hub status`

use futures::join;

use crate::cluster::Cluster;
use crate::command::prometheus::{NoAnswer, Prometheus};
use crate::command::shell::{End, Shell};
use crate::command::site::{Site, Wanted};
use crate::command::status::role_facts;
use crate::error::Result;
use crate::prometheus::write_probe::Outcome;
use crate::prometheus::{Role, promql};
use crate::report::{ClusterRow, NamespacePods, Proof, RoleStatus};

/// Tells how the hub is, and who reports.
pub(in crate::command) async fn status(shell: &Shell) -> Result<End> {
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let site = Site::require(&cluster, Wanted::default()).await?;
    let (mut facts, probe, clusters) =
        join!(role_facts(&site, Role::Hub), site.prometheus.probe(), clusters_of(&site.prometheus));
    facts.push(match probe {
        Ok(outcome) => Proof::new("write path", "accepts", outcome.to_string(), outcome == Outcome::Accepts),
        Err(error) => Proof::new("write path", "accepts", error.to_string(), false),
    });
    let (clusters, end) = match clusters {
        Ok(clusters) => (clusters, End::Done),
        Err(_) => (Vec::new(), End::Failed),
    };
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

/// Who reports to a hub: by cluster name, the longest silent first.
pub(in crate::command) async fn clusters_of(hub: &Prometheus) -> Result<Vec<ClusterRow>, NoAnswer> {
    let newest = promql::last_sample_by_cluster();
    let (newest, series, pods) = join!(
        hub.vector(&newest),
        hub.vector(promql::SERIES_BY_CLUSTER),
        hub.vector(promql::PODS_BY_NAMESPACE)
    );
    let (newest, series, pods) = (newest?, series?, pods?);
    let mut rows: Vec<ClusterRow> = newest
        .iter()
        .map(|one| {
            let cluster = one.label("cluster");
            let now = one.value.as_ref().map(|point| point.0);
            let age = now.zip(one.number()).map(|(now, sample)| (now - sample).max(0.0));
            let of = |other: &&crate::prometheus::api::Series| other.label("cluster") == cluster;
            let mut pods: Vec<_> = pods
                .iter()
                .filter(of)
                .map(|pods| NamespacePods {
                    namespace: pods.label("namespace").to_owned(),
                    pods: whole(pods.number()),
                })
                .collect();
            pods.sort_by(|a, b| a.namespace.cmp(&b.namespace));
            ClusterRow {
                cluster: cluster.to_owned(),
                last_sample_seconds: age,
                series: series.iter().find(of).map(|series| whole(series.number())),
                pods,
                verdict: verdict(cluster, age).to_owned(),
            }
        })
        .collect();
    rows.sort_by(|a, b| {
        (a.verdict == "OK").cmp(&(b.verdict == "OK")).then_with(|| a.cluster.cmp(&b.cluster))
    });
    Ok(rows)
}

/// Fresh is within five minutes: what an instant query still sees.
fn verdict(cluster: &str, age: Option<f64>) -> &'static str {
    match age {
        _ if cluster.is_empty() => "UNLABELLED",
        Some(age) if age <= 300.0 => "OK",
        _ => "SILENT",
    }
}

/// A count, which PromQL gives as a float.
fn whole(number: Option<f64>) -> u64 {
    let number = number.unwrap_or(0.0).max(0.0).round();
    format!("{number:.0}").parse().unwrap_or(u64::MAX)
}
