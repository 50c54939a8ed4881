//! The two controllers without which deleting does not work: the garbage collector, and the end of namespaces. And
//! what every namespace has: its `ServiceAccount` `default` and the cluster's certificate authority.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::Api;
use super::kinds::{self, Kind};
use crate::store::{Change, Key, Kind as Happened};

/// Starts the controllers.
pub(super) fn start(api: &Arc<Api>) -> Vec<JoinHandle<()>> {
    vec![tokio::spawn(run(api.clone()))]
}

async fn run(api: Arc<Api>) {
    let mut versions = api.store.versions();
    let mut seen = 0;
    loop {
        versions.mark_unchanged();
        if let Ok((changes, version)) = api.store.since(seen) {
            seen = version;
            for change in changes.iter().filter(|change| change.kind == Happened::Deleted) {
                collect(&api, change);
            }
        } else {
            // Too much happened at once to look at every change.
            seen = *versions.borrow();
            sweep(&api);
        }
        for namespace in api.store.list("", "namespaces", None).0 {
            if namespace["metadata"]["deletionTimestamp"].is_null() {
                furnish(&api, &namespace);
            } else {
                finish(&api, &namespace);
            }
        }
        if versions.changed().await.is_err() {
            return;
        }
    }
}

/// Deletes what only the deleted object owned, and the objects of a kind that is no longer defined.
fn collect(api: &Api, change: &Change) {
    let uid = &change.object["metadata"]["uid"];
    for kind in kinds::all() {
        let undefined = change.key == super::definitions::key(kind);
        for object in api.store.list(kind.group, kind.plural, None).0 {
            let owners = object["metadata"]["ownerReferences"].as_array();
            let owned = owners.is_some_and(|owners| {
                owners.iter().any(|owner| owner["uid"] == *uid)
                    && !owners.iter().any(|owner| owner["uid"] != *uid && exists(api, kind, &object, owner))
            });
            if owned || undefined {
                let key = key_of(kind, &object);
                if undefined {
                    let clear = |object: &mut Value| object["metadata"]["finalizers"] = json!([]);
                    api.store.modify(&key, None, clear).ok();
                }
                api.store.delete(&key).ok();
            }
        }
    }
}

/// Deletes everything whose owners are all gone.
fn sweep(api: &Api) {
    for kind in kinds::all() {
        for object in api.store.list(kind.group, kind.plural, None).0 {
            let owners = object["metadata"]["ownerReferences"].as_array();
            let owned = owners.is_some_and(|owners| !owners.is_empty());
            if owned && !owners.into_iter().flatten().any(|owner| exists(api, kind, &object, owner)) {
                api.store.delete(&key_of(kind, &object)).ok();
            }
        }
    }
}

fn exists(api: &Api, kind: &Kind, dependent: &Value, owner: &Value) -> bool {
    let group = owner["apiVersion"].as_str().and_then(|v| v.split_once('/')).map_or("", |(group, _)| group);
    let Some(owner_kind) = kinds::named(group, owner["kind"].as_str().unwrap_or_default()) else {
        return false;
    };
    let namespace = if owner_kind.namespaced() { key_of(kind, dependent).namespace } else { None };
    let key = Key {
        group: group.to_owned(),
        resource: owner_kind.plural.to_owned(),
        namespace,
        name: owner["name"].as_str().unwrap_or_default().to_owned(),
    };
    api.store.get(&key).is_some_and(|found| found["metadata"]["uid"] == owner["uid"])
}

/// Empties a namespace that is to go; when nothing is left in it, it goes.
fn finish(api: &Api, namespace: &Value) {
    let name = namespace["metadata"]["name"].as_str().unwrap_or_default();
    let mut left = false;
    for kind in kinds::all().filter(|kind| kind.namespaced()) {
        for object in api.store.list(kind.group, kind.plural, Some(name)).0 {
            let stays = api.store.delete(&key_of(kind, &object));
            left |= stays.is_ok_and(|object| !object["metadata"]["deletionTimestamp"].is_null());
        }
    }
    if !left {
        let finalize = |namespace: &mut Value| namespace["metadata"]["finalizers"] = json!([]);
        api.store.modify(&Key::cluster("", "namespaces", name), None, finalize).ok();
    }
}

fn furnish(api: &Api, namespace: &Value) {
    let name = namespace["metadata"]["name"].as_str().unwrap_or_default();
    let account = Key::namespaced("", "serviceaccounts", name, "default");
    let authority = Key::namespaced("", "configmaps", name, "kube-root-ca.crt");
    if api.store.get(&account).is_none() {
        let object = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": name}});
        api.store.create(&account, object).ok();
    }
    if api.store.get(&authority).is_none() {
        let object = json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "kube-root-ca.crt", "namespace": name},
            "data": {"ca.crt": api.authority.pem()},
        });
        api.store.create(&authority, object).ok();
    }
}

/// Where an object is stored.
pub(super) fn key_of(kind: &Kind, object: &Value) -> Key {
    let text = |field: &str| object["metadata"][field].as_str().map(str::to_owned);
    Key {
        group: kind.group.to_owned(),
        resource: kind.plural.to_owned(),
        namespace: text("namespace").filter(|_| kind.namespaced()),
        name: text("name").unwrap_or_default(),
    }
}
