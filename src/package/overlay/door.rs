//! The door through which agents write to a hub: a host name of its own, where only those are let in whom the hub knows.
//!
//! Every agent has a certificate that it signed itself, and the hub keeps all of them as the authorities that Contour
//! verifies by. So there is no authority whose key could make more of them, nothing secret is kept at the hub, and
//! who is taken out of the bundle is out at the next handshake, without lists of what was revoked. Envoy takes a
//! certificate that is an authority of its own for a client's, also where it says that it is none (seen with 1.38).
//!
//! The package's own host name goes on serving everything else, and refuses writes once everybody has a certificate.

use serde_json::{Value, json};

use crate::domain::Fqdn;
use crate::package::SERVED;
use crate::yaml::{self, write::to_yaml};

/// The HTTPProxy of the door, and the Secret with the certificates. The namespace is the package's.
const PROXY: &str = "promfed-write";
pub const CLIENTS: &str = "promfed-write-clients";
/// The HTTPProxy of the package's own.
const OWN_PROXY: &str = "prometheus-httpproxy";

/// A way that Prometheus takes for its receiver's, and Envoy for another one: a path is decoded after it was routed
/// (seen with Prometheus 3.5 and Envoy 1.38; all other spellings are made one before).
const ENCODED: [&str; 2] = ["/api/v1%2Fwrite", "/api/v1%2fwrite"];
/// What else takes samples from outside, where it is switched on.
const OTLP: &str = "/api/v1/otlp";

/// The door of a hub.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Door {
    /// Where agents write to.
    pub host: Fqdn,
    /// The path of the receiver: `/api/v1/write`, below the route prefix if Prometheus has one.
    pub path: String,
    /// The certificates of those who are let in, in PEM.
    pub clients: String,
    /// The port of the Service of Prometheus.
    pub port: u16,
    pub shown: Shown,
    pub public: Public,
}

/// Whose certificate the door shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The one that cert-manager makes for the package, which gets one more name.
    Issued,
    /// One that the values bring, which has the name.
    Given,
}

/// What the package's own host name does with writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Public {
    /// It takes them from everybody: somebody has no certificate yet.
    Open,
    /// It refuses them. `prefix` is where it serves Prometheus, like `/`.
    Closed { prefix: String },
}

impl Door {
    /// The host name of a door beside that of a hub: one that the same wildcard covers.
    pub fn host_beside(hub: &Fqdn) -> Option<Fqdn> {
        let (first, rest) = hub.as_str().split_once('.')?;
        format!("{first}-write.{rest}").parse().ok()
    }

    /// The URL that agents write to.
    pub fn url(&self) -> String {
        format!("https://{}{}", self.host, self.path)
    }

    /// Reads the door of an overlay; `None` where there is none.
    pub fn read(text: &str) -> Option<Self> {
        let documents: Vec<Value> = text.split("\n---\n").filter_map(|text| yaml::read(text).ok()).collect();
        let find = |kind: &str, name: &str| {
            documents.iter().find(|one| one["kind"] == kind && one["metadata"]["name"] == name)
        };
        let spec = &find("HTTPProxy", PROXY)?["spec"];
        let clients = find("Secret", CLIENTS)?["stringData"]["ca.crt"].as_str()?;
        let over = documents.iter().filter(|one| one["kind"].is_null());
        let mut denied = over.filter_map(|one| one["spec"]["routes"].as_array()).flatten();
        let first = denied.find_map(|route| route["conditions"][0]["prefix"].as_str());
        let path = spec["routes"][0]["conditions"][0]["prefix"].as_str()?;
        Some(Self {
            host: spec["virtualhost"]["fqdn"].as_str()?.parse().ok()?,
            path: path.to_owned(),
            clients: clients.to_owned(),
            port: u16::try_from(spec["routes"][0]["services"][0]["port"].as_u64()?).ok()?,
            shown: if documents.iter().any(|one| one["spec"]["dnsNames"].is_array()) {
                Shown::Issued
            } else {
                Shown::Given
            },
            public: first.map_or(Public::Open, |first| Public::Closed {
                prefix: first
                    .strip_suffix(path)
                    .map_or("/", |prefix| if prefix.is_empty() { "/" } else { prefix })
                    .to_owned(),
            }),
        })
    }

