//! The objects that the cases write, and where they are.

use serde_json::{Value, json};

/// Where objects of a kind are.
pub(super) struct Place {
    /// `api/v1`, or `apis/GROUP/VERSION`.
    version: &'static str,
    plural: &'static str,
    scope: Scope,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Namespace,
    Cluster,
}

const RBAC: &str = "apis/rbac.authorization.k8s.io/v1";
const PACKAGING: &str = "apis/packaging.carvel.dev/v1alpha1";

pub(super) const NAMESPACES: Place = Place::cluster("api/v1", "namespaces");
pub(super) const SECRETS: Place = Place::namespace("api/v1", "secrets");
pub(super) const CONFIG_MAPS: Place = Place::namespace("api/v1", "configmaps");
pub(super) const SERVICE_ACCOUNTS: Place = Place::namespace("api/v1", "serviceaccounts");
pub(super) const SERVICES: Place = Place::namespace("api/v1", "services");
pub(super) const ENDPOINTS: Place = Place::namespace("api/v1", "endpoints");
pub(super) const PODS: Place = Place::namespace("api/v1", "pods");
pub(super) const DEPLOYMENTS: Place = Place::namespace("apis/apps/v1", "deployments");
pub(super) const ROLES: Place = Place::namespace(RBAC, "roles");
pub(super) const ROLE_BINDINGS: Place = Place::namespace(RBAC, "rolebindings");
pub(super) const CLUSTER_ROLES: Place = Place::cluster(RBAC, "clusterroles");
pub(super) const CLUSTER_ROLE_BINDINGS: Place = Place::cluster(RBAC, "clusterrolebindings");
pub(super) const PACKAGE_INSTALLS: Place = Place::namespace(PACKAGING, "packageinstalls");
pub(super) const PACKAGE_REPOSITORIES: Place = Place::namespace(PACKAGING, "packagerepositories");
pub(super) const API_SERVICES: Place = Place::cluster("apis/apiregistration.k8s.io/v1", "apiservices");

impl Place {
    const fn namespace(version: &'static str, plural: &'static str) -> Self {
        Self { version, plural, scope: Scope::Namespace }
    }

    const fn cluster(version: &'static str, plural: &'static str) -> Self {
        Self { version, plural, scope: Scope::Cluster }
    }

    /// The path of all objects of the kind in a namespace.
    pub(super) fn path(&self, namespace: &str) -> String {
        match self.scope {
            Scope::Namespace => format!("/{}/namespaces/{namespace}/{}", self.version, self.plural),
            Scope::Cluster => self.everywhere(),
        }
    }

    /// The path of all objects of the kind.
    pub(super) fn everywhere(&self) -> String {
        format!("/{}/{}", self.version, self.plural)
    }

    /// The path of one object.
    pub(super) fn one(&self, namespace: &str, name: &str) -> String {
        format!("{}/{name}", self.path(namespace))
    }
}

/// A Secret with this under `data`.
pub(super) fn secret(name: &str, data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "data": data})
}

/// A Secret with nothing in it.
pub(super) fn empty(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}})
}

/// The same object, with this in its metadata.
pub(super) fn with_metadata(mut object: Value, field: &str, value: Value) -> Value {
    object["metadata"][field] = value;
    object
}

/// The same object, with this field.
pub(super) fn with(mut object: Value, pointer: &str, value: Value) -> Value {
    let mut place = &mut object;
    for part in pointer.split('/').skip(1) {
        place = &mut place[part];
    }
    *place = value;
    object
}

/// A `PackageInstall` that is paused, so that a kapp-controller, where there is one, leaves it alone.
pub(super) fn install(name: &str) -> Value {
    json!({
        "apiVersion": "packaging.carvel.dev/v1alpha1", "kind": "PackageInstall", "metadata": {"name": name},
        "spec": {
            "packageRef": {"refName": "contract.example.com", "versionSelection": {"constraints": "1.0.0"}},
            "paused": true, "serviceAccountName": "installer",
        },
    })
}

/// A `PackageRepository` that is paused.
pub(super) fn repository(name: &str) -> Value {
    json!({
        "apiVersion": "packaging.carvel.dev/v1alpha1", "kind": "PackageRepository", "metadata": {"name": name},
        "spec": {"fetch": {"imgpkgBundle": {"image": "registry.example.com/packages:1"}}, "paused": true},
    })
}

/// A Deployment that runs nothing.
pub(super) fn deployment(name: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
        "spec": {
            "replicas": 0, "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": "registry.example.com/nothing:1"}]},
            },
        },
    })
}

/// A Pod with these containers that no scheduler takes.
pub(super) fn pod(name: &str, containers: &[&str]) -> Value {
    let containers: Vec<Value> = containers
        .iter()
        .map(|container| json!({"name": container, "image": "registry.example.com/nothing:1"}))
        .collect();
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
        "spec": {"schedulerName": "nobody", "containers": containers},
    })
}

/// A Role or a `ClusterRole` with these rules.
pub(super) fn role(kind: &str, name: &str, rules: &Value) -> Value {
    json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}, "rules": rules})
}

/// A binding of a role to a `ServiceAccount`.
pub(super) fn binding(kind: &str, name: &str, role: (&str, &str), account: (&str, &str)) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": role.0, "name": role.1},
        "subjects": [{"kind": "ServiceAccount", "namespace": account.0, "name": account.1}],
    })
}

/// A `Status` of a failure that is about nothing that has a name.
pub(super) fn failure(code: u16, reason: &str, message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code,
    })
}

/// The same, with details.
pub(super) fn failure_of(code: u16, reason: &str, message: &str, details: Value) -> Value {
    let mut status = failure(code, reason, message);
    status["details"] = details;
    status
}
