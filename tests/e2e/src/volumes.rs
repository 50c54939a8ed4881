//! Volumes for claims: what a provisioner does. The controllers bind them.

use promfed_sandbox::store::{Key, Store};
use serde_json::json;

/// Makes a volume for every claim that has none, until it is aborted.
pub(crate) async fn run(store: Store) {
    let mut versions = store.versions();
    loop {
        versions.borrow_and_update();
        for claim in store.list("", "persistentvolumeclaims", None).0 {
            let metadata = &claim["metadata"];
            let Some(uid) = metadata["uid"].as_str() else { continue };
            let key = Key::cluster("", "persistentvolumes", &format!("pvc-{uid}"));
            if store.get(&key).is_some() || claim["status"]["phase"] == "Bound" {
                continue;
            }
            let volume = json!({
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": key.name},
                "spec": {
                    "capacity": {"storage": claim["spec"]["resources"]["requests"]["storage"]},
                    "accessModes": claim["spec"]["accessModes"],
                    "storageClassName": claim["spec"]["storageClassName"],
                    "persistentVolumeReclaimPolicy": "Retain",
                    "hostPath": {"path": format!("/volumes/{uid}")},
                    "claimRef": {
                        "apiVersion": "v1",
                        "kind": "PersistentVolumeClaim",
                        "name": metadata["name"],
                        "namespace": metadata["namespace"],
                        "uid": uid,
                    },
                },
            });
            store.create(&key, volume).ok();
        }
        if versions.changed().await.is_err() {
            return;
        }
    }
}
