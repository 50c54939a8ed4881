//! The Prometheus packages that there are, as Package and `PackageMetadata` objects.

use serde_json::{Value, json};

use super::overlay;
use super::schema::Schema;
use super::templates::{self, Input};
use super::values::{self, ValuesFile};
use super::version::Version;
use crate::store::Key;

/// The namespace whose packages are visible everywhere.
pub const GLOBAL_NAMESPACE: &str = "tkg-system";

/// The API group of packages.
pub(crate) const DATA: &str = "data.packaging.carvel.dev";

/// A package under one of its names.
#[derive(Debug)]
pub struct Package {
    name: &'static str,
    namespace: &'static str,
    versions: &'static [&'static str],
}

const PACKAGES: &[Package] = &[
    Package {
        name: "prometheus.tanzu.vmware.com",
        namespace: "tanzu-system-monitoring",
        versions: &["2.37.0+vmware.1-tkg.1", "2.43.0+vmware.2-tkg.1"],
    },
    Package {
        name: "prometheus.kubernetes.vmware.com",
        namespace: "tanzu-system-monitoring",
        versions: &["2.53.4+vmware.1-tkg.1", "3.5.0+vmware.1-vks.1"],
    },
    Package { name: "prometheus.community.tanzu.vmware.com", namespace: "prometheus", versions: &["2.37.0"] },
];

/// All packages.
pub fn packages() -> &'static [Package] {
    PACKAGES
}

impl Package {
    /// The package with this name.
    pub fn find(name: &str) -> Option<&'static Self> {
        PACKAGES.iter().find(|package| package.name == name)
    }

    /// The name that a PackageInstall refers to.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where it deploys to by default.
    pub fn namespace(&self) -> &'static str {
        self.namespace
    }

    /// Its versions, oldest first.
    pub fn versions(&self) -> &'static [&'static str] {
        self.versions
    }

    /// The objects of a version with values from some files and overlays from others, in the order in which kapp lists
    /// them. The error is what ytt prints.
    pub fn render(
        &self,
        version: &str,
        files: &[ValuesFile],
        overlays: &[ValuesFile],
    ) -> Result<Vec<Value>, String> {
        let values = values::merge(&Schema::of_package(self.namespace), files)?;
        let mut objects = templates::render(&Input { values: &values, version });
        overlay::apply(&mut objects, overlays, &values)?;
        Ok(objects)
    }

    fn metadata(&self, namespace: &str) -> (Key, Value) {
        let object = json!({
            "apiVersion": "data.packaging.carvel.dev/v1alpha1",
            "kind": "PackageMetadata",
            "metadata": {"name": self.name, "namespace": namespace},
            "spec": {
                "displayName": "prometheus",
                "shortDescription": "A time series database for your metrics",
                "longDescription": "Collects metrics from its targets, stores them, and raises alerts.",
                "categories": ["monitoring"],
                "providerName": "promfed sandbox",
            },
        });
        (Key::namespaced(DATA, "packagemetadatas", namespace, self.name), object)
    }

    fn version(&self, namespace: &str, version: &str, open_api: &Value) -> (Key, Value) {
        let name = format!("{}.{version}", self.name);
        let object = json!({
            "apiVersion": "data.packaging.carvel.dev/v1alpha1",
            "kind": "Package",
            "metadata": {"name": name, "namespace": namespace},
            "spec": {
                "refName": self.name,
                "version": version,
                "releasedAt": "2025-01-01T00:00:00Z",
                "releaseNotes": format!("prometheus {version}"),
                "licenses": ["Apache 2.0"],
                "template": {"spec": {
                    "fetch": [{"imgpkgBundle": {"image": format!("registry.sandbox/prometheus:{}", image_tag(version))}}],
                    "template": [{"ytt": {"paths": ["config/"]}}, {"kbld": {"paths": ["-", ".imgpkg/images.yml"]}}],
                    "deploy": [{"kapp": {"rawOptions": ["--wait-timeout=5m"]}}],
                }},
                "valuesSchema": {"openAPIv3": open_api},
            },
        });
        (Key::namespaced(DATA, "packages", namespace, &name), object)
    }
}

/// The objects that bring the packages into a namespace of a cluster; see [`crate::ClusterSpec::newest`].
pub fn package_objects(namespace: &str, newest: Option<&str>) -> Vec<Value> {
    objects(namespace, newest).into_iter().map(|(_, object)| object).collect()
}

/// The objects of all packages that are not newer than `newest` (a prefix like `2.53`; all without it).
pub(crate) fn objects(namespace: &str, newest: Option<&str>) -> Vec<(Key, Value)> {
    let mut objects = Vec::new();
    for package in PACKAGES {
        let open_api = Schema::of_package(package.namespace).open_api();
        let offered = package.versions.iter().filter(|version| {
            newest
                .is_none_or(|newest| Version::parse(version).is_some_and(|version| version.is_up_to(newest)))
        });
        let versions: Vec<_> =
            offered.map(|version| package.version(namespace, version, &open_api)).collect();
        if !versions.is_empty() {
            objects.push(package.metadata(namespace));
            objects.extend(versions);
        }
    }
    objects
}

/// A version as an image tag, in which there is no `+`.
pub fn image_tag(version: &str) -> String {
    format!("v{}", version.replace('+', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_limits_what_is_offered() {
        let names = |newest| -> Vec<String> {
            objects("ns", newest)
                .into_iter()
                .filter(|(key, _)| key.resource == "packages")
                .map(|(key, _)| key.name)
                .collect()
        };
        assert_eq!(names(None).len(), 5);
        assert_eq!(
            names(Some("2.37")),
            [
                "prometheus.tanzu.vmware.com.2.37.0+vmware.1-tkg.1",
                "prometheus.community.tanzu.vmware.com.2.37.0"
            ]
        );
    }
}
