//! Carries a plan out, step by step.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use k8s_openapi::api::core::v1::Secret;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::agent::Admitting;
use super::turn::{self, turn};
use crate::cluster::{
    APP, CLUSTER_ROLE, CLUSTER_ROLE_BINDING, Cluster, DryRun, Failure, Ownership, PACKAGE_INSTALL,
    PACKAGE_REPOSITORY, Resource, SECRET, SERVICE_ACCOUNT, Waited, jitter,
};
use crate::error::Error;
use crate::package::{InstallMeta, Maker, ObjectKind, ObjectRef, PackageInstall, State};
use crate::plan::{Action, Place, Plan, Step, Then};
use crate::ui::Ui;

/// How often a patch is sent again because kapp-controller wrote a status meanwhile.
const STATUS_TRIES: usize = 8;

/// Why not every step was written.
pub(super) enum Stopped {
    /// An object is another one than was planned for: somebody else wrote meanwhile.
    Meanwhile(Failure),
    /// The same at the hub, where others join at the same time.
    Crowded(Failure),
    Failed(Error),
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        if failure.is_conflict() || failure.is_already_exists() {
            return Self::Meanwhile(failure);
        }
        Self::Failed(failure.into())
    }
}

impl Stopped {
    /// The error of a command that does not begin anew.
    pub(super) fn error(self, who: &str) -> Error {
        match self {
            Self::Failed(error) => error,
            Self::Meanwhile(failure) | Self::Crowded(failure) => Error::from(failure)
                .because(format!("{who} meanwhile, and nothing of that is written over"))
                .hint("run the same command again: it begins from what is there now"),
        }
    }
}

/// The kind as the API server knows it.
pub(super) fn resource(kind: ObjectKind) -> &'static Resource {
    match kind {
        ObjectKind::ServiceAccount => &SERVICE_ACCOUNT,
        ObjectKind::ClusterRole => &CLUSTER_ROLE,
        ObjectKind::ClusterRoleBinding => &CLUSTER_ROLE_BINDING,
        ObjectKind::Secret | ObjectKind::Revision => &SECRET,
        ObjectKind::PackageInstall => &PACKAGE_INSTALL,
        ObjectKind::PackageRepository => &PACKAGE_REPOSITORY,
    }
}

/// Writes every step in order. It stops at the first failure: every prefix of a plan does no harm, and the same
/// command finishes the rest. A revision whose change was not written is taken away again.
pub(super) async fn apply(
    cluster: &Cluster,
    admitting: Option<&Admitting>,
    plan: &Plan,
    dry_run: DryRun,
    ui: &Ui,
    deadline: Instant,
) -> Result<(), Stopped> {
    let writer = |cluster, planned_for| Writer {
        cluster,
        dry_run,
        ui,
        deadline,
        planned_for,
        written: BTreeMap::new(),
    };
    let mut own = writer(cluster, plan.planned_for.as_ref());
    let mut at_hub = writer(admitting.map_or(cluster, Admitting::hub), None);
    let mut kept = None;
    let mut written: Vec<String> = Vec::new();
    for step in &plan.steps {
        let came = match (step.place, admitting) {
            (Place::Hub, Some(admitting)) => at_hub.admit(admitting, step).await,
            _ => own.write(step).await,
        };
        if let Err(stopped) = came {
            if let (Some(revision), DryRun::Off) = (kept, dry_run) {
                // Best effort: a revision that keeps what is there anyway does no harm.
                drop(own.delete(revision).await);
                written.retain(|written| *written != shown(revision));
            }
            return Err(match (step.place, stopped) {
                (Place::Hub, Stopped::Meanwhile(failure)) => Stopped::Crowded(failure),
                (_, Stopped::Failed(error)) if dry_run == DryRun::Off => {
                    Stopped::Failed(so_far(error, &written))
                }
                (_, stopped) => stopped,
            });
        }
        if step.action != Action::Unchanged {
            written.push(shown(&step.object));
        }
        match (&step.action, step.object.kind) {
            (Action::Unchanged, _) => {}
            (_, ObjectKind::Revision) => kept = Some(&step.object),
            _ => kept = None,
        }
    }
    Ok(())
}

fn shown(object: &ObjectRef) -> String {
    format!("{} {}", object.kind, object.name)
}

/// The error, with what was written before it.
fn so_far(error: Error, written: &[String]) -> Error {
    const AGAIN: &str = "run the same command again: it begins from what is there";
    if written.is_empty() {
        return error;
    }
    let error = error.because(format!("written before that: {}", written.join(", ")));
    if error.hints.iter().any(|hint| hint == AGAIN) { error } else { error.hint(AGAIN) }
}

struct Writer<'a> {
    cluster: &'a Cluster,
    dry_run: DryRun,
    ui: &'a Ui,
    deadline: Instant,
    /// The PackageInstall as it was when the plan was made.
    planned_for: Option<&'a InstallMeta>,
    /// What was patched, as it was then.
    written: BTreeMap<String, Value>,
}

