//! The ingress in front of a hub: which requests it lets through, whereto, and what it says of an HTTPProxy. The real
//! Contour and Envoy are asked the same as their stand-in.

use serde_json::{Value, json};

use crate::client::{Answer, Authority, Identity, Request};
use crate::support::{Rig, eventually};

const NAMESPACE: &str = "tanzu-system-monitoring";
const NAME: &str = "routes.hub.test";
const AT: [&str; 4] = ["-n", NAMESPACE, "--context", "admin@hub"];

fn metadata(name: &str) -> Value {
    json!({"name": name, "namespace": NAMESPACE})
}

fn apply(rig: &Rig, objects: &[Value]) {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let file = rig.file("objects.json", &list.to_string());
    rig.kubectl(&["apply", "--context", "admin@hub", "-f", &file]).ends_with(0);
}

fn secret(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata(name), "stringData": data})
}

fn server(identity: &Identity) -> Value {
    secret("server", &json!({"tls.crt": identity.certificate, "tls.key": identity.key}))
}

fn proxy(name: &str, tls: &Value, routes: &Value) -> Value {
    json!({"apiVersion": "projectcontour.io/v1", "kind": "HTTPProxy", "metadata": metadata(name),
        "spec": {"virtualhost": {"fqdn": format!("{name}.hub.test"), "tls": tls}, "routes": routes}})
}

/// What Contour says of an HTTPProxy: its status and description, and what is wrong.
fn status(rig: &Rig, name: &str) -> (String, String, String) {
    let get = rig.kubectl(&[&["get", "httpproxy", name, "-o", "json"], &AT[..]].concat()).ends_with(0).json();
    let status = &get["status"];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let error = &status["conditions"][0]["errors"][0];
    let error = format!("{} {}: {}", text(&error["type"]), text(&error["reason"]), text(&error["message"]));
    (text(&status["currentStatus"]), text(&status["description"]), error)
}

fn is_valid(rig: &Rig, name: &str) {
    eventually("the HTTPProxy is valid", || {
        status(rig, name).0 == "valid" && status(rig, name).1 == "Valid HTTPProxy"
    });
}

fn direct(prefix: &str, header: &Value, status: u16, body: &str) -> Value {
    let mut conditions = vec![json!({"prefix": prefix})];
    if !header.is_null() {
        conditions.push(json!({"header": header}));
    }
    json!({"conditions": conditions, "directResponsePolicy": {"statusCode": status, "body": body}})
}

fn to_service(name: &str) -> Value {
    json!({"conditions": [{"prefix": format!("/{name}")}], "services": [{"name": name, "port": 80}]})
}

fn to_prometheus(prefix: &str, replacement: &str) -> Value {
    json!({
        "conditions": [{"prefix": prefix}],
        "services": [{"name": "prometheus-server", "port": 80}],
        "pathRewritePolicy": {"replacePrefix": [{"prefix": prefix, "replacement": replacement}]},
    })
}

