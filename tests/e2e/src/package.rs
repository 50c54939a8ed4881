//! The Prometheus packages for the real kapp-controller: ytt templates, inline in the Package objects.
//!
//! Everything but the templates is the sandbox's: names, versions, the schema of the values. `tests/package` holds the
//! templates and the sandbox's own rendering to each other.

use std::collections::BTreeMap;

use promfed_sandbox::Package;
use serde_json::{Value, json};

macro_rules! texts {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../package/", $path)))),*]
    };
}

/// The files that are the same in all packages.
const TEXTS: &[(&str, &str)] = texts![
    "config/alertmanager.yaml",
    "config/component.star",
    "config/ingress.yaml",
    "config/kube-state-metrics.yaml",
    "config/namespace.yaml",
    "config/node-exporter.yaml",
    "config/prometheus-config.lib.txt",
    "config/prometheus.yaml",
    "config/pushgateway.yaml",
    "config/values-schema.yaml",
    "kbld/config.yaml",
];

/// What stands in a file for the tag of the package's own image.
const TAG: &str = "PACKAGE_TAG";

/// The objects that bring the packages into a namespace: those not newer than `newest` (a prefix like `2.53`), or all.
pub fn objects(namespace: &str, newest: Option<&str>) -> Vec<Value> {
    let mut objects = promfed_sandbox::package_objects(namespace, newest);
    for object in objects.iter_mut().filter(|object| object["kind"] == "Package") {
        let spec = &object["spec"];
        let package = spec["refName"].as_str().and_then(Package::find);
        if let (Some(package), Some(version)) = (package, spec["version"].as_str()) {
            object["spec"]["template"]["spec"] = app(&files(package, version));
        }
    }
    objects
}

/// The files of a version of a package, by their path.
pub fn files(package: &Package, version: &str) -> BTreeMap<String, String> {
    let tag = promfed_sandbox::image_tag(version);
    let own = format!("namespace = \"{}\"\ntag = \"{tag}\"\n", package.namespace());
    TEXTS
        .iter()
        .map(|(path, text)| ((*path).to_owned(), text.replace(TAG, &tag)))
        .chain([("config/package.star".to_owned(), own)])
        .collect()
}

/// How kapp-controller gets from the files to a running package.
fn app(files: &BTreeMap<String, String>) -> Value {
    json!({
        "fetch": [{"inline": {"paths": files}}],
        "template": [{"ytt": {"paths": ["config/"]}}, {"kbld": {"paths": ["-", "kbld/"]}}],
        "deploy": [{"kapp": {"rawOptions": ["--wait-timeout=5m"]}}],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_carry_their_templates() {
        let objects = objects("ns", Some("2.37"));
        let names: Vec<_> = objects.iter().filter_map(|object| object["metadata"]["name"].as_str()).collect();
        assert_eq!(
            names,
            [
                "prometheus.tanzu.vmware.com",
                "prometheus.tanzu.vmware.com.2.37.0+vmware.1-tkg.1",
                "prometheus.community.tanzu.vmware.com",
                "prometheus.community.tanzu.vmware.com.2.37.0",
            ]
        );
        assert!(objects.iter().all(|object| object["metadata"]["namespace"] == "ns"));
        let spec = &objects[1]["spec"]["template"]["spec"];
        let paths = &spec["fetch"][0]["inline"]["paths"];
        let own = "namespace = \"tanzu-system-monitoring\"\ntag = \"v2.37.0_vmware.1-tkg.1\"\n";
        assert_eq!(paths["config/package.star"], own);
        let images = paths["kbld/config.yaml"].as_str().unwrap();
        assert!(images.contains("prometheus:v2.37.0_vmware.1-tkg.1\n") && !images.contains(TAG), "{images}");
        assert_eq!(spec["template"][1]["kbld"]["paths"], json!(["-", "kbld/"]));
        assert_eq!(objects[1]["spec"]["valuesSchema"]["openAPIv3"]["type"], "object");
    }

    #[test]
    fn no_file_is_left_out() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("package");
        let mut found = Vec::new();
        for folder in ["config", "kbld"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                found.push(format!("{folder}/{}", entry.unwrap().file_name().display()));
            }
        }
        found.sort();
        assert_eq!(found, TEXTS.iter().map(|(path, _)| *path).collect::<Vec<_>>());
    }
}
