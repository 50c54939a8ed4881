//! The way in from outside: an HTTPProxy, and a certificate for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Input;

const CERTIFICATE: &str = "prometheus-tls";

pub(super) fn render(input: &Input<'_>) -> Vec<Value> {
    let values = &input.values["ingress"];
    if values["enabled"] != true {
        return Vec::new();
    }
    let mut objects = match values["tlsCertificate"]["tls.crt"].as_str().filter(|given| !given.is_empty()) {
        Some(_) => vec![given_certificate(input)],
        None => own_certificate(input),
    };
    objects.push(http_proxy(input));
    objects
}

fn object(input: &Input<'_>, api_version: &str, kind: &str, name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {"name": name, "namespace": input.namespace(), "labels": {"app": "prometheus"}},
        "spec": spec,
    })
}

/// The certificate that the user gave.
fn given_certificate(input: &Input<'_>) -> Value {
    let given = &input.values["ingress"]["tlsCertificate"];
    let encoded = |name: &str| STANDARD.encode(given[name].as_str().unwrap_or_default());
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": CERTIFICATE, "namespace": input.namespace(), "labels": {"app": "prometheus"}},
        "type": "kubernetes.io/tls",
        "data": {"tls.crt": encoded("tls.crt"), "tls.key": encoded("tls.key"), "ca.crt": encoded("ca.crt")},
    })
}

/// An authority of the package's own, and a certificate signed by it: cert-manager makes both.
fn own_certificate(input: &Input<'_>) -> Vec<Value> {
    let fqdn = &input.values["ingress"]["virtual_host_fqdn"];
    let api = "cert-manager.io/v1";
    let issued_by = |name: &str| json!({"name": name, "kind": "Issuer", "group": "cert-manager.io"});
    vec![
        object(input, api, "Issuer", "prometheus-self-signed-ca-issuer", &json!({"selfSigned": {}})),
        object(
            input,
            api,
            "Certificate",
            "prometheus-ca",
            &json!({
                "commonName": "prometheus-ca",
                "isCA": true,
                "duration": "87600h",
                "secretName": "prometheus-ca-key-pair",
                "issuerRef": issued_by("prometheus-self-signed-ca-issuer"),
            }),
        ),
        object(
            input,
            api,
            "Issuer",
            "prometheus-ca-issuer",
            &json!({"ca": {"secretName": "prometheus-ca-key-pair"}}),
        ),
        object(
            input,
            api,
            "Certificate",
            "prometheus-tls-cert",
            &json!({
                "commonName": "prometheus",
                "dnsNames": [fqdn],
                "duration": "8760h",
                "secretName": CERTIFICATE,
                "issuerRef": issued_by("prometheus-ca-issuer"),
                "usages": ["server auth", "client auth"],
            }),
        ),
    ]
}

fn http_proxy(input: &Input<'_>) -> Value {
    let values = &input.values["ingress"];
    let route = |prefix: &Value, service: &str, port: &Value| {
        let mut route =
            json!({"conditions": [{"prefix": prefix}], "services": [{"name": service, "port": port}]});
        if *prefix != "/" {
            route["pathRewritePolicy"] = json!({"replacePrefix": [{"prefix": prefix, "replacement": "/"}]});
        }
        route
    };
    let routes = json!([
        route(&values["prometheus_prefix"], "prometheus-server", &values["prometheusServicePort"]),
        route(&values["alertmanager_prefix"], "alertmanager", &values["alertmanagerServicePort"]),
    ]);
    object(
        input,
        "projectcontour.io/v1",
        "HTTPProxy",
        "prometheus-httpproxy",
        &json!({
            "virtualhost": {
                "fqdn": values["virtual_host_fqdn"],
                "tls": {"secretName": CERTIFICATE, "minimumProtocolVersion": "1.2"},
            },
            "routes": routes,
        }),
    )
}
