//! What the tests of packages have in common: an install, and questions to the cluster.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use promfed_sandbox::store::Key;
use promfed_sandbox::{Binaries, Cluster, Sandbox};
use serde_json::{Value, json};
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

pub(crate) const SYSTEM: &str = "tkg-system";
pub(crate) const NAMESPACE: &str = "tanzu-system-monitoring";
pub(crate) const HUB_PACKAGE: (&str, &str) = ("prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1");
const PATIENCE: Duration = Duration::from_secs(60);

/// The binaries of these major versions. Without them a test is skipped, unless `PROMFED_SKIP=never`.
pub(crate) fn binaries(majors: &[u64]) -> Option<Binaries> {
    let binaries = Binaries::find();
    if majors.iter().all(|major| binaries.has_major(*major)) {
        return Some(binaries);
    }
    assert!(
        std::env::var("PROMFED_SKIP").as_deref() != Ok("never"),
        "no Prometheus of the major versions {majors:?}"
    );
    writeln!(std::io::stderr(), "skipped: no Prometheus of the major versions {majors:?}").unwrap();
    None
}

pub(crate) fn install_key() -> Key {
    Key::namespaced("packaging.carvel.dev", "packageinstalls", SYSTEM, "prometheus")
}

/// One cluster.
pub(crate) struct Rig<'s> {
    pub(crate) cluster: &'s Cluster,
}

impl<'s> Rig<'s> {
    pub(crate) fn new(sandbox: &'s Sandbox, name: &str) -> Self {
        Self { cluster: sandbox.cluster(name).unwrap() }
    }

    /// Creates an object in the system namespace, or outside of all.
    pub(crate) fn create(&self, api_version: &str, kind: &str, name: &str, fields: &Value) {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        let plural = promfed_sandbox::api::kinds::named(group, kind).unwrap();
        let key = if plural.namespaced() {
            Key::namespaced(group, plural.plural, SYSTEM, name)
        } else {
            Key::cluster(group, plural.plural, name)
        };
        let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": name}});
        if let Some(namespace) = &key.namespace {
            object["metadata"]["namespace"] = json!(namespace);
        }
        for (field, value) in fields.as_object().unwrap() {
            object[field] = value.clone();
        }
        self.cluster.api.store.create(&key, object).unwrap();
    }

    /// Installs a package as kctrl does.
    pub(crate) fn install(&self, (package, version): (&str, &str), values: &str) {
        let rbac = "rbac.authorization.k8s.io/v1";
        self.create("v1", "ServiceAccount", "prometheus-sa", &json!({}));
        self.create(rbac, "ClusterRoleBinding", "prometheus", &json!({
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"kind": "ServiceAccount", "name": "prometheus-sa", "namespace": SYSTEM}],
        }));
        let data = json!({"values.yaml": STANDARD.encode(values)});
        self.create("v1", "Secret", "prometheus-values", &json!({"type": "Opaque", "data": data}));
        self.create("packaging.carvel.dev/v1alpha1", "PackageInstall", "prometheus", &json!({"spec": {
            "packageRef": {"refName": package, "versionSelection": {"constraints": version, "prereleases": {}}},
            "serviceAccountName": "prometheus-sa",
            "values": [{"secretRef": {"name": "prometheus-values"}}],
        }}));
    }

    /// Writes other values.
    pub(crate) fn values(&self, values: &str) {
        let key = Key::namespaced("", "secrets", SYSTEM, "prometheus-values");
        let write = |secret: &mut Value| secret["data"]["values.yaml"] = json!(STANDARD.encode(values));
        self.cluster.api.store.modify(&key, None, write).unwrap();
    }

    /// The status of the install once a reconcile has ended.
    pub(crate) fn reconciled(&self) -> Value {
        self.eventually(|| {
            let status = self.cluster.api.store.get(&install_key())?["status"].clone();
            let condition = status["conditions"][0]["type"].as_str()?;
            condition
                .starts_with("Reconcile")
                .then_some(status.clone())
                .filter(|_| condition != "Reconciling")
        })
    }

    /// The same, once the Deployment has the arguments of these values.
    pub(crate) fn reconciled_with(&self, values: &str) -> Value {
        let values: Value = serde_yaml::from_str(values).unwrap();
        let key = Key::namespaced("apps", "deployments", NAMESPACE, "prometheus-server");
        self.eventually(|| {
            let deployment = self.cluster.api.store.get(&key)?;
            let arguments = &deployment["spec"]["template"]["spec"]["containers"][1]["args"];
            (*arguments == values["prometheus"]["deployment"]["containers"]["args"]).then_some(())
        });
        self.eventually(|| Some(self.reconciled()).filter(|status| status["usefulErrorMessage"].is_null()))
    }

    /// The pod of a component.
    pub(crate) fn pod(&self, component: &str) -> Value {
        let pods = self.cluster.api.store.list("", "pods", Some(NAMESPACE)).0;
        pods.into_iter().find(|pod| pod["metadata"]["labels"]["component"] == component).unwrap()
    }

    /// What Prometheus answers, asked through the API server; null when nobody answers.
    pub(crate) fn prometheus(&self, path: &str) -> Value {
        let path = format!("/api/v1/namespaces/{NAMESPACE}/services/prometheus-server:80/proxy{path}");
        serde_json::from_str(&self.get(&path)).unwrap_or_default()
    }

    /// The first sample of an instant query.
    pub(crate) fn query(&self, query: &str) -> Option<Value> {
        let encoded = query.bytes().fold(String::new(), |encoded, byte| encoded + &format!("%{byte:02X}"));
        let answer = self.prometheus(&format!("/api/v1/query?query={encoded}"));
        answer["data"]["result"].get(0).cloned()
    }

    /// Asks until there is an answer.
    pub(crate) fn eventually<T>(&self, ask: impl Fn() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = ask() {
                return answer;
            }
            assert!(Instant::now() < end, "{}: nothing happened in time", self.cluster.name);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The body of an answer of the API server.
    fn get(&self, path: &str) -> String {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.cluster.ca_pem.as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let address = self.cluster.url.strip_prefix("https://").unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut stream = StreamOwned::new(connection, TcpStream::connect(address).unwrap());
        let token = self.cluster.api.access.admin_token();
        let head = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // The server may close without saying so.
        stream.read_to_end(&mut answer).ok();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
    }
}

/// What a proxy answers to a CONNECT (with a name and a port) or to a GET (with a URL).
pub(crate) fn ask(proxy: &str, method: &str, target: &str) -> String {
    let address: SocketAddr = proxy.strip_prefix("http://").unwrap().parse().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let host = target.trim_start_matches("http://").split('/').next().unwrap();
    let request = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
