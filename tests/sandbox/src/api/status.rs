//! Failures, in the words and the shape of a real API server: the `Status` object.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::kinds::Kind;

/// Why a request was not carried out.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A `Status` object, with more headers where there are any.
    Status { body: Box<Value>, headers: Vec<(String, String)> },
    /// Plain text, as handlers outside of the API groups answer.
    Plain(StatusCode, &'static str),
}

impl Failure {
    /// A failure with a code, a reason and a message.
    pub fn new(code: u16, reason: &str, message: impl Into<String>) -> Self {
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message.into(), "reason": reason, "code": code,
        });
        if let (true, Some(fields)) = (reason.is_empty(), body.as_object_mut()) {
            fields.shift_remove("reason");
        }
        Self::Status { body: Box::new(body), headers: Vec::new() }
    }

    /// The failure that goes with a code, in the words that are most usual for it.
    pub fn code(code: u16) -> Self {
        match code {
            400 => Self::bad_request("the server rejected our request for an unknown reason"),
            401 => Self::unauthorized(),
            403 => Self::new(403, "Forbidden", "forbidden"),
            404 => Self::new(404, "NotFound", "the server could not find the requested resource"),
            405 => Self::new(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource",
            ),
            409 => Self::new(
                409,
                "Conflict",
                "the object has been modified; please apply your changes to the latest version and try again",
            ),
            410 => Self::expired("The resourceVersion for the provided watch is too old."),
            415 => Self::unsupported_media("application/json, application/yaml"),
            422 => {
                Self::new(422, "Invalid", "the server rejected our request due to an error in our request")
            }
            429 => Self::too_many_requests(1),
            503 => Self::unavailable("the server is currently unable to handle the request"),
            504 => Self::new(504, "Timeout", "Timeout: request did not complete within the allotted timeout"),
            other => Self::new(
                other,
                "InternalError",
                "Internal error occurred: an error on the server has prevented the request from succeeding",
            ),
        }
    }

    /// 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 401.
    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized", "Unauthorized")
    }

    /// 404 of an object.
    pub fn not_found(kind: &Kind, name: &str) -> Self {
        Self::new(404, "NotFound", format!("{} {name:?} not found", kind.qualified()))
            .with_details(json!({"name": name, "group": kind.group, "kind": kind.plural}))
    }

    /// 404 of a namespace that an object should be created in.
    pub fn no_namespace(name: &str) -> Self {
        Self::new(404, "NotFound", format!("namespaces {name:?} not found"))
            .with_details(json!({"name": name, "kind": "namespaces"}))
    }

    /// 404 of a path.
    pub const fn no_path() -> Self {
        Self::Plain(StatusCode::NOT_FOUND, "404 page not found\n")
    }

    /// 503 of an API whose server is not there.
    pub const fn down() -> Self {
        Self::Plain(StatusCode::SERVICE_UNAVAILABLE, "service unavailable\n")
    }

    /// 404 of a kind or a part of an object, below a group that is built in.
    pub fn no_resource() -> Self {
        Self::new(404, "NotFound", "the server could not find the requested resource").with_details(json!({}))
    }

    /// 405.
    pub fn method_not_allowed() -> Self {
        Self::code(405).with_details(json!({}))
    }

    /// 409 of an object that exists already.
    pub fn already_exists(kind: &Kind, name: &str, leaving: Leaving) -> Self {
        let before = match leaving {
            Leaving::Yes => "object is being deleted: ",
            Leaving::No => "",
        };
        Self::new(409, "AlreadyExists", format!("{before}{} {name:?} already exists", kind.qualified()))
            .with_details(json!({"name": name, "group": kind.group, "kind": kind.plural}))
    }

    /// 409 of an object that is no longer what the client thinks.
    pub fn conflict(kind: &Kind, name: &str, why: &str) -> Self {
        Self::conflict_of(kind.group, kind.plural, name, why)
    }

    /// The same, where the object is named otherwise than by its resource.
    pub fn conflict_of(group: &str, what: &str, name: &str, why: &str) -> Self {
        let qualified = if group.is_empty() { what.to_owned() } else { format!("{what}.{group}") };
        Self::new(409, "Conflict", format!("Operation cannot be fulfilled on {qualified} {name:?}: {why}"))
            .with_details(json!({"name": name, "group": group, "kind": what}))
    }

    /// 409 of an object of which another version was expected.
    pub fn modified(kind: &Kind, name: &str) -> Self {
        let why =
            "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(kind, name, why)
    }

    /// 410.
    pub fn expired(message: impl Into<String>) -> Self {
        Self::new(410, "Expired", message)
    }

    /// 415.
    pub fn unsupported_media(accepted: &str) -> Self {
        let message = format!(
            "the body of the request was in an unknown format - accepted media types include: {accepted}"
        );
        Self::new(415, "UnsupportedMediaType", message)
    }

    /// 422 of an object with bad fields.
    pub fn invalid(kind: &Kind, name: &str, causes: &[Cause]) -> Self {
        Self::invalid_of(kind.group, kind.name, name, causes)
    }

    /// 422 of something that is no object in the table, like the options of a request.
    pub fn invalid_of(group: &str, kind: &str, name: &str, causes: &[Cause]) -> Self {
        let qualified = if group.is_empty() { kind.to_owned() } else { format!("{kind}.{group}") };
        let each: Vec<String> = causes.iter().map(|c| format!("{}: {}", c.field, c.message)).collect();
        let what = if let [one] = each.as_slice() { one.clone() } else { format!("[{}]", each.join(", ")) };
        let listed: Vec<Value> = causes
            .iter()
            .map(|c| json!({"reason": c.reason, "message": c.message, "field": c.field}))
            .collect();
        Self::new(422, "Invalid", format!("{qualified} {name:?} is invalid: {what}"))
            .with_details(json!({"name": name, "group": group, "kind": kind, "causes": listed}))
    }

    /// 429 that says when to come back.
    pub fn too_many_requests(seconds: u32) -> Self {
        Self::new(
            429,
            "TooManyRequests",
            "The apiserver has received too many requests; please try again later.",
        )
        .with_details(json!({"retryAfterSeconds": seconds}))
        .with_header("Retry-After", &seconds.to_string())
    }

    /// 500.
    pub fn internal(message: &str) -> Self {
        Self::new(500, "InternalError", format!("Internal error occurred: {message}"))
            .with_details(json!({"causes": [{"message": message}]}))
    }

    /// 503.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(503, "ServiceUnavailable", message)
    }

    /// The same failure with details; empty fields of them are left out.
    #[must_use]
    pub fn with_details(mut self, mut details: Value) -> Self {
        if let Self::Status { body, .. } = &mut self {
            if let Some(fields) = details.as_object_mut() {
                fields.retain(|_, value| value != "" && value != &json!([]));
            }
            let code = body.as_object_mut().and_then(|fields| fields.remove("code"));
            body["details"] = details;
            body["code"] = code.unwrap_or_default();
        }
        self
    }

    /// The same failure with one more header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let Self::Status { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// The same failure with other words.
    #[must_use]
    pub fn with_message(mut self, message: &str) -> Self {
        if let Self::Status { body, .. } = &mut self {
            body["message"] = json!(message);
        }
        self
    }

    /// The `Status` object, as a watch sends it in the middle of a stream.
    pub fn status(&self) -> Value {
        match self {
            Self::Status { body, .. } => (**body).clone(),
            Self::Plain(code, text) => {
                json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": text.trim(), "code": code.as_u16()})
            }
        }
    }
}

