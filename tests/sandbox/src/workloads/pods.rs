//! Pods as controllers see them: made from a template, counted by their conditions.

use serde_json::{Value, json};

use super::names;
use crate::objects;
use crate::site::Site;
use crate::store::Key;

/// Keeps a pod's object until its containers have ended.
pub(crate) const FINALIZER: &str = "sandbox.promfed.dev/node";

/// The pods of an owner.
pub(super) fn of(site: &Site, owner: &Value) -> Vec<Value> {
    let mut pods = site.store.list("", "pods", Some(objects::namespace(owner))).0;
    pods.retain(|pod| objects::is_owned_by(pod, objects::uid(owner)));
    pods
}

/// Whether the pod takes requests.
pub(crate) fn is_ready(pod: &Value) -> bool {
    objects::condition(pod, "Ready").is_some_and(|ready| ready["status"] == "True")
}

/// Creates a pod from its owner's template.
pub(super) fn create(site: &Site, owner: &Value, labels: &[(&str, &str)]) {
    let template = &owner["spec"]["template"];
    let namespace = objects::namespace(owner);
    let name = format!("{}-{}", objects::name(owner), names::suffix());
    let mut pod = json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": template["metadata"],
        "spec": template["spec"],
        "status": {"phase": "Pending", "qosClass": "BestEffort"},
    });
    let metadata = &mut pod["metadata"];
    metadata["name"] = json!(name);
    metadata["namespace"] = json!(namespace);
    metadata["generateName"] = json!(format!("{}-", objects::name(owner)));
    metadata["ownerReferences"] = json!([objects::owner_reference(owner)]);
    metadata["finalizers"] = json!([FINALIZER]);
    for (label, value) in labels {
        metadata["labels"][*label] = json!(value);
    }
    for (field, value) in
        [("restartPolicy", "Always"), ("dnsPolicy", "ClusterFirst"), ("serviceAccountName", "default")]
    {
        if pod["spec"][field].is_null() {
            pod["spec"][field] = json!(value);
        }
    }
    site.store.create(&Key::namespaced("", "pods", namespace, &name), pod).ok();
}

/// Asks for a pod's deletion.
pub(super) fn delete(site: &Site, pod: &Value) {
    if let Some(key) = objects::key(pod).filter(|_| !objects::is_leaving(pod)) {
        site.store.delete(&key).ok();
    }
}
