//! The Prometheus configuration, as far as promfed reads and changes it.
//!
//! Every function takes the parsed configuration and answers with edits to its text, so that what a role needs and
//! how YAML is changed stay two questions.

mod agent;
mod cluster_label;
mod fields;
mod pattern;
mod protocol;
mod relabel;
mod remote_write;

pub use agent::{FORBIDDEN_IN_AGENT, agent_edits, external_cluster};
pub use cluster_label::{Doubt, JobLabel, cluster_labels, doubts, is_renamed, label_edits};
pub use fields::config_edits_for_version;
pub(super) use fields::unknown_fields;
pub use protocol::{ACCEPTED, MESSAGE_2, Protocol, RemoteWriteVersion, speak_two};
pub use remote_write::{
    Exemplars, HubBefore, Login, REMOTE_NAME, RemoteWrite, Trust, age_limit_edit, age_limit_of,
    inline_authority, is_ours, is_unverified, kept_queues, other_hubs, remote_write_edits, remote_write_urls,
    tenant, tls_of, unverified_urls,
};

use serde_json::Value;

/// The names of the scrape jobs, in order.
pub fn jobs(config: &Value) -> impl Iterator<Item = (usize, &Value, &str)> {
    let jobs = config["scrape_configs"].as_array().map_or(&[][..], Vec::as_slice);
    jobs.iter().enumerate().map(|(index, job)| (index, job, job["job_name"].as_str().unwrap_or("<unnamed>")))
}
