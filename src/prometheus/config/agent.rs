//! What an agent's configuration must have, and must not.

use serde_json::{Value, json};

use super::cluster_label::{JobLabel, label_edits};
use super::remote_write::{RemoteWrite, remote_write_edits};
use crate::domain::ClusterName;
use crate::prometheus::Capabilities;
use crate::yaml::{Edit, Path};

/// Fields at which a process in agent mode exits with 2 (`config.go`, since 2.32).
pub const FORBIDDEN_IN_AGENT: [&str; 3] = ["rule_files", "alerting", "remote_read"];

/// The edits after which the configuration is that of an agent which writes to the hub under this name.
///
/// An external label reaches every series that leaves, except those that have a label of that name already. So jobs
/// whose targets may bring one (by `labelmap`, say) get the label on their targets too.
pub fn agent_edits(
    config: &Value,
    name: &ClusterName,
    remote_write: &RemoteWrite,
    capabilities: Capabilities,
) -> Vec<Edit> {
    let mut edits: Vec<_> = FORBIDDEN_IN_AGENT
        .iter()
        .filter(|field| config.get(field).is_some())
        .map(|field| Edit::Remove { path: Path::of([*field]) })
        .collect();
    if external_cluster(config) != Some(name.as_str()) {
        let path = Path::of(["global", "external_labels", "cluster"]);
        edits.push(Edit::Set { path, value: json!(name.as_str()) });
    }
    edits.extend(remote_write_edits(config, remote_write, capabilities));
    edits.extend(label_edits(config, name, |label| *label != JobLabel::Never));
    edits
}

/// The `cluster` that leaves with every series.
pub fn external_cluster(config: &Value) -> Option<&str> {
    config["global"]["external_labels"]["cluster"].as_str()
}
