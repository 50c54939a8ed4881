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
fn last_sample_by_cluster() -> String {
    format!("max by (cluster) (timestamp(up) or max_over_time(timestamp(up)[{MEMORY}:5m]))")
}

/// Samples per second that are at the hub, over five minutes, by `cluster`: each scrape says how many it brought.
pub fn arrivals_by_cluster() -> String {
    "sum by (cluster) (sum_over_time(scrape_samples_post_metric_relabeling[5m])) / 300".to_owned()
}

/// Samples that an agent holds and has not sent, by `cluster`.
pub fn pending_by_cluster() -> String {
    "sum by (cluster) (prometheus_remote_storage_samples_pending)".to_owned()
}

/// How many shards an agent sends by, by `cluster`.
pub fn shards_by_cluster() -> String {
    "max by (cluster) (prometheus_remote_storage_shards)".to_owned()
}

/// What a hub is asked, all at once. Each answer is a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// The newest sample of every cluster, by `cluster`: seconds since 1970.
    LastSample,
    /// Jobs with targets that carry no `cluster`, by `job`: how many.
    UpWithoutCluster,
    /// When the newest of those samples was taken, by `job`: seconds since 1970.
    NewestWithoutCluster,
    /// How often the cluster's identity changed in an hour, by `cluster`: above 0 where two clusters share a name.
    /// Needs kube-state-metrics.
    IdentityChanges,
    /// How many identities a cluster name has now, by `cluster`: above 1 where two clusters share a name.
    Identities,
    /// How many agents report themselves under a cluster name, by `cluster`.
    Agents,
    /// How often Prometheus seems to have been started in half an hour, by `cluster`: twins look like that.
    Restarts,
    /// Write requests in five minutes, by `code`.
    WriteRequests,
    /// Samples per second that came out of order and were taken, over five minutes.
    OutOfOrderTaken,
    /// Samples in five minutes that were refused as out of bounds.
    OutOfBounds,
    /// Samples in five minutes that were refused as too old.
    TooOld,
    /// How far the head's newest sample is ahead of the hub's clock, in seconds.
    HeadAhead,
    /// Targets that cannot be scraped, by `cluster` and `job`: how many.
    TargetsDown,
    /// Jobs whose series a cluster has by more than one replica label, by `cluster`: how many replicas.
    Replicas,
    /// Samples per second that an agent lost by the hub's refusal, by `cluster`, over five minutes.
    Failed,
    /// By how much the number of samples that an agent lost by refusal differs from a minute ago, by `cluster`.
    FailedLately,
    /// Samples per second that an agent sent again, by `cluster`, over five minutes.
    Retried,
    /// Samples per second that an agent dropped, by `cluster` and `reason`, over five minutes.
    Dropped,
    /// Seconds that an agent's sending is behind its scraping, by `cluster`.
    Lag,
    /// How many more shards an agent would have than it may, by `cluster`: above 0 where it is saturated.
    ShardsOverMaximum,
    /// The nodes of a cluster as kube-state-metrics tells them, each by how many of those, by `cluster`.
    StateMetricsCopies,
    /// Pods by `cluster` and `namespace`, the question that the recipe ends with: none for a cluster without
    /// kube-state-metrics.
    Pods,
    /// Series at the last scrape of all targets, by `cluster`.
    SeriesByCluster,
    /// The ten jobs that make the most new series at every scrape of ten minutes, by `cluster` and `job`.
    Churn,
    /// Samples per second that the hub stores, over five minutes.
    Ingest,
}

impl Question {
    pub const ALL: [Self; 25] = [
        Self::LastSample,
        Self::UpWithoutCluster,
        Self::NewestWithoutCluster,
        Self::IdentityChanges,
        Self::Identities,
        Self::Agents,
        Self::Restarts,
        Self::WriteRequests,
        Self::OutOfOrderTaken,
        Self::OutOfBounds,
        Self::TooOld,
        Self::HeadAhead,
        Self::TargetsDown,
        Self::Replicas,
        Self::Failed,
        Self::FailedLately,
        Self::Retried,
        Self::Dropped,
        Self::Lag,
        Self::ShardsOverMaximum,
        Self::StateMetricsCopies,
        Self::Pods,
        Self::SeriesByCluster,
        Self::Churn,
        Self::Ingest,
    ];

