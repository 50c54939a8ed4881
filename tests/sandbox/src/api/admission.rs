//! What happens to an object on its way in: names, defaults, and the fields that only the server sets.

use std::hash::{BuildHasher, Hasher, RandomState};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::call::Call;
use super::kinds::Kind;
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
        return Err(Failure::internal("resourceVersion should not be set on objects to be created"));
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
pub(super) fn place(call: &Call) -> Result<(), Failure> {
    let Some(namespace) = call.namespace() else { return Ok(()) };
    let found = call.api.store.get(&Key::cluster("", "namespaces", namespace));
    let found = found.ok_or_else(|| Failure::no_namespace(namespace))?;
    if found["metadata"]["deletionTimestamp"].is_null() {
        return Ok(());
    }
    let why = format!("unable to create new content in namespace {namespace} because it is being terminated");
    let message = format!("{} {:?} is forbidden: {why}", call.kind.qualified(), call.name());
    let cause = json!({"reason": "NamespaceTerminating", "message": format!("namespace {namespace} is being terminated"), "field": "metadata.namespace"});
    Err(Failure::new(403, "Forbidden", message).with_details(
        json!({"name": call.name(), "group": call.kind.group, "kind": call.kind.plural, "causes": [cause]}),
    ))
}

/// Fields that are filled in when the client leaves them out.
pub(super) fn default(call: &Call, object: &mut Value) -> Result<(), Failure> {
    match (call.kind.group, call.kind.name) {
        ("", "Secret") => {
            fill(object, "/type", json!("Opaque"));
            secret(call, object)?;
        }
        ("", "Service") => {
            fill(object, "/spec/type", json!("ClusterIP"));
            fill(object, "/spec/sessionAffinity", json!("None"));
            for port in items(object, "/spec/ports") {
                let number = port["port"].clone();
                fill(port, "/protocol", json!("TCP"));
                fill(port, "/targetPort", number);
            }
        }
        ("", "Namespace") => {
            let name = object["metadata"]["name"].clone();
            fill(object, "/metadata/labels/kubernetes.io~1metadata.name", name);
            fill(object, "/spec/finalizers", json!(["kubernetes"]));
        }
        ("", "Pod") => pod(object, "/spec"),
        ("apps", "DaemonSet" | "ReplicaSet") => pod(object, "/spec/template/spec"),
        ("apps", "Deployment") => {
            pod(object, "/spec/template/spec");
            fill(object, "/spec/replicas", json!(1));
            fill(object, "/spec/revisionHistoryLimit", json!(10));
            fill(object, "/spec/progressDeadlineSeconds", json!(600));
            fill(
                object,
                "/spec/strategy",
                json!({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}}),
            );
        }
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            fill(object, "/roleRef/apiGroup", json!("rbac.authorization.k8s.io"));
            for subject in items(object, "/subjects") {
                if subject["kind"] != "ServiceAccount" {
                    fill(subject, "/apiGroup", json!("rbac.authorization.k8s.io"));
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// The defaults of a pod's spec.
fn pod(object: &mut Value, pointer: &str) {
    let Some(spec) = object.pointer_mut(pointer).filter(|spec| spec.is_object()) else { return };
    fill(spec, "/restartPolicy", json!("Always"));
    fill(spec, "/dnsPolicy", json!("ClusterFirst"));
    fill(spec, "/terminationGracePeriodSeconds", json!(30));
    for container in items(spec, "/containers") {
        fill(container, "/imagePullPolicy", json!("IfNotPresent"));
        for port in items(container, "/ports") {
            fill(port, "/protocol", json!("TCP"));
        }
    }
}

/// The status that a new object begins with.
pub(super) fn initial_status(kind: &Kind, object: &mut Value) {
    match kind.name {
        "Namespace" => object["status"] = json!({"phase": "Active"}),
        "Pod" => object["status"] = json!({"phase": "Pending", "qosClass": "BestEffort"}),
        "PersistentVolumeClaim" => object["status"] = json!({"phase": "Pending"}),
        "Service" => object["status"] = json!({"loadBalancer": {}}),
        "Deployment" | "ReplicaSet" | "DaemonSet" => object["status"] = json!({}),
        _ => {}
    }
}

/// `stringData` becomes part of `data`, which has to be base64.
fn secret(call: &Call, object: &mut Value) -> Result<(), Failure> {
    let Some(fields) = object.as_object_mut() else { return Ok(()) };
    if let Some(Value::Object(plain)) = fields.shift_remove("stringData") {
        let data = fields.entry("data").or_insert_with(|| json!({}));
        let Some(data) = data.as_object_mut() else {
            return Err(Failure::bad_request("data of a Secret has to be a map"));
        };
        for (key, value) in plain {
            data.insert(key, json!(STANDARD.encode(value.as_str().unwrap_or_default())));
        }
    }
    for value in fields.get_mut("data").and_then(Value::as_object_mut).into_iter().flatten().map(|(_, v)| v) {
        if value.is_null() {
            *value = json!("");
        }
        let text = value.as_str();
        if text.is_none_or(|text| STANDARD.decode(text).is_err()) {
            let kind = call.kind.name;
            return Err(Failure::bad_request(format!(
                "{kind} in version \"v1\" cannot be handled as a {kind}: illegal base64 data at input byte 0"
            )));
        }
    }
    Ok(())
}

/// The items of a list that may be missing.
fn items<'a>(object: &'a mut Value, pointer: &str) -> impl Iterator<Item = &'a mut Value> {
    object.pointer_mut(pointer).and_then(Value::as_array_mut).into_iter().flatten()
}

/// Sets a field that is not there.
fn fill(object: &mut Value, pointer: &str, value: Value) {
    let mut place = object;
    for part in pointer.split('/').skip(1) {
        if !(place.is_object() || place.is_null()) {
            return;
        }
        place = &mut place[part.replace("~1", "/")];
    }
    if place.is_null() {
        *place = value;
    }
}
