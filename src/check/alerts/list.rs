//! The alerts, each with the query and the threshold of the check that it stands for.

use crate::check::capacity::retained::NEARLY;
use crate::check::delivery::{dropped, keeps_up, requests};
use crate::check::judgement::Severity;
use crate::check::label::identity;
use crate::check::time::future;
use crate::prometheus::promql::Question;

/// An alert, before it is known which clusters joined.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) code: &'static str,
    /// Made of the names of the clusters that joined; `None` where it has no meaning without any.
    pub(super) expression: fn(&[&str]) -> Option<String>,
    pub(super) lasts: &'static str,
    pub(super) severity: Severity,
    pub(super) summary: &'static str,
    pub(super) description: &'static str,
}

/// The alert that waits for clusters by their names.
pub(super) const SILENT: &str = "PromfedClusterSilent";
/// The claim of the package's volume.
const CLAIM: &str = "persistentvolumeclaim=\"prometheus-server\"";
/// The share of the volume that is advised as `--storage.tsdb.retention.size`.
const ADVISED: f64 = 0.8;

/// The worst first.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: SILENT,
        code: "PF509",
        expression: silent,
        // The hub still answers with samples of the last five minutes; with these it is the ten of the check.
        lasts: "5m",
        severity: Severity::Error,
        summary: "{{ $labels.cluster }} does not report to the hub",
        description: "The hub has had no sample of {{ $labels.cluster }} for ten minutes, or never had one. Its agent does not run, cannot reach the hub, or is refused; or the cluster is gone and never left.",
    },
    Rule {
        name: "PromfedSamplesRefused",
        code: "PF507",
        expression: |_| Some(Question::Failed.promql()),
        lasts: "10m",
        severity: Severity::Error,
        summary: "the hub refuses samples of {{ $labels.cluster }}, and they are lost",
        description: "{{ $value | humanize }} samples/s of {{ $labels.cluster }} are answered with 4xx, thrown away and not sent again. The agent's log has the hub's words.",
    },
    Rule {
        name: "PromfedSamplesDropped",
        code: "PF511",
        expression: |_| {
            let wanted = dropped::WANTED;
            Some(format!(
                "sum by (cluster, reason) (rate(prometheus_remote_storage_samples_dropped_total{{reason!=\"\",reason!=\"{wanted}\"}}[5m])) > 0"
            ))
        },
        lasts: "10m",
        severity: Severity::Error,
        summary: "the agent of {{ $labels.cluster }} drops samples: {{ $labels.reason }}",
        description: "{{ $value | humanize }} samples/s of {{ $labels.cluster }} are dropped before they are sent, for the reason {{ $labels.reason }}, which no relabeling asked for.",
    },
    Rule {
        name: "PromfedSendingBehind",
        code: "PF512",
        expression: |_| {
            let (behind, never_sent) = (keeps_up::BEHIND, keeps_up::NEVER_SENT);
            Some(format!("{} > {behind} < {never_sent}", Question::Lag.promql()))
        },
        lasts: "10m",
        severity: Severity::Error,
        summary: "{{ $labels.cluster }} sends later than it scrapes",
        description: "The newest sample that the agent of {{ $labels.cluster }} sent is {{ $value | humanizeDuration }} older than the newest that it scraped. What waits for longer than its buffer is lost.",
    },
    Rule {
        name: "PromfedSendingSaturated",
        code: "PF702",
        expression: |_| Some(Question::ShardsOverMaximum.promql()),
        lasts: "15m",
        severity: Severity::Warning,
        summary: "{{ $labels.cluster }} needs more connections to the hub than it may have",
        description: "The agent of {{ $labels.cluster }} needs {{ $value | humanize }} shards more than queue_config.max_shards allows. It cannot send as fast as it scrapes.",
    },
    Rule {
        name: "PromfedTwins",
        code: "PF406",
        expression: |_| {
            let (now, changes) = (Question::Identities.promql(), Question::IdentityChanges.promql());
            Some(format!("({now}) or (({changes}) >= {})", identity::CHANGES))
        },
        lasts: "5m",
        severity: Severity::Error,
        summary: "more than one cluster reports as {{ $labels.cluster }}",
        description: "The namespace kube-system of {{ $labels.cluster }} was created at more than one time, or the time changes to and fro. Two clusters write under one name, and the hub refuses samples of both.",
    },
    Rule {
        name: "PromfedNoClusterLabel",
        code: "PF404",
        expression: |_| Some(Question::UpWithoutCluster.promql()),
        lasts: "15m",
        severity: Severity::Error,
        summary: "targets of job {{ $labels.job }} have no cluster label at the hub",
        description: "{{ $value | humanize }} targets of job {{ $labels.job }} have an up without a cluster. Whether their cluster reports cannot be told.",
    },
    Rule {
        name: "PromfedHubVolumeFull",
        code: "PF706",
        expression: |_| Some(volume()),
        lasts: "15m",
        severity: Severity::Warning,
        summary: "the volume of the hub {{ $labels.cluster }} is nearly full",
        description: "Of what Prometheus may store in {{ $labels.cluster }}, {{ $value | humanizePercentage }} are used, or will be full within a day. On a full volume the hub crashes, and no cluster can write any more.",
    },
    Rule {
        name: "PromfedSamplesOfTheFuture",
        code: "PF602",
        expression: |_| {
            let newest = future::NEWEST;
            Some(format!("max by (cluster) (prometheus_tsdb_head_max_time_seconds) - time() > {newest}"))
        },
        lasts: "5m",
        severity: Severity::Warning,
        summary: "{{ $labels.cluster }} has samples of the future",
        description: "The newest sample of Prometheus in {{ $labels.cluster }} is {{ $value | humanizeDuration }} ahead of its clock. A sender's clock is fast; an hour ahead, every sample of now is refused.",
    },
    Rule {
        name: "PromfedWritesRefused",
        code: "PF513",
        expression: |_| Some(refused()),
        lasts: "10m",
        severity: Severity::Error,
        summary: "the hub {{ $labels.cluster }} refuses write requests",
        description: "{{ $value | humanize }} write requests in five minutes were answered with 4xx, which loses them, or with 5xx, which has them sent again. The hub's log says why.",
    },
];