impl Writer<'_> {
    async fn write(&mut self, step: &Step) -> Result<(), Stopped> {
        let object = &step.object;
        let (resource, namespace) = (resource(object.kind), object.namespace.as_deref());
        match &step.action {
            Action::Unchanged => {}
            Action::Update { patch, .. } => self.patch(object, patch).await?,
            Action::Delete { .. } => self.delete(object).await?,
            // Of these kinds, one of that name that appeared meanwhile is somebody's: it is not written over.
            Action::Create { manifest }
                if matches!(
                    object.kind,
                    ObjectKind::Secret | ObjectKind::Revision | ObjectKind::PackageInstall
                ) =>
            {
                self.create(object, manifest).await?;
            }
            Action::Create { manifest } => {
                self.cluster.apply(resource, namespace, manifest, Ownership::Ours, self.dry_run).await?;
            }
        }
        match (step.then, self.dry_run) {
            (Then::GoOn, _) | (_, DryRun::Server) => Ok(()),
            (Then::UntilPaused, DryRun::Off) => self.until_paused(object).await,
            (Then::UntilGone, DryRun::Off) => self.until_gone(object).await,
        }
    }

    /// Writes at a hub that others join at the same time: each has its turn, however many they are, as one of them has
    /// written. Only this step is planned again.
    async fn admit(&mut self, admitting: &Admitting, step: &Step) -> Result<(), Stopped> {
        let (_turn, waited) = turn().await;
        let (mut again, mut is_old) = (None, waited == turn::Waited::ForAnother);
        loop {
            if is_old {
                let Some(step) = admitting.step().await? else { return Ok(()) };
                again = Some(step);
            }
            match self.write(again.as_ref().unwrap_or(step)).await {
                Err(Stopped::Meanwhile(_)) if Instant::now() < self.deadline => {
                    sleep(jitter()).await;
                    is_old = true;
                }
                came => return came,
            }
        }
    }

    async fn delete(&self, object: &ObjectRef) -> Result<(), Failure> {
        let namespace = object.namespace.as_deref();
        self.cluster.delete(resource(object.kind), namespace, &object.name, self.dry_run).await
    }

    /// A run that was killed may have created it already. What is there, made by promfed, and has all that was to be
    /// written, is what was wanted.
    async fn create(&self, object: &ObjectRef, manifest: &Value) -> Result<(), Failure> {
        let (resource, namespace) = (resource(object.kind), object.namespace.as_deref());
        match self.cluster.create(resource, namespace, manifest, self.dry_run).await {
            Err(failure) if failure.is_already_exists() && object.kind == ObjectKind::Secret => {
                let there: Option<Secret> = self.cluster.get(resource, namespace, &object.name).await?;
                if there.is_some_and(|there| is_ours_already(&there, manifest)) {
                    Ok(())
                } else {
                    Err(failure)
                }
            }
            other => other.map(drop),
        }
    }

    /// What kapp-controller wrote into the status of an object since it was read, or patched before, is no change of
    /// anybody's.
    async fn patch(&mut self, object: &ObjectRef, patch: &Value) -> Result<(), Failure> {
        let (resource, namespace) = (resource(object.kind), object.namespace.as_deref());
        let key = format!("{}/{}", object.kind, object.name);
        let mut patch = patch.clone();
        let planned_for = self.planned_for.filter(|_| object.kind == ObjectKind::PackageInstall);
        for tries in 1.. {
            if let Some(before) = self.written.get(&key) {
                patch["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"].clone();
            }
            match self.cluster.patch(resource, namespace, &object.name, &patch, self.dry_run).await {
                Ok(after) if self.dry_run == DryRun::Off => {
                    self.written.insert(key, after);
                    return Ok(());
                }
                Ok(_) => return Ok(()),
                Err(failure) if failure.is_conflict() && tries < STATUS_TRIES => {
                    let now: Option<Value> = self.cluster.get(resource, namespace, &object.name).await?;
                    let is_same = |now: &Value| match (self.written.get(&key), planned_for) {
                        (Some(before), _) => is_same_but_for_status(before, now),
                        (None, Some(before)) => {
                            let now =
                                serde_json::from_value::<PackageInstall>(now.clone()).unwrap_or_default();
                            before.is_same_but_for_status(&now.metadata)
                        }
                        (None, None) => false,
                    };
                    let Some(now) = now.filter(is_same) else { return Err(failure) };
                    self.written.insert(key.clone(), now);
                }
                Err(failure) => return Err(failure),
            }
        }
        Ok(())
    }

    async fn until_paused(&self, object: &ObjectRef) -> Result<(), Stopped> {
        let stage = format!("pausing on {}", self.cluster.context());
        self.ui.progress().set(&stage, &format!("waiting for App {}", object.name));
        let namespace = object.namespace.as_deref();
        let waited = self
            .cluster
            .wait_for(&APP, namespace, &object.name, self.deadline, |app| match app {
                Some(app) if app["spec"]["paused"] != true => ControlFlow::Continue(()),
                _ => ControlFlow::Break(()),
            })
            .await?;
        self.ui.progress().clear();
        match waited {
            Waited::Done(()) => Ok(()),
            Waited::TimedOut { .. } => Err(Stopped::Failed(
                Error::unreachable(format!("App {} was not paused in time", object.name))
                    .because("kapp-controller does not look at it")
                    .hint(look_at(self.cluster, object)),
            )),
        }
    }

    async fn until_gone(&self, object: &ObjectRef) -> Result<(), Stopped> {
        let stage = format!("deleting on {}", self.cluster.context());
        let what = format!("waiting for PackageInstall {} and what it deployed to go", object.name);
        self.ui.progress().set(&stage, &what);
        let mut trouble = None;
        let namespace = object.namespace.as_deref();
        let waited = self
            .cluster
            .wait_for(&PACKAGE_INSTALL, namespace, &object.name, self.deadline, |install| {
                let Some(install) = install else { return ControlFlow::Break(()) };
                let install = serde_json::from_value::<PackageInstall>(install).unwrap_or_default();
                if let State::Failed(message) = install.status_of_deletion() {
                    self.ui.progress().set(&stage, &format!("{what}: {message}"));
                    trouble = Some(message);
                }
                ControlFlow::Continue(())
            })
            .await?;
        self.ui.progress().clear();
        match waited {
            Waited::Done(()) => Ok(()),
            Waited::TimedOut { .. } => {
                let error =
                    Error::unreachable(format!("PackageInstall {} was not gone in time", object.name));
                let error = trouble.into_iter().fold(error, Error::because);
                Err(Stopped::Failed(error.hint(look_at(self.cluster, object))))
            }
        }
    }
}

