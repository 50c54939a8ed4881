//! The API server, as a node needs it.

use futures::future::BoxFuture;
use http::Method;
use kube::Client;
use promfed_sandbox::node::machine::ControlPlane;
use promfed_sandbox::node::pod::Pod;
use serde_json::{Value, json};

use crate::client;

/// The API server of one cluster.
pub(crate) struct Api {
    pub(crate) client: Client,
    pub(crate) ca_pem: String,
}

impl Api {
    async fn post(&self, path: &str, body: &Value) -> Option<Value> {
        client::send(&self.client, Method::POST, path, "application/json", Some(body)).await.ok()
    }
}

fn place(pod: &Pod) -> String {
    format!("/api/v1/namespaces/{}/pods/{}", pod.namespace, pod.name)
}

impl ControlPlane for Api {
    fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    fn token<'a>(&'a self, pod: &'a Pod, account: &'a str) -> BoxFuture<'a, Option<String>> {
        Box::pin(async move {
            let path = format!("/api/v1/namespaces/{}/serviceaccounts/{account}/token", pod.namespace);
            let request = json!({
                "apiVersion": "authentication.k8s.io/v1",
                "kind": "TokenRequest",
                "spec": {
                    "expirationSeconds": 86400,
                    "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": pod.name, "uid": pod.uid},
                },
            });
            self.post(&path, &request).await?["status"]["token"].as_str().map(str::to_owned)
        })
    }

    fn bind<'a>(&'a self, pod: &'a Pod, node: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let binding = json!({
                "apiVersion": "v1",
                "kind": "Binding",
                "metadata": {"name": pod.name, "namespace": pod.namespace},
                "target": {"apiVersion": "v1", "kind": "Node", "name": node},
            });
            // A pod of a DaemonSet may be bound already: that is refused, and just as well.
            self.post(&format!("{}/binding", place(pod)), &binding).await;
        })
    }

    fn release<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let now = json!({
                "apiVersion": "v1",
                "kind": "DeleteOptions",
                "gracePeriodSeconds": 0,
                "preconditions": {"uid": pod.uid},
            });
            client::send(&self.client, Method::DELETE, &place(pod), "application/json", Some(&now))
                .await
                .ok();
        })
    }
}