/// One `absent` for each name, which gives the alert that name.
fn silent(joined: &[&str]) -> Option<String> {
    let absent: Vec<_> = joined.iter().map(|name| format!("absent(up{{cluster=\"{name}\"}})")).collect();
    (!absent.is_empty()).then(|| absent.join("\nor\n"))
}

/// What the volume says of itself, where the kubelet is scraped: nearly full, or half full and full within a day. And
/// what Prometheus says where its size is limited: so much over the limit as fills a volume of which the limit is four
/// fifths. An agent stores no blocks, and what it has is not told of.
fn volume() -> String {
    let (nearly, over) = (NEARLY, NEARLY / ADVISED);
    let used = format!("kubelet_volume_stats_used_bytes{{{CLAIM}}}");
    let capacity = format!("kubelet_volume_stats_capacity_bytes{{{CLAIM}}}");
    let left = format!("kubelet_volume_stats_available_bytes{{{CLAIM}}}");
    let share = format!("max by (cluster) ({used} / {capacity})");
    let soon = format!("max by (cluster) (predict_linear({left}[6h], 86400) < 0)");
    let stored = [
        "prometheus_tsdb_storage_blocks_bytes",
        "prometheus_tsdb_wal_storage_size_bytes",
        "prometheus_tsdb_head_chunks_storage_size_bytes",
    ];
    let stored = stored.map(|name| format!("max by (cluster) ({name})")).join(" + ");
    let limit = "(max by (cluster) (prometheus_tsdb_retention_limit_bytes) > 0)";
    let of_hub = "and on (cluster) prometheus_tsdb_storage_blocks_bytes";
    format!(
        "({share} > {nearly} {of_hub})\nor\n({share} > 0.5 and on (cluster) {soon} {of_hub})\nor\n(({stored}) / {limit} > {over})"
    )
}

/// Of all codes but 2xx, more than a few and more than a share of all.
fn refused() -> String {
    let (few, share) = (requests::FEW, requests::SHARE);
    let of = |codes: &str| {
        format!(
            "sum by (cluster) (increase(prometheus_http_requests_total{{handler=\"/api/v1/write\"{codes}}}[5m]))"
        )
    };
    let (refused, all) = (of(",code=~\"[45]..\""), of(""));
    format!("{refused} >= {few} and {refused} > {share} * {all}")
}
