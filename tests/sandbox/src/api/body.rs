//! The bodies of requests: bytes to a value, in the encodings that are accepted.

use axum::body::Body;
use http::{HeaderMap, header};
use serde_json::Value;

use super::protobuf;
use super::status::Failure;

/// The most that a body may have, as in a real API server.
const LIMIT: usize = 3 * 1024 * 1024;

/// Reads a body to its end.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, Failure> {
    match axum::body::to_bytes(body, LIMIT).await {
        Ok(bytes) => Ok(bytes.to_vec()),
        Err(_) => Err(Failure::new(
            413,
            "RequestEntityTooLarge",
            format!("Request entity too large: limit is {LIMIT}"),
        )),
    }
}

/// The media type of a body, without parameters.
pub(super) fn media(headers: &HeaderMap) -> &str {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim()
}

/// An object of a kind, from a body in JSON or YAML.
pub(super) fn object(headers: &HeaderMap, bytes: &[u8], kind: &str) -> Result<Value, Failure> {
    match media(headers) {
        "" | "application/json" => {
            let unrecognized = |why: &str| {
                Failure::bad_request(format!(
                    "the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; \
                     json parse error: {why}"
                ))
            };
            let value: Value =
                serde_json::from_slice(bytes).map_err(|error| unrecognized(&error.to_string()))?;
            if value.is_object() {
                return Ok(value);
            }
            Err(unrecognized(&format!("json: cannot unmarshal {} into Go value", go_type(&value))))
        }
        "application/yaml" => yaml(bytes),
        "application/vnd.kubernetes.protobuf" => protobuf::object(bytes),
        _ => Err(Failure::unsupported_media(
            "application/json, application/yaml, application/vnd.kubernetes.protobuf",
        )),
    }
}

/// A body as a patch in JSON.
pub(super) fn patch(bytes: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(bytes)
        .map_err(|error| Failure::bad_request(format!("error decoding patch: {error}")))
}

/// What a server that is written in Go calls the type of a value.
pub(super) fn go_type(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        _ => "string",
    }
}

/// A body as YAML.
pub(super) fn yaml(bytes: &[u8]) -> Result<Value, Failure> {
    let value: serde_yaml::Value = serde_yaml::from_slice(bytes)
        .map_err(|error| Failure::bad_request(format!("error decoding YAML: {error}")))?;
    serde_json::to_value(value).map_err(|error| Failure::bad_request(format!("error decoding YAML: {error}")))
}
