//! delete and deletecollection.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::body;
use super::call::{Call, Keep};
use super::negotiate::json_answer;
use super::read;
use super::selector::Selector;
use super::status::Failure;
use super::write::Precondition;
use crate::store::{Key, now};

/// What becomes of the objects that the deleted one owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Propagation {
    /// They are deleted, too: by the garbage collector, which sees that their owner is gone.
    Dependents,
    /// They stay, and forget their owner.
    Orphan,
}

struct Options {
    precondition: Precondition,
    propagation: Propagation,
    keep: Keep,
}

fn options(call: &Call, bytes: &[u8]) -> Result<Options, Failure> {
    let body = if bytes.is_empty() { Value::Null } else { body::object(&call.headers, bytes)? };
    let wanted = call.params.get("propagationPolicy").or_else(|| body["propagationPolicy"].as_str());
    let propagation = match wanted {
        Some("Orphan") => Propagation::Orphan,
        None if body["orphanDependents"] == true => Propagation::Orphan,
        _ => Propagation::Dependents,
    };
    let in_body = body["dryRun"].as_array().is_some_and(|list| list.iter().any(|item| item == "All"));
    Ok(Options {
        precondition: Precondition::of(&json!({"metadata": body["preconditions"]})),
        propagation,
        keep: if in_body { Keep::DryRun } else { call.keep()? },
    })
}

/// Deletes one object.
pub(super) fn one(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let options = options(call, bytes)?;
    let object = call.read()?;
    options.precondition.check(call, &object)?;
    let left = delete(call, &call.key(), &object, &options)?;
    if let Some(object) = left {
        return Ok(call.answer(StatusCode::OK, object));
    }
    let mut details = json!({"name": call.name(), "group": call.kind.group, "kind": call.kind.plural, "uid": object["metadata"]["uid"]});
    if call.kind.group.is_empty()
        && let Some(fields) = details.as_object_mut()
    {
        fields.shift_remove("group");
    }
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details});
    Ok(json_answer(StatusCode::OK, &status))
}

/// Deletes the objects that the selectors match.
pub(super) fn collection(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let options = options(call, bytes)?;
    let selector = Selector::of(call.kind, &call.params)?;
    let (_, version) = read::matching(call, &selector);
    let (objects, _) = call.api.store.list(call.kind.group, call.kind.plural, call.namespace());
    let mut deleted = Vec::new();
    for object in objects.into_iter().filter(|object| selector.matches(object)) {
        let key = Key {
            namespace: object["metadata"]["namespace"].as_str().map(str::to_owned),
            ..call.key_of(object["metadata"]["name"].as_str().unwrap_or_default())
        };
        delete(call, &key, &object, &options)?;
        deleted.push(object);
    }
    let meta = json!({"resourceVersion": version.to_string()});
    Ok(call.form.answer(StatusCode::OK, &call.form.list(call.kind, deleted, meta, call.include())))
}

/// Deletes an object; what is left of it when something has to be done before it may go.
fn delete(call: &Call, key: &Key, object: &Value, options: &Options) -> Result<Option<Value>, Failure> {
    if options.keep == Keep::DryRun {
        return Ok(None);
    }
    let gone = |_| Failure::not_found(call.kind, &key.name);
    if options.propagation == Propagation::Orphan {
        orphan(call, object);
    }
    if call.kind.plural == "namespaces" {
        let left = call.api.store.modify(key, None, |namespace| {
            if namespace["metadata"]["deletionTimestamp"].is_null() {
                namespace["metadata"]["deletionTimestamp"] = json!(now());
                namespace["metadata"]["finalizers"] = json!(["kubernetes"]);
                namespace["status"]["phase"] = json!("Terminating");
            }
        });
        call.api.journal.wrote();
        return left.map(Some).map_err(gone);
    }
    let left = call.api.store.delete(key).map_err(gone)?;
    call.api.journal.wrote();
    Ok((!left["metadata"]["deletionTimestamp"].is_null()).then_some(left))
}

/// The dependents of an object forget it.
fn orphan(call: &Call, owner: &Value) {
    let uid = &owner["metadata"]["uid"];
    for kind in super::kinds::all() {
        for object in call.api.store.list(kind.group, kind.plural, None).0 {
            let references = object["metadata"]["ownerReferences"].as_array();
            if !references.into_iter().flatten().any(|reference| reference["uid"] == *uid) {
                continue;
            }
            let key = super::lifecycle::key_of(kind, &object);
            let forget = |object: &mut Value| {
                if let Some(references) = object["metadata"]["ownerReferences"].as_array_mut() {
                    references.retain(|reference| reference["uid"] != *uid);
                }
            };
            call.api.store.modify(&key, None, forget).ok();
        }
    }
}
