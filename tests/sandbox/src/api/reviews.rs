//! Reviews: questions about users and rights, answered at once and not kept.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::body;
use super::call::Call;
use super::status::Failure;
use super::validation;
use crate::access::{ANONYMOUS, Attributes, Rule, Subject, User};

/// Answers a review.
pub(super) fn review(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let mut review = body::object(&call.headers, bytes)?;
    validation::typed(call, &review)?;
    if !review.is_object() {
        return Err(Failure::bad_request("the object provided is unrecognized (must be an object)"));
    }
    let status = match call.kind.name {
        "SelfSubjectReview" => json!({"userInfo": info(&call.user)}),
        "TokenReview" => token(call, &review),
        "SelfSubjectRulesReview" => rules(call, review["spec"]["namespace"].as_str()),
        "SelfSubjectAccessReview" => access(call, &call.user, &review["spec"]),
        _ => {
            let spec = &review["spec"];
            let groups: Vec<&str> =
                spec["groups"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let mut user = User::anonymous();
            spec["user"].as_str().unwrap_or(ANONYMOUS).clone_into(&mut user.name);
            user.groups = groups.iter().map(ToString::to_string).collect();
            access(call, &user, spec)
        }
    };
    review["status"] = status;
    if review["metadata"].is_null() {
        review["metadata"] = json!({"creationTimestamp": null});
    }
    Ok(call.answer(StatusCode::CREATED, review))
}

fn info(user: &User) -> Value {
    let mut info = json!({"username": user.name, "groups": user.groups});
    if let Some(uid) = &user.uid {
        info["uid"] = json!(uid);
    }
    info
}

fn token(call: &Call, review: &Value) -> Value {
    match review["spec"]["token"].as_str().and_then(|token| call.api.access.authenticate(token)) {
        Some(user) => json!({"authenticated": true, "user": info(&user)}),
        None => json!({"user": {}, "error": "invalid bearer token"}),
    }
}

fn access(call: &Call, user: &User, spec: &Value) -> Value {
    let of =
        |part: &'static str, field: &'static str| spec[part][field].as_str().filter(|text| !text.is_empty());
    let resource = |field| of("resourceAttributes", field);
    let attributes = if spec["resourceAttributes"].is_object() {
        Attributes {
            verb: resource("verb").unwrap_or_default(),
            subject: Subject::Resource {
                group: resource("group").unwrap_or_default(),
                resource: resource("resource").unwrap_or_default(),
                subresource: resource("subresource"),
                namespace: resource("namespace"),
                name: resource("name"),
            },
        }
    } else {
        Attributes {
            verb: of("nonResourceAttributes", "verb").unwrap_or_default(),
            subject: Subject::Path(of("nonResourceAttributes", "path").unwrap_or_default()),
        }
    };
    if call.api.access.allowed(user, &attributes) {
        json!({"allowed": true, "reason": "RBAC: allowed"})
    } else {
        json!({"allowed": false})
    }
}

fn rules(call: &Call, namespace: Option<&str>) -> Value {
    let all = call.api.access.rules(&call.user, namespace);
    let (paths, resources): (Vec<&Rule>, Vec<&Rule>) = all.iter().partition(|rule| !rule.paths.is_empty());
    let write = |rules: Vec<&Rule>| rules.into_iter().map(Rule::to_json).collect::<Vec<_>>();
    json!({"resourceRules": write(resources), "nonResourceRules": write(paths), "incomplete": false})
}
