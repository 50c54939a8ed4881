//! Server-side apply: a client sends the fields that it wants to own; the server merges them, takes away those that
//! it no longer sends, and refuses to overwrite what others own unless forced.
//!
//! `schema` knows which lists are merged item by item, `fields` is the set of fields that somebody owns, `merge`
//! joins two objects, and `managers` keeps `metadata.managedFields`.

mod fields;
mod forms;
pub(super) mod managers;
mod merge;
mod schema;
#[cfg(test)]
mod tests;

use axum::response::Response;
use http::StatusCode;
use serde_json::Value;

use super::call::Call;
use super::status::Failure;
use super::write::{self, Changed, Precondition};
use super::{admission, body, strict, validation};
use managers::{Manager, Managers, Operation};

/// Whether conflicts are overridden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Force {
    Yes,
    No,
}

/// Applies the object in the body.
pub(super) fn apply(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let name = call.params.get("fieldManager").unwrap_or_default();
    let mut applied = body::yaml(bytes)?;
    let own = |field: &str| applied[field].as_str().unwrap_or_default();
    if own("apiVersion") != call.kind.api_version() || own("kind") != call.kind.name {
        let (group, version) = own("apiVersion").split_once('/').unwrap_or(("", own("apiVersion")));
        let message = format!("invalid object type: {group}/{version}, Kind={}", own("kind"));
        return Err(Failure::bad_request(message));
    }
    if applied["metadata"]["managedFields"].as_array().is_some_and(|list| !list.is_empty()) {
        return Err(Failure::bad_request("metadata.managedFields must be nil"));
    }
    validation::typed(call, &applied)?;
    validation::names_itself(call, &applied)?;
    strict::declared(call.kind, &applied)?;
    admission::clean(call, &mut applied)?;
    let precondition = Precondition::of(&applied);
    let force = if call.params.flag("force") { Force::Yes } else { Force::No };
    let manager = Manager {
        name: name.to_owned(),
        operation: Operation::Apply,
        version: call.kind.api_version(),
        subresource: call.subresource().map(str::to_owned),
    };

    if call.subresource().is_none() && call.read().is_err() {
        if precondition.uid.is_some() {
            return Err(Failure::modified(call.kind, call.name()));
        }
        call.may("create")?;
        // That there was a version does not keep it from being made anew.
        if let Some(meta) = applied["metadata"].as_object_mut() {
            meta.shift_remove("resourceVersion");
        }
        let intent = applied.clone();
        let created = write::new_object(call, applied, |object| {
            let mut managers = Managers::default();
            managers.insert(manager, fields::of(call.kind, &intent));
            managers.write(object);
        })?;
        return Ok(call.answer(StatusCode::CREATED, created));
    }
    let (object, _): (Value, Changed) = write::change(call, &precondition, |before| {
        let mut after = onto(call.kind, before, &applied, &manager, force)?;
        write::settle(call, before, &mut after)?;
        managers::keep_times(before, &mut after);
        Ok(after)
    })?;
    Ok(call.answer(StatusCode::OK, object))
}

/// The object after `applied` was put onto it, with its managers.
fn onto(
    kind: &'static super::kinds::Kind,
    before: &Value,
    applied: &Value,
    manager: &Manager,
    force: Force,
) -> Result<Value, Failure> {
    let mut managers = Managers::read(before);
    if managers.is_empty() {
        // Nobody wrote down so far who owns what: whoever was there before owns it all.
        managers.insert(Manager::before_first_apply(kind), fields::of(kind, before));
    }
    let wanted = fields::of(kind, applied);
    let conflicts = managers.conflicts(kind, manager, &wanted, before, applied);
    if !conflicts.is_empty() {
        if force == Force::No {
            return Err(managers::refusal(&conflicts));
        }
        managers.take(&conflicts);
    }
    let mut after = merge::merge(kind, before, applied);
    let dropped = managers.get(manager).map(|old| old.without(&wanted)).unwrap_or_default();
    for path in dropped.paths() {
        if !managers.owned_by_another(manager, path) {
            merge::remove(kind, &mut after, path);
        }
    }
    managers.insert(manager.clone(), wanted);
    managers.write(&mut after);
    Ok(after)
}
