//! A small Kubernetes API with the Carvel kinds, and a node that runs the real Prometheus.
//!
//! A [`Sandbox`] is some clusters in one process, and a network between them. Everything is on loopback: API servers
//! are on ports of 127.0.0.1, and the names behind an ingress are reached through a forward proxy
//! ([`Sandbox::proxy_url`]), which a command finds in `HTTPS_PROXY`.
//!
//! ```no_run
//! use promfed_sandbox::{ClusterSpec, Sandbox};
//!
//! let sandbox = Sandbox::builder()
//!     .cluster(ClusterSpec::new("hub"))
//!     .cluster(ClusterSpec::new("edge1").newest("2.53"))
//!     .start()?;
//! let mut command = std::process::Command::new("kubectl");
//! command.args(["get", "packages", "-n", "tkg-system"]).envs(sandbox.environment());
//! command.status()?;
//! # std::io::Result::Ok(())
//! ```

pub mod access;
pub mod api;
mod carvel;
mod cluster;
pub mod faults;
pub mod journal;
pub mod kubeconfig;
mod network;
pub mod node;
pub mod objects;
mod rounds;
mod sandbox;
pub mod site;
mod spec;
pub mod stand_in;
mod state_metrics;
pub mod store;
mod timing;
pub mod tls;
mod workloads;

pub use carvel::{
    GLOBAL_NAMESPACE, Package, REPOSITORY_IMAGE, ValuesFile, image_tag, package_objects, packages,
};
pub use cluster::Cluster;
pub use network::{Hosts, NetworkFault, NetworkFaults};
pub use node::Binaries;
pub use sandbox::Sandbox;
pub use spec::{Builder, ClusterSpec, Component, Offer};
pub use timing::Timing;
