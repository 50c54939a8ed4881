//! The life of one `PackageRepository`: it brings packages into a cluster.

use serde_json::{Value, json};

use super::conditions::{self, State};
use super::{Carvel, catalogue};
use crate::objects;
use crate::store::{Key, now};

/// The image whose packages are known.
pub const IMAGE: &str = "registry.local/prometheus-repo:v1";

const FINALIZER: &str = "finalizers.packagerepository.packaging.carvel.dev/delete";
const OWNER: &str = "packaging.carvel.dev/package-repository-ref";

/// Fetches the repository whenever it changes; until it is deleted.
pub(super) async fn keep(carvel: &Carvel, key: &Key) {
    let store = &carvel.site.store;
    let mut versions = store.versions();
    let mut seen = Value::Null;
    loop {
        carvel.awake().await;
        versions.borrow_and_update();
        let Some(repository) = store.get(key) else { return };
        if objects::is_leaving(&repository) {
            remove(carvel, key);
            store.modify(key, None, |object| object["metadata"]["finalizers"] = json!([])).ok();
            return;
        }
        if repository["metadata"]["generation"] != seen {
            seen = repository["metadata"]["generation"].clone();
            reconcile(carvel, key, &repository).await;
            continue;
        }
        if versions.changed().await.is_err() {
            return;
        }
    }
}

async fn reconcile(carvel: &Carvel, key: &Key, repository: &Value) {
    let store = &carvel.site.store;
    if conditions::is_paused(repository) {
        store.modify(key, None, conditions::pause).ok();
        return;
    }
    store
        .modify(key, None, |object| {
            object["metadata"]["finalizers"] = json!([FINALIZER]);
            conditions::set(object, &State::Reconciling);
        })
        .ok();
    tokio::time::sleep(carvel.site.timing.notice).await;
    let image = repository["spec"]["fetch"]["imgpkgBundle"]["image"].as_str().unwrap_or_default();
    remove(carvel, key);
    let known = image == IMAGE;
    if known {
        add(carvel, key);
    }
    store
        .modify(key, None, |object| {
            object["status"]["fetch"] = json!({
                "exitCode": i32::from(!known),
                "startedAt": now(),
                "updatedAt": now(),
            });
            if known {
                conditions::set(object, &State::Succeeded);
                conditions::explain(object, None);
            } else {
                let useful = format!(
                    "vendir: Error: Syncing directory '0':\n  Syncing directory '.' with imgpkgBundle contents:\n    \
                     Fetching image: Error while preparing a transport to talk with the registry:\n      \
                     Unable to create round tripper: {image}: no such image"
                );
                let message = "Fetching: Error (see .status.usefulErrorMessage for details)".to_owned();
                conditions::set(object, &State::Failed(message));
                conditions::explain(object, Some(&useful));
            }
        })
        .ok();
}

fn add(carvel: &Carvel, key: &Key) {
    let namespace = key.namespace.as_deref().unwrap_or_default();
    for (package, mut object) in catalogue::objects(namespace, None) {
        object["metadata"]["annotations"][OWNER] = json!(format!("{namespace}/{}", key.name));
        carvel.site.store.create(&package, object).ok();
    }
}

fn remove(carvel: &Carvel, key: &Key) {
    let namespace = key.namespace.as_deref().unwrap_or_default();
    let reference = format!("{namespace}/{}", key.name);
    for resource in ["packages", "packagemetadatas"] {
        for object in carvel.site.store.list(catalogue::DATA, resource, Some(namespace)).0 {
            if object["metadata"]["annotations"][OWNER] == reference.as_str()
                && let Some(key) = objects::key(&object)
            {
                carvel.site.store.delete(&key).ok();
            }
        }
    }
}
