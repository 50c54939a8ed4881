//! The node of a cluster: the sandbox's kubelet, with pods in namespaces (`namespaces`), on a real API server
//! (`api`), which it also serves (`kubelet`).

mod api;
pub(crate) mod kubelet;
mod namespaces;

pub(crate) use api::Api;
pub(crate) use namespaces::Namespaces;