    /// The host names that people and agents come through.
    pub const PROXIES: [&'static str; 2] = [OWN_PROXY, PROXY];

    /// Whether a Contour whose objects look like this can refuse writes at the package's own host name: a route that
    /// answers by itself is known since 1.22. One that is not described is taken to be.
    pub fn can_close(schemas: &Value) -> bool {
        let proxy = &schemas["components"]["schemas"]["io.projectcontour.v1.HTTPProxy"];
        let route = &proxy["properties"]["spec"]["properties"]["routes"]["items"]["properties"];
        route.is_null() || route["directResponsePolicy"].is_object()
    }

    /// Whether an `HTTPProxy` refuses writes.
    pub fn refuses(&self, proxy: &str) -> bool {
        proxy == OWN_PROXY && self.public != Public::Open
    }

    /// The overlay that makes it.
    pub fn overlay(&self) -> String {
        let mut text = String::from(
            "#! Made by kubectl-promfed: who may write to this hub.\n#@ load(\"@ytt:data\", \"data\")\n#@ load(\"@ytt:overlay\", \"overlay\")\n",
        );
        text.push_str(&document("v1", "Secret", CLIENTS));
        text.push_str(&to_yaml(&json!({"type": "Opaque", "stringData": {"ca.crt": self.clients}})));
        text.push_str(&document("projectcontour.io/v1", "HTTPProxy", PROXY));
        text.push_str(&to_yaml(&json!({"spec": {
            "virtualhost": {"fqdn": self.host, "tls": {
                "secretName": SERVED,
                "minimumProtocolVersion": "1.2",
                "clientValidation": {"caSecret": CLIENTS},
            }},
            "routes": [{
                "conditions": [{"prefix": self.path}],
                "services": [{"name": "prometheus-server", "port": self.port}],
                "timeoutPolicy": {"response": "60s"},
            }],
        }})));
        if self.shown == Shown::Issued {
            text.push_str(&over("Certificate", &format!("\"spec\": {{\"secretName\": \"{SERVED}\"}}")));
            text.push_str("  dnsNames:\n  #@overlay/append\n");
            text.push_str(&item(&json!(self.host.as_str())));
        }
        if let Public::Closed { prefix } = &self.public {
            text.push_str(&over("HTTPProxy", &format!("\"metadata\": {{\"name\": \"{OWN_PROXY}\"}}")));
            text.push_str("  routes:\n");
            for route in self.refusals(prefix) {
                text.push_str("  #@overlay/append\n");
                text.push_str(&item(&route));
            }
        }
        text
    }

    /// The routes by which the package's own host name refuses writes.
    fn refusals(&self, prefix: &str) -> Vec<Value> {
        let below = |path: &str| format!("{}{path}", prefix.trim_end_matches('/'));
        let body = format!("agents write to {}\n", self.url());
        let answer = json!({"statusCode": 403, "body": body});
        let route = |conditions: Value| json!({"conditions": conditions, "directResponsePolicy": answer});
        let base = self.path.strip_suffix("/api/v1/write").unwrap_or_default();
        let mut all = vec![
            route(json!([{"prefix": below(&self.path)}])),
            route(json!([{"prefix": below(&format!("{base}{OTLP}"))}])),
        ];
        all.extend(ENCODED.iter().map(|path| {
            let contains = format!("{base}{path}");
            route(json!([{"prefix": prefix}, {"header": {"name": ":path", "contains": contains}}]))
        }));
        all
    }
}

/// The head of an overlay over the object of this kind that has these fields.
fn over(kind: &str, fields: &str) -> String {
    format!("#@overlay/match by=overlay.subset({{\"kind\": \"{kind}\", {fields}}})\n---\nspec:\n")
}

/// One item of a list that is two spaces in.
fn item(value: &Value) -> String {
    to_yaml(&json!([value])).lines().fold(String::new(), |text, line| text + "  " + line + "\n")
}

fn document(api_version: &str, kind: &str, name: &str) -> String {
    format!(
        "---\napiVersion: {api_version}\nkind: {kind}\nmetadata:\n  name: {name}\n  namespace: #@ data.values.namespace\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n";

    fn door() -> Door {
        Door {
            host: "prometheus-write.hub.test".parse().expect("a name"),
            path: "/api/v1/write".into(),
            clients: ONE.into(),
            port: 80,
            shown: Shown::Issued,
            public: Public::Closed { prefix: "/".into() },
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for public in
            [Public::Open, Public::Closed { prefix: "/".into() }, Public::Closed { prefix: "/p".into() }]
        {
            for shown in [Shown::Issued, Shown::Given] {
                for path in ["/api/v1/write", "/prom/api/v1/write"] {
                    let door = Door { path: path.into(), shown, public: public.clone(), ..door() };
                    assert_eq!(Door::read(&door.overlay()), Some(door.clone()), "{}", door.overlay());
                }
            }
        }
        assert_eq!(Door::read("kind: Secret\n"), None);
    }

    /// The same text is held to the real ytt elsewhere.
    #[test]
    fn the_overlay_is_the_one_that_ytt_was_seen_to_take() {
        assert_eq!(door().overlay(), include_str!("../../../tests/fixtures/door.yaml"));
    }

    #[test]
    fn a_contour_that_cannot_answer_by_itself_cannot_close_a_name() {
        let of = |route: Value| {
            let spec = json!({"properties": {"routes": {"items": {"properties": route}}}});
            json!({"components": {"schemas": {"io.projectcontour.v1.HTTPProxy": {"properties": {"spec": spec}}}}})
        };
        assert!(Door::can_close(&of(json!({"services": {}, "directResponsePolicy": {}}))));
        assert!(!Door::can_close(&of(json!({"services": {}}))));
        assert!(Door::can_close(&json!({})));
    }

    #[test]
    fn the_host_is_one_that_a_wildcard_covers_too() {
        let hub: Fqdn = "prometheus.hub.test".parse().expect("a name");
        assert_eq!(Door::host_beside(&hub).expect("a name").as_str(), "prometheus-write.hub.test");
    }
}
