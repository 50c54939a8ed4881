//! How kapp knows its objects again: a label whose value stands in a ConfigMap named after the App.

use serde_json::{Value, json};

use super::Deployment;
use crate::api::kinds;
use crate::objects;
use crate::store::{Key, Store};

/// The label on everything that an App deployed.
pub(in crate::carvel) const LABEL: &str = "kapp.k14s.io/app";

fn key(deployment: &Deployment<'_>) -> Key {
    Key::namespaced("", "configmaps", deployment.namespace, &format!("{}.app", deployment.app))
}

/// The value of the label; made at the first deployment.
pub(super) fn label(deployment: &Deployment<'_>) -> String {
    let key = key(deployment);
    let store = &deployment.carvel.site.store;
    let recorded = |object: &Value| -> Option<String> {
        let spec: Value = serde_json::from_str(object["data"]["spec"].as_str()?).ok()?;
        spec["labelValue"].as_str().map(str::to_owned)
    };
    if let Some(label) = store.get(&key).as_ref().and_then(recorded) {
        return label;
    }
    let label = jiff::Timestamp::now().as_nanosecond().to_string();
    let spec = json!({"labelKey": LABEL, "labelValue": label}).to_string();
    let object = json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": key.name, "namespace": deployment.namespace, "labels": {"kapp.k14s.io/is-app": ""}},
        "data": {"spec": spec},
    });
    store.create(&key, object).ok();
    label
}

/// Forgets the App.
pub(super) fn forget(deployment: &Deployment<'_>) {
    deployment.carvel.site.store.delete(&key(deployment)).ok();
}

/// Everything with this value of the label, except pods and what else is made from it.
pub(super) fn deployed(store: &Store, label: &str) -> Vec<Value> {
    let kept = kinds::all()
        .filter(|kind| !["pods", "replicasets", "endpoints", "endpointslices"].contains(&kind.plural));
    kept.flat_map(|kind| store.list(kind.group, kind.plural, None).0)
        .filter(|object| object["metadata"]["labels"][LABEL] == label)
        .filter(|object| objects::items(&object["metadata"]["ownerReferences"]).next().is_none())
        .collect()
}
