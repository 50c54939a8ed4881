//! The life of one pod, from its binding to the node to the end of its last container.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::container::{self, image_name};
use super::folder::{self, Folder, Mount, Source};
use super::logs::Logs;
use super::machine::Conduct;
use super::status::{self, Container, State};
use super::{Node, Phase, exporter, reload};
use crate::objects;
use crate::store::{Key, now};

/// A pod that runs.
pub struct Pod {
    pub(super) key: Key,
    /// `metadata.uid`.
    pub uid: String,
    /// `metadata.namespace`.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// Its address.
    pub ip: String,
    /// The folder that holds what it mounts: a path in the pod is a path below it.
    pub path: PathBuf,
    /// Its `spec`.
    pub spec: Value,
    pub(super) logs: Logs,
    containers: Mutex<BTreeMap<String, Container>>,
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
            containers: Mutex::default(),
        }
    }

    pub(super) fn folder(&self) -> Folder<'_> {
        Folder { path: &self.path }
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

    /// Where the node keeps a kubeconfig with the pod's account, if it does.
    pub(super) fn kubeconfig(&self) -> PathBuf {
        self.path.join("kubeconfig")
    }
}

/// Runs a pod until it is deleted or the node stops.
pub(super) async fn run(node: Arc<Node>, pod: Arc<Pod>) {
    node.control_plane.bind(&pod, &node.site.node_name()).await;
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
    node.machine.tear_down(&pod).await;
    node.forget(&pod);
    std::fs::remove_dir_all(&pod.path).ok();
    node.control_plane.release(&pod).await;
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
    let changed = match prepared {
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
}

/// Waits for what is mounted, and writes the pod's folder. Gives the channel that tells of changed files.
async fn prepare(node: &Node, pod: &Pod, mounts: &[Mount]) -> io::Result<watch::Sender<u64>> {
    let mut versions = node.site.store.versions();
    let account = pod.spec["serviceAccountName"].as_str().unwrap_or("default");
    let token = loop {
        versions.borrow_and_update();
        let missing = folder::missing(&node.site.store, &pod.namespace, mounts);
        if missing.is_none()
            && let Some(token) = node.control_plane.token(pod, account).await
        {
            break token;
        }
        if versions.changed().await.is_err() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
    };
    node.machine.set_up(pod).await?;
    let folder = pod.folder();
    folder.prepare()?;
    folder.account(&token, node.control_plane.ca_pem(), &pod.namespace)?;
    for mount in mounts {
        match &mount.source {
            Source::Claim(name) => {
                let key = Key::namespaced("", "persistentvolumeclaims", &pod.namespace, name);
                let claim = node.site.store.get(&key).unwrap_or_default();
                folder.volume(&mount.path, &node.root.join("volumes").join(objects::uid(&claim)))?;
            }
            Source::Empty(name) => {
                folder.volume(&mount.path, &pod.path.join("volumes").join(name))?;
            }
            Source::ConfigMap(_) | Source::Secret(_) => {}
        }
    }
    write_files(node, pod, mounts)?;
    Ok(watch::Sender::new(0))
}

/// Writes the files of all config maps and secrets.
fn write_files(node: &Node, pod: &Pod, mounts: &[Mount]) -> io::Result<()> {
    for mount in mounts {
        let Some(key) = mount.files(&pod.namespace) else { continue };
        let object = node.site.store.get(&key).unwrap_or_default();
        pod.folder().files(&mount.path, &object, |path, text| node.machine.file(pod, path, text))?;
    }
    Ok(())
}

/// Writes the files again whenever one of the config maps changes.
async fn project(node: &Node, pod: &Pod, mounts: &[Mount], changed: &watch::Sender<u64>) {
    let state = || -> Vec<Value> {
        let files = mounts.iter().filter_map(|mount| mount.files(&pod.namespace));
        files.map(|key| node.site.store.get(&key).unwrap_or_default()["data"].clone()).collect()
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
    match node.machine.conduct(image_name(&spec)) {
        Conduct::Process => drop(tasks.spawn(container::run(node, pod, spec, stopping))),
        Conduct::Reload => drop(tasks.spawn(reload::run(node, pod, spec, changed.subscribe(), stopping))),
        Conduct::Metrics => drop(tasks.spawn(exporter::run(node, pod, spec, stopping))),
        Conduct::Idle => {
            let name = spec["name"].as_str().unwrap_or_default();
            pod.logs.begin(name);
            pod.update(&node, name, |container| {
                container.state = State::Running { since: now() };
                container.ready = true;
            });
        }
    }
}
