//! What a cluster says about itself and its users: API services, definitions, reviews.

use serde_json::{Value, json};

use super::cells::condition;
use super::columns::{AGE, Column, NAME};
use super::{Kind, Scope, Verbs, kind};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        scope: Scope::Cluster,
        subresources: &["status"],
        columns: &[NAME, Column::made("Service", service), Column::made("Available", available), AGE],
        categories: &["api-extensions"],
        ..kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", "apiservice")
    },
    Kind {
        scope: Scope::Cluster,
        short: &["crd", "crds"],
        categories: &["api-extensions"],
        subresources: &["status"],
        columns: &[NAME, Column::field("Created At", "/metadata/creationTimestamp").date()],
        ..kind(
            "apiextensions.k8s.io",
            "v1",
            "CustomResourceDefinition",
            "customresourcedefinitions",
            "customresourcedefinition",
        )
    },
    review("authentication.k8s.io", "SelfSubjectReview", "selfsubjectreviews", "selfsubjectreview"),
    review("authentication.k8s.io", "TokenReview", "tokenreviews", "tokenreview"),
    Kind {
        scope: Scope::Namespaced,
        ..review(
            "authorization.k8s.io",
            "LocalSubjectAccessReview",
            "localsubjectaccessreviews",
            "localsubjectaccessreview",
        )
    },
    review(
        "authorization.k8s.io",
        "SelfSubjectAccessReview",
        "selfsubjectaccessreviews",
        "selfsubjectaccessreview",
    ),
    review(
        "authorization.k8s.io",
        "SelfSubjectRulesReview",
        "selfsubjectrulesreviews",
        "selfsubjectrulesreview",
    ),
    review("authorization.k8s.io", "SubjectAccessReview", "subjectaccessreviews", "subjectaccessreview"),
];

const fn review(
    group: &'static str,
    name: &'static str,
    plural: &'static str,
    singular: &'static str,
) -> Kind {
    Kind { scope: Scope::Cluster, verbs: Verbs::Ask, ..kind(group, "v1", name, plural, singular) }
}

fn service(api: &Value) -> Value {
    let service = &api["spec"]["service"];
    match (service["namespace"].as_str(), service["name"].as_str()) {
        (Some(namespace), Some(name)) => json!(format!("{namespace}/{name}")),
        _ => json!("Local"),
    }
}

fn available(api: &Value) -> Value {
    let Some(condition) = condition(api, "Available") else { return json!("Unknown") };
    let status = condition["status"].as_str().unwrap_or("Unknown");
    match condition["reason"].as_str() {
        Some(reason) if status != "True" => json!(format!("{status} ({reason})")),
        _ => json!(status),
    }
}
