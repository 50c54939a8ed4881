//! The objects by which a cluster says that it serves a kind: `CustomResourceDefinitions` and `APIServices`.

use serde_json::{Value, json};

use super::groups::{Availability, available};
use super::kinds::{Cell, Kind, Origin};
use crate::store::{Key, now};

/// Which `CustomResourceDefinition` stands for a kind.
pub(super) fn key(kind: &Kind) -> Key {
    let name = format!("{}.{}", kind.plural, kind.group);
    Key::cluster("apiextensions.k8s.io", "customresourcedefinitions", &name)
}

/// Which `APIService` stands for a kind's group and version.
pub(super) fn service_key(kind: &Kind) -> Key {
    let name = format!("{}.{}", kind.version, kind.group);
    Key::cluster("apiregistration.k8s.io", "apiservices", &name)
}

/// The `CustomResourceDefinition` of a kind.
pub(crate) fn definition(kind: &Kind) -> Value {
    let mut names = json!({"plural": kind.plural, "singular": kind.singular, "kind": kind.name, "listKind": format!("{}List", kind.name)});
    if !kind.short.is_empty() {
        names["shortNames"] = json!(kind.short);
    }
    if !kind.categories.is_empty() {
        names["categories"] = json!(kind.categories);
    }
    let columns: Vec<Value> = kind
        .columns
        .iter()
        .filter(|column| column.name != "Name")
        .filter_map(|column| match column.cell {
            Cell::Field(pointer) => Some(
                json!({"name": column.name, "type": "string", "jsonPath": pointer.replace('/', "."), "priority": column.priority}),
            ),
            Cell::Since(pointer) => Some(
                json!({"name": column.name, "type": "date", "jsonPath": pointer.replace('/', "."), "priority": column.priority}),
            ),
            Cell::Made(_) => None,
        })
        .collect();
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let mut version = json!({
        "name": kind.version, "served": true, "storage": true, "additionalPrinterColumns": columns,
        "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": open, "status": open}}},
    });
    if kind.has("status") {
        version["subresources"] = json!({"status": {}});
    }
    let condition = |name: &str, reason: &str| json!({"type": name, "status": "True", "reason": reason, "message": "", "lastTransitionTime": now()});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{}.{}", kind.plural, kind.group)},
        "spec": {
            "group": kind.group, "names": names, "scope": if kind.namespaced() { "Namespaced" } else { "Cluster" },
            "conversion": {"strategy": "None"}, "versions": [version],
        },
        "status": {
            "acceptedNames": names, "storedVersions": [kind.version],
            "conditions": [condition("NamesAccepted", "NoConflicts"), condition("Established", "InitialNamesAccepted")],
        },
    })
}

/// The `APIService` of a kind's group and version.
pub(super) fn service(kind: &Kind) -> Value {
    let mut spec = json!({"group": kind.group, "version": kind.version, "groupPriorityMinimum": 1000, "versionPriority": 100});
    if kind.origin == Origin::Aggregated {
        spec["service"] = json!({"namespace": "tkg-system", "name": "packaging-api", "port": 443});
    }
    json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": format!("{}.{}", kind.version, kind.group)},
        "spec": spec, "status": {"conditions": [available(Availability::Served)]},
    })
}
