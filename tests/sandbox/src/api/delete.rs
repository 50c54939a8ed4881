//! delete and deletecollection.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::body;
use super::call::{Call, Keep};
use super::lifecycle::{FOREGROUND, ORPHAN};
use super::negotiate::json_answer;
use super::options;
use super::read;
use super::selector::Selector;
use super::status::{Cause, Failure};
use super::write::Precondition;
use crate::store::Key;

/// The policies that there are, as the words of a refusal list them.
const POLICIES: &[&str] = &["Foreground", "Background", "Orphan", "nil"];

/// What becomes of the objects that the deleted one owns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Propagation {
    /// They are deleted, too: by the garbage collector, which sees that their owner is gone.
    Background,
    /// They are deleted, too, and their owner waits for them.
    Foreground,
    /// They stay, and forget their owner, which waits for that.
    Orphan,
}

struct Options {
    precondition: Precondition,
    propagation: Propagation,
    keep: Keep,
}

/// What the body asks for; the query counts only where there is no body.
fn options(call: &Call, bytes: &[u8]) -> Result<Options, Failure> {
    let options = if bytes.is_empty() {
        let dry_run = call.params.get("dryRun").map(|wanted| json!([wanted]));
        json!({"propagationPolicy": call.params.get("propagationPolicy"), "dryRun": dry_run})
    } else {
        body::object(&call.headers, bytes, "DeleteOptions")?
    };
    let mut causes: Vec<Cause> =
        if bytes.is_empty() { options::dry_run(call).into_iter().collect() } else { Vec::new() };
    let propagation = match options["propagationPolicy"].as_str() {
        Some("Orphan") => Propagation::Orphan,
        Some("Foreground") => Propagation::Foreground,
        None if options["orphanDependents"] == true => Propagation::Orphan,
        Some("Background" | "") | None => Propagation::Background,
        Some(other) => {
            causes.push(Cause::unsupported("propagationPolicy", &json!(other), POLICIES));
            Propagation::Background
        }
    };
    if !causes.is_empty() {
        return Err(Failure::invalid_of("meta.k8s.io", "DeleteOptions", "", &causes));
    }
    let dry_run = options["dryRun"].as_array().is_some_and(|list| list.iter().any(|item| item == "All"));
    Ok(Options {
        precondition: Precondition::of(&json!({"metadata": options["preconditions"]})),
        propagation,
        keep: if dry_run { Keep::DryRun } else { Keep::Yes },
    })
}

/// Deletes one object.
pub(super) fn one(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let options = options(call, bytes)?;
    let object = call.read()?;
    insist(call, &options.precondition, &object)?;
    let left = delete(call, &call.key(), &options)?;
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

/// A delete says in words of its own that it was meant for another object.
fn insist(call: &Call, wanted: &Precondition, object: &Value) -> Result<(), Failure> {
    let differs = |wanted: &Option<String>, field: &str| {
        let found = object["metadata"][field].as_str().unwrap_or_default().to_owned();
        wanted.clone().filter(|wanted| *wanted != found).map(|wanted| (wanted, found))
    };
    let why = if let Some((wanted, found)) = differs(&wanted.uid, "uid") {
        format!(
            "the UID in the precondition ({wanted}) does not match the UID in record ({found}). The object might have \
             been deleted and then recreated"
        )
    } else if let Some((wanted, found)) = differs(&wanted.version, "resourceVersion") {
        format!(
            "the ResourceVersion in the precondition ({wanted}) does not match the ResourceVersion in record ({found}). \
             The object might have been modified"
        )
    } else {
        return Ok(());
    };
    Err(Failure::conflict_of(call.kind.group, call.kind.name, call.name(), &why))
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
        delete(call, &key, &options)?;
        deleted.push(object);
    }
    let meta = json!({"resourceVersion": version.to_string()});
    Ok(call.form.answer(StatusCode::OK, &call.form.list(call.kind, deleted, meta, call.include())))
}

/// Deletes an object; what is left of it when something has to be done before it may go.
fn delete(call: &Call, key: &Key, options: &Options) -> Result<Option<Value>, Failure> {
    if options.keep == Keep::DryRun {
        return Ok(None);
    }
    let before = match options.propagation {
        Propagation::Background => None,
        Propagation::Foreground => Some(FOREGROUND),
        Propagation::Orphan => Some(ORPHAN),
    };
    let left =
        call.api.store.delete_after(key, before).map_err(|_| Failure::not_found(call.kind, &key.name))?;
    call.api.journal.wrote();
    Ok((!left["metadata"]["deletionTimestamp"].is_null()).then_some(left))
}
