//! What every cluster has from the beginning: namespaces, the roles that come with RBAC, and the API groups.

use serde_json::{Value, json};

use super::groups::Availability;
use super::kinds::{self, Origin};
use super::{Api, definitions};
use crate::access::MASTERS;
use crate::store::Key;

const RBAC: &str = "rbac.authorization.k8s.io";

/// The namespaces that are always there.
const NAMESPACES: &[&str] = &["default", "kube-node-lease", "kube-public", "kube-system"];

/// Writes the objects that are not there yet.
pub(super) fn write(api: &Api) {
    for name in NAMESPACES {
        let object = json!({
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
            "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"},
        });
        api.store.create(&Key::cluster("", "namespaces", name), object).ok();
    }
    for kind in kinds::all() {
        if kind.origin == Origin::BuiltIn {
            api.store.create(&definitions::service_key(kind), definitions::service(kind)).ok();
        } else {
            api.groups.set(kind.group, Availability::Served);
        }
    }
    for (name, rules) in roles() {
        let object = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
            "metadata": {"name": name, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}, "rules": rules,
        });
        api.store.create(&Key::cluster(RBAC, "clusterroles", name), object).ok();
    }
    for (name, groups) in [
        ("cluster-admin", vec![MASTERS]),
        ("system:basic-user", vec!["system:authenticated"]),
        ("system:discovery", vec!["system:authenticated"]),
        ("system:public-info-viewer", vec!["system:authenticated", "system:unauthenticated"]),
    ] {
        let subjects: Vec<Value> =
            groups.iter().map(|group| json!({"apiGroup": RBAC, "kind": "Group", "name": group})).collect();
        let object = json!({
            "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding",
            "metadata": {"name": name, "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}},
            "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": name}, "subjects": subjects,
        });
        api.store.create(&Key::cluster(RBAC, "clusterrolebindings", name), object).ok();
    }
}

fn roles() -> Vec<(&'static str, Value)> {
    let read = ["get", "list", "watch"];
    let edit = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
    let core = [
        "configmaps",
        "endpoints",
        "persistentvolumeclaims",
        "pods",
        "pods/log",
        "pods/status",
        "serviceaccounts",
        "services",
        "services/status",
        "events",
    ];
    let look = json!({"apiGroups": [""], "resources": core, "verbs": read});
    let spaces = json!({"apiGroups": [""], "resources": ["namespaces"], "verbs": read});
    let apps = |verbs: &[&str]| {
        let resources = ["daemonsets", "deployments", "deployments/scale", "replicasets"];
        json!({"apiGroups": ["apps"], "resources": resources, "verbs": verbs})
    };
    let change = json!({
        "apiGroups": [""], "verbs": edit,
        "resources": [
            "configmaps", "endpoints", "persistentvolumeclaims", "pods", "pods/exec", "pods/portforward",
            "pods/proxy", "secrets", "serviceaccounts", "services", "services/proxy",
        ],
    });
    let bind = json!({"apiGroups": [RBAC], "resources": ["rolebindings", "roles"], "verbs": edit});
    let everything = json!([
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"nonResourceURLs": ["*"], "verbs": ["*"]},
    ]);
    let reviews = json!([
        {"apiGroups": ["authorization.k8s.io"], "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"], "verbs": ["create"]},
        {"apiGroups": ["authentication.k8s.io"], "resources": ["selfsubjectreviews"], "verbs": ["create"]},
    ]);
    let paths = [
        "/api",
        "/api/*",
        "/apis",
        "/apis/*",
        "/healthz",
        "/livez",
        "/openapi",
        "/openapi/*",
        "/readyz",
        "/version",
        "/version/",
    ];
    let public = ["/healthz", "/livez", "/readyz", "/version", "/version/"];
    vec![
        ("cluster-admin", everything),
        ("view", json!([look, spaces, apps(&read)])),
        ("edit", json!([look, spaces, apps(&edit), change])),
        ("admin", json!([look, spaces, apps(&edit), change, bind])),
        ("system:basic-user", reviews),
        ("system:discovery", json!([{"nonResourceURLs": paths, "verbs": ["get"]}])),
        ("system:public-info-viewer", json!([{"nonResourceURLs": public, "verbs": ["get"]}])),
    ]
}
