//! Clusters of real parts, as a test or a person uses them.

use std::ffi::OsStr;
use std::io;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use futures::future::try_join_all;
use promfed_sandbox::ClusterSpec;
use promfed_sandbox::kubeconfig::Kubeconfig;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::address::Number;
use crate::cluster::Cluster;
use crate::control_plane::ControlPlane;
use crate::network::dns::{self, Neighbours, View};
use crate::parts::Parts;
use crate::world::World;

/// Whether this process runs where the second rig can: `run.sh` says so.
pub fn is_wanted() -> bool {
    std::env::var("PROMFED_RIG").is_ok_and(|rig| rig == "e2e")
}

/// Clusters that run. When it is dropped, all their processes end and their files go.
pub struct Real {
    world: Arc<World>,
    clusters: Vec<Cluster>,
    names: JoinHandle<()>,
    /// What commands get as /etc/resolv.conf.
    resolver: PathBuf,
    kubeconfig: PathBuf,
    _folder: TempDir,
}

impl Real {
    /// Starts clusters, all at once. Returns when they serve what they are to offer.
    pub fn start(specs: &[ClusterSpec]) -> io::Result<Self> {
        let world = World::get()?;
        let parts = Parts::find();
        let folder = tempfile::Builder::new().prefix("promfed-e2e-").tempdir()?;
        let neighbours = Neighbours::default();
        let numbers: Vec<Number> = specs.iter().map(|_| world.take_number()).collect::<io::Result<_>>()?;
        let starting = specs.iter().zip(&numbers).map(|(spec, number)| {
            let folder = folder.path().join(spec.name());
            let (world, parts, neighbours) = (&world, &parts, &neighbours);
            async move {
                let _turn = world.starting.acquire().await.map_err(io::Error::other)?;
                Cluster::start(*number, parts, spec, neighbours, &folder).await
            }
        });
        let clusters = world.runtime.block_on(try_join_all(starting))?;
        // Scenarios run beside each other and use the same names: each has a resolver of its own.
        let address = Ipv4Addr::new(127, 53, 0, numbers.first().map_or(0, |number| number.0));
        let serving = dns::run(neighbours, View::Host, address);
        let names = world.runtime.spawn(async { drop(serving.await) });
        let resolver = folder.path().join("resolv.conf");
        std::fs::write(&resolver, format!("nameserver {address}\n"))?;
        let kubeconfig = folder.path().join("kubeconfig");
        let config = clusters.iter().fold(Kubeconfig::new(), |config, cluster| {
            config
                .cluster(&cluster.name, &cluster.url, &cluster.ca_pem)
                .user(&cluster.context, ControlPlane::admin_token())
                .context(&cluster.context, &cluster.name, &cluster.context, None)
        });
        config.write(&kubeconfig)?;
        Ok(Self { world, clusters, names, resolver, kubeconfig, _folder: folder })
    }

    /// The cluster with this name.
    fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.name == name)
    }

    /// The address of a cluster's ingress.
    pub fn ingress(&self, cluster: &str) -> Option<Ipv4Addr> {
        self.cluster(cluster).map(|cluster| cluster.number.ingress())
    }

    /// The kubeconfig: one context `admin@NAME` per cluster, the first one current.
    pub fn kubeconfig_path(&self) -> &Path {
        &self.kubeconfig
    }

    /// A command that sees the clusters, and knows the names behind their ingresses.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let resolver = format!("mount --bind {} /etc/resolv.conf && exec \"$@\"", self.resolver.display());
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", &resolver, "sh"]).arg(program);
        command
    }

    /// The environment in which a command sees the clusters.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![("KUBECONFIG", self.kubeconfig.display().to_string())]
    }

    /// How often a person has written to any of the clusters.
    pub fn writes(&self) -> u64 {
        let writes = async {
            let mut sum = 0;
            for cluster in &self.clusters {
                sum += cluster.control_plane.lock().await.audit.writes();
            }
            sum
        };
        self.world.runtime.block_on(writes)
    }

    /// From now on the ingress answers requests for a name with this status, before the hub sees anything.
    pub fn refuse_writes(&self, fqdn: &str, status: u16) {
        self.world.runtime.block_on(async {
            for cluster in &self.clusters {
                cluster.refuse(fqdn, status).await;
            }
        });
    }

    /// Ends the API server of a cluster: nobody listens at its address any more.
    pub fn stop_api_server(&self, cluster: &str) {
        let Some(cluster) = self.cluster(cluster) else { return };
        self.world.runtime.block_on(async { cluster.control_plane.lock().await.stop_api_server().await });
    }

    /// Lets the API server of a cluster stand still: it takes connections, and nothing comes back.
    pub fn hang_api_server(&self, cluster: &str) {
        let Some(cluster) = self.cluster(cluster) else { return };
        self.world.runtime.block_on(async { cluster.control_plane.lock().await.hang_api_server().await });
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let clusters = std::mem::take(&mut self.clusters);
        let world = Arc::clone(&self.world);
        self.names.abort();
        self.world.runtime.block_on(async move {
            for cluster in clusters {
                cluster.stop(&world).await;
            }
        });
    }
}
