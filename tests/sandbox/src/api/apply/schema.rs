//! How lists and maps of an object are merged: item by item, or as a whole.
//!
//! A real API server reads this from its `OpenAPI` schema; the few lists that matter are named here.

use super::fields::Step;
use crate::api::kinds::{Kind, Origin};

/// How a list is merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListForm {
    /// The items are objects, told apart by these fields.
    Map(&'static [&'static str]),
    /// The items are values, each at most once.
    Set,
    /// The list is one value.
    Atomic,
}

/// How the list at a path is merged.
pub(super) fn list(kind: &Kind, path: &[Step]) -> ListForm {
    let names = names(path);
    match names.as_slice() {
        ["metadata", "ownerReferences"] => return ListForm::Map(&["uid"]),
        ["metadata", "finalizers"] => return ListForm::Set,
        _ => {}
    }
    if kind.origin != Origin::BuiltIn {
        return ListForm::Atomic;
    }
    match names.as_slice() {
        [.., "containers" | "initContainers" | "ephemeralContainers", "ports"] => {
            ListForm::Map(&["containerPort", "protocol"])
        }
        ["spec", "ports"] if kind.name == "Service" => ListForm::Map(&["port", "protocol"]),
        [
            ..,
            "containers" | "initContainers" | "ephemeralContainers" | "volumes" | "env" | "imagePullSecrets",
        ] => ListForm::Map(&["name"]),
        ["secrets"] if kind.name == "ServiceAccount" => ListForm::Map(&["name"]),
        [.., "volumeMounts"] => ListForm::Map(&["mountPath"]),
        [.., "volumeDevices"] => ListForm::Map(&["devicePath"]),
        [.., "hostAliases"] => ListForm::Map(&["ip"]),
        [.., "topologySpreadConstraints"] => ListForm::Map(&["topologyKey", "whenUnsatisfiable"]),
        ["status", "conditions"] | [.., "addresses"] if kind.name != "Endpoints" => ListForm::Map(&["type"]),
        _ => ListForm::Atomic,
    }
}

/// Whether the map at a path is one value.
pub(super) fn is_atomic_map(kind: &Kind, path: &[Step]) -> bool {
    if kind.origin != Origin::BuiltIn {
        return false;
    }
    match names(path).as_slice() {
        ["roleRef" | "involvedObject"] => true,
        [.., last] => {
            ["selector", "nodeSelector", "secretKeyRef", "configMapKeyRef", "fieldRef", "resourceFieldRef"]
                .contains(last)
        }
        [] => false,
    }
}

/// Whether a built-in object has this map or list even where nobody wrote it: whoever creates the object does not make
/// it.
pub(super) fn is_always_there(path: &[Step]) -> bool {
    path.iter().all(|step| matches!(step, Step::Field(_)))
        && matches!(
            names(path).as_slice(),
            ["spec" | "status"]
                | ["status", "loadBalancer"]
                | ["spec", "containers" | "strategy" | "template" | "updateStrategy"]
                | ["spec", "template", "metadata" | "spec"]
                | ["spec", "template", "spec", "containers"]
        )
}

/// What a key field has when it is left out.
pub(super) fn default_key(field: &str) -> Option<&'static str> {
    (field == "protocol").then_some("TCP")
}

fn names(path: &[Step]) -> Vec<&str> {
    path.iter()
        .filter_map(|step| match step {
            Step::Field(name) => Some(name.as_str()),
            Step::Key(_) | Step::Value(_) => None,
        })
        .collect()
}
