//! create and update, and the one way in which every write reaches the store.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::apply::managers;
use super::call::{Call, Keep};
use super::kinds::Origin;
use super::status::{Cause, Failure, Leaving};
use super::{admission, body, defaults, strict, validation};
use crate::store::{Refused, now};

/// How often a write without a precondition is tried again when somebody else was faster.
const TRIES: usize = 8;

/// What a client insists on about the object that it changes.
#[derive(Clone, Debug, Default)]
pub(super) struct Precondition {
    pub(super) version: Option<String>,
    pub(super) uid: Option<String>,
}

impl Precondition {
    /// What the metadata of an object or of a patch insist on.
    pub(super) fn of(object: &Value) -> Self {
        let field = |name: &str| object["metadata"][name].as_str().filter(|text| !text.is_empty());
        Self { version: field("resourceVersion").map(str::to_owned), uid: field("uid").map(str::to_owned) }
    }

    pub(super) fn check(&self, call: &Call, object: &Value) -> Result<(), Failure> {
        let meta = &object["metadata"];
        if let Some(uid) = &self.uid
            && meta["uid"] != uid.as_str()
        {
            let found = meta["uid"].as_str().unwrap_or_default();
            let why = format!("Precondition failed: UID in precondition: {uid}, UID in object meta: {found}");
            return Err(Failure::conflict(call.kind, call.name(), &why));
        }
        match &self.version {
            Some(version) if meta["resourceVersion"] != version.as_str() => {
                Err(Failure::modified(call.kind, call.name()))
            }
            _ => Ok(()),
        }
    }
}

/// Creates the object in the body.
pub(super) fn create(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let object = body::object(&call.headers, bytes, call.kind.name)?;
    strict::once(call, bytes)?;
    let created = new_object(call, object, |object| {
        managers::track(call.kind, None, object, &call.manager(), None);
    })?;
    Ok(call.answer(StatusCode::CREATED, created))
}

/// Creates an object; `track` writes down who manages its fields.
pub(super) fn new_object(
    call: &Call,
    mut object: Value,
    track: impl FnOnce(&mut Value),
) -> Result<Value, Failure> {
    validation::typed(call, &object)?;
    admission::clean(call, &mut object)?;
    strict::check(call, &mut object)?;
    admission::place(call, &object)?;
    admission::named(call, &mut object)?;
    defaults::fill_in(call, &mut object)?;
    if call.kind.has("status")
        && let Some(fields) = object.as_object_mut()
    {
        fields.shift_remove("status");
    }
    track(&mut object);
    defaults::begin(call, &mut object);
    validation::object(call, None, &object)?;
    validation::granting(call, &object)?;
    let name = object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
    let key = call.key_of(&name);
    let exists = || {
        let leaving =
            call.api.store.get(&key).is_some_and(|there| !there["metadata"]["deletionTimestamp"].is_null());
        Failure::already_exists(call.kind, &name, if leaving { Leaving::Yes } else { Leaving::No })
    };
    if call.keep() == Keep::DryRun {
        if call.api.store.get(&key).is_some() {
            return Err(exists());
        }
        object["metadata"]["uid"] = json!("00000000-0000-4000-a000-000000000000");
        object["metadata"]["creationTimestamp"] = json!(now());
        object["metadata"]["generation"] = json!(1);
        return Ok(object);
    }
    let created = call.api.store.create(&key, object).map_err(|_| exists())?;
    call.api.journal.wrote();
    Ok(created)
}

/// Replaces the object with the one in the body.
pub(super) fn update(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let mut object = body::object(&call.headers, bytes, call.kind.name)?;
    strict::once(call, bytes)?;
    validation::typed(call, &object)?;
    validation::names_itself(call, &object)?;
    admission::clean(call, &mut object)?;
    strict::check(call, &mut object)?;
    let precondition = Precondition::of(&object);
    call.read()?;
    if precondition.version.is_none() && call.kind.origin != Origin::BuiltIn {
        let cause = Cause::invalid("metadata.resourceVersion", &json!(0), "must be specified for an update");
        return Err(Failure::invalid_of(call.kind.group, call.kind.plural, call.name(), &[cause]));
    }
    let manager = call.manager();
    let (updated, _) = change(call, &precondition, |before| {
        let mut after = object.clone();
        settle(call, before, &mut after)?;
        managers::track(call.kind, Some(before), &mut after, &manager, call.subresource());
        managers::keep_times(before, &mut after);
        Ok(after)
    })?;
    Ok(call.answer(StatusCode::OK, updated))
}

/// Whether a write changed anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    Yes,
    No,
}

/// Changes the object that the call names. `make` computes the new object from the one that is there; it is asked
/// again when somebody else changed the object meanwhile, unless the client insisted on a version.
pub(super) fn change(
    call: &Call,
    precondition: &Precondition,
    make: impl Fn(&Value) -> Result<Value, Failure>,
) -> Result<(Value, Changed), Failure> {
    for _ in 0..TRIES {
        let before = call.read()?;
        precondition.check(call, &before)?;
        let after = make(&before)?;
        validation::object(call, Some(&before), &after)?;
        validation::granting(call, &after)?;
        if after == before {
            return Ok((before, Changed::No));
        }
        if call.keep() == Keep::DryRun {
            return Ok((after, Changed::Yes));
        }
        let version = before["metadata"]["resourceVersion"].as_str();
        match call.api.store.modify(&call.key(), version, |object| *object = after) {
            Ok(stored) => {
                call.api.journal.wrote();
                return Ok((stored, Changed::Yes));
            }
            Err(Refused::Conflict) if precondition.version.is_none() => {}
            Err(Refused::Conflict) => return Err(Failure::modified(call.kind, call.name())),
            Err(_) => return Err(Failure::not_found(call.kind, call.name())),
        }
    }
    Err(Failure::modified(call.kind, call.name()))
}

/// Makes a new version of an object out of what a client sent: what the client may not change stays as it was, and
/// a subresource changes only its own part.
pub(super) fn settle(call: &Call, before: &Value, after: &mut Value) -> Result<(), Failure> {
    defaults::fill_in(call, after)?;
    for kept in [
        "uid",
        "creationTimestamp",
        "generation",
        "resourceVersion",
        "name",
        "namespace",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ] {
        match before["metadata"].get(kept) {
            Some(value) => after["metadata"][kept] = value.clone(),
            None => {
                if let Some(meta) = after["metadata"].as_object_mut() {
                    meta.shift_remove(kept);
                }
            }
        }
    }
    match call.subresource() {
        Some("status") => {
            let (status, managed) = (after["status"].take(), after["metadata"]["managedFields"].take());
            *after = before.clone();
            set(after, "status", status);
            if !managed.is_null() {
                after["metadata"]["managedFields"] = managed;
            }
        }
        _ if call.kind.has("status") => set(after, "status", before["status"].clone()),
        _ => {}
    }
    if after["metadata"]["managedFields"].is_null() {
        let managed = before["metadata"]["managedFields"].clone();
        if let Some(meta) = after["metadata"].as_object_mut() {
            meta.shift_remove("managedFields");
            if !managed.is_null() {
                meta.insert("managedFields".to_owned(), managed);
            }
        }
    }
    Ok(())
}

fn set(object: &mut Value, field: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        if value.is_null() {
            fields.shift_remove(field);
        } else {
            fields.insert(field.to_owned(), value);
        }
    }
}
