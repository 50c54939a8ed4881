//! The subresource `scale`: how many replicas a workload has.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::body;
use super::call::Call;
use super::status::Failure;
use super::write::{self, Precondition};

/// Reads or changes the number of replicas.
pub(super) fn scale(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let object = match call.method.as_str() {
        "GET" => call.read()?,
        "PUT" | "PATCH" => {
            let wanted = if call.method == "PATCH" {
                body::patch(bytes)?
            } else {
                body::object(&call.headers, bytes, "Scale")?
            };
            let Some(replicas) = wanted["spec"]["replicas"].as_u64() else {
                return Err(Failure::bad_request("spec.replicas has to be a number"));
            };
            write::change(call, &Precondition::of(&wanted), |before| {
                let mut after = before.clone();
                after["spec"]["replicas"] = json!(replicas);
                Ok(after)
            })?
            .0
        }
        _ => return Err(Failure::method_not_allowed()),
    };
    Ok(call.form.answer(StatusCode::OK, &of(&object)))
}

fn of(object: &Value) -> Value {
    let labels = object["spec"]["selector"]["matchLabels"].as_object();
    let labels: Vec<String> = labels
        .into_iter()
        .flatten()
        .map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()))
        .collect();
    let meta = &object["metadata"];
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1",
        "metadata": {
            "name": meta["name"], "namespace": meta["namespace"], "uid": meta["uid"],
            "resourceVersion": meta["resourceVersion"], "creationTimestamp": meta["creationTimestamp"],
        },
        "spec": {"replicas": object["spec"]["replicas"].as_u64().unwrap_or(1)},
        "status": {
            "replicas": object["status"]["replicas"].as_u64().unwrap_or(0), "selector": labels.join(","),
        },
    })
}
