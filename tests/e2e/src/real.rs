//! Clusters of real parts, as a test or a person uses them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures::future::try_join_all;
use promfed_sandbox::ClusterSpec;
use promfed_sandbox::kubeconfig::Kubeconfig;
use tempfile::TempDir;

use crate::cluster::Cluster;
use crate::control_plane::ControlPlane;
use crate::network::ingress::Refusals;
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
    refusals: Refusals,
    kubeconfig: PathBuf,
    _folder: TempDir,
}

impl Real {
    /// Starts clusters, all at once. Returns when they serve what they are to offer.
    pub fn start(specs: &[ClusterSpec]) -> io::Result<Self> {
        let world = World::get()?;
        let parts = Parts::find();
        let folder = tempfile::Builder::new().prefix("promfed-e2e-").tempdir()?;
        let refusals = Refusals::default();
        let starting = specs.iter().map(|spec| {
            let folder = folder.path().join(spec.name());
            let (world, parts, refusals) = (&world, &parts, &refusals);
            async move { Cluster::start(world, parts, spec, refusals, &folder).await }
        });
        let clusters = world.runtime.block_on(try_join_all(starting))?;
        let kubeconfig = folder.path().join("kubeconfig");
        let config = clusters.iter().fold(Kubeconfig::new(), |config, cluster| {
            config
                .cluster(&cluster.name, &cluster.url, &cluster.ca_pem)
                .user(&cluster.context, ControlPlane::admin_token())
                .context(&cluster.context, &cluster.name, &cluster.context, None)
        });
        config.write(&kubeconfig)?;
        Ok(Self { world, clusters, refusals, kubeconfig, _folder: folder })
    }

    /// All clusters, in the order in which they were asked for.
    pub fn clusters(&self) -> &[Cluster] {
        &self.clusters
    }

    /// The cluster with this name.
    pub fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.name == name)
    }

    /// The kubeconfig: one context `admin@NAME` per cluster, the first one current.
    pub fn kubeconfig_path(&self) -> &Path {
        &self.kubeconfig
    }

    /// The environment in which a command sees the clusters. Names lead where they should without a proxy.
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
        self.refusals.set(fqdn, status);
    }

    /// Ends the API server of a cluster: nobody listens at its address any more.
    pub fn stop_api_server(&self, cluster: &Cluster) {
        self.world.runtime.block_on(async { cluster.control_plane.lock().await.stop_api_server().await });
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let clusters = std::mem::take(&mut self.clusters);
        let world = Arc::clone(&self.world);
        self.world.runtime.block_on(async move {
            for cluster in clusters {
                cluster.stop(&world).await;
            }
        });
    }
}
