//! Contour: which `HTTPProxies` are valid.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::objects;
use crate::site::Site;
use crate::store::{Key, Store, now};

const GROUP: &str = "projectcontour.io";

/// Writes the status of every HTTPProxy.
pub(crate) async fn run(site: Site) {
    let mut versions = site.store.versions();
    loop {
        versions.borrow_and_update();
        for proxy in site.store.list(GROUP, "httpproxies", None).0 {
            report(&site, &proxy);
        }
        if versions.changed().await.is_err() {
            return;
        }
    }
}

fn report(site: &Site, proxy: &Value) {
    let Some(key) = objects::key(proxy) else { return };
    let error = error(&site.store, proxy);
    let (current, reason, message) = match error {
        None => ("valid", "Valid", "Valid HTTPProxy"),
        Some(_) => ("invalid", "ErrorPresent", "At least one error present, see Errors for details"),
    };
    let before = objects::condition(proxy, "Valid");
    let status = if error.is_none() { "True" } else { "False" };
    let time = match before.filter(|before| before["status"] == status) {
        Some(before) => before["lastTransitionTime"].clone(),
        None => json!(now()),
    };
    let mut condition = json!({
        "type": "Valid",
        "status": status,
        "reason": reason,
        "message": message,
        "observedGeneration": proxy["metadata"]["generation"],
        "lastTransitionTime": time,
    });
    if let Some((kind, reason, message)) = error {
        condition["errors"] = json!([{"type": kind, "status": "True", "reason": reason, "message": message}]);
    }
    let status = json!({
        "currentStatus": current,
        "description": message,
        "conditions": [condition],
        "loadBalancer": {"ingress": [{"ip": format!("172.18.{}.1", u16::from(site.number) + 200)}]},
    });
    site.store.modify(&key, None, |proxy| proxy["status"] = status).ok();
}

/// What is wrong with an HTTPProxy, if anything: type, reason and message.
fn error(store: &Store, proxy: &Value) -> Option<(&'static str, &'static str, String)> {
    let fqdn = proxy["spec"]["virtualhost"]["fqdn"].as_str().unwrap_or_default().to_lowercase();
    let all = store.list(GROUP, "httpproxies", None).0;
    let has_it = |other: &&Value| {
        other["spec"]["virtualhost"]["fqdn"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(&fqdn))
    };
    let name = |other: &Value| format!("{}/{}", objects::namespace(other), objects::name(other));
    let mut same: Vec<_> = all.iter().filter(has_it).map(name).collect();
    same.sort();
    if same.len() > 1 {
        let message = format!("fqdn \"{fqdn}\" is used in multiple HTTPProxies: {}", same.join(", "));
        return Some(("VirtualHostError", "DuplicateVhost", message));
    }
    let tls = &proxy["spec"]["virtualhost"]["tls"];
    tls_error(store, proxy, tls).or_else(|| service_error(store, proxy))
}

fn tls_error(store: &Store, proxy: &Value, tls: &Value) -> Option<(&'static str, &'static str, String)> {
    let name = tls["secretName"].as_str()?;
    if secret(store, proxy, name).is_none_or(|secret| !secret["data"]["tls.crt"].is_string()) {
        let message = format!("Spec.VirtualHost.TLS Secret \"{name}\" is invalid: Secret not found");
        return Some(("TLSError", "SecretNotValid", message));
    }
    let name = tls["clientValidation"]["caSecret"].as_str()?;
    let why = match secret(store, proxy, name).map(|secret| decoded(&secret, "ca.crt").unwrap_or_default()) {
        None => "Secret not found",
        Some(bundle) if bundle.is_empty() => "empty \"ca.crt\" key",
        Some(bundle) if !String::from_utf8_lossy(&bundle).contains("-----BEGIN") => {
            "invalid CA certificate bundle: failed to locate certificate"
        }
        Some(_) => return None,
    };
    let namespace = objects::namespace(proxy);
    let message = format!(
        "Spec.VirtualHost.TLS client validation is invalid: invalid CA Secret \"{namespace}/{name}\": {why}"
    );
    Some(("TLSError", "ClientValidationInvalid", message))
}

/// The routes to other Services are served all the same.
fn service_error(store: &Store, proxy: &Value) -> Option<(&'static str, &'static str, String)> {
    let namespace = objects::namespace(proxy);
    let services =
        objects::items(&proxy["spec"]["routes"]).flat_map(|route| objects::items(&route["services"]));
    let mut names = services.filter_map(|service| service["name"].as_str());
    let missing =
        names.find(|name| store.get(&Key::namespaced("", "services", namespace, name)).is_none())?;
    let message =
        format!("Spec.Routes unresolved service reference: service \"{namespace}/{missing}\" not found");
    Some(("ServiceError", "ServiceUnresolvedReference", message))
}

/// A Secret beside an HTTPProxy.
pub(super) fn secret(store: &Store, proxy: &Value, name: &str) -> Option<Value> {
    store.get(&Key::namespaced("", "secrets", objects::namespace(proxy), name))
}

/// What a Secret has below a key.
pub(super) fn decoded(secret: &Value, key: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret["data"][key].as_str()?).ok()
}

/// The HTTPProxy that is served for a name.
pub(super) fn served(store: &Store, host: &str) -> Option<Value> {
    let proxy = with_name(store, host)?;
    error(store, &proxy).is_none_or(|(kind, ..)| kind == "ServiceError").then_some(proxy)
}

/// The HTTPProxy for a name.
pub(super) fn with_name(store: &Store, host: &str) -> Option<Value> {
    let proxies = store.list(GROUP, "httpproxies", None).0;
    proxies.into_iter().find(|proxy| {
        proxy["spec"]["virtualhost"]["fqdn"].as_str().is_some_and(|fqdn| fqdn.eq_ignore_ascii_case(host))
    })
}