    /// Whether it is answered by what a hub's own Prometheus tells of itself.
    pub fn is_about_the_hub(self) -> bool {
        matches!(
            self,
            Self::WriteRequests
                | Self::OutOfOrderTaken
                | Self::OutOfBounds
                | Self::TooOld
                | Self::HeadAhead
                | Self::Ingest
        )
    }

    /// The question in PromQL.
    pub fn promql(self) -> String {
        let own = "kube_namespace_created{namespace=\"kube-system\"}";
        match self {
            Self::LastSample => last_sample_by_cluster(),
            Self::UpWithoutCluster => "count by (job) (up{cluster=\"\"})".into(),
            Self::NewestWithoutCluster => "max by (job) (timestamp(up{cluster=\"\"}))".into(),
            Self::IdentityChanges => format!("max by (cluster) (changes({own}[1h])) > 0"),
            Self::Identities => {
                format!("count by (cluster) (count_values by (cluster) (\"created\", {own})) > 1")
            }
            Self::Agents => "count by (cluster) (prometheus_agent_active_series)".into(),
            Self::Restarts => {
                "max by (cluster) (changes(process_start_time_seconds{job=\"prometheus\"}[30m])) > 3".into()
            }
            Self::WriteRequests => {
                "sum by (code) (increase(prometheus_http_requests_total{handler=\"/api/v1/write\"}[5m]))".into()
            }
            Self::OutOfOrderTaken => {
                "sum(rate(prometheus_tsdb_head_out_of_order_samples_appended_total[5m]))".into()
            }
            Self::OutOfBounds => "sum(increase(prometheus_tsdb_out_of_bound_samples_total[5m]))".into(),
            Self::TooOld => "sum(increase(prometheus_tsdb_too_old_samples_total[5m]))".into(),
            Self::HeadAhead => "max(prometheus_tsdb_head_max_time_seconds) - time()".into(),
            Self::TargetsDown => "count by (cluster, job) (up == 0)".into(),
            Self::Replicas => {
                "count by (cluster) (count by (cluster, replica, prometheus_replica) (up{job=\"prometheus\"})) > 1"
                    .into()
            }
            Self::Failed => by_cluster("failed"),
            Self::FailedLately => {
                let failed = "prometheus_remote_storage_samples_failed_total";
                format!("max by (cluster) (abs({failed} - {failed} offset 1m))")
            }
            Self::Retried => by_cluster("retried"),
            Self::Dropped => {
                "sum by (cluster, reason) (rate(prometheus_remote_storage_samples_dropped_total[5m])) > 0".into()
            }
            // The first name is that of 3.7 and later; the second has no labels of the queue (before 3.7).
            Self::Lag => "max by (cluster) ((prometheus_remote_storage_queue_highest_timestamp_seconds - prometheus_remote_storage_queue_highest_sent_timestamp_seconds) or (prometheus_remote_storage_highest_timestamp_in_seconds - ignoring(remote_name, url) group_right prometheus_remote_storage_queue_highest_sent_timestamp_seconds))".into(),
            Self::ShardsOverMaximum => {
                "max by (cluster) (prometheus_remote_storage_shards_desired - prometheus_remote_storage_shards_max) > 0"
                    .into()
            }
            Self::StateMetricsCopies => "max by (cluster) (count by (cluster, node) (kube_node_info))".into(),
            Self::Pods => "sum(kube_pod_info) by (cluster, namespace)".into(),
            Self::SeriesByCluster => "sum by (cluster) (scrape_samples_post_metric_relabeling)".into(),
            // All series of a target are new at its first scrape.
            Self::Churn => {
                "topk(10, sum by (cluster, job) (min_over_time(scrape_series_added[10m]) and count_over_time(scrape_series_added[10m]) >= 3))"
                    .into()
            }
            Self::Ingest => "sum(rate(prometheus_tsdb_head_samples_appended_total[5m]))".into(),
        }
    }
}

fn by_cluster(what: &str) -> String {
    format!("sum by (cluster) (rate(prometheus_remote_storage_samples_{what}_total[5m])) > 0")
}
