//! The life of one PackageInstall.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout_at};

use super::conditions::{self, State};
use super::{Carvel, KAPPCTRL, app, catalogue, overlay, selection};
use crate::objects;
use crate::store::Key;

const FINALIZER: &str = "finalizers.packageinstall.packaging.carvel.dev/delete";
/// What the condition says when the App failed: the reason stands elsewhere.
const SEE: &str = "Error (see .status.usefulErrorMessage for details)";

/// Reconciles the PackageInstall whenever something that it depends on changes, and from time to time; until it is
/// deleted.
pub(super) async fn keep(carvel: &Carvel, key: &Key) {
    let mut failures = 0;
    loop {
        carvel.awake().await;
        let Some(install) = carvel.site.store.get(key) else { return };
        let seen = inputs(carvel, &install);
        if objects::is_leaving(&install) {
            delete(carvel, key, &install).await;
            return;
        }
        failures = if reconcile(carvel, key, &install).await { 0 } else { failures + 1 };
        wait(carvel, key, &seen, failures).await;
    }
}

/// Whether it went well.
async fn reconcile(carvel: &Carvel, key: &Key, install: &Value) -> bool {
    let store = &carvel.site.store;
    if conditions::is_paused(install) {
        store.modify(key, None, conditions::pause).ok();
        store
            .modify(&app_key(key), None, |app| {
                app["spec"]["paused"] = install["spec"]["paused"].clone();
                conditions::pause(app);
            })
            .ok();
        return true;
    }
    store
        .modify(key, None, |object| {
            if !objects::items(&object["metadata"]["finalizers"]).any(|finalizer| finalizer == FINALIZER) {
                let mut finalizers: Vec<Value> =
                    objects::items(&object["metadata"]["finalizers"]).cloned().collect();
                finalizers.push(json!(FINALIZER));
                object["metadata"]["finalizers"] = json!(finalizers);
            }
            conditions::set(object, &State::Reconciling);
        })
        .ok();
    let result = install_version(carvel, key, install).await;
    store
        .modify(key, None, |object| match &result {
            Ok(()) => {
                conditions::set(object, &State::Succeeded);
                conditions::explain(object, None);
            }
            Err(Failure { condition, useful }) => {
                conditions::set(object, &State::Failed(condition.clone()));
                conditions::explain(object, Some(useful));
            }
        })
        .ok();
    result.is_ok()
}

struct Failure {
    condition: String,
    useful: String,
}

impl Failure {
    fn own(message: String) -> Self {
        Self { condition: message.clone(), useful: message }
    }
}

async fn install_version(carvel: &Carvel, key: &Key, install: &Value) -> Result<(), Failure> {
    let store = &carvel.site.store;
    let version = selection::select(carvel, install).map_err(Failure::own)?;
    selection::refuse_downgrade(install, &version).map_err(Failure::own)?;
    store
        .modify(key, None, |object| {
            object["status"]["version"] = json!(version);
            object["status"]["lastAttemptedVersion"] = json!(version);
        })
        .ok();
    let package = install["spec"]["packageRef"]["refName"].as_str().unwrap_or_default();
    write_app(carvel, key, install, package, &version);
    app::reconcile(carvel, &app_key(key), package, &version)
        .await
        .map_err(|useful| Failure { condition: SEE.to_owned(), useful })
}

fn app_key(key: &Key) -> Key {
    Key { group: KAPPCTRL.to_owned(), resource: "apps".to_owned(), ..key.clone() }
}

