//! Tokens of `ServiceAccounts`, on request.

use axum::response::Response;
use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::body;
use super::call::Call;
use super::status::Failure;

/// How long a token is said to be good when the request does not say.
const SECONDS: i64 = 3600;

/// Answers a `TokenRequest`.
pub(super) fn request(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    if call.method != Method::POST {
        return Err(Failure::method_not_allowed());
    }
    let request = body::object(&call.headers, bytes, "TokenRequest")?;
    let namespace = call.namespace().unwrap_or_default();
    let token = call
        .api
        .access
        .service_account_token(namespace, call.name())
        .ok_or_else(|| Failure::not_found(call.kind, call.name()))?;
    let seconds = request["spec"]["expirationSeconds"].as_i64().unwrap_or(SECONDS);
    let end = Timestamp::from_second(Timestamp::now().as_second() + seconds).unwrap_or(Timestamp::MAX);
    let mut spec = match &request["spec"] {
        Value::Object(_) => request["spec"].clone(),
        _ => json!({}),
    };
    spec["expirationSeconds"] = json!(seconds);
    let answer = json!({
        "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": call.name(), "namespace": namespace},
        "spec": spec,
        "status": {"token": token, "expirationTimestamp": end.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()},
    });
    Ok(call.form.answer(StatusCode::CREATED, &answer))
}
