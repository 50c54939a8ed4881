//! Reviews: questions about users and rights, answered at once and not kept.

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::body;
use super::call::Call;
use super::status::{Cause, Failure};
use super::validation;
use crate::access::{ANONYMOUS, Attributes, Rule, Subject, User};
use crate::store::now;

/// Answers a review.
pub(super) fn review(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let mut review = body::object(&call.headers, bytes, call.kind.name)?;
    validation::typed(call, &review)?;
    if !review.is_object() {
        return Err(Failure::bad_request("the object provided is unrecognized (must be an object)"));
    }
    let status = match call.kind.name {
        "SelfSubjectReview" => json!({"userInfo": info(&call.user)}),
        "TokenReview" => token(call, &review),
        "SelfSubjectRulesReview" => {
            let namespace = review["spec"]["namespace"].as_str().filter(|namespace| !namespace.is_empty());
            let Some(namespace) = namespace else {
                return Err(Failure::bad_request("no namespace on request"));
            };
            rules(call, namespace)
        }
        "SelfSubjectAccessReview" => {
            let spec = &review["spec"];
            if spec["resourceAttributes"].is_object() == spec["nonResourceAttributes"].is_object() {
                let why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
                let cause = Cause::invalid("spec.resourceAttributes", &spec["resourceAttributes"], why);
                return Err(Failure::invalid_of(call.kind.group, "", "", &[cause]));
            }
            access(call, &call.user, spec)
        }
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
    let spec = match (call.kind.name, review["spec"].take()) {
        // The list of rights does not say again which it was to be.
        ("SelfSubjectRulesReview", _) => json!({}),
        (_, spec) => without_empty(spec),
    };
    let metadata = match call.kind.name {
        "SelfSubjectReview" => json!({"creationTimestamp": now()}),
        _ => json!({}),
    };
    let mut answer = json!({"metadata": metadata, "spec": spec, "status": status});
    if let (true, Some(fields)) = (answer["spec"].is_null(), answer.as_object_mut()) {
        fields.shift_remove("spec");
    }
    Ok(call.answer(StatusCode::CREATED, answer))
}

/// The attributes that are asked about, without those that were left open.
fn without_empty(mut spec: Value) -> Value {
    for part in ["resourceAttributes", "nonResourceAttributes"] {
        if let Some(attributes) = spec.get_mut(part).and_then(Value::as_object_mut) {
            attributes.retain(|_, value| value != "");
        }
    }
    spec
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
    match call.api.access.ground(user, &attributes) {
        Some(ground) if ground.is_empty() => json!({"allowed": true}),
        Some(ground) => json!({"allowed": true, "reason": format!("RBAC: allowed by {ground}")}),
        None => json!({"allowed": false}),
    }
}

fn rules(call: &Call, namespace: &str) -> Value {
    let all = call.api.access.rules(&call.user, Some(namespace));
    let (paths, resources): (Vec<&Rule>, Vec<&Rule>) = all.iter().partition(|rule| !rule.paths.is_empty());
    let write = |rules: Vec<&Rule>| rules.into_iter().map(Rule::to_json).collect::<Vec<_>>();
    json!({"resourceRules": write(resources), "nonResourceRules": write(paths), "incomplete": false})
}