/// The App that the PackageInstall stands for.
fn write_app(carvel: &Carvel, key: &Key, install: &Value, package: &str, version: &str) {
    let values: Vec<Value> = objects::items(&install["spec"]["values"])
        .map(|source| json!({"secretRef": {"name": source["secretRef"]["name"]}}))
        .collect();
    let overlays: Vec<Value> =
        overlay::secrets(install).into_iter().map(|name| json!({"secretRef": {"name": name}})).collect();
    let image = format!("registry.sandbox/prometheus:{}", catalogue::image_tag(version));
    let mut object = json!({
        "apiVersion": "kappctrl.k14s.io/v1alpha1",
        "kind": "App",
        "metadata": {
            "name": key.name,
            "namespace": key.namespace,
            "annotations": {
                "packaging.carvel.dev/package-ref-name": package,
                "packaging.carvel.dev/package-version": version,
            },
            "ownerReferences": [objects::owner_reference(install)],
            "finalizers": ["finalizers.kapp-ctrl.k14s.io/delete"],
        },
        "spec": {
            "serviceAccountName": install["spec"]["serviceAccountName"],
            "fetch": [{"imgpkgBundle": {"image": image}}],
            "template": [
                {"ytt": {"paths": ["config/"], "valuesFrom": values}},
                {"kbld": {"paths": ["-", ".imgpkg/images.yml"]}},
            ],
            "deploy": [{"kapp": {"rawOptions": ["--wait-timeout=5m"]}}],
        },
    });
    if !overlays.is_empty() {
        object["spec"]["template"][0]["ytt"]["inline"] = json!({"pathsFrom": overlays});
    }
    if let Some(period) = install["spec"].get("syncPeriod") {
        object["spec"]["syncPeriod"] = period.clone();
    }
    objects::ensure(&carvel.site.store, object);
}

async fn delete(carvel: &Carvel, key: &Key, install: &Value) {
    let store = &carvel.site.store;
    store.modify(key, None, |object| conditions::set(object, &State::Deleting)).ok();
    if install["spec"]["noopDelete"] != true {
        app::delete(carvel, &app_key(key)).await;
    }
    store.delete(&app_key(key)).ok();
    store.modify(&app_key(key), None, |app| app["metadata"]["finalizers"] = json!([])).ok();
    store
        .modify(key, None, |object| {
            if let Some(finalizers) = object["metadata"]["finalizers"].as_array_mut() {
                finalizers.retain(|finalizer| finalizer != FINALIZER);
            }
        })
        .ok();
}

/// Everything whose change makes kapp-controller look again.
fn inputs(carvel: &Carvel, install: &Value) -> Value {
    let store = &carvel.site.store;
    let namespace = objects::namespace(install);
    let values =
        objects::items(&install["spec"]["values"]).filter_map(|source| source["secretRef"]["name"].as_str());
    let secrets: Vec<Value> = values
        .map(str::to_owned)
        .chain(overlay::secrets(install))
        .map(|name| {
            store.get(&Key::namespaced("", "secrets", namespace, &name)).unwrap_or_default()["data"].clone()
        })
        .collect();
    let packages: Vec<Value> = store
        .list(catalogue::DATA, "packages", None)
        .0
        .iter()
        .filter(|package| package["spec"]["refName"] == install["spec"]["packageRef"]["refName"])
        .map(|package| json!([package["metadata"]["name"], package["metadata"]["namespace"]]))
        .collect();
    let metadata = &install["metadata"];
    json!([metadata["generation"], metadata["annotations"], metadata["deletionTimestamp"], secrets, packages])
}

/// Returns when one of the inputs is other than it was seen, or after the sync period; sooner after a failure.
async fn wait(carvel: &Carvel, key: &Key, seen: &Value, failures: u32) {
    let timing = &carvel.site.timing;
    let again = match failures {
        0 => timing.sync_period,
        _ => timing.sync_period.min(Duration::from_millis(500) * 2_u32.saturating_pow(failures)),
    };
    let end = Instant::now() + again;
    let mut versions = carvel.site.store.versions();
    loop {
        versions.borrow_and_update();
        let Some(install) = carvel.site.store.get(key) else { return };
        if inputs(carvel, &install) != *seen {
            sleep(timing.notice).await;
            return;
        }
        if timeout_at(end, versions.changed()).await.is_err() {
            return;
        }
    }
}
