//! Names that are the same wherever the package is, in every version.

/// Where promfed installs when nothing else is said: the global packaging namespace, as in Tanzu's own instructions.
pub const DEFAULT_NAMESPACE: &str = "tkg-system";
/// What an install is called when nothing else is said.
pub const DEFAULT_INSTALL: &str = "prometheus";
/// Where the package deploys to when nobody says anything.
pub const DEFAULT_WORKLOADS: &str = "tanzu-system-monitoring";
/// What the Service, the Deployment and the ConfigMap of Prometheus are called.
pub const SERVER: &str = "prometheus-server";
/// The port of the Service, unless the values name another one.
pub const DEFAULT_PORT: u64 = 80;
/// The Secret with the certificate of the package's ingress.
pub const SERVED: &str = "prometheus-tls";
/// The namespace by whose UID a cluster is known.
pub const SYSTEM: &str = "kube-system";
/// The `PackageRepository` that promfed adds when it is told to.
pub const REPOSITORY: &str = "promfed";
