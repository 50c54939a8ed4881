//! The life of one pod, from its binding to the node to the end of its last container.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::config::{self, Surroundings};
use super::disguise::Disguise;
use super::folder::{self, Folder, Mount};
use super::logs::Logs;
use super::status::{self, Container, State};
use super::{Node, Phase, arguments, container, exporter, reload};
use crate::network::{Asker, Proxy};
use crate::objects;
use crate::store::{Key, now};
use crate::workloads::pods::FINALIZER;

/// A pod that runs.
pub(super) struct Pod {
    pub(super) key: Key,
    pub(super) uid: String,
    pub(super) namespace: String,
    pub(super) name: String,
    pub(super) ip: String,
    pub(super) path: PathBuf,
    pub(super) spec: Value,
    pub(super) logs: Logs,
    ports: Mutex<BTreeMap<u16, SocketAddr>>,
    containers: Mutex<BTreeMap<String, Container>>,
    proxy: Mutex<Option<SocketAddr>>,
}

impl Pod {
    pub(super) fn new(object: &Value, ip: String, path: PathBuf) -> Self {
        let (namespace, name) = (objects::namespace(object), objects::name(object));
        Self {
            key: Key::namespaced("", "pods", namespace, name),
            uid: objects::uid(object).to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            ip,
            path,
            spec: object["spec"].clone(),
            logs: Logs::default(),
            ports: Mutex::default(),
            containers: Mutex::default(),
            proxy: Mutex::default(),
        }
    }

    pub(super) fn folder(&self) -> Folder<'_> {
        Folder { path: &self.path }
    }

    /// Where a port of the pod really listens.
    pub(super) fn port(&self, port: u16) -> Option<SocketAddr> {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner).get(&port).copied()
    }

    pub(super) fn open(&self, port: u16, address: SocketAddr) {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner).insert(port, address);
    }

    pub(super) fn close(&self, port: u16) {
        self.ports.lock().unwrap_or_else(PoisonError::into_inner).remove(&port);
    }

    /// What the containers are doing.
    pub(super) fn containers(&self) -> BTreeMap<String, Container> {
        self.containers.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what a container is doing, and tells the API.
    pub(super) fn update(&self, node: &Node, container: &str, change: impl FnOnce(&mut Container)) {
        let mut containers = self.containers.lock().unwrap_or_else(PoisonError::into_inner);
        change(containers.entry(container.to_owned()).or_insert_with(Container::creating));
        drop(containers);
        status::write(&node.site, self);
    }

    /// What the pod's folder and ports are called for others.
    pub(super) fn disguise(&self) -> Disguise {
        Disguise {
            folder: self.path.display().to_string(),
            kubeconfig: self.kubeconfig().display().to_string(),
            proxy: *self.proxy.lock().unwrap_or_else(PoisonError::into_inner),
            ports: self.ports.lock().unwrap_or_else(PoisonError::into_inner).clone().into_iter().collect(),
        }
    }

    fn kubeconfig(&self) -> PathBuf {
        self.path.join("kubeconfig")
    }
}

/// Runs a pod until it is deleted or the node stops.
pub(super) async fn run(node: Arc<Node>, pod: Arc<Pod>) {
    let bind = |object: &mut Value| {
        if objects::uid(object) == pod.uid {
            object["spec"]["nodeName"] = json!(node.site.node_name());
        }
    };
    node.site.store.modify(&pod.key, None, bind).ok();
    status::write(&node.site, &pod);
    let (stop, stopping) = watch::channel(Phase::Running);
    let containers = containers(Arc::clone(&node), Arc::clone(&pod), stopping);
    tokio::pin!(containers);
    tokio::select! {
        () = deleted(&node, &pod) => {
            stop.send_replace(Phase::Stopping);
            containers.await;
        }
        () = &mut containers => deleted(&node, &pod).await,
    }
    node.forget(&pod);
    std::fs::remove_dir_all(&pod.path).ok();
    let release = |object: &mut Value| {
        if objects::uid(object) == pod.uid
            && let Some(finalizers) = object["metadata"]["finalizers"].as_array_mut()
        {
            finalizers.retain(|finalizer| finalizer != FINALIZER);
        }
    };
    node.site.store.modify(&pod.key, None, release).ok();
}

/// Returns when the pod is to end.
async fn deleted(node: &Node, pod: &Pod) {
    let mut versions = node.site.store.versions();
    let mut phase = node.phase.subscribe();
    loop {
        versions.borrow_and_update();
        let object = node.site.store.get(&pod.key).filter(|object| objects::uid(object) == pod.uid);
        let stays = object.is_some_and(|object| !objects::is_leaving(&object));
        if !stays || *phase.borrow_and_update() == Phase::Stopping {
            return;
        }
        tokio::select! {
            _ = versions.changed() => {}
            _ = phase.changed() => {}
        }
    }
}

