//! The fields of the configuration that not every version from 2.25 to 3.14 knows. A field that a version does not know
//! ends the process with 2, or lets a reload fail.

use super::span::{Span, between, since};

/// One field.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownField {
    /// Keys by dots; `*` is every item of a list.
    pub path: &'static str,
    pub span: Span,
    /// The change that brought it, or the file at the first tag that has it.
    pub source: &'static str,
}

/// Fields by path. What lies below one that came at the same time is not repeated.
pub(super) const FIELDS: &[KnownField] = &[
    field("alerting.alertmanagers.*.alert_relabel_configs", since(2, 51), "config.go v2.51.0"),
    field("alerting.alertmanagers.*.sigv4", since(2, 48), "config.go v2.48.0"),
    field("global.always_scrape_classic_histograms", since(3, 5), "#16452"),
    field("global.body_size_limit", since(2, 45), "config.go v2.45.0"),
    field("global.convert_classic_histograms_to_nhcb", since(3, 4), "config.go v3.4.0"),
    field("global.extra_scrape_metrics", since(3, 10), "config.go v3.10.0"),
    field("global.keep_dropped_targets", since(2, 47), "config.go v2.47.0"),
    field("global.label_limit", since(2, 45), "config.go v2.45.0"),
    field("global.label_name_length_limit", since(2, 45), "config.go v2.45.0"),
    field("global.label_value_length_limit", since(2, 45), "config.go v2.45.0"),
    field("global.metric_name_escaping_scheme", since(3, 4), "config.go v3.4.0"),
    field("global.metric_name_validation_scheme", since(2, 55), "config.go v2.55.0"),
    field("global.rule_query_offset", since(2, 53), "#14061"),
    field("global.sample_limit", since(2, 45), "config.go v2.45.0"),
    field("global.scrape_failure_log_file", since(2, 55), "config.go v2.55.0"),
    field("global.scrape_native_histograms", since(3, 8), "#17232"),
    field("global.scrape_protocols", since(2, 49), "config.go v2.49.0"),
    field("global.target_limit", since(2, 45), "config.go v2.45.0"),
    field("otlp", since(2, 55), "config.go v2.55.0"),
    field("otlp.convert_histograms_to_nhcb", since(3, 4), "config.go v3.4.0"),
    field("otlp.ignore_resource_attributes", since(3, 5), "config.go v3.5.0"),
    field("otlp.keep_identifying_resource_attributes", since(3, 1), "config.go v3.1.0"),
    field("otlp.label_name_preserve_multiple_underscores", since(3, 8), "config.go v3.8.0"),
    field("otlp.label_name_underscore_sanitization", since(3, 8), "config.go v3.8.0"),
    field("otlp.promote_all_resource_attributes", since(3, 5), "config.go v3.5.0"),
    field("otlp.promote_scope_metadata", since(3, 6), "config.go v3.6.0"),
    field("otlp.translation_strategy", since(3, 0), "config.go v3.0.0"),
    field("remote_read.*.chunked_read_limit", since(2, 55), "config.go v2.55.0"),
    field("remote_read.*.filter_external_labels", since(2, 34), "config.go v2.34.0"),
    field("remote_read.*.headers", since(2, 26), "config.go v2.26.0"),
    field("remote_write.*.azuread", since(2, 45), "config.go v2.45.0"),
    field("remote_write.*.google_iam", since(2, 55), "config.go v2.55.0"),
    field("remote_write.*.metadata_config.max_samples_per_send", since(2, 29), "config.go v2.29.0"),
    field("remote_write.*.protobuf_message", since(2, 54), "config.go v2.54.0"),
    field("remote_write.*.queue_config.retry_on_http_429", since(2, 26), "#8237"),
    field("remote_write.*.queue_config.sample_age_limit", since(2, 50), "#13002"),
    field("remote_write.*.round_robin_dns", since(3, 1), "config.go v3.1.0"),
    field("remote_write.*.send_exemplars", since(2, 27), "#8296"),
    field("remote_write.*.send_native_histograms", since(2, 40), "config.go v2.40.0"),
    field("remote_write.*.sigv4", since(2, 26), "config.go v2.26.0"),
    field("runtime", since(2, 53), "config.go v2.53.0"),
    field("scrape_config_files", since(2, 43), "#12019"),
    field("scrape_configs.*.always_scrape_classic_histograms", since(3, 0), "#15178"),
    field("scrape_configs.*.body_size_limit", since(2, 28), "#8833"),
    field("scrape_configs.*.convert_classic_histograms_to_nhcb", since(3, 0), "config.go v3.0.0"),
    field("scrape_configs.*.enable_compression", since(2, 49), "#13166"),
    field("scrape_configs.*.extra_scrape_metrics", since(3, 10), "config.go v3.10.0"),
    field("scrape_configs.*.fallback_scrape_protocol", since(3, 0), "config.go v3.0.0"),
    field("scrape_configs.*.keep_dropped_targets", since(2, 47), "config.go v2.47.0"),
    field("scrape_configs.*.label_limit", since(2, 27), "config.go v2.27.0"),
    field("scrape_configs.*.label_name_length_limit", since(2, 27), "config.go v2.27.0"),
    field("scrape_configs.*.label_value_length_limit", since(2, 27), "config.go v2.27.0"),
    field("scrape_configs.*.metric_name_escaping_scheme", since(3, 4), "config.go v3.4.0"),
    field("scrape_configs.*.metric_name_validation_scheme", since(2, 55), "config.go v2.55.0"),
    field("scrape_configs.*.native_histogram_bucket_limit", since(2, 45), "config.go v2.45.0"),
    field("scrape_configs.*.native_histogram_min_bucket_factor", since(2, 50), "config.go v2.50.0"),
    field(
        "scrape_configs.*.scrape_classic_histograms",
        between((2, 45), (2, 55)),
        "config.go v2.45.0; renamed: #15178",
    ),
    field("scrape_configs.*.scrape_failure_log_file", since(2, 55), "#14734"),
    field("scrape_configs.*.scrape_native_histograms", since(3, 8), "#17232"),
    field("scrape_configs.*.scrape_protocols", since(2, 49), "config.go v2.49.0"),
    field("scrape_configs.*.track_timestamps_staleness", since(2, 48), "config.go v2.48.0"),
    field("storage", since(2, 29), "config.go v2.29.0"),
    field("storage.tsdb", since(2, 39), "config.go v2.39.0"),
    field("storage.tsdb.chunk_encoding", since(3, 13), "config.go v3.13.0"),
    field("storage.tsdb.retention", since(3, 8), "config.go v3.8.0"),
    field("storage.tsdb.retention.percentage", since(3, 11), "config.go v3.11.0"),
    field("storage.tsdb.stale_series_compaction_threshold", since(3, 10), "config.go v3.10.0"),
    field("tracing", since(2, 34), "config.go v2.34.0"),
];

