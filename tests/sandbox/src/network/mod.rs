//! The network between the clusters of a sandbox: the stand-in for DNS, the addresses of Services, and the ingress.
//!
//! There are no network namespaces without root, so names and virtual addresses mean something only to a forward
//! proxy (`proxy`): each pod has one of its own, which knows who asks, and the host has one. `resolve` says where a
//! name leads, `ingress` is what stands behind the names of `HTTPProxies` (with the certificates that `cert_manager`
//! makes), `host` what is in no
//! cluster, and `fault` lets names fail. Nothing but loopback addresses is ever dialled.

mod cert_manager;
mod contour;
mod fault;
mod forward;
mod host;
mod ingress;
mod proxy;
mod resolve;
mod route;
mod tls;

pub use fault::{NetworkFault, NetworkFaults};
pub use host::Hosts;

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock, Weak};

use tokio::task::JoinHandle;

use crate::api::Backend;
use crate::journal::Journal;
use crate::site::Site;

pub use cert_manager::run as run_cert_manager;
pub(crate) use contour::run as run_contour;

/// The network of a sandbox. Cheap to clone: all clones are the same network.
#[derive(Clone, Default)]
pub(crate) struct Network {
    members: Arc<RwLock<Vec<Member>>>,
    /// What goes wrong.
    pub(crate) faults: NetworkFaults,
    /// Who is on it besides the clusters.
    pub(crate) hosts: Hosts,
    /// The connections that this machine made to names.
    pub(crate) outside: Journal,
}

/// A cluster on the network.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) site: Site,
    pub(crate) node: Weak<dyn Backend>,
    /// Where its API server listens.
    pub(crate) api: SocketAddr,
    /// Where its ingress listens, if it has one.
    pub(crate) ingress: Option<Ingress>,
}

/// The two ports of an ingress.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ingress {
    pub(crate) http: SocketAddr,
    pub(crate) https: SocketAddr,
}

impl Ingress {
    /// Who listens for what is meant for a port.
    pub(crate) fn listener(self, port: u16) -> Option<SocketAddr> {
        match port {
            80 => Some(self.http),
            443 => Some(self.https),
            _ => None,
        }
    }
}

/// Who asks for a name.
#[derive(Clone, Debug)]
pub(crate) enum Asker {
    /// Somebody outside of all clusters.
    Host,
    /// A pod.
    Pod { cluster: u8, namespace: String, ip: String },
}

/// A forward proxy of one asker. It ends when this is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Network {
    /// Connects a cluster.
    pub(crate) fn join(&self, member: Member) {
        self.members.write().unwrap_or_else(PoisonError::into_inner).push(member);
    }

    /// Starts a forward proxy for somebody.
    pub(crate) async fn proxy(&self, asker: Asker) -> io::Result<Proxy> {
        proxy::start(self.clone(), asker).await
    }

    /// Starts the ingress of a cluster; the tasks serve until they are aborted.
    pub(crate) async fn ingress(
        &self,
        number: u8,
        site: &Site,
    ) -> io::Result<(Ingress, [JoinHandle<()>; 2])> {
        ingress::start(self.clone(), number, site.clone()).await
    }

    /// The ingress of the cluster with this name.
    pub(crate) fn ingress_of(&self, cluster: &str) -> Option<Ingress> {
        self.members().into_iter().find(|member| member.site.name == cluster)?.ingress
    }

    fn members(&self) -> Vec<Member> {
        self.members.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn member(&self, number: u8) -> Option<Member> {
        self.members().into_iter().find(|member| member.site.number == number)
    }
}
