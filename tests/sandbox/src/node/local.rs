//! The sandbox's own API server, as a node needs it.

use std::sync::OnceLock;

use futures::future::BoxFuture;
use serde_json::{Value, json};

use super::machine::ControlPlane;
use super::pod::Pod;
use crate::access::Access;
use crate::kubeconfig::Kubeconfig;
use crate::objects;
use crate::store::Store;
use crate::workloads::pods::FINALIZER;

/// The API server in the same process.
pub(crate) struct Local {
    store: Store,
    server: OnceLock<Server>,
}

struct Server {
    access: Access,
    url: String,
    ca_pem: String,
}

impl Local {
    /// One that is not up yet: there are no tokens.
    pub(crate) fn new(store: Store) -> Self {
        Self { store, server: OnceLock::new() }
    }

    /// It is up.
    pub(crate) fn connect(&self, access: Access, url: String, ca_pem: String) {
        self.server.set(Server { access, url, ca_pem }).ok();
    }
}

impl ControlPlane for Local {
    fn ca_pem(&self) -> &str {
        self.server.get().map_or("", |server| server.ca_pem.as_str())
    }

    fn token<'a>(&'a self, pod: &'a Pod, account: &'a str) -> BoxFuture<'a, Option<String>> {
        let written = self.server.get().and_then(|server| {
            let token = server.access.service_account_token(&pod.namespace, account)?;
            // Without mounts, it is the kubeconfig that says where the token is.
            std::fs::create_dir_all(&pod.path).ok()?;
            let kubeconfig = Kubeconfig::new().entry("cluster", &server.url, &server.ca_pem, &token);
            kubeconfig.write(&pod.kubeconfig()).ok()?;
            Some(token)
        });
        Box::pin(std::future::ready(written))
    }

    fn bind<'a>(&'a self, pod: &'a Pod, node: &'a str) -> BoxFuture<'a, ()> {
        let bind = |object: &mut Value| {
            if objects::uid(object) == pod.uid {
                object["spec"]["nodeName"] = json!(node);
            }
        };
        self.store.modify(&pod.key, None, bind).ok();
        Box::pin(std::future::ready(()))
    }

    fn release<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, ()> {
        let release = |object: &mut Value| {
            if objects::uid(object) == pod.uid
                && let Some(finalizers) = object["metadata"]["finalizers"].as_array_mut()
            {
                finalizers.retain(|finalizer| finalizer != FINALIZER);
            }
        };
        self.store.modify(&pod.key, None, release).ok();
        Box::pin(std::future::ready(()))
    }
}