#[test]
fn a_request_takes_the_route_that_is_made_for_it() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.install_by_hand(
        "hub",
        "prometheus.kubernetes.vmware.com",
        "3.5.0+vmware.1-vks.1",
        "prometheus: {}\n",
    );
    let identity = Identity::new(NAME, Authority::No);
    let none = Value::Null;
    let routes = json!([
        direct("/", &none, 200, "root"),
        direct("/one", &none, 200, "one"),
        direct("/one/two", &none, 201, "two"),
        direct("/slash/", &none, 200, "slash"),
        direct("/h", &none, 200, "otherwise"),
        direct("/h", &json!({"name": "X-Who", "exact": "edge"}), 200, "exactly"),
        direct("/h", &json!({"name": "X-Who", "contains": "dge"}), 200, "in part"),
        direct("/h", &json!({"name": "X-Who", "notpresent": true}), 401, "nobody"),
        direct("/", &json!({"name": ":path", "contains": "/api/v1%2Fwrite"}), 403, "escaped"),
        to_prometheus("/prometheus/", "/"),
        to_prometheus("/status", "/api/v1/status"),
    ]);
    apply(&rig, &[server(&identity), proxy("routes", &json!({"secretName": "server"}), &routes)]);
    is_valid(&rig, "routes");

    let ask = |path: &str, headers: &str| {
        let request = Request { name: NAME, path, headers };
        request.over_tls(rig.ingress("hub", 443), &identity.certificate, None)
    };
    eventually("it is served", || ask("/", "").is_ok_and(|answer| answer.body == "root"));
    let expected = [
        ("/", "", "200", "root"),
        ("/api/v1/write", "", "200", "root"),
        ("/one", "", "200", "one"),
        ("/one/three", "", "200", "one"),
        ("/oneself", "", "200", "one"),
        ("/one/two", "", "201", "two"),
        ("/one/two?three=four", "", "201", "two"),
        ("/slash", "", "200", "root"),
        ("/slash/", "", "200", "slash"),
        ("/h", "", "401", "nobody"),
        ("/h", "X-Who: edge\r\n", "200", "exactly"),
        ("/h", "x-who: edge1\r\n", "200", "in part"),
        ("/h", "X-Who: west\r\n", "200", "otherwise"),
        ("/api/v1%2Fwrite", "", "403", "escaped"),
        ("/prefix/api/v1%2Fwrite", "", "403", "escaped"),
        ("/?query=/api/v1%2Fwrite", "", "403", "escaped"),
        ("/api/v1%2fwrite", "", "200", "root"),
        ("/api/v1//write", "", "200", "root"),
        ("/prometheus/api/v1/status/buildinfo", "", "200", "\"status\":\"success\""),
        ("/prometheus/-/healthy?a=b", "", "200", "Prometheus Server is Healthy"),
        ("/prometheus", "", "302", "/query"),
        ("/status/buildinfo", "", "200", "\"status\":\"success\""),
        ("/statusbuildinfo", "", "404", "404 page not found"),
    ];
    let mut wrong = Vec::new();
    for (path, headers, status, body) in expected {
        match ask(path, headers) {
            Ok(Answer { status: code, body: text, .. }) if code == status && text.contains(body) => {}
            Ok(answer) => wrong.push(format!("{path} {headers}: {} {}", answer.status, answer.body)),
            Err(error) => wrong.push(format!("{path} {headers}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    let plain = Request { name: NAME, path: "/one?two=three", headers: "" };
    let answer = plain.plain(rig.ingress("hub", 80)).expect("an answer");
    let location = format!("location: https://{NAME}/one?two=three\r\n");
    assert!(answer.status == "301" && answer.headers.contains(&location), "{}", answer.headers);
}

#[test]
fn who_has_a_known_certificate_is_let_in() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}});
    let identity = Identity::new("guarded.hub.test", Authority::No);
    let edge = Identity::new("edge", Authority::No);
    let west = Identity::new("west", Authority::No);
    let north = Identity::new("north", Authority::Yes);
    let known = |bundle: &str| secret("known", &json!({"ca.crt": bundle}));
    let all: String = [&edge, &west, &north].map(|one| one.certificate.as_str()).concat();
    let tls = json!({"secretName": "server", "clientValidation": {"caSecret": "known"}});
    let routes = json!([direct("/", &Value::Null, 200, "welcome")]);
    apply(&rig, &[namespace, server(&identity), known(&all), proxy("guarded", &tls, &routes)]);
    is_valid(&rig, "guarded");

    let ask = |client: Option<&Identity>| {
        let request = Request { name: "guarded.hub.test", path: "/", headers: "" };
        let answer = request.over_tls(rig.ingress("hub", 443), &identity.certificate, client);
        answer.map_or_else(|error| format!("{error:?}"), |answer| answer.body)
    };
    eventually("it is served", || ask(Some(&edge)) == "welcome");
    for client in [&west, &north] {
        assert_eq!(ask(Some(client)), "welcome");
    }
    let (stranger, namesake) =
        (Identity::new("stranger", Authority::No), Identity::new("edge", Authority::No));
    let refused = [None, Some(&stranger), Some(&namesake)].map(ask);
    for (answer, alert) in refused.iter().zip(["CertificateRequired", "UnknownCA", "UnknownCA"]) {
        assert!(answer.contains(alert), "{alert}: {refused:?}");
    }

    let errors = |bundle: Option<&str>| {
        match bundle {
            Some(bundle) => apply(&rig, &[known(bundle)]),
            None => drop(rig.kubectl(&[&["delete", "secret", "known"], &AT[..]].concat()).ends_with(0)),
        }
        let mut found = status(&rig, "guarded");
        eventually("Contour has seen it", || {
            found = status(&rig, "guarded");
            found.0 == "invalid"
        });
        assert_eq!(found.1, "At least one error present, see Errors for details");
        eventually("nobody is let in", || ask(Some(&edge)) != "welcome");
        apply(&rig, &[known(&all)]);
        is_valid(&rig, "guarded");
        found.2
    };
    let found = [Some(""), Some("none"), None].map(errors);
    let wrong = |why: &str| {
        format!(
            "TLSError ClientValidationInvalid: Spec.VirtualHost.TLS client validation is invalid: invalid CA Secret \"{NAMESPACE}/known\": {why}"
        )
    };
    let words = [
        "empty \"ca.crt\" key",
        "invalid CA certificate bundle: failed to locate certificate",
        "Secret not found",
    ];
    assert_eq!(found, words.map(wrong));
}

