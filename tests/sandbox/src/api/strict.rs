//! Fields that a kind does not have: refused, warned about, or dropped, as `fieldValidation` says.
//!
//! Checked are the fields at the top, those of the metadata, and those of the spec where the table names them.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::kinds::Kind;
use super::status::{Cause, Failure};

const METADATA: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "selfLink",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "managedFields",
];

/// What to do about fields that do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Ignore,
    Warn,
    Strict,
}

/// Drops the fields that do not exist; an error when the request wants none to be dropped.
pub(super) fn check(call: &Call, object: &mut Value) -> Result<(), Failure> {
    let policy = match call.params.get("fieldValidation") {
        Some("Ignore") => Policy::Ignore,
        Some("Strict") => Policy::Strict,
        _ => Policy::Warn,
    };
    let unknown = prune(call.kind, object);
    if unknown.is_empty() || policy == Policy::Ignore {
        return Ok(());
    }
    let texts: Vec<String> = unknown.iter().map(|field| format!("unknown field {field:?}")).collect();
    if policy == Policy::Warn {
        for text in &texts {
            call.warn(text);
        }
        return Ok(());
    }
    let why = format!("strict decoding error: {}", texts.join(", "));
    if call.method == http::Method::PATCH {
        let cause = Cause::invalid("patch", &json!("{…}"), &why);
        return Err(Failure::invalid(call.kind, call.name(), &[cause]));
    }
    let (kind, version) = (call.kind.name, call.kind.version);
    Err(Failure::bad_request(format!("{kind} in version {version:?} cannot be handled as a {kind}: {why}")))
}

/// Server-side apply refuses fields that do not exist whatever the request says.
pub(super) fn declared(kind: &Kind, object: &Value) -> Result<(), Failure> {
    let unknown = prune(kind, &mut object.clone());
    let Some(field) = unknown.first() else { return Ok(()) };
    let meta = &object["metadata"];
    let text = |name: &str| meta[name].as_str().unwrap_or_default().to_owned();
    let message = format!(
        "failed to create typed patch object ({}/{}; {}, Kind={}): .{field}: field not declared in schema",
        text("namespace"),
        text("name"),
        kind.api_version(),
        kind.name
    );
    Err(Failure::new(500, "", message))
}

/// Takes unknown fields out of an object; their paths.
fn prune(kind: &Kind, object: &mut Value) -> Vec<String> {
    let mut unknown = Vec::new();
    let Some(fields) = object.as_object_mut() else { return unknown };
    retain(fields, "", &mut unknown, |name| {
        ["apiVersion", "kind", "metadata"].contains(&name) || kind.fields.contains(&name)
    });
    if let Some(meta) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        retain(meta, "metadata.", &mut unknown, |name| METADATA.contains(&name));
    }
    if !kind.spec.is_empty()
        && let Some(spec) = fields.get_mut("spec").and_then(Value::as_object_mut)
    {
        retain(spec, "spec.", &mut unknown, |name| kind.spec.contains(&name));
    }
    unknown
}

fn retain(
    fields: &mut Map<String, Value>,
    prefix: &str,
    unknown: &mut Vec<String>,
    known: impl Fn(&str) -> bool,
) {
    fields.retain(|name, _| {
        if !known(name) {
            unknown.push(format!("{prefix}{name}"));
        }
        known(name)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::kinds;

    #[test]
    fn unknown_fields_are_found_and_dropped() {
        let kind = kinds::named("packaging.carvel.dev", "PackageInstall").unwrap();
        let mut object =
            json!({"metadata": {"name": "x", "label": {}}, "spec": {"paused": true, "pause": 1}, "data": {}});
        assert_eq!(prune(kind, &mut object), ["data", "metadata.label", "spec.pause"]);
        assert_eq!(object, json!({"metadata": {"name": "x"}, "spec": {"paused": true}}));
    }
}
