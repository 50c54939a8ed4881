//! The `/metrics` pages of a healthy hub and of a healthy agent, as far as checks read them.

/// What a hub says of itself that has nothing to complain of.
pub(super) const HUB_METRICS: &str = "\
prometheus_config_last_reload_successful 1
prometheus_config_last_reload_success_timestamp_seconds 1.7999e9
prometheus_ready 1
prometheus_tsdb_head_series 40000
prometheus_tsdb_head_max_time_seconds 1800000000
prometheus_tsdb_retention_limit_bytes 0
prometheus_tsdb_storage_blocks_bytes 4e9
prometheus_tsdb_wal_storage_size_bytes 1e8
prometheus_tsdb_head_chunks_storage_size_bytes 1e8
prometheus_tsdb_out_of_bound_samples_total 0
prometheus_tsdb_too_old_samples_total 0
prometheus_http_requests_total{code=\"204\",handler=\"/api/v1/write\"} 1000
process_resident_memory_bytes 5e8
process_start_time_seconds 1.7999e9
process_open_fds 60
";

/// What an agent says of itself that has nothing to complain of.
pub(super) const AGENT_METRICS: &str = "\
prometheus_config_last_reload_successful 1
prometheus_config_last_reload_success_timestamp_seconds 1.7999e9
prometheus_ready 1
prometheus_agent_active_series 19000
prometheus_remote_storage_samples_total{remote_name=\"promfed\",url=\"https://prometheus.hub.test/api/v1/write\"} 100000
prometheus_remote_storage_samples_failed_total{remote_name=\"promfed\",url=\"https://prometheus.hub.test/api/v1/write\"} 0
prometheus_remote_storage_samples_retried_total{remote_name=\"promfed\",url=\"https://prometheus.hub.test/api/v1/write\"} 0
prometheus_remote_storage_samples_pending{remote_name=\"promfed\",url=\"https://prometheus.hub.test/api/v1/write\"} 120
prometheus_remote_storage_shards{remote_name=\"promfed\",url=\"https://prometheus.hub.test/api/v1/write\"} 1
prometheus_remote_storage_shards_max{remote_name=\"promfed\",url=\"https://prometheus.hub.test/api/v1/write\"} 50
prometheus_remote_storage_shards_desired{remote_name=\"promfed\",url=\"https://prometheus.hub.test/api/v1/write\"} 0.2
prometheus_remote_storage_shard_capacity{remote_name=\"promfed\",url=\"https://prometheus.hub.test/api/v1/write\"} 10000
prometheus_remote_storage_highest_timestamp_in_seconds 1.799999999e9
prometheus_remote_storage_queue_highest_sent_timestamp_seconds{remote_name=\"promfed\",url=\"https://prometheus.hub.test/api/v1/write\"} 1.799999998e9
prometheus_tsdb_wal_storage_size_bytes 2e7
process_resident_memory_bytes 2e8
process_start_time_seconds 1.7999e9
";
