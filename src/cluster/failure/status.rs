//! Reading the answer of a server that refused.

use http::StatusCode;
use kube::core::Status;
use kube::core::response::StatusDetails;

use super::super::request::{Answer, Call};
use super::scrub::Scrub;
use super::{Asked, Cause, Denied, FieldOwner, FieldProblem};

/// The cause that an answer other than 2xx stands for.
pub(in crate::cluster) fn of_status(call: &Call, answer: &Answer) -> Cause {
    let scrub = Scrub::of(&call.asked, &call.body);
    match api_status(&answer.body) {
        Some(status) => from_status(&call.asked, answer.status, &status, &scrub),
        None => without_status(&call.asked, answer.status, &answer.body, &scrub),
    }
}

/// The body as the API server's own `Status` object, if it is one. A service behind the API server answers otherwise.
pub(in crate::cluster) fn api_status(body: &[u8]) -> Option<Status> {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Kind {
        kind: String,
        api_version: String,
    }
    let kind: Kind = serde_json::from_slice(body).ok()?;
    (kind.kind == "Status" && kind.api_version == "v1").then(|| serde_json::from_slice(body).ok())?
}

/// Whether the body begins as a web page does.
pub(super) fn is_html(body: &[u8]) -> bool {
    let start = String::from_utf8_lossy(&body[..body.len().min(256)]).trim_start().to_ascii_lowercase();
    start.starts_with("<!doctype html") || start.starts_with("<html")
}

fn from_status(asked: &Asked, code: StatusCode, status: &Status, scrub: &Scrub) -> Cause {
    let message = scrub.message(code, &status.message);
    match code {
        StatusCode::UNAUTHORIZED => Cause::Unauthorized(message),
        StatusCode::FORBIDDEN => Cause::Forbidden(denied(asked, status, message)),
        StatusCode::NOT_FOUND if names_an_object(status) => Cause::NotFound(message),
        StatusCode::NOT_FOUND => Cause::NotServed(message),
        StatusCode::CONFLICT if status.reason == "AlreadyExists" => Cause::AlreadyExists(message),
        StatusCode::CONFLICT => Cause::Conflict { message, owners: owners(status.details.as_ref()) },
        StatusCode::UNPROCESSABLE_ENTITY => {
            Cause::Invalid { message, problems: problems(status.details.as_ref(), scrub) }
        }
        _ => Cause::Status { code: code.as_u16(), reason: reason(code, &status.reason), message },
    }
}

/// An answer that no API server gives in JSON: an unknown path, an aggregated API that is down, something in between.
fn without_status(asked: &Asked, code: StatusCode, body: &[u8], scrub: &Scrub) -> Cause {
    if is_html(body) {
        return Cause::Malformed(format!(
            "{code}, with an HTML page in place of an answer of the Kubernetes API"
        ));
    }
    let first = String::from_utf8_lossy(body).lines().next().unwrap_or_default().trim().to_owned();
    let message = scrub.text(&first);
    match code {
        StatusCode::UNAUTHORIZED => Cause::Unauthorized(message),
        StatusCode::FORBIDDEN => Cause::Forbidden(denied(asked, &Status::default(), message)),
        StatusCode::NOT_FOUND => Cause::NotServed(message),
        _ => Cause::Status { code: code.as_u16(), reason: reason(code, ""), message },
    }
}

/// A 404 without a name is about the address, not about an object.
fn names_an_object(status: &Status) -> bool {
    status.details.as_ref().is_some_and(|details| !details.name.is_empty())
}

fn reason(code: StatusCode, given: &str) -> String {
    if given.is_empty() { code.canonical_reason().unwrap_or("Unknown").into() } else { given.into() }
}

/// `pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "x"`: the quoted parts win
/// over what was asked, because an admission plugin may forbid something else.
fn denied(asked: &Asked, status: &Status, message: String) -> Denied {
    let between = |before: &str, after: &str| {
        let (_, rest) = message.split_once(before)?;
        rest.split_once(after).map(|(value, _)| value.to_owned()).filter(|value| !value.is_empty())
    };
    let resource = between("resource \"", "\"").map(|plural| match between("API group \"", "\"") {
        Some(group) => format!("{plural}.{group}"),
        None => plural,
    });
    let detail = status.details.as_ref().map(|details| details.name.clone()).filter(|name| !name.is_empty());
    Denied {
        user: between("User \"", "\""),
        verb: between("\" cannot ", " ").unwrap_or_else(|| asked.verb.to_owned()),
        resource: resource.unwrap_or_else(|| asked.resource.clone()),
        namespace: between("in the namespace \"", "\"").or_else(|| asked.namespace.clone()),
        name: asked.name.clone().or(detail),
        message,
    }
}

/// `conflict with "kubectl-edit" using v1 at …`, one cause per field.
fn owners(details: Option<&StatusDetails>) -> Vec<FieldOwner> {
    let causes = details.map_or(&[][..], |details| &details.causes);
    causes
        .iter()
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| FieldOwner {
            manager: cause.message.split('"').nth(1).unwrap_or("<unknown>").to_owned(),
            field: cause.field.clone(),
        })
        .collect()
}

fn problems(details: Option<&StatusDetails>, scrub: &Scrub) -> Vec<FieldProblem> {
    let causes = details.map_or(&[][..], |details| &details.causes);
    causes
        .iter()
        .map(|cause| FieldProblem {
            field: scrub.text(&cause.field),
            message: scrub.message(StatusCode::UNPROCESSABLE_ENTITY, &cause.message),
        })
        .collect()
}
