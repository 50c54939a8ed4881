//! The kinds of object that promfed reads or writes, known without asking the server what it serves.

use std::fmt;

/// Whether objects of a kind live in a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Namespaced,
    Cluster,
}

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resource {
    /// The API group; empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    /// The name in URLs and in RBAC rules.
    pub plural: &'static str,
    pub kind: &'static str,
    pub scope: Scope,
}

impl Resource {
    const fn namespaced(
        group: &'static str,
        version: &'static str,
        plural: &'static str,
        kind: &'static str,
    ) -> Self {
        Self { group, version, plural, kind, scope: Scope::Namespaced }
    }

    const fn cluster_wide(
        group: &'static str,
        version: &'static str,
        plural: &'static str,
        kind: &'static str,
    ) -> Self {
        Self { group, version, plural, kind, scope: Scope::Cluster }
    }

    /// `v1` or `group/version`, as objects say it.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.into() } else { format!("{}/{}", self.group, self.version) }
    }
}

/// As kubectl names it: `secrets`, `packageinstalls.packaging.carvel.dev`.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.plural)?;
        if self.group.is_empty() { Ok(()) } else { write!(f, ".{}", self.group) }
    }
}

/// The part of a Service through which the process behind it is asked.
pub const PROXY: &str = "proxy";
/// The part of a Pod that its containers wrote.
pub const LOG: &str = "log";
/// The part of a Pod through which its ports are reached.
pub const PORT_FORWARD: &str = "portforward";

const CARVEL: &str = "packaging.carvel.dev";
const CARVEL_DATA: &str = "data.packaging.carvel.dev";
const RBAC: &str = "rbac.authorization.k8s.io";

pub const NAMESPACE: Resource = Resource::cluster_wide("", "v1", "namespaces", "Namespace");
pub const SECRET: Resource = Resource::namespaced("", "v1", "secrets", "Secret");
pub const SERVICE_ACCOUNT: Resource = Resource::namespaced("", "v1", "serviceaccounts", "ServiceAccount");
pub const SERVICE: Resource = Resource::namespaced("", "v1", "services", "Service");
pub const POD: Resource = Resource::namespaced("", "v1", "pods", "Pod");
pub const CONFIG_MAP: Resource = Resource::namespaced("", "v1", "configmaps", "ConfigMap");
pub const PERSISTENT_VOLUME_CLAIM: Resource =
    Resource::namespaced("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim");
pub const EVENT: Resource = Resource::namespaced("", "v1", "events", "Event");
pub const DEPLOYMENT: Resource = Resource::namespaced("apps", "v1", "deployments", "Deployment");
pub const REPLICA_SET: Resource = Resource::namespaced("apps", "v1", "replicasets", "ReplicaSet");
pub const CLUSTER_ROLE: Resource = Resource::cluster_wide(RBAC, "v1", "clusterroles", "ClusterRole");
pub const CLUSTER_ROLE_BINDING: Resource =
    Resource::cluster_wide(RBAC, "v1", "clusterrolebindings", "ClusterRoleBinding");
pub const PACKAGE_INSTALL: Resource =
    Resource::namespaced(CARVEL, "v1alpha1", "packageinstalls", "PackageInstall");
pub const PACKAGE_REPOSITORY: Resource =
    Resource::namespaced(CARVEL, "v1alpha1", "packagerepositories", "PackageRepository");
pub const APP: Resource = Resource::namespaced("kappctrl.k14s.io", "v1alpha1", "apps", "App");
/// Served by kapp-controller itself, behind the API server.
pub const PACKAGE: Resource = Resource::namespaced(CARVEL_DATA, "v1alpha1", "packages", "Package");
/// Served by kapp-controller itself, behind the API server.
pub const PACKAGE_METADATA: Resource =
    Resource::namespaced(CARVEL_DATA, "v1alpha1", "packagemetadatas", "PackageMetadata");
pub const HTTP_PROXY: Resource = Resource::namespaced("projectcontour.io", "v1", "httpproxies", "HTTPProxy");
pub const CERTIFICATE: Resource =
    Resource::namespaced("cert-manager.io", "v1", "certificates", "Certificate");
pub const ISSUER: Resource = Resource::namespaced("cert-manager.io", "v1", "issuers", "Issuer");
