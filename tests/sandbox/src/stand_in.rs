//! What stands in for software that cannot be run without a container runtime, for any API server: cert-manager, the
//! definitions of its kinds, and a node.

use serde_json::Value;

use crate::api::{definitions, kinds};
use crate::site::Site;
use crate::workloads;

pub use crate::network::run_cert_manager as cert_manager;

/// The `CustomResourceDefinitions` of cert-manager.
pub fn definitions() -> Vec<Value> {
    kinds::all().filter(|kind| kind.group == "cert-manager.io").map(definitions::definition).collect()
}

/// Writes the node, and what runs the add-ons, so that they can be seen.
pub fn furnish(site: &Site) {
    workloads::write_node(site);
    workloads::write_system(site);
    workloads::write_cert_manager(site);
    workloads::write_contour(site);
}
