//! The node of a cluster: the stand-in for a kubelet and a container runtime.
//!
//! `pod` is the life of a pod, from its binding to the end of its last container; `container` that of a container:
//! start, probes, crash, back-off, end; `folder` has its files, `logs` what it prints, and `status` is what the API
//! gets to see. `reload` does what the container does that watches the configuration, `exporter` what those do that only
//! serve metrics.
//!
//! How a container becomes a process, and how to talk to the API server, differs (`machine`): here it is a process
//! on loopback without root (`loopback`), and the API server is in the same process (`local`).

pub mod container;
mod exporter;
mod folder;
mod local;
mod logs;
pub(crate) mod loopback;
pub mod machine;
pub mod pod;
mod probe;
mod process;
mod reload;
mod status;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::api::{Backend, Instance};
use crate::objects;
use crate::site::Site;
use crate::state_metrics;
use crate::workloads::free_service_address;
pub(crate) use local::Local;
pub use loopback::binaries::Binaries;
use machine::{ControlPlane, Machine};
use pod::Pod;

/// Whether pods run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Running,
    /// Everything ends.
    Stopping,
}

/// The node of one cluster.
pub struct Node {
    site: Site,
    /// Where the pods' folders and the volumes are.
    root: PathBuf,
    machine: Arc<dyn Machine>,
    control_plane: Arc<dyn ControlPlane>,
    /// The pods that run, by UID.
    pods: Mutex<BTreeMap<String, Arc<Pod>>>,
    phase: watch::Sender<Phase>,
}

impl Node {
    /// A node whose pods and volumes live below a folder.
    pub fn new(
        site: Site,
        root: PathBuf,
        machine: Arc<dyn Machine>,
        control_plane: Arc<dyn ControlPlane>,
    ) -> Self {
        let phase = watch::Sender::new(Phase::Running);
        Self { site, root, machine, control_plane, pods: Mutex::default(), phase }
    }

    /// Runs the pods, until the node is stopped and the last one has ended.
    pub async fn run(self: Arc<Self>) {
        let mut versions = self.site.store.versions();
        let mut phase = self.phase.subscribe();
        let mut tasks = JoinSet::new();
        while *phase.borrow_and_update() == Phase::Running {
            versions.borrow_and_update();
            for object in self.site.store.list("", "pods", None).0 {
                if let Some(pod) = self.admit(&object) {
                    tasks.spawn(pod::run(Arc::clone(&self), pod));
                }
            }
            tokio::select! {
                changed = versions.changed() => if changed.is_err() { break },
                Some(_) = tasks.join_next() => {}
                _ = phase.changed() => {}
            }
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Ends all pods, without asking the API.
    pub fn stop(&self) {
        self.phase.send_replace(Phase::Stopping);
    }

    /// How long a container may take to end. Nobody waits when the whole node ends.
    fn grace(&self) -> Duration {
        match *self.phase.borrow() {
            Phase::Running => self.site.timing.grace,
            Phase::Stopping => self.site.timing.grace / 10,
        }
    }

    /// Takes up a pod that is new.
    fn admit(&self, object: &serde_json::Value) -> Option<Arc<Pod>> {
        // Another scheduler's pods are for nodes that it chooses.
        let spec = &object["spec"];
        let scheduler = spec["schedulerName"].as_str().unwrap_or("default-scheduler");
        let bound = spec["nodeName"].as_str().filter(|name| !name.is_empty());
        if bound.map_or(scheduler != "default-scheduler", |name| name != self.site.node_name()) {
            return None;
        }
        let uid = objects::uid(object);
        let mut pods = self.lock();
        if pods.contains_key(uid) {
            return None;
        }
        let taken: Vec<&str> = pods.values().map(|pod| pod.ip.as_str()).collect();
        let ip =
            (2..=u8::MAX).map(|number| self.site.pod_ip(number)).find(|ip| !taken.contains(&ip.as_str()))?;
        let pod = Arc::new(Pod::new(object, ip, self.root.join("pods").join(uid)));
        pods.insert(uid.to_owned(), Arc::clone(&pod));
        Some(pod)
    }

    fn forget(&self, pod: &Pod) {
        self.lock().remove(&pod.uid);
    }

    fn with_ip(&self, ip: &str) -> Option<Arc<Pod>> {
        self.lock().values().find(|pod| pod.ip == ip).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Pod>>> {
        self.pods.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for Node {
    fn dial(&self, pod_ip: &str, port: u16) -> Option<SocketAddr> {
        match self.with_ip(pod_ip) {
            Some(pod) => self.machine.address(&pod, port),
            // What a test says is a pod of its own, listening on this machine.
            None => {
                pod_ip.parse().ok().filter(IpAddr::is_loopback).map(|address| SocketAddr::new(address, port))
            }
        }
    }

    fn service_address(&self, taken: &BTreeSet<String>) -> Option<String> {
        Some(free_service_address(&self.site, taken)).filter(|address| !address.is_empty())
    }

    fn log(&self, namespace: &str, pod: &str, container: &str, instance: Instance) -> Option<String> {
        let pods = self.lock();
        let pod = pods.values().find(|found| found.namespace == namespace && found.name == pod)?;
        pod.logs.read(container, instance)
    }

    fn answer(&self, pod_ip: &str, body: Vec<u8>) -> Vec<u8> {
        let Some(pod) = self.with_ip(pod_ip) else { return body };
        match String::from_utf8(body) {
            Ok(text) => self.machine.disguise(&pod, &text).into_bytes(),
            Err(error) => error.into_bytes(),
        }
    }

    fn kubelet(&self, node: &str, path: &str) -> Option<String> {
        if node != self.site.node_name() {
            return None;
        }
        match path {
            "metrics" => Some(state_metrics::kubelet(&self.site)),
            "metrics/cadvisor" => Some(state_metrics::cadvisor(&self.site)),
            "healthz" => Some("ok".to_owned()),
            _ => None,
        }
    }
}
