//! The controllers without which deleting does not work: the garbage collector, and the end of namespaces. And what
//! every namespace has: its `ServiceAccount` `default` and the cluster's certificate authority.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::Api;
use super::kinds::{self, Kind};
use crate::objects;
use crate::store::{Change, Key, Kind as Happened};

/// Holds an object until what it owns is gone.
pub(super) const FOREGROUND: &str = "foregroundDeletion";

/// Holds an object until what it owns has forgotten it.
pub(super) const ORPHAN: &str = "orphan";

/// Starts the controllers.
pub(super) fn start(api: &Arc<Api>) -> Vec<JoinHandle<()>> {
    vec![tokio::spawn(run(api.clone()))]
}

async fn run(api: Arc<Api>) {
    let mut versions = api.store.versions();
    let mut seen = 0;
    let mut held = BTreeSet::new();
    loop {
        versions.mark_unchanged();
        if let Ok((changes, version)) = api.store.since(seen) {
            seen = version;
            for change in changes {
                match change.kind {
                    Happened::Deleted => collect(&api, &change),
                    _ if is_held(&change.object) => drop(held.insert(change.key)),
                    _ => {}
                }
            }
        } else {
            // Too much happened at once to look at every change.
            seen = *versions.borrow();
            sweep(&api);
            held.extend(all(&api).filter(|(_, _, object)| is_held(object)).map(|(_, key, _)| key));
        }
        held.retain(|key| let_go(&api, key));
        for namespace in api.store.list("", "namespaces", None).0 {
            if namespace["metadata"]["deletionTimestamp"].is_null() {
                furnish(&api, &namespace);
            } else {
                finish(&api, &namespace);
            }
        }
        api.groups.look_after();
        if versions.changed().await.is_err() {
            return;
        }
    }
}

/// All objects, with their kinds and where they are.
fn all(api: &Api) -> impl Iterator<Item = (&'static Kind, Key, Value)> {
    kinds::all().flat_map(|kind| {
        let objects = api.store.list(kind.group, kind.plural, None).0;
        objects.into_iter().map(move |object| (kind, key_of(kind, &object), object))
    })
}

/// Deletes what only the deleted object owned, and the objects of a kind that is no longer defined.
fn collect(api: &Api, change: &Change) {
    let uid = &change.object["metadata"]["uid"];
    for (kind, key, object) in all(api) {
        let undefined = change.key == super::definitions::key(kind);
        let owners = object["metadata"]["ownerReferences"].as_array();
        let owned = owners.is_some_and(|owners| {
            owners.iter().any(|owner| owner["uid"] == *uid)
                && !owners.iter().any(|owner| owner["uid"] != *uid && exists(api, kind, &object, owner))
        });
        if owned || undefined {
            if undefined {
                let clear = |object: &mut Value| object["metadata"]["finalizers"] = json!([]);
                api.store.modify(&key, None, clear).ok();
            }
            api.store.delete(&key).ok();
        }
    }
}

/// Deletes everything whose owners are all gone.
fn sweep(api: &Api) {
    for (kind, key, object) in all(api) {
        let owners = object["metadata"]["ownerReferences"].as_array();
        let owned = owners.is_some_and(|owners| !owners.is_empty());
        if owned && !owners.into_iter().flatten().any(|owner| exists(api, kind, &object, owner)) {
            api.store.delete(&key).ok();
        }
    }
}

fn has(object: &Value, wanted: &str) -> bool {
    objects::items(&object["metadata"]["finalizers"]).any(|finalizer| finalizer == wanted)
}

fn is_held(object: &Value) -> bool {
    objects::is_leaving(object) && (has(object, FOREGROUND) || has(object, ORPHAN))
}

/// Does what an object is held for, and then lets it go; whether it is still held.
fn let_go(api: &Api, key: &Key) -> bool {
    let Some(owner) = api.store.get(key).filter(is_held) else { return false };
    let uid = objects::uid(&owner);
    let orphan = has(&owner, ORPHAN);
    let mut left = false;
    for (_, key, _) in all(api).filter(|(_, _, object)| objects::is_owned_by(object, uid)) {
        if orphan {
            let forget = |object: &mut Value| {
                if let Some(references) = object["metadata"]["ownerReferences"].as_array_mut() {
                    references.retain(|reference| reference["uid"] != uid);
                }
            };
            api.store.modify(&key, None, forget).ok();
        } else {
            left |= api.store.delete(&key).is_ok_and(|object| objects::is_leaving(&object));
        }
    }
    if !left {
        let free = |object: &mut Value| {
            if let Some(finalizers) = object["metadata"]["finalizers"].as_array_mut() {
                finalizers.retain(|finalizer| finalizer != FOREGROUND && finalizer != ORPHAN);
            }
        };
        api.store.modify(key, None, free).ok();
    }
    left
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
    let name = objects::name(namespace);
    let mut left = false;
    for kind in kinds::all().filter(|kind| kind.namespaced()) {
        for object in api.store.list(kind.group, kind.plural, Some(name)).0 {
            let stays = api.store.delete(&key_of(kind, &object));
            left |= stays.is_ok_and(|object| objects::is_leaving(&object));
        }
    }
    if !left {
        let finalize = |namespace: &mut Value| namespace["spec"]["finalizers"] = json!([]);
        api.store.modify(&Key::cluster("", "namespaces", name), None, finalize).ok();
    }
}

fn furnish(api: &Api, namespace: &Value) {
    let name = objects::name(namespace);
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
    key_in(kind.group, kind.plural, object)
}

/// Where an object of a resource is stored.
pub(super) fn key_in(group: &str, resource: &str, object: &Value) -> Key {
    let text = |field: &str| object["metadata"][field].as_str().map(str::to_owned);
    Key {
        group: group.to_owned(),
        resource: resource.to_owned(),
        namespace: text("namespace"),
        name: text("name").unwrap_or_default(),
    }
}
