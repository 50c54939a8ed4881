//! `PersistentVolumeClaims`: all are bound at once.

use serde_json::{Value, json};

use crate::objects;
use crate::site::Site;

/// Binds the claims that are not bound, and lets the others grow.
pub(super) fn pass(site: &Site) {
    for claim in site.store.list("", "persistentvolumeclaims", None).0 {
        let Some(key) = objects::key(&claim) else { continue };
        if claim["spec"]["volumeName"].is_null() {
            let volume = format!("pvc-{}", objects::uid(&claim));
            let bind = |claim: &mut Value| {
                claim["spec"]["volumeName"] = json!(volume);
                claim["spec"]["volumeMode"] = json!("Filesystem");
                if claim["spec"]["storageClassName"].is_null() {
                    claim["spec"]["storageClassName"] = json!("standard");
                }
            };
            site.store.modify(&key, None, bind).ok();
        }
        let status = json!({
            "phase": "Bound",
            "accessModes": claim["spec"]["accessModes"],
            "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
        });
        site.store.modify(&key, None, |claim| claim["status"] = status).ok();
    }
}
