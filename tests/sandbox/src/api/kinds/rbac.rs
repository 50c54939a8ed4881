//! Roles and bindings.

use serde_json::{Value, json};

use super::cells::list;
use super::columns::{AGE, Column, NAME};
use super::{Kind, Naming, Scope, kind};

const GROUP: &str = "rbac.authorization.k8s.io";
const CREATED: Column = Column::field("Created At", "/metadata/creationTimestamp").date();
const BINDING: &[Column] = &[
    NAME,
    Column::made("Role", |binding| {
        let role = &binding["roleRef"];
        json!(format!(
            "{}/{}",
            role["kind"].as_str().unwrap_or_default(),
            role["name"].as_str().unwrap_or_default()
        ))
    }),
    AGE,
    Column::made("Users", |binding| subjects(binding, "User")).wide(),
    Column::made("Groups", |binding| subjects(binding, "Group")).wide(),
    Column::made("ServiceAccounts", |binding| subjects(binding, "ServiceAccount")).wide(),
];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        scope: Scope::Cluster,
        naming: Naming::Segment,
        fields: &["roleRef", "subjects"],
        columns: BINDING,
        ..kind(GROUP, "v1", "ClusterRoleBinding", "clusterrolebindings", "clusterrolebinding")
    },
    Kind {
        scope: Scope::Cluster,
        naming: Naming::Segment,
        fields: &["rules", "aggregationRule"],
        columns: &[NAME, CREATED],
        ..kind(GROUP, "v1", "ClusterRole", "clusterroles", "clusterrole")
    },
    Kind {
        naming: Naming::Segment,
        fields: &["roleRef", "subjects"],
        columns: BINDING,
        ..kind(GROUP, "v1", "RoleBinding", "rolebindings", "rolebinding")
    },
    Kind {
        naming: Naming::Segment,
        fields: &["rules"],
        columns: &[NAME, CREATED],
        ..kind(GROUP, "v1", "Role", "roles", "role")
    },
];

fn subjects(binding: &Value, kind: &str) -> Value {
    let names: Vec<String> = list(binding, "/subjects")
        .iter()
        .filter(|subject| subject["kind"] == kind)
        .map(|subject| {
            let name = subject["name"].as_str().unwrap_or_default();
            match subject["namespace"].as_str() {
                Some(namespace) => format!("{namespace}/{name}"),
                None => name.to_owned(),
            }
        })
        .collect();
    json!(names.join(", "))
}
