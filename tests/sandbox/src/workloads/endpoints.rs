//! Endpoints and `EndpointSlices`: which pods are behind a Service.

use serde_json::{Value, json};

use super::pods;
use crate::objects;
use crate::site::Site;
use crate::store::Key;

/// Writes the addresses of every Service that selects pods, and removes those of Services that are gone.
pub(super) fn pass(site: &Site) {
    for service in site.store.list("", "services", None).0 {
        if service["spec"]["selector"].as_object().is_some_and(|selector| !selector.is_empty()) {
            write(site, &service);
        }
    }
    for endpoints in site.store.list("", "endpoints", None).0 {
        let (namespace, name) = (objects::namespace(&endpoints), objects::name(&endpoints));
        if site.store.get(&Key::namespaced("", "services", namespace, name)).is_none() {
            site.store.delete(&Key::namespaced("", "endpoints", namespace, name)).ok();
        }
    }
}

fn write(site: &Site, service: &Value) {
    let namespace = objects::namespace(service);
    let name = objects::name(service);
    let mut selected = site.store.list("", "pods", Some(namespace)).0;
    selected.retain(|pod| objects::selects(&service["spec"]["selector"], pod));
    selected.retain(|pod| !objects::is_leaving(pod) && pod["status"]["podIP"].is_string());
    let (ready, not_ready): (Vec<&Value>, Vec<&Value>) = selected.iter().partition(|pod| pods::is_ready(pod));
    let ports = ports(service, selected.first());
    let mut subset = json!({"ports": ports});
    for (field, pods) in [("addresses", &ready), ("notReadyAddresses", &not_ready)] {
        if !pods.is_empty() {
            subset[field] = pods.iter().map(|pod| address(pod)).collect();
        }
    }
    let subsets = if selected.is_empty() { json!([]) } else { json!([subset]) };
    let labels = service["metadata"]["labels"].clone();
    objects::ensure(
        &site.store,
        json!({
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": name, "namespace": namespace, "labels": labels},
            "subsets": subsets,
        }),
    );
    let endpoints: Vec<Value> = selected
        .iter()
        .map(|pod| {
            let address = address(pod);
            let ready = pods::is_ready(pod);
            json!({
                "addresses": [address["ip"]],
                "conditions": {"ready": ready, "serving": ready, "terminating": false},
                "nodeName": address["nodeName"],
                "targetRef": address["targetRef"],
            })
        })
        .collect();
    objects::ensure(
        &site.store,
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": format!("{name}-{}", &objects::uid(service)[..5.min(objects::uid(service).len())]),
                "namespace": namespace,
                "labels": {"kubernetes.io/service-name": name},
                "ownerReferences": [objects::owner_reference(service)],
            },
            "addressType": "IPv4",
            "endpoints": endpoints,
            "ports": ports,
        }),
    );
}

fn address(pod: &Value) -> Value {
    json!({
        "ip": pod["status"]["podIP"],
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": {
            "kind": "Pod",
            "name": objects::name(pod),
            "namespace": objects::namespace(pod),
            "uid": objects::uid(pod),
        },
    })
}

/// The ports of the pods; a port that is named is looked up in one of them.
fn ports(service: &Value, pod: Option<&Value>) -> Value {
    objects::items(&service["spec"]["ports"])
        .filter_map(|port| {
            let number = match &port["targetPort"] {
                Value::Null => port["port"].as_u64()?,
                Value::String(name) => named(pod?, name)?,
                number => number.as_u64()?,
            };
            let mut found = json!({"port": number, "protocol": port["protocol"].as_str().unwrap_or("TCP")});
            if let Some(name) = port["name"].as_str() {
                found["name"] = json!(name);
            }
            Some(found)
        })
        .collect()
}

fn named(pod: &Value, name: &str) -> Option<u64> {
    let containers = objects::items(&pod["spec"]["containers"]);
    let mut ports = containers.flat_map(|container| objects::items(&container["ports"]));
    ports.find(|port| port["name"] == name)?["containerPort"].as_u64()
}
