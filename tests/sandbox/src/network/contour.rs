//! Contour: which `HTTPProxies` are valid, and which route a request takes.

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
    let name = proxy["spec"]["virtualhost"]["tls"]["secretName"].as_str()?;
    let message = format!("Spec.VirtualHost.TLS Secret \"{name}\" is invalid: Secret not found");
    tls_secret(store, proxy, name).is_none().then_some(("TLSError", "SecretNotValid", message))
}

/// The Secret with the certificate of an HTTPProxy.
pub(super) fn tls_secret(store: &Store, proxy: &Value, name: &str) -> Option<Value> {
    let secret = store.get(&Key::namespaced("", "secrets", objects::namespace(proxy), name))?;
    secret["data"]["tls.crt"].is_string().then_some(secret)
}

/// The HTTPProxy for a name.
pub(super) fn with_name(store: &Store, host: &str) -> Option<Value> {
    let proxies = store.list(GROUP, "httpproxies", None).0;
    proxies.into_iter().find(|proxy| {
        proxy["spec"]["virtualhost"]["fqdn"].as_str().is_some_and(|fqdn| fqdn.eq_ignore_ascii_case(host))
    })
}

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// It goes to a port of a Service, with this path.
    To { service: String, port: u16, path: String },
    /// It is answered at once.
    Direct { status: u16, body: String },
}

/// The route of an HTTPProxy for a path and its headers (`:path` is one): the one with the longest prefix, and of
/// those with the same the one with the most conditions on headers.
pub(super) fn route(proxy: &Value, path: &str, header: impl Fn(&str) -> Option<String>) -> Option<Route> {
    let prefix = |route: &Value| -> String {
        objects::items(&route["conditions"]).filter_map(|condition| condition["prefix"].as_str()).collect()
    };
    let headers = |route: &Value| -> Vec<Value> {
        let conditions = objects::items(&route["conditions"]);
        conditions
            .filter(|condition| condition["header"].is_object())
            .map(|one| one["header"].clone())
            .collect()
    };
    let routes = objects::items(&proxy["spec"]["routes"]);
    let matching = routes.filter(|route| {
        covers(&prefix(route), path) && headers(route).iter().all(|condition| fits(condition, &header))
    });
    let route = matching.max_by_key(|route| (prefix(route).len(), headers(route).len()))?;
    if let Some(status) = route["directResponsePolicy"]["statusCode"].as_u64() {
        let body = route["directResponsePolicy"]["body"].as_str().unwrap_or_default().to_owned();
        return Some(Route::Direct { status: u16::try_from(status).ok()?, body });
    }
    let service = &route["services"][0];
    let own = prefix(route);
    let mut rewrites = objects::items(&route["pathRewritePolicy"]["replacePrefix"]);
    let rewrite = rewrites.find(|rewrite| rewrite["prefix"].as_str().is_none_or(|prefix| prefix == own));
    let path = match rewrite.and_then(|rewrite| rewrite["replacement"].as_str()) {
        Some(replacement) => replaced(path, &own, replacement),
        None => path.to_owned(),
    };
    Some(Route::To {
        service: service["name"].as_str()?.to_owned(),
        port: u16::try_from(service["port"].as_u64()?).ok()?,
        path,
    })
}

/// Whether a header is as a condition wants it.
fn fits(condition: &Value, header: impl Fn(&str) -> Option<String>) -> bool {
    let found = header(condition["name"].as_str().unwrap_or_default());
    let text = |field: &str| condition[field].as_str();
    let holds =
        |text: &str, test: fn(&str, &str) -> bool| found.as_ref().is_some_and(|found| test(found, text));
    match (text("exact"), text("contains")) {
        (Some(exact), _) => holds(exact, |found, text| found == text),
        (None, Some(part)) => holds(part, |found, text| found.contains(text)),
        (None, None) if condition["notpresent"] == true => found.is_none(),
        (None, None) => found.is_some(),
    }
}

/// Whether the path lies below a prefix, at a boundary of segments.
fn covers(prefix: &str, path: &str) -> bool {
    let bare = prefix.trim_end_matches('/');
    path.strip_prefix(bare).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn replaced(path: &str, prefix: &str, replacement: &str) -> String {
    let rest = path.strip_prefix(prefix.trim_end_matches('/')).unwrap_or(path);
    format!("{}{}", replacement.trim_end_matches('/'), if rest.is_empty() { "/" } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_prefix_wins() {
        let proxy = json!({"spec": {"routes": [
            {"conditions": [{"prefix": "/"}], "services": [{"name": "p", "port": 80}]},
            {"conditions": [{"prefix": "/alertmanager/"}], "services": [{"name": "a", "port": 81}],
             "pathRewritePolicy": {"replacePrefix": [{"prefix": "/alertmanager/", "replacement": "/"}]}},
        ]}});
        let to = |path: &str| match route(&proxy, path, |_| None) {
            Some(Route::To { service, path, .. }) => (service, path),
            other => panic!("{path} leads to {other:?}"),
        };
        assert_eq!(to("/api/v1/write"), ("p".into(), "/api/v1/write".into()));
        assert_eq!(to("/alertmanager/api/v2"), ("a".into(), "/api/v2".into()));
        assert_eq!(to("/alertmanager"), ("a".into(), "/".into()));
        assert_eq!(to("/alertmanagers"), ("p".into(), "/alertmanagers".into()));
    }

    #[test]
    fn a_header_makes_a_route_of_its_own() {
        let proxy = json!({"spec": {"routes": [
            {"conditions": [{"prefix": "/"}], "directResponsePolicy": {"statusCode": 401}},
            {"conditions": [{"prefix": "/"}, {"header": {"name": "x", "exact": "y"}}], "services": [{"name": "p", "port": 80}]},
            {"conditions": [{"prefix": "/"}, {"header": {"name": ":path", "contains": "%2F"}}], "directResponsePolicy": {"statusCode": 403, "body": "no"}},
        ]}});
        let with = |name: &'static str, value: &'static str| {
            route(&proxy, "/a", move |asked| (asked == name).then(|| value.to_owned()))
        };
        assert_eq!(with("x", "z"), Some(Route::Direct { status: 401, body: String::new() }));
        assert_eq!(with("x", "y"), Some(Route::To { service: "p".into(), port: 80, path: "/a".into() }));
        assert_eq!(with(":path", "/a%2Fb"), Some(Route::Direct { status: 403, body: "no".into() }));
    }
}
