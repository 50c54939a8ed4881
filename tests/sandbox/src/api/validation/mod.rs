//! Whether an object may be as it is: its type, its name, what it holds, and the fields that must never change.

mod content;
mod granting;
mod names;

use serde_json::{Value, json};

use super::body::go_type;
use super::call::Call;
use super::kinds::{Kind, Origin};
use super::schema;
use super::status::{Cause, Failure};

pub(super) use granting::granting;

/// The body has to be of the kind that the path names, and about the same object.
pub(super) fn typed(call: &Call, object: &Value) -> Result<(), Failure> {
    let expected = call.kind.api_version();
    let field = |name: &str| object[name].as_str().filter(|text| !text.is_empty());
    if let Some(version) = field("apiVersion")
        && version != expected
    {
        return Err(Failure::bad_request(format!(
            "the API version in the data ({version}) does not match the expected API version ({expected})"
        )));
    }
    if let Some(kind) = field("kind")
        && kind != call.kind.name
    {
        if call.kind.origin == Origin::Custom {
            let name = object["metadata"]["name"].as_str().unwrap_or_default();
            let cause = Cause::invalid("kind", &json!(kind), &format!("must be {}", call.kind.name));
            return Err(Failure::invalid_of(call.kind.group, kind, name, &[cause]));
        }
        return Err(Failure::bad_request(format!(
            "{kind} in version {:?} cannot be handled as a {}",
            call.kind.version, call.kind.name
        )));
    }
    let meta = &object["metadata"];
    if let (Some(own), Some(wanted)) = (meta["namespace"].as_str(), call.namespace())
        && !own.is_empty()
        && own != wanted
    {
        return Err(Failure::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    if let (Some(own), Some(wanted)) = (meta["name"].as_str(), call.resource.name.as_deref())
        && own != wanted
    {
        return Err(Failure::bad_request(format!(
            "the name of the object ({own}) does not match the name on the URL ({wanted})"
        )));
    }
    Ok(())
}

/// Where the path names an object, the body has to name it too.
pub(super) fn names_itself(call: &Call, object: &Value) -> Result<(), Failure> {
    if object["metadata"]["name"].as_str().is_some_and(|name| !name.is_empty()) {
        return Ok(());
    }
    Err(Failure::bad_request(format!(
        "the name of the object ({} based on URL) was undeterminable: name must be provided",
        call.name()
    )))
}

/// A new object, or a new version of one.
pub(super) fn object(call: &Call, before: Option<&Value>, after: &Value) -> Result<(), Failure> {
    let name = after["metadata"]["name"].as_str().unwrap_or_default();
    let mut causes = Vec::new();
    match before {
        None => causes.extend(names::cause(call.kind, name)),
        Some(before) => {
            causes.extend(immutable(call.kind, before, after));
            causes.extend(late_finalizers(before, after));
        }
    }
    causes.extend(schema::causes(call.kind, after));
    causes.extend(content::causes(call.kind, after));
    for map in ["labels", "annotations"] {
        for (key, value) in after["metadata"][map].as_object().into_iter().flatten() {
            if !value.is_string() {
                return Err(Failure::bad_request(format!(
                    "{kind} in version {:?} cannot be handled as a {kind}: json: cannot unmarshal {} into Go struct field ObjectMeta.metadata.{map} of type string",
                    call.kind.version,
                    go_type(value),
                    kind = call.kind.name,
                )));
            }
            let bare = key.rsplit('/').next().unwrap_or_default();
            if bare.is_empty() || bare.len() > 63 {
                causes.push(Cause::invalid(
                    &format!("metadata.{map}"),
                    &json!(key),
                    "name part must be non-empty and no more than 63 characters",
                ));
            }
        }
    }
    if causes.is_empty() { Ok(()) } else { Err(Failure::invalid(call.kind, name, &causes)) }
}

fn immutable(kind: &Kind, before: &Value, after: &Value) -> Vec<Cause> {
    let fixed = |pointer: &str, why: &str| {
        let (old, new) = (before.pointer(pointer), after.pointer(pointer));
        (old.is_some() && old != new)
            .then(|| Cause::invalid(&pointer[1..].replace('/', "."), new.unwrap_or(&Value::Null), why))
    };
    match kind.name {
        // The words show the server's own form of the reference, and not that of the API.
        "RoleBinding" | "ClusterRoleBinding" if before["roleRef"] != after["roleRef"] => {
            let role = &after["roleRef"];
            let shown = json!({"APIGroup": role["apiGroup"], "Kind": role["kind"], "Name": role["name"]});
            Some(Cause::invalid("roleRef", &shown, "cannot change roleRef"))
        }
        "Deployment" | "DaemonSet" | "ReplicaSet" => fixed("/spec/selector", "field is immutable"),
        "Secret" => fixed("/type", "field is immutable").or_else(|| frozen(before, after)),
        "ConfigMap" => frozen(before, after),
        _ => None,
    }
    .into_iter()
    .collect()
}

/// Objects with `immutable: true` keep their data.
fn frozen(before: &Value, after: &Value) -> Option<Cause> {
    let is_frozen = before["immutable"] == true;
    let changed = before["data"] != after["data"] || after["immutable"] != true;
    (is_frozen && changed).then(|| Cause::forbidden("data", "field is immutable when `immutable` is set"))
}

/// What is leaving gets no more finalizers.
fn late_finalizers(before: &Value, after: &Value) -> Option<Cause> {
    if before["metadata"]["deletionTimestamp"].is_null() {
        return None;
    }
    let list = |object: &Value| object["metadata"]["finalizers"].as_array().cloned().unwrap_or_default();
    let old = list(before);
    let late: Vec<String> =
        list(after).iter().filter(|finalizer| !old.contains(finalizer)).map(ToString::to_string).collect();
    let why = format!(
        "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
        late.join(", ")
    );
    (!late.is_empty()).then(|| Cause::forbidden("metadata.finalizers", &why))
}
