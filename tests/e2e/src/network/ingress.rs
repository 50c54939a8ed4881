//! The ingress of a cluster: Contour, which makes a configuration of the `HTTPProxies`, and Envoy, which serves it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use kube::Client;
use promfed_sandbox::objects::items;
use promfed_sandbox::store::{Key, Store};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::address::Number;
use crate::client;
use crate::parts::Parts;
use crate::process::Process;

const GROUP: &str = "projectcontour.io";

/// What has to be served before Contour starts: it ends where it cannot watch one of them.
const KINDS: &[&str] = &["v1/httpproxies", "v1/tlscertificatedelegations", "v1alpha1/extensionservices"];

/// The port at which Envoy asks Contour for its configuration.
const XDS: u16 = 8001;

/// The ingress of one cluster.
pub(crate) struct Ingress {
    pub(crate) number: Number,
    pub(crate) client: Client,
    pub(crate) parts: Parts,
    /// Whom Contour is at the API server.
    pub(crate) kubeconfig: PathBuf,
    pub(crate) folder: PathBuf,
}

impl Ingress {
    /// Runs both until it is told to stop; returns when nobody listens any more.
    pub(crate) async fn run(self, mut stop: watch::Receiver<()>) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let (mut contour, mut envoy) = tokio::select! {
            started = self.start() => started?,
            _ = stop.changed() => return Ok(()),
        };
        let ended = tokio::select! {
            () = contour.wait() => Err(self.ended("contour")),
            () = envoy.wait() => Err(self.ended("envoy")),
            _ = stop.changed() => Ok(()),
        };
        tokio::join!(contour.stop(), envoy.stop());
        ended
    }

    async fn start(&self) -> io::Result<(Process, Process)> {
        for kind in KINDS {
            while client::text(&self.client, &format!("/apis/{GROUP}/{kind}")).await.is_err() {
                sleep(Duration::from_millis(100)).await;
            }
        }
        let program = self.parts.contour();
        let mut contour = Process::start(&program, self.serving(), &self.folder.join("contour.log"))?;
        while TcpStream::connect((self.number.contour(), XDS)).await.is_err() {
            if contour.has_ended() {
                return Err(self.ended("contour"));
            }
            sleep(Duration::from_millis(50)).await;
        }
        let bootstrap = [
            "bootstrap".to_owned(),
            self.file("envoy.json"),
            format!("--xds-address={}", self.number.contour()),
            format!("--xds-port={XDS}"),
            format!("--admin-address={}", self.file("envoy.sock")),
        ];
        Process::start(&program, bootstrap, &self.folder.join("bootstrap.log"))?.wait().await;
        let bootstrap = self.file("envoy.json");
        let own = ["--config-path", &bootstrap, "--service-cluster", "ingress", "--service-node", "envoy"];
        // Without the last one it would share memory with the Envoys of the other clusters.
        let few = ["--concurrency", "1", "--disable-hot-restart"];
        let arguments = own.iter().chain(&few);
        let envoy = Process::start(&self.parts.envoy(), arguments, &self.folder.join("envoy.log"))?;
        Ok((contour, envoy))
    }

    fn serving(&self) -> Vec<String> {
        let (own, ingress) = (self.number.contour(), self.number.ingress());
        let mut arguments = vec![
            "serve".to_owned(),
            format!("--kubeconfig={}", self.kubeconfig.display()),
            "--disable-leader-election".to_owned(),
            "--insecure".to_owned(),
            format!("--xds-port={XDS}"),
            format!("--envoy-service-http-address={ingress}"),
            "--envoy-service-http-port=80".to_owned(),
            format!("--envoy-service-https-address={ingress}"),
            "--envoy-service-https-port=443".to_owned(),
            format!("--envoy-http-access-log={}", self.file("access.log")),
            format!("--envoy-https-access-log={}", self.file("access.log")),
            format!("--ingress-status-address={ingress}"),
        ];
        arguments.extend(
            ["xds", "http", "health", "debug-http", "stats"].map(|at| format!("--{at}-address={own}")),
        );
        arguments
    }

    fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// What is said when a program has ended by itself.
    fn ended(&self, program: &str) -> io::Error {
        let log = std::fs::read_to_string(self.folder.join(format!("{program}.log"))).unwrap_or_default();
        let end: Vec<&str> = log.lines().rev().take(5).collect();
        io::Error::other(format!("{program} has ended: {end:#?}"))
    }
}

/// Lets requests for a name be answered with a status, and not arrive: its routes give way to one that does that.
/// Returns when Contour has seen it.
pub(crate) async fn refuse(store: &Store, fqdn: &str, status: u16) {
    let mut versions = store.versions();
    let all = store.list(GROUP, "httpproxies", None).0;
    let Some(proxy) = all.into_iter().find(|proxy| name(proxy).as_deref() == Some(fqdn)) else { return };
    let metadata = |field: &str| proxy["metadata"][field].as_str().unwrap_or_default();
    let key = Key::namespaced(GROUP, "httpproxies", metadata("namespace"), metadata("name"));
    let route = json!({"conditions": [{"prefix": "/"}], "directResponsePolicy": {"statusCode": status}});
    store.modify(&key, None, |proxy| proxy["spec"]["routes"] = json!([route])).ok();
    while store.get(&key).is_some_and(|proxy| !is_seen(&proxy)) {
        if versions.changed().await.is_err() {
            return;
        }
    }
}

fn is_seen(proxy: &Value) -> bool {
    let generation = &proxy["metadata"]["generation"];
    items(&proxy["status"]["conditions"]).any(|condition| condition["observedGeneration"] == *generation)
}

/// The fully qualified names that lead to an ingress.
pub(crate) fn names(store: &Store) -> Vec<String> {
    store.list(GROUP, "httpproxies", None).0.iter().filter_map(name).collect()
}

fn name(proxy: &Value) -> Option<String> {
    proxy["spec"]["virtualhost"]["fqdn"].as_str().map(str::to_ascii_lowercase)
}
