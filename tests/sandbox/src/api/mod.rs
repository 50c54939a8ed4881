//! The API server: HTTPS, authentication, and the verbs of the Kubernetes API over the objects of a store.
//!
//! A request passes `entry` (journal, faults, who asks, may they), is understood by `request` against the table in
//! `kinds`, and is carried out by one file or folder per verb: `read`, `watch`, `write`, `patch` (with `apply` for
//! server-side apply), `delete`, `proxy`, `forward`, `logs`, `reviews`. Every write passes `admission`, `strict` and
//! `validation`. What all answers have in common is in `status` (failures) and `negotiate` (forms of an answer).
//! `groups` and `definitions` say which API groups there are; `lifecycle` is what a deletion leaves to be done.

mod admission;
mod apply;
mod body;
mod call;
mod cutting;
mod defaults;
pub(crate) mod definitions;
mod delete;
mod discovery;
mod duplicates;
mod entry;
mod forward;
mod groups;
pub mod kinds;
mod labels;
mod lifecycle;
mod line;
pub mod logs;
mod negotiate;
mod openapi;
mod options;
mod patch;
mod protobuf;
mod proxy;
mod read;
mod request;
mod reviews;
mod router;
mod scale;
mod schema;
mod seed;
mod selector;
mod server;
pub mod status;
mod strict;
mod table;
mod tokens;
mod validation;
mod watch;
mod write;

pub use groups::{Availability, Groups};
pub use server::Server;

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use crate::access::Access;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::store::Store;
use crate::tls::Authority;

/// Which run of a container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instance {
    /// The one that runs now, or ran last.
    Current,
    /// The one before it.
    Previous,
}

/// What the API server needs of the node: how to reach a pod, and what its containers printed.
pub trait Backend: Send + Sync {
    /// Where a pod's port really listens on loopback; `None` when nothing listens there.
    fn dial(&self, pod_ip: &str, port: u16) -> Option<SocketAddr>;

    /// The log of a container; `previous`: of the instance before the one that runs now. `None`: no such instance.
    fn log(&self, namespace: &str, pod: &str, container: &str, instance: Instance) -> Option<String>;

    /// Answers of a pod pass through this before the caller sees them (the node maps paths of its own folders back
    /// to the pod's).
    fn answer(&self, pod_ip: &str, body: Vec<u8>) -> Vec<u8>;

    /// An address for a new Service, other than those that are taken; `None` where somebody else gives it one later.
    fn service_address(&self, taken: &BTreeSet<String>) -> Option<String> {
        let _ = taken;
        None
    }

    /// What the kubelet of a node answers at a path like `metrics/cadvisor`; `None` when it does not know the path.
    fn kubelet(&self, node: &str, path: &str) -> Option<String> {
        let _ = (node, path);
        None
    }
}

/// One cluster's API server.
pub struct Api {
    /// The objects.
    pub store: Store,
    /// The users and what they may do.
    pub access: Access,
    /// What goes wrong on request.
    pub faults: Faults,
    /// The requests so far.
    pub journal: Journal,
    /// The node.
    pub backend: Arc<dyn Backend>,
    /// Which API groups are served.
    pub groups: Groups,
    /// Who signs the server's certificate.
    pub authority: Authority,
}

impl Api {
    /// An API server over a store; writes the objects that every cluster has: namespaces, roles, API services.
    pub fn new(store: Store, backend: Arc<dyn Backend>) -> io::Result<Self> {
        let api = Self {
            access: Access::new(store.clone()),
            faults: Faults::default(),
            journal: Journal::default(),
            groups: Groups::new(store.clone()),
            authority: Authority::new("kubernetes")?,
            backend,
            store,
        };
        seed::write(&api);
        // What was before a server started cannot be watched.
        api.store.forget();
        Ok(api)
    }

    /// Starts serving TLS on 127.0.0.1, a port of the system's choice. The task ends when the returned server is
    /// dropped.
    pub async fn serve(self: Arc<Self>) -> io::Result<Server> {
        Server::start(self).await
    }
}

#[cfg(test)]
mod tests;
