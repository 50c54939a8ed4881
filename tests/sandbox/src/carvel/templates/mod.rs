//! What the package deploys, as objects: the part that ytt templates play in the real package.
//!
//! One file per part of the package. Values arrive merged and checked, so whatever the schema knows is there.

mod alertmanager;
mod ingress;
mod kube_state_metrics;
mod node_exporter;
mod parts;
mod prometheus;
mod pushgateway;

use serde_json::{Value, json};

/// What a rendering is made from.
pub(super) struct Input<'i> {
    /// All values.
    pub(super) values: &'i Value,
    /// The version of the package.
    pub(super) version: &'i str,
}

impl Input<'_> {
    fn namespace(&self) -> &str {
        self.values["namespace"].as_str().unwrap_or_default()
    }
}

/// All objects, in the order in which kapp lists them.
pub(super) fn render(input: &Input<'_>) -> Vec<Value> {
    let mut objects = vec![json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": input.namespace()},
    })];
    objects.extend(prometheus::render(input));
    objects.extend(alertmanager::render(input));
    objects.extend(kube_state_metrics::render(input));
    objects.extend(node_exporter::render(input));
    objects.extend(pushgateway::render(input));
    objects.extend(ingress::render(input));
    objects
}
