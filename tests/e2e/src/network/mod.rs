//! Where addresses and names lead: the addresses of Services (`services`), the names of Services and of what stands
//! behind an ingress (`dns`), and the ingress itself (`ingress`).

pub(crate) mod dns;
pub(crate) mod ingress;
pub(crate) mod services;

use promfed_sandbox::objects::items;
use promfed_sandbox::store::{Key, Store};
use serde_json::Value;

/// The addresses of a Service's ready pods, each with the port that a port of the Service leads to.
pub(crate) fn endpoints(store: &Store, service: &Value, port: u64) -> Vec<(String, u16)> {
    let metadata = &service["metadata"];
    let (Some(namespace), Some(name)) = (metadata["namespace"].as_str(), metadata["name"].as_str()) else {
        return Vec::new();
    };
    let endpoints = store.get(&Key::namespaced("", "endpoints", namespace, name)).unwrap_or_default();
    let mut ports = items(&service["spec"]["ports"]).filter(|candidate| candidate["port"] == port);
    let Some(wanted) = ports.next() else { return Vec::new() };
    let mut found = Vec::new();
    for subset in items(&endpoints["subsets"]) {
        let target = items(&subset["ports"]).find(|candidate| candidate["name"] == wanted["name"]);
        let Some(target) = target.and_then(|target| u16::try_from(target["port"].as_u64()?).ok()) else {
            continue;
        };
        let addresses = items(&subset["addresses"]).filter_map(|address| address["ip"].as_str());
        found.extend(addresses.map(|address| (address.to_owned(), target)));
    }
    found
}
