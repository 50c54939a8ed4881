//! What happens to an object on its way in: its type, its name, its place, and the fields that only the server sets.

use std::hash::{BuildHasher, Hasher, RandomState};

use serde_json::{Map, Value, json};

use super::call::Call;
use super::status::{Cause, Failure};
use crate::store::Key;

/// The characters of generated names: no vowels and nothing that looks alike, so that no words come out.
const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The type is written out, and null fields and empty metadata are gone.
pub(super) fn clean(call: &Call, object: &mut Value) -> Result<(), Failure> {
    let Some(fields) = object.as_object_mut() else {
        return Err(Failure::bad_request("the object provided is unrecognized (must be an object)"));
    };
    fields.insert("apiVersion".to_owned(), json!(call.kind.api_version()));
    fields.insert("kind".to_owned(), json!(call.kind.name));
    fields.retain(|_, value| !value.is_null());
    let meta = fields.entry("metadata").or_insert_with(|| json!({}));
    let Some(meta) = meta.as_object_mut() else {
        return Err(Failure::bad_request("metadata has to be an object"));
    };
    meta.retain(|name, value| !(value.is_null() || name == "creationTimestamp" && value == ""));
    for map in ["labels", "annotations"] {
        if meta.get(map).and_then(Value::as_object).is_some_and(Map::is_empty) {
            meta.shift_remove(map);
        }
    }
    if let Some(namespace) = call.namespace() {
        meta.insert("namespace".to_owned(), json!(namespace));
    } else {
        meta.shift_remove("namespace");
    }
    Ok(())
}

/// A new object gets its name, and none of the fields that only the server sets.
pub(super) fn named(call: &Call, object: &mut Value) -> Result<(), Failure> {
    if object["metadata"]["resourceVersion"].as_str().is_some_and(|version| !version.is_empty()) {
        return Err(Failure::new(500, "", "resourceVersion should not be set on objects to be created"));
    }
    for field in
        ["resourceVersion", "uid", "creationTimestamp", "generation", "deletionTimestamp", "selfLink"]
    {
        if let Some(meta) = object["metadata"].as_object_mut() {
            meta.shift_remove(field);
        }
    }
    let has_name = object["metadata"]["name"].as_str().is_some_and(|name| !name.is_empty());
    if has_name {
        return Ok(());
    }
    match object["metadata"]["generateName"].as_str() {
        Some(prefix) if !prefix.is_empty() => {
            object["metadata"]["name"] = json!(format!("{prefix}{}", suffix()));
            Ok(())
        }
        _ => {
            let cause = Cause::required("metadata.name", "name or generateName is required");
            Err(Failure::invalid(call.kind, "", &[cause]))
        }
    }
}

fn suffix() -> String {
    let mut number = RandomState::new().build_hasher().finish();
    let mut text = String::new();
    for _ in 0..5 {
        let count = LETTERS.len() as u64;
        let index = usize::try_from(number % count).unwrap_or_default();
        text.push(char::from(LETTERS[index]));
        number /= count;
    }
    text
}

/// The namespace has to be there, and not on its way out.
pub(super) fn place(call: &Call, object: &Value) -> Result<(), Failure> {
    let Some(namespace) = call.namespace() else { return Ok(()) };
    let found = call.api.store.get(&Key::cluster("", "namespaces", namespace));
    let found = found.ok_or_else(|| Failure::no_namespace(namespace))?;
    if found["metadata"]["deletionTimestamp"].is_null() {
        return Ok(());
    }
    let meta = &object["metadata"];
    let name = meta["name"].as_str().or_else(|| meta["generateName"].as_str()).unwrap_or_default();
    let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
    let message = format!("{} {name:?} is forbidden: {why}", call.kind.qualified());
    let cause = json!({
        "reason": "NamespaceTerminating", "message": format!("namespace {namespace} is being terminated"),
        "field": "metadata.namespace",
    });
    let details =
        json!({"name": name, "group": call.kind.group, "kind": call.kind.plural, "causes": [cause]});
    Err(Failure::new(403, "Forbidden", message).with_details(details))
}
