//! What single kinds ask of their fields.

use serde_json::{Value, json};

use crate::api::kinds::Kind;
use crate::api::status::Cause;
use crate::objects;

const KEY: &str = "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or \
                   'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')";

/// The fields of a built-in kind that it cannot be without, or not so.
pub(super) fn causes(kind: &Kind, object: &Value) -> Vec<Cause> {
    match (kind.group, kind.name) {
        ("", "Secret" | "ConfigMap") => keys(object),
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet") => workload(object),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => binding(object),
        _ => Vec::new(),
    }
}

fn keys(object: &Value) -> Vec<Cause> {
    let letter = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let wrong = |key: &&String| key.is_empty() || !key.chars().all(letter);
    let data = object["data"].as_object().into_iter().flatten().map(|(key, _)| key);
    data.filter(wrong).map(|key| Cause::invalid(&format!("data[{key}]"), &json!(key), KEY)).collect()
}

fn workload(object: &Value) -> Vec<Cause> {
    let mut causes = Vec::new();
    let spec = &object["spec"];
    if spec["selector"].as_object().is_none_or(serde_json::Map::is_empty) {
        causes.push(Cause::required("spec.selector", ""));
    }
    let template = &spec["template"];
    let plain = &spec["selector"]["matchLabels"];
    // A selector of expressions is believed.
    if spec["selector"]["matchExpressions"].is_null() && !objects::selects(plain, template) {
        let why = "`selector` does not match template `labels`";
        causes.push(Cause::invalid("spec.template.metadata.labels", &template["metadata"]["labels"], why));
    }
    if template["spec"]["containers"].as_array().is_none_or(Vec::is_empty) {
        causes.push(Cause::required("spec.template.spec.containers", ""));
    }
    causes
}

fn binding(object: &Value) -> Vec<Cause> {
    let missing = |value: &Value| value.as_str().is_none_or(str::is_empty);
    let mut causes = Vec::new();
    if missing(&object["roleRef"]["name"]) {
        causes.push(Cause::required("roleRef.name", ""));
    }
    for (index, subject) in objects::items(&object["subjects"]).enumerate() {
        if subject["kind"] == "ServiceAccount" && missing(&subject["namespace"]) {
            causes.push(Cause::required(&format!("subjects[{index}].namespace"), ""));
        }
    }
    causes
}
