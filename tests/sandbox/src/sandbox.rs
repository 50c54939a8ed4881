//! A sandbox: several clusters and the network between them, in a thread with a runtime of its own, so that it works
//! beside a test that blocks.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::Duration;

use futures::future::join_all;
use tempfile::TempDir;
use tokio::sync::oneshot;

use crate::cluster::{Cluster, Running, Shared};
use crate::journal::Journal;
use crate::kubeconfig::Kubeconfig;
use crate::network::{Asker, Hosts, Network, NetworkFaults, Proxy};
use crate::node::Binaries;
use crate::spec::Builder;

/// A sandbox that runs. When it is dropped, all its processes end and its files go.
pub struct Sandbox {
    ready: Ready,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What there is once everything runs.
struct Ready {
    clusters: Vec<Cluster>,
    kubeconfig: PathBuf,
    proxy_url: String,
    network: Network,
}

impl Builder {
    /// Starts the clusters. Returns when their API servers answer.
    pub fn start(self) -> io::Result<Sandbox> {
        let (started, starting) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("sandbox".into()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(error) => return drop(started.send(Err(error))),
            };
            runtime.block_on(async {
                match start(self).await {
                    Err(error) => drop(started.send(Err(error))),
                    Ok((ready, held)) => {
                        started.send(Ok(ready)).ok();
                        stopped.await.ok();
                        held.stop().await;
                    }
                }
            });
            runtime.shutdown_timeout(Duration::from_secs(1));
        })?;
        let ready = starting.recv().map_err(io::Error::other)??;
        Ok(Sandbox { ready, stop: Some(stop), thread: Some(thread) })
    }
}

impl Sandbox {
    /// A sandbox with nothing in it yet.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// All clusters, in the order in which they were added.
    pub fn clusters(&self) -> &[Cluster] {
        &self.ready.clusters
    }

    /// The cluster with this name.
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.ready.clusters.iter().find(|cluster| cluster.name == name)
    }

    /// The kubeconfig: one context `admin@NAME` per cluster, the first one current.
    pub fn kubeconfig_path(&self) -> &Path {
        &self.ready.kubeconfig
    }

    /// The proxy through which this machine reaches the names behind the clusters' ingresses.
    pub fn proxy_url(&self) -> &str {
        &self.ready.proxy_url
    }

    /// Where the ingress of a cluster listens for what is meant for port 80 or 443.
    pub fn ingress(&self, cluster: &str, port: u16) -> Option<SocketAddr> {
        self.ready.network.ingress_of(cluster)?.listener(port)
    }

    /// What goes wrong between the clusters.
    pub fn network_faults(&self) -> &NetworkFaults {
        &self.ready.network.faults
    }

    /// Who is on the network besides the clusters.
    pub fn hosts(&self) -> &Hosts {
        &self.ready.network.hosts
    }

    /// The connections that this machine made to names behind the clusters' ingresses.
    pub(crate) fn outside(&self) -> &Journal {
        &self.ready.network.outside
    }

    /// The environment in which a command sees the sandbox: its kubeconfig, and its network.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("KUBECONFIG", self.ready.kubeconfig.display().to_string()),
            ("HTTPS_PROXY", self.ready.proxy_url.clone()),
            ("HTTP_PROXY", self.ready.proxy_url.clone()),
            ("NO_PROXY", "127.0.0.1,localhost".to_owned()),
        ]
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// What has to be ended.
struct Held {
    running: Vec<Running>,
    _proxy: Proxy,
    _folder: TempDir,
}

impl Held {
    async fn stop(self) {
        join_all(self.running.into_iter().map(Running::stop)).await;
    }
}

async fn start(builder: Builder) -> io::Result<(Ready, Held)> {
    let folder = tempfile::Builder::new().prefix("promfed-sandbox-").tempdir()?;
    let binaries = builder.binaries.unwrap_or_else(Binaries::find);
    let network = Network::default();
    let shared =
        Shared { root: folder.path(), binaries: &binaries, network: &network, timing: builder.timing };
    let mut running = Vec::new();
    for (spec, number) in builder.clusters.iter().zip(1..) {
        running.push(Running::start(spec, number, &shared).await?);
    }
    let proxy = network.proxy(Asker::Host).await?;
    let clusters: Vec<Cluster> = running.iter().map(|running| running.cluster.clone()).collect();
    let kubeconfig = folder.path().join("kubeconfig");
    let config = clusters.iter().fold(Kubeconfig::new(), |config, cluster| {
        config
            .cluster(&cluster.name, &cluster.url, &cluster.ca_pem)
            .user(&cluster.context, cluster.api.access.admin_token())
            .context(&cluster.context, &cluster.name, &cluster.context, None)
    });
    config.write(&kubeconfig)?;
    let proxy_url = format!("http://{}", proxy.address);
    let ready = Ready { clusters, kubeconfig, proxy_url, network };
    Ok((ready, Held { running, _proxy: proxy, _folder: folder }))
}
