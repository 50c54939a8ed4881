//! The objects around an install: names, annotations and manifests as kctrl makes them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kinds that promfed writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObjectKind {
    ServiceAccount,
    ClusterRole,
    ClusterRoleBinding,
    Secret,
    /// A Secret that keeps what was there before a write.
    Revision,
    PackageInstall,
    PackageRepository,
}

/// One object of a cluster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRef {
    pub kind: ObjectKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub name: String,
}

impl ObjectRef {
    /// Whether it is the Secret of this name.
    pub fn is_secret(&self, name: &str) -> bool {
        self.kind == ObjectKind::Secret && self.name == name
    }
}

impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ServiceAccount => "ServiceAccount",
            Self::ClusterRole => "ClusterRole",
            Self::ClusterRoleBinding => "ClusterRoleBinding",
            Self::Secret | Self::Revision => "Secret",
            Self::PackageInstall => "PackageInstall",
            Self::PackageRepository => "PackageRepository",
        })
    }
}

/// Whose rights kapp-controller deploys the package with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServiceAccountChoice {
    /// As kctrl does: an account of the install's own that may do everything.
    ClusterAdmin,
    /// An account that is there.
    Existing(String),
}

/// The label that says who made an object, and what promfed says there.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
pub const US: &str = "kubectl-promfed";

/// An object that is there, of those that belong to an install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub object: ObjectRef,
    pub maker: Maker,
}

/// Who made an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Maker {
    Us,
    SomebodyElse,
}

impl Maker {
    /// By the labels of the object.
    pub fn of(labels: &serde_json::Value) -> Self {
        if labels[MANAGED_BY] == US { Self::Us } else { Self::SomebodyElse }
    }
}

/// The key of the values in a Secret that promfed makes, as kctrl calls it.
pub const VALUES_KEY: &str = "values.yaml";

/// The annotation of a hub's PackageInstall that tells agents where to write, where its ingress does not tell.
pub const WRITE_URL: &str = "promfed.dev/write-url";

/// The names that kctrl gives to what belongs to an install.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    pub install: String,
    pub namespace: String,
}

impl Names {
    pub fn new(install: &str, namespace: &str) -> Self {
        Self { install: install.to_owned(), namespace: namespace.to_owned() }
    }

    pub fn service_account(&self) -> String {
        format!("{}-sa", self.base())
    }

    pub fn cluster_role(&self) -> String {
        format!("{}-cluster-role", self.base())
    }

    pub fn cluster_role_binding(&self) -> String {
        format!("{}-cluster-rolebinding", self.base())
    }

    pub fn values_secret(&self) -> String {
        format!("{}-values", self.base())
    }

    /// The Secret of promfed's overlay.
    pub fn overlay_secret(&self) -> String {
        format!("{}-promfed-overlay", self.base())
    }

    /// The objects around a PackageInstall that kctrl and promfed make for it, in the order in which they are made.
    pub fn around(&self) -> [ObjectRef; 5] {
        let reference = |kind, namespace, name| ObjectRef { kind, namespace, name };
        let here = Some(self.namespace.clone());
        [
            reference(ObjectKind::ServiceAccount, here.clone(), self.service_account()),
            reference(ObjectKind::ClusterRole, None, self.cluster_role()),
            reference(ObjectKind::ClusterRoleBinding, None, self.cluster_role_binding()),
            reference(ObjectKind::Secret, here.clone(), self.values_secret()),
            reference(ObjectKind::Secret, here, self.overlay_secret()),
        ]
    }

    /// The PackageInstall itself.
    pub fn package_install(&self) -> ObjectRef {
        ObjectRef {
            kind: ObjectKind::PackageInstall,
            namespace: Some(self.namespace.clone()),
            name: self.install.clone(),
        }
    }

    fn base(&self) -> String {
        format!("{}-{}", self.install, self.namespace)
    }

    /// What the four objects around a PackageInstall say of it, for kctrl and for the older tanzu CLI.
    fn annotations(&self) -> Value {
        json!({"packaging.carvel.dev/package": self.base(), "tkg.tanzu.vmware.com/tanzu-package": self.base()})
    }
}

/// The manifests of a new install, in the order in which every prefix does no harm: the PackageInstall, which makes
/// kapp-controller begin, comes last.
pub fn new_install(
    names: &Names,
    ref_name: &str,
    version: &str,
    values: &str,
    account: &ServiceAccountChoice,
) -> Vec<(ObjectRef, Value)> {
    let mut all = Vec::new();
    let mut created = vec![("Secret", names.values_secret())];
    let account = match account {
        ServiceAccountChoice::Existing(name) => name.clone(),
        ServiceAccountChoice::ClusterAdmin => {
            created.extend([
                ("ServiceAccount", names.service_account()),
                ("ClusterRole", names.cluster_role()),
                ("ClusterRoleBinding", names.cluster_role_binding()),
            ]);
            all.extend(cluster_admin(names));
            names.service_account()
        }
    };
    all.push(values_secret(names, values));

    let mut install = object(names, ObjectKind::PackageInstall, names.install.clone());
    let annotations: serde_json::Map<_, _> = created
        .iter()
        .flat_map(|(kind, name)| {
            ["packaging.carvel.dev/package", "tkg.tanzu.vmware.com/tanzu-package"]
                .map(|family| (format!("{family}-{kind}"), json!(name)))
        })
        .collect();
    install.1["metadata"]["annotations"] = Value::Object(annotations);
    install.1["spec"] = json!({
        "packageRef": {"refName": ref_name, "versionSelection": {"constraints": version, "prereleases": {}}},
        "serviceAccountName": account,
        "values": [{"secretRef": {"name": names.values_secret()}}],
    });
    all.push(install);
    all
}

