//! Reading and making Kubernetes objects as plain JSON: what every controller needs.

use serde_json::{Map, Value, json};

use crate::api::kinds;
use crate::store::{Key, Store};

/// Where an object is stored; `None` for a kind that is not served.
pub(crate) fn key(object: &Value) -> Option<Key> {
    let version = object["apiVersion"].as_str()?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let kind = kinds::named(group, object["kind"].as_str()?)?;
    Some(Key {
        group: group.to_owned(),
        resource: kind.plural.to_owned(),
        namespace: kind.namespaced().then(|| namespace(object).to_owned()),
        name: name(object).to_owned(),
    })
}

/// `metadata.name`.
pub(crate) fn name(object: &Value) -> &str {
    object["metadata"]["name"].as_str().unwrap_or_default()
}

/// `metadata.namespace`; empty for cluster-scoped objects.
pub(crate) fn namespace(object: &Value) -> &str {
    object["metadata"]["namespace"].as_str().unwrap_or_default()
}

/// `metadata.uid`.
pub(crate) fn uid(object: &Value) -> &str {
    object["metadata"]["uid"].as_str().unwrap_or_default()
}

/// Whether its deletion was asked for.
pub(crate) fn is_leaving(object: &Value) -> bool {
    !object["metadata"]["deletionTimestamp"].is_null()
}

/// The elements of a list; none when there is no list.
pub fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// Whether the object belongs to the owner with this UID.
pub(crate) fn is_owned_by(object: &Value, owner: &str) -> bool {
    items(&object["metadata"]["ownerReferences"]).any(|reference| reference["uid"] == owner)
}

/// The owner reference of a controller.
pub(crate) fn owner_reference(owner: &Value) -> Value {
    json!({
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": name(owner),
        "uid": uid(owner),
        "controller": true,
        "blockOwnerDeletion": true,
    })
}

/// Whether the labels have all that a plain selector asks for. An empty selector selects nothing.
pub(crate) fn selects(selector: &Value, object: &Value) -> bool {
    let labels = &object["metadata"]["labels"];
    selector.as_object().is_some_and(|wanted| {
        !wanted.is_empty() && wanted.iter().all(|(label, value)| labels[label] == *value)
    })
}

/// The condition of this type.
pub(crate) fn condition<'v>(object: &'v Value, kind: &str) -> Option<&'v Value> {
    items(&object["status"]["conditions"]).find(|condition| condition["type"] == kind)
}

/// Creates the object, or makes what it says true of the one that is there (all fields but metadata and status).
pub(crate) fn ensure(store: &Store, wanted: Value) {
    let Some(key) = key(&wanted) else { return };
    if store.get(&key).is_none() {
        store.create(&key, wanted).ok();
        return;
    }
    let fields: Map<String, Value> = wanted
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(field, _)| *field != "metadata" && *field != "status")
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect();
    store
        .modify(&key, None, |object| {
            for (field, value) in fields {
                object[field] = value;
            }
        })
        .ok();
}