/// Whether the deletion of an object was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    Yes,
    No,
}

/// One bad field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// `FieldValueInvalid`, `FieldValueRequired`, …
    pub reason: &'static str,
    /// What is wrong, beginning with the kind of error in words.
    pub message: String,
    /// The path of the field.
    pub field: String,
}

impl Cause {
    /// A field has a value that it may not have.
    pub fn invalid(field: &str, value: &Value, why: &str) -> Self {
        let message = format!("Invalid value: {value}: {why}");
        Self { reason: "FieldValueInvalid", message, field: field.to_owned() }
    }

    /// A field is missing.
    pub fn required(field: &str, why: &str) -> Self {
        let message =
            if why.is_empty() { "Required value".to_owned() } else { format!("Required value: {why}") };
        Self { reason: "FieldValueRequired", message, field: field.to_owned() }
    }

    /// A field has a value of the wrong type.
    pub fn wrong_type(field: &str, wanted: &str, found: &str) -> Self {
        let message =
            format!("Invalid value: {found:?}: {field} in body must be of type {wanted}: {found:?}");
        Self { reason: "FieldValueTypeInvalid", message, field: field.to_owned() }
    }

    /// A field has none of the values that there are.
    pub fn unsupported(field: &str, value: &Value, supported: &[&str]) -> Self {
        let supported: Vec<String> = supported.iter().map(|value| format!("{value:?}")).collect();
        let message = format!("Unsupported value: {value}: supported values: {}", supported.join(", "));
        Self { reason: "FieldValueNotSupported", message, field: field.to_owned() }
    }

    /// A field is too long.
    pub fn too_long(field: &str, limit: usize) -> Self {
        let message = format!("Too long: may not be more than {limit} bytes");
        Self { reason: "FieldValueTooLong", message, field: field.to_owned() }
    }

    /// A field may not be set.
    pub fn forbidden(field: &str, why: &str) -> Self {
        Self { reason: "FieldValueForbidden", message: format!("Forbidden: {why}"), field: field.to_owned() }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self {
            Self::Plain(code, text) => {
                let headers = [
                    (header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8")),
                    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
                ];
                (code, headers, text).into_response()
            }
            Self::Status { body, headers } => {
                let code = body["code"].as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or(500);
                let mut response = Response::builder()
                    .status(StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR))
                    .header(header::CONTENT_TYPE, "application/json");
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                response
                    .body(Body::from(format!("{body}\n")))
                    .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
            }
        }
    }
}