/// The Secret of the values.
pub fn values_secret(names: &Names, values: &str) -> (ObjectRef, Value) {
    let mut secret = object(names, ObjectKind::Secret, names.values_secret());
    secret.1["type"] = json!("Opaque");
    secret.1["stringData"] = json!({VALUES_KEY: values});
    secret
}

/// The annotations of a PackageInstall by which kctrl finds the Secret of its values.
pub fn values_secret_notes(names: &Names) -> [(&'static str, String); 2] {
    ["packaging.carvel.dev/package-Secret", "tkg.tanzu.vmware.com/tanzu-package-Secret"]
        .map(|key| (key, names.values_secret()))
}

/// The account that kctrl makes: every verb on everything.
fn cluster_admin(names: &Names) -> [(ObjectRef, Value); 3] {
    let account = object(names, ObjectKind::ServiceAccount, names.service_account());
    let mut role = object(names, ObjectKind::ClusterRole, names.cluster_role());
    role.1["rules"] = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]);
    let mut binding = object(names, ObjectKind::ClusterRoleBinding, names.cluster_role_binding());
    binding.1["subjects"] =
        json!([{"kind": "ServiceAccount", "name": names.service_account(), "namespace": names.namespace}]);
    binding.1["roleRef"] =
        json!({"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": names.cluster_role()});
    [account, role, binding]
}

/// A `PackageRepository` that offers the packages of an image bundle.
pub fn package_repository(namespace: &str, name: &str, image: &str) -> (ObjectRef, Value) {
    let reference = ObjectRef {
        kind: ObjectKind::PackageRepository,
        namespace: Some(namespace.to_owned()),
        name: name.to_owned(),
    };
    let manifest = json!({
        "apiVersion": "packaging.carvel.dev/v1alpha1",
        "kind": "PackageRepository",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"fetch": {"imgpkgBundle": {"image": image}}},
    });
    (reference, manifest)
}

pub(super) fn object(names: &Names, kind: ObjectKind, name: String) -> (ObjectRef, Value) {
    let (api_version, namespace) = match kind {
        ObjectKind::ServiceAccount | ObjectKind::Secret | ObjectKind::Revision => {
            ("v1", Some(names.namespace.clone()))
        }
        ObjectKind::ClusterRole | ObjectKind::ClusterRoleBinding => ("rbac.authorization.k8s.io/v1", None),
        ObjectKind::PackageInstall | ObjectKind::PackageRepository => {
            ("packaging.carvel.dev/v1alpha1", Some(names.namespace.clone()))
        }
    };
    let mut metadata = json!({"name": name});
    if let Some(namespace) = &namespace {
        metadata["namespace"] = json!(namespace);
    }
    metadata["labels"] = json!({MANAGED_BY: US});
    metadata["annotations"] = names.annotations();
    let manifest = json!({"apiVersion": api_version, "kind": kind.to_string(), "metadata": metadata});
    (ObjectRef { kind, namespace, name }, manifest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_install_comes_last_and_names_what_was_made_for_it() {
        let names = Names::new("prometheus", "tkg-system");
        let all = new_install(&names, "p", "1.0.0", "a: 1\n", &ServiceAccountChoice::ClusterAdmin);
        let order: Vec<_> =
            all.iter().map(|(object, _)| (object.kind.to_string(), object.name.as_str())).collect();
        assert_eq!(
            order,
            [
                ("ServiceAccount".to_owned(), "prometheus-tkg-system-sa"),
                ("ClusterRole".to_owned(), "prometheus-tkg-system-cluster-role"),
                ("ClusterRoleBinding".to_owned(), "prometheus-tkg-system-cluster-rolebinding"),
                ("Secret".to_owned(), "prometheus-tkg-system-values"),
                ("PackageInstall".to_owned(), "prometheus"),
            ]
        );
        let annotations = all[4].1["metadata"]["annotations"].as_object().expect("annotations");
        assert_eq!(
            annotations["packaging.carvel.dev/package-ClusterRole"],
            "prometheus-tkg-system-cluster-role"
        );
        assert_eq!(annotations["tkg.tanzu.vmware.com/tanzu-package-Secret"], "prometheus-tkg-system-values");
        assert_eq!(annotations.len(), 8);
    }

    #[test]
    fn an_account_of_the_users_brings_no_roles() {
        let names = Names::new("prometheus", "x");
        let all = new_install(&names, "p", "1.0.0", "", &ServiceAccountChoice::Existing("mine".into()));
        assert_eq!(all.len(), 2);
        assert_eq!(all[1].1["spec"]["serviceAccountName"], "mine");
    }
}
