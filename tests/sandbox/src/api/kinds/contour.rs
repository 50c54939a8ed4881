//! Ingress and certificates: Contour and cert-manager.

use serde_json::Value;

use super::cells::condition;
use super::columns::{AGE, Column, NAME};
use super::{Kind, Origin, Scope, kind};

const CERT_MANAGER: &str = "cert-manager.io";
const READY: Column =
    Column::made("Ready", |object| condition(object, "Ready").map_or(Value::Null, |c| c["status"].clone()));
const STATUS: Column =
    Column::made("Status", |object| condition(object, "Ready").map_or(Value::Null, |c| c["message"].clone()))
        .wide();

pub(super) const KINDS: &[Kind] = &[
    Kind {
        short: &["proxy", "proxies"],
        origin: Origin::Custom,
        subresources: &["status"],
        columns: &[
            NAME,
            Column::field("FQDN", "/spec/virtualhost/fqdn"),
            Column::field("TLS Secret", "/spec/virtualhost/tls/secretName"),
            Column::field("Status", "/status/currentStatus"),
            Column::field("Status Description", "/status/description"),
        ],
        ..kind("projectcontour.io", "v1", "HTTPProxy", "httpproxies", "httpproxy")
    },
    Kind {
        short: &["cert", "certs"],
        categories: &["cert-manager"],
        origin: Origin::Custom,
        subresources: &["status"],
        columns: &[
            NAME,
            READY,
            Column::field("Secret", "/spec/secretName"),
            Column::field("Issuer", "/spec/issuerRef/name").wide(),
            STATUS,
            AGE,
        ],
        ..kind(CERT_MANAGER, "v1", "Certificate", "certificates", "certificate")
    },
    Kind {
        categories: &["cert-manager"],
        scope: Scope::Cluster,
        origin: Origin::Custom,
        subresources: &["status"],
        columns: &[NAME, READY, STATUS, AGE],
        ..kind(CERT_MANAGER, "v1", "ClusterIssuer", "clusterissuers", "clusterissuer")
    },
    Kind {
        categories: &["cert-manager"],
        origin: Origin::Custom,
        subresources: &["status"],
        columns: &[NAME, READY, STATUS, AGE],
        ..kind(CERT_MANAGER, "v1", "Issuer", "issuers", "issuer")
    },
];
