//! Services: an address for each that came without one, and one from outside for those of type `LoadBalancer`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::objects;
use crate::site::Site;

/// The address of the Service of the API server.
pub(crate) const KUBERNETES_IP: &str = "10.96.0.1";

/// Gives addresses to the Services that have none.
pub(super) fn pass(site: &Site) {
    let services = site.store.list("", "services", None).0;
    let mut taken: BTreeSet<String> = services
        .iter()
        .filter_map(|service| service["spec"]["clusterIP"].as_str().map(str::to_owned))
        .collect();
    for service in &services {
        let Some(key) = objects::key(service) else { continue };
        if service["spec"]["clusterIP"].as_str().is_none_or(str::is_empty) {
            let address = free(site, &taken);
            taken.insert(address.clone());
            let finish = |service: &mut Value| {
                service["spec"]["clusterIP"] = json!(address);
                service["spec"]["clusterIPs"] = json!([address]);
            };
            site.store.modify(&key, None, finish).ok();
        }
        let outside = service["spec"]["type"] == "LoadBalancer";
        let has = !service["status"]["loadBalancer"]["ingress"].is_null();
        if outside && !has {
            let address = format!("172.18.{}.1", u16::from(site.number) + 200);
            let status = json!({"loadBalancer": {"ingress": [{"ip": address}]}});
            site.store.modify(&key, None, |service| service["status"] = status).ok();
        }
    }
}

/// An address that no Service has.
pub(crate) fn free(site: &Site, taken: &BTreeSet<String>) -> String {
    let all = (0..=u8::MAX).map(|number| format!("10.96.{}.{number}", site.number));
    all.skip(10).find(|address| !taken.contains(address)).unwrap_or_default()
}