fn look_at(cluster: &Cluster, object: &ObjectRef) -> String {
    let namespace = object.namespace.as_deref().unwrap_or_default();
    format!(
        "kubectl get packageinstall,app --context {} -n {namespace} {} -o yaml",
        cluster.context(),
        object.name
    )
}

/// Whether a Secret is promfed's and holds just the texts of a manifest.
fn is_ours_already(there: &Secret, manifest: &Value) -> bool {
    let labels = serde_json::to_value(&there.metadata.labels).unwrap_or_default();
    let data = there.data.iter().flatten().map(|(key, bytes)| (key.as_str(), bytes.0.as_slice()));
    let texts = manifest["stringData"].as_object().into_iter().flatten();
    let texts = texts.map(|(key, text)| (key.as_str(), text.as_str().unwrap_or_default().as_bytes()));
    Maker::of(&labels) == Maker::Us && data.collect::<BTreeMap<_, _>>() == texts.collect::<BTreeMap<_, _>>()
}

fn is_same_but_for_status(before: &Value, now: &Value) -> bool {
    let of = |field: &str| before["metadata"][field] == now["metadata"][field];
    before["spec"] == now["spec"] && of("annotations") && of("labels") && of("deletionTimestamp")
}

/// The manifests of a plan as `kubectl apply` takes them: whole objects for what is new, and for what changes the
/// fields that do, without the resource version that was read. What only this run needs is left out: revisions,
/// deletions, and a pause.
pub(super) fn manifests(plan: &Plan) -> Vec<Value> {
    let mut manifests: Vec<Value> = Vec::new();
    let is_shown = |step: &&Step| step.object.kind != ObjectKind::Revision && step.place == Place::Own;
    for step in plan.steps.iter().filter(is_shown) {
        match &step.action {
            Action::Unchanged | Action::Delete { .. } => {}
            Action::Update { .. } if step.then == Then::UntilPaused => {}
            Action::Create { manifest } => manifests.push(manifest.clone()),
            Action::Update { patch, .. } => manifests.push(manifest_of(&step.object, patch)),
        }
    }
    manifests
}

fn manifest_of(object: &ObjectRef, patch: &Value) -> Value {
    let mut metadata = json!({"name": object.name});
    if let Some(namespace) = &object.namespace {
        metadata["namespace"] = json!(namespace);
    }
    let mut manifest = json!({
        "apiVersion": resource(object.kind).api_version(),
        "kind": object.kind.to_string(),
        "metadata": metadata,
    });
    let annotations = patch["metadata"]["annotations"].as_object().into_iter().flatten();
    for (key, value) in annotations.filter(|(_, value)| !value.is_null()) {
        manifest["metadata"]["annotations"][key] = value.clone();
    }
    for (key, value) in patch.as_object().into_iter().flatten().filter(|(key, _)| *key != "metadata") {
        manifest[key] = without_nulls(value);
    }
    manifest
}

/// In a patch, `null` takes a field away; a manifest just does not have it.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        other => other.clone(),
    }
}