#[test]
fn what_is_wrong_with_an_http_proxy_is_told() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let here = direct("/", &Value::Null, 200, "here");
    let twin = |name: &str| {
        let mut twin = proxy(name, &Value::Null, &json!([here]));
        twin["spec"]["virtualhost"]["fqdn"] = json!("twins.hub.test");
        twin
    };
    let objects = [
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata("idle"),
            "spec": {"selector": {"app": "nobody"}, "ports": [{"port": 80}]}}),
        proxy("plain", &Value::Null, &json!([here, to_service("idle")])),
        proxy("partly", &Value::Null, &json!([here, to_service("nowhere")])),
        proxy("bare", &json!({"secretName": "missing"}), &json!([here])),
        twin("one"),
        twin("two"),
    ];
    apply(&rig, &objects);
    is_valid(&rig, "plain");
    let twins = format!(
        "VirtualHostError DuplicateVhost: fqdn \"twins.hub.test\" is used in multiple HTTPProxies: {NAMESPACE}/one, {NAMESPACE}/two"
    );
    let missing =
        "TLSError SecretNotValid: Spec.VirtualHost.TLS Secret \"missing\" is invalid: Secret not found";
    let nowhere = format!(
        "ServiceError ServiceUnresolvedReference: Spec.Routes unresolved service reference: service \"{NAMESPACE}/nowhere\" not found"
    );
    for (name, error) in [("one", &*twins), ("two", &twins), ("bare", missing), ("partly", &nowhere)] {
        let mut found = status(&rig, name);
        eventually("Contour has seen it", || {
            found = status(&rig, name);
            found.0 == "invalid"
        });
        let words = "At least one error present, see Errors for details";
        assert_eq!(found, ("invalid".to_owned(), words.to_owned(), error.to_owned()), "{name}");
    }

    let ask = |name: &str, path: &str| {
        let answer = Request { name, path, headers: "" }.plain(rig.ingress("hub", 80));
        answer.map_or_else(|error| error.to_string(), |answer| format!("{} {}", answer.status, answer.body))
    };
    eventually("it is served", || ask("plain.hub.test", "/") == "200 here");
    assert_eq!(ask("plain.hub.test", "/idle"), "503 no healthy upstream");
    // What is wrong with one route spoils no other.
    assert_eq!(ask("partly.hub.test", "/"), "200 here");
    assert_eq!(ask("partly.hub.test", "/nowhere"), "503 ");
    for name in ["bare.hub.test", "twins.hub.test", "unknown.hub.test"] {
        assert_eq!(ask(name, "/"), "404 ");
    }
}
