//! The only room that knows `kube::Client`: everything that is asked of an API server goes through a [`Cluster`].
//!
//! A [`Cluster`] is one context of the kubeconfig. It reads, writes, waits, and passes requests on to Services; it
//! decides nothing. What goes wrong comes back as a [`Failure`], which names the request, the server and the cause in
//! words, and never the content of a Secret. Every request ends in time, reads are repeated when the server asks for
//! it, writes never are. One thing both have in common: a login that was taken and is not any more is made anew, once,
//! and the request that was refused is sent again.
//!
//! `kubeconfig` finds out where to connect and as whom, `connect` makes the handle, `request` sends, `own`
//! keeps its credentials out of what comes back, `failure` says what went wrong; `read`, `write`, `watch`, `proxy`, `forward`, `logs` and `access` are what can be asked.

mod access;
mod address;
mod client;
mod connect;
mod endpoint;
mod environment;
mod failure;
mod forward;
mod kubeconfig;
mod line;
mod logs;
mod options;
mod own;
mod proxy;
mod read;
mod request;
mod resource;
mod retry;
mod watch;
mod write;

#[cfg(test)]
mod tests;

pub use access::Verb;
pub use connect::Cluster;
pub use endpoint::{Authorities, Caller, Endpoint};
pub use failure::{Asked, Cause, Denied, Failure, FieldOwner, FieldProblem, Upstream};
pub use forward::Forwarded;
pub use kubeconfig::Choice;
pub use logs::Instance;
pub use options::{ConnectOptions, TlsVerification};
pub use proxy::{ProxyAnswer, Scheme, ServicePort};
pub use read::{Presence, Selector};
pub use resource::{
    APP, CERTIFICATE, CLUSTER_ROLE, CLUSTER_ROLE_BINDING, CONFIG_MAP, DEPLOYMENT, EVENT, HTTP_PROXY, ISSUER,
    LOG, NAMESPACE, PACKAGE, PACKAGE_INSTALL, PACKAGE_METADATA, PACKAGE_REPOSITORY, PERSISTENT_VOLUME_CLAIM,
    POD, PORT_FORWARD, PROXY, REPLICA_SET, Resource, SECRET, SERVICE, SERVICE_ACCOUNT, Scope,
};
pub use retry::jitter;
pub use watch::Waited;
pub use write::{DryRun, FIELD_MANAGER, Ownership};
