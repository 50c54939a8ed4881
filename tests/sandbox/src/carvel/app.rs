//! One pass of an App: fetch, template, deploy.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Carvel;
use super::catalogue::Package;
use super::conditions::{self, State};
use super::kapp::Deployment;
use super::values::ValuesFile;
use crate::objects;
use crate::store::{Key, now};

/// What the status says of a templating that failed.
const TEMPLATING: &str = "Templating dir: Error (see .status.usefulErrorMessage for details)";

/// Deploys the App. The error is the useful message.
pub(super) async fn reconcile(
    carvel: &Carvel,
    key: &Key,
    package: &str,
    version: &str,
) -> Result<(), String> {
    let store = &carvel.site.store;
    let started = now();
    store
        .modify(key, None, |app| {
            conditions::set(app, &State::Reconciling);
            app["status"]["managedAppName"] = json!(format!("{}.app", key.name));
            app["status"]["fetch"] = json!({"exitCode": 0, "startedAt": started, "updatedAt": started});
        })
        .ok();
    let result = run(carvel, key, package, version).await;
    store
        .modify(key, None, |app| match &result {
            Ok(()) => {
                conditions::set(app, &State::Succeeded);
                conditions::explain(app, None);
                let successes = app["status"]["consecutiveReconcileSuccesses"].as_u64().unwrap_or(0);
                app["status"]["consecutiveReconcileSuccesses"] = json!(successes + 1);
                remove(&mut app["status"], "consecutiveReconcileFailures");
            }
            Err(Failed { stage, useful }) => {
                let message = format!("{stage}: Error (see .status.usefulErrorMessage for details)");
                conditions::set(app, &State::Failed(message));
                conditions::explain(app, Some(useful));
                let failures = app["status"]["consecutiveReconcileFailures"].as_u64().unwrap_or(0);
                app["status"]["consecutiveReconcileFailures"] = json!(failures + 1);
                remove(&mut app["status"], "consecutiveReconcileSuccesses");
            }
        })
        .ok();
    result.map_err(|failed| failed.useful)
}

/// Deletes all that the App deployed.
pub(super) async fn delete(carvel: &Carvel, key: &Key) {
    let Some(app) = carvel.site.store.get(key) else { return };
    carvel.site.store.modify(key, None, |app| conditions::set(app, &State::Deleting)).ok();
    deployment(carvel, key, &app).delete().await;
}

struct Failed {
    stage: &'static str,
    useful: String,
}

async fn run(carvel: &Carvel, key: &Key, package: &str, version: &str) -> Result<(), Failed> {
    let store = &carvel.site.store;
    let app = store.get(key).unwrap_or_default();
    let rendered = template(carvel, &app, package, version);
    store
        .modify(key, None, |app| {
            app["status"]["template"] = match &rendered {
                Ok(_) => json!({"exitCode": 0, "updatedAt": now()}),
                Err(error) => {
                    json!({"exitCode": 1, "stderr": error, "error": TEMPLATING, "updatedAt": now()})
                }
            };
        })
        .ok();
    let objects = rendered.map_err(|useful| Failed { stage: "Templating dir", useful })?;
    deploy(carvel, key, &app, &objects).await.map_err(|useful| Failed { stage: "Deploying", useful })
}

fn template(carvel: &Carvel, app: &Value, package: &str, version: &str) -> Result<Vec<Value>, String> {
    let ytt = &app["spec"]["template"][0]["ytt"];
    let given = files(carvel, app, &ytt["valuesFrom"], "Preparing template values")?;
    let overlays = files(carvel, app, &ytt["inline"]["pathsFrom"], "Templating dir")?;
    let package = Package::find(package).ok_or_else(|| {
        format!("vendir: Error: Syncing directory '0': the bundle of {package} is not there")
    })?;
    package.render(version, &given, &overlays)
}

/// The files of some sources: all keys of all Secrets, the Secrets in their order, the keys sorted.
fn files(carvel: &Carvel, app: &Value, sources: &Value, stage: &str) -> Result<Vec<ValuesFile>, String> {
    let mut files = Vec::new();
    for source in objects::items(sources) {
        let name = source["secretRef"]["name"].as_str().unwrap_or_default();
        let key = Key::namespaced("", "secrets", objects::namespace(app), name);
        let secret =
            carvel.site.store.get(&key).ok_or_else(|| format!("{stage}: secrets \"{name}\" not found"))?;
        let mut keys: Vec<(&String, &Value)> = secret["data"].as_object().into_iter().flatten().collect();
        keys.sort_unstable_by_key(|(key, _)| *key);
        for (key, value) in keys {
            let bytes = STANDARD.decode(value.as_str().unwrap_or_default()).unwrap_or_default();
            files.push(ValuesFile { name: key.clone(), text: String::from_utf8_lossy(&bytes).into_owned() });
        }
    }
    Ok(files)
}

async fn deploy(carvel: &Carvel, key: &Key, app: &Value, objects: &[Value]) -> Result<(), String> {
    let store = &carvel.site.store;
    let deployment = deployment(carvel, key, app);
    let account = Key::namespaced("", "serviceaccounts", deployment.namespace, deployment.account);
    if store.get(&account).is_none() {
        return Err(format!(
            "Preparing kapp: Getting service account: serviceaccounts \"{}\" not found",
            deployment.account
        ));
    }
    let started = now();
    let write = |stdout: &str, error: Option<&str>, finished: bool| {
        let mut status = json!({
            "startedAt": started,
            "updatedAt": now(),
            "stdout": stdout,
            "finished": finished,
            "kapp": {"associatedResources": deployment.associated()},
        });
        if finished {
            status["exitCode"] = json!(i32::from(error.is_some()));
        }
        if let Some(error) = error {
            status["stderr"] = json!(error);
            status["error"] = json!("Deploying: exit status 1");
        }
        store.modify(key, None, |app| app["status"]["deploy"] = status).ok();
    };
    let outcome = deployment.deploy(objects, |stdout| write(stdout, None, false)).await;
    write(&outcome.stdout, outcome.error.as_deref(), true);
    outcome.error.map_or(Ok(()), Err)
}

fn deployment<'d>(carvel: &'d Carvel, key: &'d Key, app: &'d Value) -> Deployment<'d> {
    Deployment {
        carvel,
        namespace: key.namespace.as_deref().unwrap_or_default(),
        app: &key.name,
        account: app["spec"]["serviceAccountName"].as_str().unwrap_or_default(),
    }
}

fn remove(status: &mut Value, field: &str) {
    if let Some(status) = status.as_object_mut() {
        status.remove(field);
    }
}
