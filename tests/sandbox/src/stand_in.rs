//! What stands in for software that cannot be run without a container runtime, for any API server: cert-manager,
//! Contour, the definitions of their kinds, and a node.

use serde_json::Value;

use crate::api::{definitions, kinds};
use crate::site::Site;
use crate::workloads;

pub use crate::network::{run_cert_manager as cert_manager, run_contour as contour};

/// The `CustomResourceDefinitions` of cert-manager and Contour.
pub fn definitions() -> Vec<Value> {
    let groups = ["cert-manager.io", "projectcontour.io"];
    kinds::all().filter(|kind| groups.contains(&kind.group)).map(definitions::definition).collect()
}

/// Writes the node, and what runs the add-ons, so that they can be seen.
pub fn furnish(site: &Site) {
    workloads::write_node(site);
    workloads::write_system(site);
    workloads::write_cert_manager(site);
    workloads::write_contour(site);
}
