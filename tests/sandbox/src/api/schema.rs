//! Objects against the fields that the table of kinds names: what is unknown, what has the wrong type, what is missing.
//!
//! Checked are the fields at the top, those of the metadata, and those of the spec as far as the table goes.

use serde_json::{Map, Value};

use super::kinds::fields::{Field, Form, Presence, any};
use super::kinds::{Kind, Origin};
use super::status::Cause;

const METADATA: &[Field] = &[
    any("name"),
    any("generateName"),
    any("namespace"),
    any("selfLink"),
    any("uid"),
    any("resourceVersion"),
    any("generation"),
    any("creationTimestamp"),
    any("deletionTimestamp"),
    any("deletionGracePeriodSeconds"),
    any("labels"),
    any("annotations"),
    any("ownerReferences"),
    any("finalizers"),
    any("managedFields"),
];

/// What a field at the top of an object holds; `None` for one that the kind does not have.
fn top(kind: &Kind, name: &str) -> Option<Form> {
    match name {
        "apiVersion" | "kind" => Some(Form::Any),
        "metadata" => Some(Form::Fields(METADATA)),
        "spec" if !kind.spec.is_empty() => Some(Form::Fields(kind.spec)),
        name => kind.fields.contains(&name).then_some(Form::Any),
    }
}

fn within(fields: &[Field], name: &str) -> Option<Form> {
    fields.iter().find(|field| field.name == name).map(|field| field.form)
}

/// Takes unknown fields out of an object; their paths, in the order in which they stand there.
pub(super) fn prune(kind: &Kind, object: &mut Value) -> Vec<String> {
    let mut unknown = Vec::new();
    if let Some(fields) = object.as_object_mut() {
        retain(fields, "", &|name| top(kind, name), &mut unknown);
    }
    unknown
}

fn retain(
    map: &mut Map<String, Value>,
    prefix: &str,
    known: &dyn Fn(&str) -> Option<Form>,
    unknown: &mut Vec<String>,
) {
    map.retain(|name, value| {
        let path = format!("{prefix}{name}");
        match known(name) {
            Some(form) => prune_inside(value, form, &path, unknown),
            None => unknown.push(path),
        }
        known(name).is_some()
    });
}

fn prune_inside(value: &mut Value, form: Form, path: &str, unknown: &mut Vec<String>) {
    match (form, value) {
        (Form::Fields(fields), Value::Object(map)) => {
            retain(map, &format!("{path}."), &|name| within(fields, name), unknown);
        }
        (Form::List(form), Value::Array(items)) => {
            for (index, item) in items.iter_mut().enumerate() {
                prune_inside(item, *form, &format!("{path}[{index}]"), unknown);
            }
        }
        _ => {}
    }
}

/// The fields of a definition's object that have the wrong type or are missing. Built-in kinds are read field by field,
/// and are not looked at here.
pub(super) fn causes(kind: &Kind, object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    if kind.origin == Origin::Custom && !kind.spec.is_empty() {
        match &object["spec"] {
            Value::Null => causes.push(Cause::required("spec", "")),
            spec => check(spec, Form::Fields(kind.spec), "spec", &mut causes),
        }
    }
    causes
}

fn check(value: &Value, form: Form, path: &str, causes: &mut Vec<Cause>) {
    if let Some(wanted) = mismatch(value, form) {
        causes.push(Cause::wrong_type(path, wanted, name_of(value)));
        return;
    }
    match (form, value) {
        (Form::Fields(fields), Value::Object(map)) => {
            for field in fields {
                let path = format!("{path}.{}", field.name);
                match map.get(field.name).filter(|value| !value.is_null()) {
                    Some(value) => check(value, field.form, &path, causes),
                    None if field.presence == Presence::Required => causes.push(Cause::required(&path, "")),
                    None => {}
                }
            }
        }
        (Form::List(form), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                check(item, *form, &format!("{path}[{index}]"), causes);
            }
        }
        _ => {}
    }
}

/// The type that a value should have, where it has another.
fn mismatch(value: &Value, form: Form) -> Option<&'static str> {
    let (fits, wanted) = match form {
        Form::Any => (true, ""),
        Form::Text => (value.is_string(), "string"),
        Form::Flag => (value.is_boolean(), "boolean"),
        Form::Fields(_) => (value.is_object(), "object"),
        Form::List(_) => (value.is_array(), "array"),
    };
    (!fits).then_some(wanted)
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Why server-side apply cannot take the object: its first field that is unknown or has the wrong type.
pub(super) fn refusal(kind: &Kind, object: &Value) -> Option<String> {
    if let Some(field) = prune(kind, &mut object.clone()).first() {
        return Some(format!(".{field}: field not declared in schema"));
    }
    let spec = object.get("spec").filter(|spec| !spec.is_null())?;
    if kind.spec.is_empty() { None } else { untyped(spec, Form::Fields(kind.spec), ".spec") }
}

fn untyped(value: &Value, form: Form, path: &str) -> Option<String> {
    if value.is_null() {
        return None;
    }
    if let Some(wanted) = mismatch(value, form) {
        let wanted = match wanted {
            "object" => "map",
            "array" => "list",
            other => other,
        };
        let found = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return Some(format!("{path}: expected {wanted}, got &value.valueUnstructured{{Value:{found}}}"));
    }
    match (form, value) {
        (Form::Fields(fields), Value::Object(map)) => map
            .iter()
            .find_map(|(name, value)| untyped(value, within(fields, name)?, &format!("{path}.{name}"))),
        (Form::List(form), Value::Array(items)) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| untyped(item, *form, &format!("{path}[{index}]"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::kinds;

    fn install() -> &'static Kind {
        kinds::named("packaging.carvel.dev", "PackageInstall").unwrap()
    }

    #[test]
    fn unknown_fields_are_found_and_dropped() {
        let values = json!([{"secretRef": {"name": "a", "nam": "b"}}]);
        let mut object = json!({"metadata": {"name": "x", "label": {}}, "data": {}, "spec": {"paused": true, "pause": 1, "values": values}});
        let unknown = ["metadata.label", "data", "spec.pause", "spec.values[0].secretRef.nam"];
        assert_eq!(prune(install(), &mut object), unknown);
        let values = json!([{"secretRef": {"name": "a"}}]);
        assert_eq!(object, json!({"metadata": {"name": "x"}, "spec": {"paused": true, "values": values}}));
    }

    #[test]
    fn types_are_checked_as_far_as_the_table_goes() {
        let object = json!({"spec": {"paused": "yes", "values": {}, "packageRef": {"refName": 5}}});
        let fields: Vec<String> = causes(install(), &object).into_iter().map(|cause| cause.field).collect();
        assert_eq!(fields, ["spec.packageRef.refName", "spec.values", "spec.paused"]);
        assert_eq!(
            refusal(install(), &object).unwrap(),
            ".spec.paused: expected boolean, got &value.valueUnstructured{Value:yes}"
        );
    }
}
