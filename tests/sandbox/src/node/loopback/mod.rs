//! This machine without root: pods are processes on loopback, with paths and addresses translated.
//!
//! There is no mount or network namespace, so what is mounted is below a folder of the pod. Paths in arguments
//! (`arguments`) and in the configuration (`config`) get that folder as prefix, and everything that is scraped or
//! written to goes through the pod's own proxy; `disguise` undoes all this in what others get to see. Prometheus is
//! the real one (`binaries`).

mod arguments;
pub(crate) mod binaries;
mod config;
mod disguise;

use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use serde_json::Value;

use super::container::{arguments as given, image_name};
use super::machine::{Conduct, Launch, Machine, Waiting};
use super::pod::Pod;
use crate::carvel::Version;
use crate::network::{Asker, Network, Proxy};
use crate::objects;
use binaries::Binaries;
use config::Surroundings;
use disguise::Disguise;

/// This machine, for the pods of one cluster.
pub(crate) struct Loopback {
    cluster: u8,
    /// Without any, a container of Prometheus is said to run, and does nothing.
    binaries: Option<Binaries>,
    network: Network,
    /// By the UID of the pod.
    pods: Mutex<BTreeMap<String, Place>>,
}

/// What a pod has on this machine.
struct Place {
    proxy: Proxy,
    /// Where its ports really listen.
    ports: BTreeMap<u16, SocketAddr>,
}

impl Loopback {
    /// For the cluster with this number.
    pub(crate) fn new(cluster: u8, binaries: Option<Binaries>, network: Network) -> Self {
        Self { cluster, binaries, network, pods: Mutex::default() }
    }

    /// Remembers where a port of a pod really listens.
    fn open(&self, pod: &Pod, port: u16, address: SocketAddr) {
        if let Some(place) = self.lock().get_mut(&pod.uid) {
            place.ports.insert(port, address);
        }
    }

    fn surroundings(&self, pod: &Pod) -> Option<Disguise> {
        let pods = self.lock();
        let place = pods.get(&pod.uid)?;
        Some(Disguise {
            folder: pod.path.display().to_string(),
            kubeconfig: pod.kubeconfig().display().to_string(),
            proxy: Some(place.proxy.address),
            ports: place.ports.clone().into_iter().collect(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Place>> {
        self.pods.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Machine for Loopback {
    fn conduct(&self, image: &str) -> Conduct {
        match image {
            "prometheus" if self.binaries.is_some() => Conduct::Process,
            "configmap-reload" => Conduct::Reload,
            "kube-state-metrics" | "node-exporter" => Conduct::Metrics,
            _ => Conduct::Idle,
        }
    }

    fn set_up<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, io::Result<()>> {
        Box::pin(async move {
            let asker =
                Asker::Pod { cluster: self.cluster, namespace: pod.namespace.clone(), ip: pod.ip.clone() };
            let proxy = self.network.proxy(asker).await?;
            self.lock().insert(pod.uid.clone(), Place { proxy, ports: BTreeMap::new() });
            Ok(())
        })
    }

    fn tear_down<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, ()> {
        Box::pin(async move { drop(self.lock().remove(&pod.uid)) })
    }

    fn file(&self, pod: &Pod, path: &str, text: &str) -> String {
        let mut prometheus =
            objects::items(&pod.spec["containers"]).filter(|spec| image_name(spec) == "prometheus");
        let is_configuration =
            prometheus.any(|spec| arguments::config_file(&given(spec)).as_deref() == Some(path));
        match self.lock().get(&pod.uid) {
            Some(place) if is_configuration => {
                let (folder, kubeconfig) = (&pod.path, pod.kubeconfig());
                let surroundings =
                    Surroundings { folder, kubeconfig: &kubeconfig, proxy: place.proxy.address };
                config::translate(text, &surroundings)
            }
            _ => text.to_owned(),
        }
    }

    fn launch(&self, pod: &Pod, container: &Value) -> Result<Launch, Waiting> {
        let version = version(container);
        let Some(program) = self.binaries.as_ref().and_then(|all| all.for_version(&version)) else {
            let message =
                format!("Back-off pulling image {}: this machine has no such Prometheus", container["image"]);
            return Err(Waiting { reason: "ImagePullBackOff", message });
        };
        let address = free_address()
            .map_err(|error| Waiting { reason: "CreateContainerError", message: error.to_string() })?;
        let major = Version::parse(&version).map_or(0, |version| version.major());
        let translated = arguments::translate(&given(container), &pod.path, address, major);
        self.open(pod, translated.port, address);
        let folder = pod.path.join("prometheus");
        let environment = vec![
            ("PATH".to_owned(), "/usr/bin:/bin".to_owned()),
            ("HOME".to_owned(), folder.display().to_string()),
        ];
        let program = program.to_owned();
        Ok(Launch { program, arguments: translated.translated, folder, environment })
    }

    fn ended(&self, pod: &Pod, _: &Value) {
        if let Some(place) = self.lock().get_mut(&pod.uid) {
            place.ports.clear();
        }
    }

    fn serve(&self, pod: &Pod, port: u16, address: SocketAddr) {
        self.open(pod, port, address);
    }

    fn address(&self, pod: &Pod, port: u16) -> Option<SocketAddr> {
        self.lock().get(&pod.uid)?.ports.get(&port).copied()
    }

    fn disguise(&self, pod: &Pod, text: &str) -> String {
        self.surroundings(pod).map_or_else(|| text.to_owned(), |disguise| disguise.text(text))
    }
}

/// The version that the image's tag names.
fn version(spec: &Value) -> String {
    let tag = spec["image"].as_str().and_then(|image| image.rsplit_once(':')).map_or("", |(_, tag)| tag);
    tag.trim_start_matches('v').replace('_', "+")
}

/// A port of loopback that is free now.
fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tag_names_a_version() {
        let spec = json!({"image": "registry.sandbox/prometheus/prometheus:v2.43.0_vmware.2-tkg.1"});
        assert_eq!(version(&spec), "2.43.0+vmware.2-tkg.1");
    }
}
