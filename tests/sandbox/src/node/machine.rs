//! What differs from rig to rig: how containers run on this machine, and how the node talks to the API server.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use futures::future::BoxFuture;
use serde_json::Value;

use super::pod::Pod;

/// How a container is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduct {
    /// As a process of its own.
    Process,
    /// The node does what a container does that watches the configuration.
    Reload,
    /// The node serves a page of metrics.
    Metrics,
    /// It is said to run, and does nothing.
    Idle,
}

/// A process that runs a container.
pub struct Launch {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Where it starts.
    pub folder: PathBuf,
    /// The environment, all of it.
    pub environment: Vec<(String, String)>,
}

/// Why a container cannot be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// One word, as kubelets have it.
    pub reason: &'static str,
    /// What is wrong.
    pub message: String,
}

/// This machine, as something that runs containers.
pub trait Machine: Send + Sync {
    /// How a container of this image is run.
    fn conduct(&self, image: &str) -> Conduct;

    /// Makes what a pod needs before its first container: its network. What it mounts is there already.
    fn set_up<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, io::Result<()>>;

    /// Takes it away after the last container.
    fn tear_down<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, ()>;

    /// The text of a mounted file, for the processes of this machine.
    fn file(&self, pod: &Pod, path: &str, text: &str) -> String {
        let _ = (pod, path);
        text.to_owned()
    }

    /// The process for the next instance of a container.
    fn launch(&self, pod: &Pod, container: &Value) -> Result<Launch, Waiting>;

    /// Called when an instance has ended.
    fn ended(&self, pod: &Pod, container: &Value) {
        let _ = (pod, container);
    }

    /// Called when the node itself serves a port of a pod, at an address of its own.
    fn serve(&self, pod: &Pod, port: u16, address: SocketAddr) {
        let _ = (pod, port, address);
    }

    /// Where a port of a pod can be reached from here; `None` when nothing listens.
    fn address(&self, pod: &Pod, port: u16) -> Option<SocketAddr>;

    /// What others get to see of a text that a pod has printed or sent.
    fn disguise(&self, pod: &Pod, text: &str) -> String {
        let _ = pod;
        text.to_owned()
    }
}

/// The API server, as a node needs it beyond reading objects and writing status.
pub trait ControlPlane: Send + Sync {
    /// The authority that pods trust, as PEM.
    fn ca_pem(&self) -> &str;

    /// A token for an account; `None` while there is no such account.
    fn token<'a>(&'a self, pod: &'a Pod, account: &'a str) -> BoxFuture<'a, Option<String>>;

    /// Takes the pod to a node.
    fn bind<'a>(&'a self, pod: &'a Pod, node: &'a str) -> BoxFuture<'a, ()>;

    /// Tells that a pod's containers have ended, so that its object can go.
    fn release<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, ()>;
}
