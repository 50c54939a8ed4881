//! A store that shows what an API server has, and writes there: the sandbox's controllers work on it as on their own.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::TryStreamExt;
use http::{Method, Request};
use kube::Client;
use kube::core::WatchEvent;
use promfed_sandbox::store::{Key, Part, Refused, Store, Upstream};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, block_in_place};
use tokio::time::sleep;

use crate::client;

/// Group, plural, kind: what is watched.
const WATCHED: &[(&str, &str, &str)] = &[
    ("", "configmaps", "ConfigMap"),
    ("", "endpoints", "Endpoints"),
    ("", "namespaces", "Namespace"),
    ("", "nodes", "Node"),
    ("", "persistentvolumeclaims", "PersistentVolumeClaim"),
    ("", "persistentvolumes", "PersistentVolume"),
    ("", "pods", "Pod"),
    ("", "secrets", "Secret"),
    ("", "serviceaccounts", "ServiceAccount"),
    ("", "services", "Service"),
    ("cert-manager.io", "certificates", "Certificate"),
    ("cert-manager.io", "issuers", "Issuer"),
    ("projectcontour.io", "httpproxies", "HTTPProxy"),
];

/// A mirror, and what fills it. It ends when this is dropped.
pub(crate) struct Mirror {
    pub(crate) store: Store,
    tasks: Vec<JoinHandle<()>>,
}

impl Mirror {
    /// Begins to watch.
    pub(crate) fn start(client: &Client) -> Self {
        let store = Store::mirror(Arc::new(Server(client.clone())));
        let tasks = WATCHED.iter().map(|(group, plural, kind)| {
            let kind = Watch { client: client.clone(), store: store.clone(), group, plural, kind };
            tokio::spawn(kind.follow())
        });
        let tasks = tasks.collect();
        Self { store, tasks }
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// The API server, from threads that may block.
struct Server(Client);

impl Server {
    fn send(
        &self,
        method: Method,
        path: &str,
        content: &str,
        body: Option<&Value>,
    ) -> Result<Value, Refused> {
        block_in_place(|| Handle::current().block_on(client::send(&self.0, method, path, content, body)))
    }
}

impl Upstream for Server {
    fn create(&self, key: &Key, object: &Value) -> Result<Value, Refused> {
        let path = client::collection(&key.group, &key.resource, key.namespace.as_deref());
        self.send(Method::POST, &path, "application/json", Some(object))
    }

    fn patch(&self, key: &Key, part: Part, patch: &Value) -> Result<Value, Refused> {
        let place = match part {
            Part::Object => client::object(key),
            Part::Status => format!("{}/status", client::object(key)),
        };
        self.send(Method::PATCH, &place, "application/merge-patch+json", Some(patch))
    }

    fn delete(&self, key: &Key) -> Result<Value, Refused> {
        self.send(Method::DELETE, &client::object(key), "application/json", None)
    }
}

/// One kind that is watched.
struct Watch {
    client: Client,
    store: Store,
    group: &'static str,
    plural: &'static str,
    kind: &'static str,
}

impl Watch {
    /// Lists and watches, for ever. What the server does not serve yet is asked for again.
    async fn follow(self) {
        loop {
            if let Some(version) = self.list().await {
                self.watch(version).await;
            } else {
                sleep(Duration::from_millis(200)).await;
            }
        }
    }

    /// Takes over all objects; gives the version to watch from.
    async fn list(&self) -> Option<String> {
        let path = client::collection(self.group, self.plural, None);
        let list = client::send(&self.client, Method::GET, &path, "application/json", None).await.ok()?;
        let listed: Vec<(Key, Value)> = list["items"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|object| (self.key(object), self.complete(object.clone())))
            .collect();
        for object in self.store.list(self.group, self.plural, None).0 {
            let key = self.key(&object);
            if listed.iter().all(|(listed, _)| *listed != key) {
                self.store.observe(&key, None);
            }
        }
        for (key, object) in listed {
            self.store.observe(&key, Some(object));
        }
        list["metadata"]["resourceVersion"].as_str().map(str::to_owned)
    }

    async fn watch(&self, mut version: String) {
        loop {
            let path = client::collection(self.group, self.plural, None);
            let url = format!("{path}?watch=true&allowWatchBookmarks=true&resourceVersion={version}");
            let Ok(request) = Request::get(url).body(Vec::new()) else { return };
            let Ok(events) = self.client.request_events::<Value>(request).await else { return };
            let mut events = pin!(events);
            while let Ok(Some(event)) = events.try_next().await {
                let object = match event {
                    WatchEvent::Added(object) | WatchEvent::Modified(object) => {
                        self.store.observe(&self.key(&object), Some(self.complete(object.clone())));
                        object
                    }
                    WatchEvent::Deleted(object) => {
                        self.store.observe(&self.key(&object), None);
                        object
                    }
                    WatchEvent::Bookmark(bookmark) => {
                        version = bookmark.metadata.resource_version;
                        continue;
                    }
                    WatchEvent::Error(_) => return,
                };
                if let Some(seen) = object["metadata"]["resourceVersion"].as_str() {
                    seen.clone_into(&mut version);
                }
            }
        }
    }

    fn key(&self, object: &Value) -> Key {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        match object["metadata"]["namespace"].as_str() {
            Some(namespace) => Key::namespaced(self.group, self.plural, namespace, name),
            None => Key::cluster(self.group, self.plural, name),
        }
    }

    /// The items of a list do not say what they are.
    fn complete(&self, mut object: Value) -> Value {
        let version = if self.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", self.group) };
        object["apiVersion"] = json!(version);
        object["kind"] = json!(self.kind);
        object
    }
}
