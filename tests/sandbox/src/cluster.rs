//! One cluster: an API server, its controllers and its node, put together.

use std::io;
use std::path::Path;
use std::sync::{Arc, Weak};

use tokio::task::JoinHandle;

use crate::api::{Api, Availability, Backend, Server};
use crate::carvel::{self, Carvel};
use crate::network::{self, Member, Network};
use crate::node::loopback::Loopback;
use crate::node::machine::ControlPlane;
use crate::node::{Binaries, Local, Node};
use crate::site::Site;
use crate::spec::{ClusterSpec, Component, Offer};
use crate::store::Store;
use crate::timing::Timing;
use crate::workloads;

/// A cluster that runs.
#[derive(Clone)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    /// Its API server: the objects, the users, the faults, the requests so far.
    pub api: Arc<Api>,
    /// The API server's URL.
    pub url: String,
    /// The certificate authority of the API server.
    pub ca_pem: String,
    /// The context of the kubeconfig that leads here, as a user that may do everything.
    pub context: String,
}

/// A cluster with all that has to be ended.
pub(crate) struct Running {
    pub(crate) cluster: Cluster,
    node: Arc<Node>,
    pods: JoinHandle<()>,
    tasks: Vec<JoinHandle<()>>,
    _server: Server,
}

/// What the clusters of a sandbox share.
pub(crate) struct Shared<'s> {
    pub(crate) root: &'s Path,
    pub(crate) binaries: &'s Binaries,
    pub(crate) network: &'s Network,
    pub(crate) timing: Timing,
}

impl Running {
    /// Starts a cluster; `number` counts from 1.
    pub(crate) async fn start(spec: &ClusterSpec, number: u8, shared: &Shared<'_>) -> io::Result<Self> {
        let site = Site { name: spec.name.clone(), number, store: Store::default(), timing: shared.timing };
        let root = shared.root.join(&spec.name);
        std::fs::create_dir_all(&root)?;
        let network = shared.network;
        let binaries = (!spec.is_idle).then(|| shared.binaries.clone());
        let machine = Loopback::new(number, binaries, network.clone());
        let local = Arc::new(Local::new(site.store.clone()));
        let control_plane = Arc::clone(&local) as Arc<dyn ControlPlane>;
        let node = Arc::new(Node::new(site.clone(), root, Arc::new(machine), control_plane));
        let backend: Arc<dyn Backend> = Arc::clone(&node) as Arc<dyn Backend>;
        let weak: Weak<dyn Backend> = Arc::downgrade(&backend);
        let api = Arc::new(Api::new(site.store.clone(), backend)?);
        furnish(spec, &site, &api);
        let server = Arc::clone(&api).serve().await?;
        let (url, ca_pem) = (server.url(), server.ca_pem.clone());
        local.connect(api.access.clone(), url.clone(), ca_pem.clone());
        let mut tasks = vec![tokio::spawn(workloads::run(site.clone()))];
        let mut ingress = None;
        if spec.has(Component::Contour) {
            let (addresses, listeners) = network.ingress(number, &site).await?;
            ingress = Some(addresses);
            tasks.extend(listeners);
            tasks.push(tokio::spawn(network::run_contour(site.clone())));
        }
        if spec.has(Component::CertManager) {
            tasks.push(tokio::spawn(network::run_cert_manager(site.clone())));
        }
        network.join(Member { site: site.clone(), node: weak, api: server.address, ingress });
        if spec.has(Component::KappController) {
            let carvel = Carvel { site, groups: api.groups.clone(), access: api.access.clone() };
            tasks.push(tokio::spawn(Arc::new(carvel).run()));
        }
        let pods = tokio::spawn(Arc::clone(&node).run());
        let context = format!("admin@{}", spec.name);
        let cluster = Cluster { name: spec.name.clone(), api, url, ca_pem, context };
        Ok(Self { cluster, node, pods, tasks, _server: server })
    }

    /// Ends everything; returns when the last process is gone.
    pub(crate) async fn stop(self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.node.stop();
        self.pods.await.ok();
    }
}

/// A component, its API groups, and what writes it.
type Part<'p> = (Component, &'p [&'p str], fn(&Site));

/// Writes what is there before anybody comes, and takes away what is not installed.
fn furnish(spec: &ClusterSpec, site: &Site, api: &Api) {
    workloads::write_base(site);
    let parts: [Part; 3] = [
        (
            Component::KappController,
            &[carvel::PACKAGING, carvel::KAPPCTRL, carvel::catalogue::DATA],
            workloads::write_kapp_controller,
        ),
        (Component::Contour, &["projectcontour.io"], workloads::write_contour),
        (Component::CertManager, &["cert-manager.io"], workloads::write_cert_manager),
    ];
    for (component, groups, write) in parts {
        if spec.has(component) {
            write(site);
        } else {
            for group in groups {
                api.groups.set(group, Availability::Absent);
            }
        }
    }
    if let (true, Offer::UpTo(newest)) = (spec.has(Component::KappController), &spec.offer) {
        for (key, object) in
            carvel::catalogue::objects(carvel::catalogue::GLOBAL_NAMESPACE, newest.as_deref())
        {
            site.store.create(&key, object).ok();
        }
    }
}
