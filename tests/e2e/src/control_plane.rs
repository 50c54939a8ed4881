//! etcd, kube-apiserver and kube-controller-manager of one cluster.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use kube::Client;
use promfed_sandbox::kubeconfig::Kubeconfig;
use promfed_sandbox::tls::Authority;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::address::Number;
use crate::audit::{ADMIN, Audit};
use crate::client;
use crate::parts::Parts;
use crate::process::Process;

/// The tokens that the API server knows, with the user and the groups that they stand for.
const TOKENS: &[(&str, &str, &str)] = &[
    ("admin-token", ADMIN, "system:masters"),
    ("machine-token", "promfed-e2e", "system:masters"),
    ("controllers-token", "system:kube-controller-manager", "system:masters"),
    ("nobody-token", "nobody", ""),
];

/// What starting may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The control plane of a cluster.
pub(crate) struct ControlPlane {
    pub(crate) url: String,
    pub(crate) ca_pem: String,
    pub(crate) audit: Audit,
    /// For the rig itself.
    pub(crate) client: Client,
    api_server: Process,
    etcd: Process,
    controllers: Process,
}

impl ControlPlane {
    /// Starts all three. Returns when the API server is ready.
    pub(crate) async fn start(parts: &Parts, number: Number, folder: &Path) -> io::Result<Self> {
        let authority = Authority::new("kubernetes-ca")?;
        write_keys(&authority, number, folder)?;
        let url = format!("https://{}:6443", number.node());
        let ca_pem = authority.pem().to_owned();
        let etcd = start_etcd(parts, number, folder)?;
        let mut api_server = start_api_server(parts, number, folder)?;
        let client = client::connect(&url, &ca_pem, "machine-token")?;
        ready(&client, &mut api_server, folder).await?;
        let controllers = start_controllers(parts, number, folder)?;
        let audit = Audit::in_folder(folder);
        Ok(Self { url, ca_pem, audit, client, api_server, etcd, controllers })
    }

    /// The token of a person who may do everything.
    pub(crate) fn admin_token() -> &'static str {
        TOKENS[0].0
    }

    /// The kubeconfig of controllers.
    pub(crate) fn kubeconfig(folder: &Path) -> PathBuf {
        folder.join("controllers.kubeconfig")
    }

    /// Ends the API server: nobody listens at its address.
    pub(crate) async fn stop_api_server(&mut self) {
        self.api_server.stop().await;
    }

    /// Ends all three.
    pub(crate) async fn stop(&mut self) {
        tokio::join!(self.api_server.stop(), self.controllers.stop(), self.etcd.stop());
    }

    /// Lets the API server stand still. What waits for its answers waits until it is killed.
    pub(crate) async fn hang_api_server(&self) {
        self.api_server.signal("STOP").await;
    }
}

fn write_keys(authority: &Authority, number: Number, folder: &Path) -> io::Result<()> {
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text);
    let (node, api) = (number.node().to_string(), number.api().to_string());
    let serving =
        authority.leaf(&[&node, &api, "kubernetes", "kubernetes.default", "kubernetes.default.svc"])?;
    write("ca.crt", authority.pem())?;
    write("serving.crt", &serving.certificate)?;
    write("serving.key", &serving.key)?;
    let accounts = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(io::Error::other)?;
    write("accounts.key", &accounts.serialize_pem())?;
    write("accounts.pub", &accounts.public_key_pem())?;
    // The API server shows this to the aggregated API, which trusts what it says about users.
    let front = Authority::new("front-proxy-ca")?;
    let proxy = front.client("front-proxy-client")?;
    write("front-proxy-ca.crt", front.pem())?;
    write("front-proxy.crt", &proxy.certificate)?;
    write("front-proxy.key", &proxy.key)?;
    let lines = TOKENS.iter().enumerate().map(|(at, (token, user, groups))| match *groups {
        "" => format!("{token},{user},{at}\n"),
        groups => format!("{token},{user},{at},\"{groups}\"\n"),
    });
    write("tokens.csv", &lines.collect::<String>())?;
    write("audit-policy.yaml", &Audit::policy().to_string())?;
    let url = format!("https://{}:6443", number.node());
    Kubeconfig::new()
        .entry("cluster", &url, authority.pem(), "controllers-token")
        .write(&ControlPlane::kubeconfig(folder))
}

fn start_etcd(parts: &Parts, number: Number, folder: &Path) -> io::Result<Process> {
    let (clients, peers) =
        (format!("http://{}:2379", number.node()), format!("http://{}:2380", number.node()));
    let arguments = [
        format!("--data-dir={}", folder.join("etcd").display()),
        format!("--listen-client-urls={clients}"),
        format!("--advertise-client-urls={clients}"),
        format!("--listen-peer-urls={peers}"),
        format!("--initial-advertise-peer-urls={peers}"),
        format!("--initial-cluster=default={peers}"),
        "--unsafe-no-fsync=true".to_owned(),
        "--log-level=warn".to_owned(),
    ];
    Process::start(&parts.etcd(), arguments, &folder.join("etcd.log"))
}