/// Runs the containers until they are told to stop.
async fn containers(node: Arc<Node>, pod: Arc<Pod>, mut stopping: watch::Receiver<Phase>) {
    let mounts = folder::mounts(&json!({"spec": pod.spec}));
    let prepared = tokio::select! {
        prepared = prepare(&node, &pod, &mounts) => prepared,
        _ = stopping.wait_for(|phase| *phase == Phase::Stopping) => return,
    };
    let (changed, proxy) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => {
            for spec in objects::items(&pod.spec["containers"]) {
                let message = error.to_string();
                pod.update(&node, spec["name"].as_str().unwrap_or_default(), |container| {
                    container.state = State::Waiting { reason: "CreateContainerError", message };
                });
            }
            return;
        }
    };
    let mut tasks = JoinSet::new();
    for spec in objects::items(&pod.spec["containers"]) {
        start(&node, &pod, spec, &mut tasks, &changed, &stopping);
    }
    let project = project(&node, &pod, &mounts, &changed);
    let all = async { while tasks.join_next().await.is_some() {} };
    tokio::join!(all, async {
        tokio::select! {
            () = project => {}
            _ = stopping.wait_for(|phase| *phase == Phase::Stopping) => {}
        }
    });
    drop(proxy);
}

/// Waits for what is mounted, and writes the pod's folder. Gives the channel that tells of changed files.
async fn prepare(node: &Node, pod: &Pod, mounts: &[Mount]) -> io::Result<(watch::Sender<u64>, Proxy)> {
    let mut versions = node.site.store.versions();
    let account = pod.spec["serviceAccountName"].as_str().unwrap_or("default");
    let (token, kubeconfig) = loop {
        versions.borrow_and_update();
        let missing = folder::missing(&node.site.store, &pod.namespace, mounts);
        if missing.is_none()
            && let Some(credentials) = node.credentials(&pod.namespace, account)
        {
            break credentials;
        }
        if versions.changed().await.is_err() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
    };
    let asker =
        Asker::Pod { cluster: node.site.number, namespace: pod.namespace.clone(), ip: pod.ip.clone() };
    let proxy = node.network.proxy(asker).await?;
    *pod.proxy.lock().unwrap_or_else(PoisonError::into_inner) = Some(proxy.address);
    let folder = pod.folder();
    folder.prepare()?;
    folder.account(&token, node.ca_pem(), &pod.namespace)?;
    std::fs::write(pod.kubeconfig(), kubeconfig)?;
    for mount in mounts {
        if let Mount::Claim { path, name } = mount {
            let claim =
                node.site.store.get(&Key::namespaced("", "persistentvolumeclaims", &pod.namespace, name));
            let uid = objects::uid(&claim.unwrap_or_default()).to_owned();
            folder.volume(path, &node.root.join("volumes").join(uid))?;
        }
    }
    write_files(node, pod, mounts)?;
    Ok((watch::Sender::new(0), proxy))
}

/// Writes the files of all config maps.
fn write_files(node: &Node, pod: &Pod, mounts: &[Mount]) -> io::Result<()> {
    let kubeconfig = pod.kubeconfig();
    let proxy = *pod.proxy.lock().unwrap_or_else(PoisonError::into_inner);
    let configs: Vec<String> = objects::items(&pod.spec["containers"])
        .filter(|spec| container::is_prometheus(spec))
        .filter_map(|spec| arguments::config_file(&container::arguments(spec)))
        .collect();
    for mount in mounts {
        let Mount::ConfigMap { path, name } = mount else { continue };
        let config_map =
            node.site.store.get(&Key::namespaced("", "configmaps", &pod.namespace, name)).unwrap_or_default();
        pod.folder().config_map(path, &config_map, |path, text| match proxy {
            Some(proxy) if configs.iter().any(|config| config == path) => {
                config::translate(text, &Surroundings { folder: &pod.path, kubeconfig: &kubeconfig, proxy })
            }
            _ => text.to_owned(),
        })?;
    }
    Ok(())
}

/// Writes the files again whenever one of the config maps changes.
async fn project(node: &Node, pod: &Pod, mounts: &[Mount], changed: &watch::Sender<u64>) {
    let state = || -> Vec<Value> {
        let maps = mounts.iter().filter_map(|mount| match mount {
            Mount::ConfigMap { name, .. } => Some(Key::namespaced("", "configmaps", &pod.namespace, name)),
            Mount::Claim { .. } => None,
        });
        maps.map(|key| node.site.store.get(&key).unwrap_or_default()["data"].clone()).collect()
    };
    let mut versions = node.site.store.versions();
    let mut seen = state();
    while versions.changed().await.is_ok() {
        if state() != seen {
            sleep(node.site.timing.projection).await;
            seen = state();
            if write_files(node, pod, mounts).is_ok() {
                changed.send_modify(|count| *count += 1);
            }
        }
    }
}

/// Starts a container according to its image.
fn start(
    node: &Arc<Node>,
    pod: &Arc<Pod>,
    spec: &Value,
    tasks: &mut JoinSet<()>,
    changed: &watch::Sender<u64>,
    stopping: &watch::Receiver<Phase>,
) {
    let (node, pod, spec, stopping) = (Arc::clone(node), Arc::clone(pod), spec.clone(), stopping.clone());
    match container::image_name(&spec) {
        "prometheus" => drop(tasks.spawn(container::run(node, pod, spec, stopping))),
        "configmap-reload" => drop(tasks.spawn(reload::run(node, pod, spec, changed.subscribe(), stopping))),
        "kube-state-metrics" | "node-exporter" => drop(tasks.spawn(exporter::run(node, pod, spec, stopping))),
        _ => {
            let name = spec["name"].as_str().unwrap_or_default();
            pod.logs.begin(name);
            pod.update(&node, name, |container| {
                container.state = State::Running { since: now() };
                container.ready = true;
            });
        }
    }
}
