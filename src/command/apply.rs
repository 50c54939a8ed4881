//! Carries a plan out, step by step.

use serde_json::{Value, json};

use crate::cluster::{
    CLUSTER_ROLE, CLUSTER_ROLE_BINDING, Cluster, DryRun, Failure, Ownership, PACKAGE_INSTALL,
    PACKAGE_REPOSITORY, Resource, SECRET, SERVICE_ACCOUNT,
};
use crate::package::ObjectKind;
use crate::plan::{Action, Plan, Step};

/// The kind as the API server knows it.
pub(super) fn resource(kind: ObjectKind) -> &'static Resource {
    match kind {
        ObjectKind::ServiceAccount => &SERVICE_ACCOUNT,
        ObjectKind::ClusterRole => &CLUSTER_ROLE,
        ObjectKind::ClusterRoleBinding => &CLUSTER_ROLE_BINDING,
        ObjectKind::Secret => &SECRET,
        ObjectKind::PackageInstall => &PACKAGE_INSTALL,
        ObjectKind::PackageRepository => &PACKAGE_REPOSITORY,
    }
}

/// Writes every step in order. It stops at the first failure: every prefix of a plan does no harm, and the same
/// command finishes the rest.
pub(super) async fn apply(cluster: &Cluster, plan: &Plan, dry_run: DryRun) -> Result<(), Failure> {
    for step in &plan.steps {
        write(cluster, step, dry_run).await?;
    }
    Ok(())
}

async fn write(cluster: &Cluster, step: &Step, dry_run: DryRun) -> Result<(), Failure> {
    let kind = step.object.kind;
    let namespace = step.object.namespace.as_deref();
    let resource = resource(kind);
    match &step.action {
        Action::Unchanged => {}
        Action::Update { patch, .. } => {
            cluster.patch(resource, namespace, &step.object.name, patch, dry_run).await?;
        }
        // A Secret or an install of that name that appeared meanwhile is somebody's: it is not written over.
        Action::Create { manifest } if matches!(kind, ObjectKind::Secret | ObjectKind::PackageInstall) => {
            cluster.create(resource, namespace, manifest, dry_run).await?;
        }
        Action::Create { manifest } => {
            cluster.apply(resource, namespace, manifest, Ownership::Ours, dry_run).await?;
        }
    }
    Ok(())
}

/// The manifests of a plan as `kubectl apply` takes them: whole objects for what is new, and for what changes the
/// fields that do, without the resource version that was read.
pub(super) fn manifests(plan: &Plan) -> Vec<Value> {
    plan.steps
        .iter()
        .filter_map(|step| match &step.action {
            Action::Unchanged => None,
            Action::Create { manifest } => Some(manifest.clone()),
            Action::Update { patch, .. } => {
                let mut metadata = json!({"name": step.object.name});
                if let Some(namespace) = &step.object.namespace {
                    metadata["namespace"] = json!(namespace);
                }
                let mut manifest = json!({
                    "apiVersion": resource(step.object.kind).api_version(),
                    "kind": step.object.kind.to_string(),
                    "metadata": metadata,
                });
                if let Some(annotations) = patch["metadata"].get("annotations") {
                    manifest["metadata"]["annotations"] = annotations.clone();
                }
                for (key, value) in
                    patch.as_object().into_iter().flatten().filter(|(key, _)| *key != "metadata")
                {
                    manifest[key] = value.clone();
                }
                Some(manifest)
            }
        })
        .collect()
}