/// What has a client of HTTP.
pub(super) const CLIENTS: &[&str] =
    &["scrape_configs.*", "remote_write.*", "remote_read.*", "alerting.alertmanagers.*"];

/// The fields of every such client, by the version of `prometheus/common` in `go.mod` at the tag.
pub(super) const CLIENT_FIELDS: &[KnownField] = &[
    field("authorization", since(2, 26), "prometheus/common 0.20"),
    field("follow_redirects", since(2, 26), "prometheus/common 0.20"),
    field("oauth2", since(2, 27), "prometheus/common 0.23"),
    field("enable_http2", since(2, 35), "prometheus/common 0.34"),
    field("tls_config.min_version", since(2, 35), "prometheus/common 0.34"),
    field("tls_config.max_version", since(2, 41), "prometheus/common 0.39"),
    field("no_proxy", since(2, 43), "prometheus/common 0.42"),
    field("proxy_from_environment", since(2, 43), "#12098"),
    field("proxy_connect_header", since(2, 43), "prometheus/common 0.42"),
    field("tls_config.ca", since(2, 45), "prometheus/common 0.44"),
    field("tls_config.cert", since(2, 45), "prometheus/common 0.44"),
    field("tls_config.key", since(2, 45), "prometheus/common 0.44"),
    field("basic_auth.username_file", since(2, 49), "prometheus/common 0.45"),
    field("http_headers", since(2, 53), "prometheus/common 0.54"),
];

/// A field that goes by another name, with just the same meaning.
pub(super) const RENAMED_FIELDS: &[(&str, &str)] =
    &[("scrape_configs.*.scrape_classic_histograms", "scrape_configs.*.always_scrape_classic_histograms")];

const fn field(path: &'static str, span: Span, source: &'static str) -> KnownField {
    KnownField { path, span, source }
}
