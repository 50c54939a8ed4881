//! Every query that promfed asks a hub.

use crate::domain::ClusterName;

/// How long a cluster may be silent before it is no longer found: a week.
const MEMORY: &str = "7d";

/// The newest sample of `up` of one cluster, as seconds since 1970. Empty when there is none within five minutes.
pub fn last_sample_of(cluster: &ClusterName) -> String {
    format!("max(timestamp(up{{cluster=\"{cluster}\"}}))")
}

/// The newest sample of every cluster of the last week, as seconds since 1970. What is fresh is told exactly; what is
/// not, to five minutes.
pub fn last_sample_by_cluster() -> String {
    format!("max by (cluster) (timestamp(up) or max_over_time(timestamp(up)[{MEMORY}:5m]))")
}

/// How many series each cluster's targets gave at their last scrape.
pub const SERIES_BY_CLUSTER: &str = "sum by (cluster) (scrape_samples_post_metric_relabeling)";

/// The article's closing query: pods by cluster and namespace.
pub const PODS_BY_NAMESPACE: &str = "sum(kube_pod_info) by (cluster, namespace)";
