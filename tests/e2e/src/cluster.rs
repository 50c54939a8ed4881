//! One cluster: a control plane, a node, the stand-ins, and kapp-controller.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use promfed_sandbox::node::Node;
use promfed_sandbox::site::Site;
use promfed_sandbox::{ClusterSpec, Component, GLOBAL_NAMESPACE, Offer, Timing, stand_in};
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::address::Number;
use crate::client;
use crate::control_plane::{ControlPlane, documents};
use crate::mirror::Mirror;
use crate::network::dns::{self, Neighbours, View};
use crate::network::ingress::{self, Ingress};
use crate::network::services;
use crate::node::{Api, Namespaces, kubelet};
use crate::parts::Parts;
use crate::volumes;
use crate::world::World;

/// How long an add-on may take to answer.
const PATIENCE: Duration = Duration::from_secs(120);

/// A cluster that runs.
pub(crate) struct Cluster {
    /// Its name.
    pub(crate) name: String,
    /// The context of the kubeconfig that leads here, as a user that may do everything.
    pub(crate) context: String,
    /// The URL of its API server.
    pub(crate) url: String,
    /// The authority of its API server, as PEM.
    pub(crate) ca_pem: String,
    pub(crate) control_plane: Mutex<ControlPlane>,
    pub(crate) number: Number,
    node: Arc<Node>,
    pods: JoinHandle<()>,
    /// `None`: there is no Contour.
    ingress: Option<JoinHandle<()>>,
    stop: watch::Sender<()>,
    tasks: Vec<JoinHandle<()>>,
    mirror: Mirror,
}

impl Cluster {
    /// Starts a cluster in a folder of its own. Returns when it serves what it is to offer.
    pub(crate) async fn start(
        number: Number,
        parts: &Parts,
        spec: &ClusterSpec,
        neighbours: &Neighbours,
        folder: &Path,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let control_plane = ControlPlane::start(parts, number, folder).await?;
        let client = control_plane.client.clone();
        client::apply(&client, &base(number)).await?;
        client::apply(&client, &definitions(spec, parts)?).await?;
        let mirror = Mirror::start(&client);
        let site = Site {
            name: spec.name().to_owned(),
            number: number.0,
            store: mirror.store.clone(),
            // Prometheus begins to scrape itself within 10 seconds. It is to have done so before it is ready, as it
            // has after the 30 seconds of a real cluster.
            timing: Timing { initial_delay: 1.0 / 3.0, ..Timing::default() },
        };
        let machine = Namespaces { number, parts: parts.clone() };
        let api = Api { client: client.clone(), ca_pem: control_plane.ca_pem.clone() };
        let node = Arc::new(Node::new(site.clone(), folder.join("node"), Arc::new(machine), Arc::new(api)));
        stand_in::furnish(&site);
        let stop = watch::Sender::new(());
        let view = View::Cluster(site.store.clone());
        let tasks = vec![
            tokio::spawn(services::run(site.store.clone())),
            tokio::spawn(volumes::run(site.store.clone())),
            tokio::spawn(stand_in::cert_manager(site.clone())),
            serve("dns", dns::run(neighbours.clone(), view, number.dns())),
            serve(
                "kubelet",
                kubelet::run(Arc::clone(&node), site.node_name(), SocketAddr::from((number.node(), 10250))),
            ),
        ];
        let ingress = spec.has(Component::Contour).then(|| {
            let ingress = Ingress {
                number,
                client: client.clone(),
                parts: parts.clone(),
                kubeconfig: ControlPlane::kubeconfig(folder),
                folder: folder.join("ingress"),
            };
            serve("ingress", ingress.run(stop.subscribe()))
        });
        let pods = tokio::spawn(Arc::clone(&node).run());
        neighbours.join(number, site.store.clone());
        let cluster = Self {
            name: spec.name().to_owned(),
            context: format!("admin@{}", spec.name()),
            url: control_plane.url.clone(),
            ca_pem: control_plane.ca_pem.clone(),
            control_plane: Mutex::new(control_plane),
            number,
            node,
            pods,
            ingress,
            stop,
            tasks,
            mirror,
        };
        if spec.has(Component::KappController) {
            cluster.install_kapp_controller(parts, spec, &client).await?;
        }
        Ok(cluster)
    }

    async fn install_kapp_controller(
        &self,
        parts: &Parts,
        spec: &ClusterSpec,
        client: &kube::Client,
    ) -> io::Result<()> {
        client::apply(client, &documents(&parts.kapp_controller_release()?)?).await?;
        let path = "/apis/data.packaging.carvel.dev/v1alpha1/packages";
        let give_up = Instant::now() + PATIENCE;
        while let Err(error) = client::text(client, path).await {
            if Instant::now() > give_up {
                return Err(io::Error::other(format!("kapp-controller does not serve packages: {error}")));
            }
            sleep(Duration::from_millis(100)).await;
        }
        let Offer::UpTo(newest) = spec.offers() else { return Ok(()) };
        client::apply(client, &crate::package::objects(GLOBAL_NAMESPACE, newest.as_deref())).await
    }

    /// Lets requests for a name behind the ingress be answered with a status.
    pub(crate) async fn refuse(&self, fqdn: &str, status: u16) {
        ingress::refuse(&self.mirror.store, fqdn, status).await;
    }

    /// Ends everything; returns when the last process is gone, and the cluster's addresses are free.
    pub(crate) async fn stop(self, world: &World) {
        // Nobody is to wait for its answers, the less when it stands still.
        let mut control_plane = self.control_plane.into_inner();
        control_plane.stop().await;
        self.node.stop();
        self.stop.send_replace(());
        self.pods.await.ok();
        if let Some(ingress) = self.ingress {
            ingress.await.ok();
        }
        for task in self.tasks {
            task.abort();
            task.await.ok();
        }
        world.give_back(self.number);
    }
}

/// Runs a server. One that cannot begin says so where a test shows it.
fn serve(
    name: &'static str,
    server: impl Future<Output = io::Result<()>> + Send + 'static,
) -> JoinHandle<()> {
    use std::io::Write as _;
    tokio::spawn(async move {
        if let Err(error) = server.await {
            writeln!(io::stderr(), "{name}: {error}").ok();
        }
    })
}

/// What every cluster has: a class of volumes, the address of its DNS, and the namespace of packages.
fn base(number: Number) -> Vec<Value> {
    let address = number.dns().to_string();
    vec![
        json!({
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": "standard",
                "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
            },
            "provisioner": "e2e.promfed.dev/folders",
        }),
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "kube-dns", "namespace": "kube-system", "labels": {"k8s-app": "kube-dns"}},
            "spec": {"clusterIP": address, "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}]},
        }),
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": GLOBAL_NAMESPACE}}),
    ]
}

/// The definitions of Contour's and cert-manager's kinds.
fn definitions(spec: &ClusterSpec, parts: &Parts) -> io::Result<Vec<Value>> {
    let mut definitions = Vec::new();
    if spec.has(Component::Contour) {
        definitions.extend(documents(&parts.contour_definitions()?)?);
    }
    if spec.has(Component::CertManager) {
        definitions.extend(stand_in::definitions());
    }
    for definition in &mut definitions {
        if let Some(fields) = definition.as_object_mut() {
            fields.remove("status");
        }
    }
    Ok(definitions)
}
