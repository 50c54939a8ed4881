//! What is filled in where a client leaves it out.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::body::go_type;
use super::call::Call;
use super::kinds::Kind;
use super::status::Failure;

/// Fields that are filled in when the client leaves them out.
pub(super) fn fill_in(call: &Call, object: &mut Value) -> Result<(), Failure> {
    match (call.kind.group, call.kind.name) {
        ("", "Secret") => {
            fill(object, "/type", json!("Opaque"));
            secret(call, object)?;
        }
        ("", "Service") => {
            fill(object, "/spec/type", json!("ClusterIP"));
            fill(object, "/spec/sessionAffinity", json!("None"));
            fill(object, "/spec/internalTrafficPolicy", json!("Cluster"));
            for port in items(object, "/spec/ports") {
                let number = port["port"].clone();
                fill(port, "/protocol", json!("TCP"));
                fill(port, "/targetPort", number);
            }
        }
        ("", "Namespace") => {
            let name = object["metadata"]["name"].clone();
            fill(object, "/metadata/labels/kubernetes.io~1metadata.name", name);
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
    fill(spec, "/schedulerName", json!("default-scheduler"));
    fill(spec, "/securityContext", json!({}));
    for container in items(spec, "/containers") {
        let image = container["image"].as_str().unwrap_or_default();
        let policy = if is_newest(image) { "Always" } else { "IfNotPresent" };
        fill(container, "/imagePullPolicy", json!(policy));
        fill(container, "/resources", json!({}));
        fill(container, "/terminationMessagePath", json!("/dev/termination-log"));
        fill(container, "/terminationMessagePolicy", json!("File"));
        for port in items(container, "/ports") {
            fill(port, "/protocol", json!("TCP"));
        }
    }
}

/// Whether an image is named without a version.
fn is_newest(image: &str) -> bool {
    let name = image.rsplit('/').next().unwrap_or_default();
    !name.contains('@') && name.split_once(':').is_none_or(|(_, tag)| tag == "latest")
}

/// What a new object begins with, whoever wrote it.
pub(super) fn begin(call: &Call, object: &mut Value) {
    begin_status(call.kind, object);
    match (call.kind.group, call.kind.name) {
        ("", "Namespace") => fill(object, "/spec/finalizers", json!(["kubernetes"])),
        ("", "Service") if object["spec"]["clusterIP"].is_null() => address(call, object),
        _ => {}
    }
}

/// The address of a new Service, where the node gives it one.
fn address(call: &Call, object: &mut Value) {
    let services = call.api.store.list("", "services", None).0;
    let taken: BTreeSet<String> = services
        .iter()
        .filter_map(|service| service["spec"]["clusterIP"].as_str().map(str::to_owned))
        .collect();
    if let Some(address) = call.api.backend.service_address(&taken) {
        object["spec"]["clusterIP"] = json!(address);
        object["spec"]["clusterIPs"] = json!([address]);
        object["spec"]["ipFamilies"] = json!(["IPv4"]);
        object["spec"]["ipFamilyPolicy"] = json!("SingleStack");
    }
}

fn begin_status(kind: &Kind, object: &mut Value) {
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
    let kind = call.kind.name;
    let wrong = |why: String| {
        Failure::bad_request(format!("{kind} in version \"v1\" cannot be handled as a {kind}: {why}"))
    };
    if let Some(value) = fields
        .get("stringData")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(_, v)| v)
        .find(|v| !v.is_string())
    {
        let found = go_type(value);
        let why =
            format!("json: cannot unmarshal {found} into Go struct field Secret.stringData of type string");
        return Err(wrong(why));
    }
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
            return Err(wrong("illegal base64 data at input byte 0".to_owned()));
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