fn start_api_server(parts: &Parts, number: Number, folder: &Path) -> io::Result<Process> {
    let file = |name: &str| folder.join(name).display().to_string();
    let arguments = [
        format!("--etcd-servers=http://{}:2379", number.node()),
        format!("--bind-address={}", number.node()),
        format!("--advertise-address={}", number.node()),
        "--secure-port=6443".to_owned(),
        format!("--service-cluster-ip-range={}", number.services()),
        format!("--tls-cert-file={}", file("serving.crt")),
        format!("--tls-private-key-file={}", file("serving.key")),
        format!("--cert-dir={}", folder.display()),
        format!("--client-ca-file={}", file("ca.crt")),
        format!("--token-auth-file={}", file("tokens.csv")),
        "--authorization-mode=RBAC".to_owned(),
        "--allow-privileged=true".to_owned(),
        // New nodes would be tainted until a controller has seen them ready; they are ready when they are made.
        "--disable-admission-plugins=TaintNodesByCondition".to_owned(),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={}", file("accounts.pub")),
        format!("--service-account-signing-key-file={}", file("accounts.key")),
        // An aggregated API is reached through its endpoints: there is no kube-proxy on the node.
        "--enable-aggregator-routing=true".to_owned(),
        format!("--requestheader-client-ca-file={}", file("front-proxy-ca.crt")),
        "--requestheader-allowed-names=front-proxy-client".to_owned(),
        "--requestheader-extra-headers-prefix=X-Remote-Extra-".to_owned(),
        "--requestheader-group-headers=X-Remote-Group".to_owned(),
        "--requestheader-username-headers=X-Remote-User".to_owned(),
        format!("--proxy-client-cert-file={}", file("front-proxy.crt")),
        format!("--proxy-client-key-file={}", file("front-proxy.key")),
        "--kubelet-preferred-address-types=InternalIP".to_owned(),
        format!("--audit-policy-file={}", file("audit-policy.yaml")),
        format!("--audit-log-path={}", file("audit.log")),
    ];
    Process::start(&parts.api_server(), arguments, &folder.join("kube-apiserver.log"))
}

fn start_controllers(parts: &Parts, number: Number, folder: &Path) -> io::Result<Process> {
    let file = |name: &str| folder.join(name).display().to_string();
    let controllers = [
        "daemonset-controller",
        "deployment-controller",
        "endpoints-controller",
        "endpointslice-controller",
        "garbage-collector-controller",
        "namespace-controller",
        "persistentvolume-binder-controller",
        "persistentvolumeclaim-protection-controller",
        "pod-garbage-collector-controller",
        "replicaset-controller",
        "root-ca-certificate-publisher-controller",
        "serviceaccount-controller",
        "statefulset-controller",
    ];
    let arguments = [
        format!("--kubeconfig={}", ControlPlane::kubeconfig(folder).display()),
        format!("--bind-address={}", number.node()),
        format!("--cert-dir={}", folder.display()),
        format!("--root-ca-file={}", file("ca.crt")),
        format!("--service-account-private-key-file={}", file("accounts.key")),
        format!("--controllers={}", controllers.join(",")),
        "--leader-elect=false".to_owned(),
        "--kube-api-qps=200".to_owned(),
        "--kube-api-burst=400".to_owned(),
        // Claims and namespaces would be looked at every 15 seconds and every 5 minutes.
        "--pvclaimbinder-sync-period=2s".to_owned(),
    ];
    Process::start(&parts.controller_manager(), arguments, &folder.join("kube-controller-manager.log"))
}

/// Returns when the API server is ready.
async fn ready(client: &Client, server: &mut Process, folder: &Path) -> io::Result<()> {
    let give_up = Instant::now() + PATIENCE;
    while !client::text(client, "/readyz").await.is_ok_and(|text| text == "ok") {
        if Instant::now() > give_up || server.has_ended() {
            let log = std::fs::read_to_string(folder.join("kube-apiserver.log")).unwrap_or_default();
            let end: Vec<&str> = log.lines().rev().take(20).collect();
            return Err(io::Error::other(format!("the API server is not ready: {end:#?}")));
        }
        sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// The documents of a text of several YAML documents.
pub(crate) fn documents(text: &str) -> io::Result<Vec<Value>> {
    text.split("\n---\n")
        .map(|document| serde_yaml::from_str(document).map_err(io::Error::other))
        .filter(|parsed: &io::Result<Value>| parsed.as_ref().map_or(true, |value| !value.is_null()))
        .collect()
}
