//! Labels, annotations, types and owner references by which tools know what is theirs.
//!
//! Sources:
//! - Flux: <https://fluxcd.io/flux/components/kustomize/kustomizations/> (labels of what is applied) and
//!   <https://github.com/fluxcd/helm-controller/pull/238>.
//! - Argo CD: <https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/>. Its default label of old,
//!   `app.kubernetes.io/instance`, is everybody's, so it tells nothing.
//! - Helm: label and annotations that it asks of objects to adopt, `pkg/action/validate.go` of helm/helm.
//! - kapp: `pkg/kapp/resources/association_label.go` of carvel-dev/kapp, and <https://carvel.dev/kapp/docs/latest/apps/>.
//! - Tanzu add-ons: `addons/pkg/types/addons.go` and `addons/pkg/constants` of vmware-tanzu/tanzu-framework.
//! - Tanzu Mission Control has no public list; `tmc.cloud.vmware.com/managed` and
//!   `tmc.cloud.vmware.com/managed-tanzu-package-repository` are what clusters show.

use std::collections::BTreeMap;

use super::{Owned, Owner, Tool};

const TMC: &str = "tmc.cloud.vmware.com/";
const CLUSTER_BOOTSTRAP: &str = "ClusterBootstrap";

/// Labels and annotations of the add-ons. `tkg.tanzu.vmware.com/tanzu-package…` is none: kctrl's and promfed's own
/// installs have it.
const ADDONS: [&str; 5] = [
    "tkg.tanzu.vmware.com/addon-name",
    "tkg.tanzu.vmware.com/addon-type",
    "tkg.tanzu.vmware.com/package-name",
    "tkg.tanzu.vmware.com/cluster-name",
    "run.tanzu.vmware.com/",
];

const ADDON_SECRETS: [&str; 2] = ["tkg.tanzu.vmware.com/addon", "clusterbootstrap-secret"];

/// One owner or none of each tool, in an order that does not matter.
pub(super) fn find(object: &Owned<'_>) -> impl Iterator<Item = Owner> {
    [flux(object), argo(object), helm(object), tmc(object), addons(object), kapp(object), controller(object)]
        .into_iter()
        .flatten()
}

type Marks = BTreeMap<String, String>;

fn label(key: &str, value: &str) -> String {
    format!("label {key}={value}")
}

fn annotation(key: &str, value: &str) -> String {
    format!("annotation {key}={value}")
}

fn flux(object: &Owned<'_>) -> Option<Owner> {
    let labels = &object.ownership.metadata.labels;
    let kinds = [("kustomize.toolkit.fluxcd.io", "Kustomization"), ("helm.toolkit.fluxcd.io", "HelmRelease")];
    kinds.into_iter().find_map(|(group, kind)| {
        let key = format!("{group}/name");
        let name = labels.get(&key)?;
        let place = labels.get(&format!("{group}/namespace"));
        let title = place.map_or_else(|| format!("{kind} {name}"), |place| format!("{kind} {place}/{name}"));
        Some(object.owner(Tool::Flux, label(&key, name), Some(title)))
    })
}

fn argo(object: &Owned<'_>) -> Option<Owner> {
    let meta = &object.ownership.metadata;
    let tracking = "argocd.argoproj.io/tracking-id";
    let instance = "argocd.argoproj.io/instance";
    let (application, evidence) = match (meta.annotations.get(tracking), meta.labels.get(instance)) {
        // `[INSTALLATION:]APPLICATION:GROUP/KIND:NAMESPACE/NAME`. A copy of somebody else's object names that one.
        (Some(id), _) if is_of(id, object) => {
            (id.rsplit(':').nth(2).unwrap_or(id).to_owned(), annotation(tracking, id))
        }
        (_, Some(name)) => (name.clone(), label(instance, name)),
        _ => return None,
    };
    Some(object.owner(Tool::ArgoCd, evidence, Some(format!("Application {application}"))))
}

/// Whether a tracking id is about this object, as far as it says.
fn is_of(id: &str, object: &Owned<'_>) -> bool {
    let mut parts = id.rsplit(':');
    let (Some(place), Some(kind)) = (parts.next(), parts.next()) else {
        return true;
    };
    place.rsplit('/').next() == Some(object.name) && kind.rsplit('/').next() == Some(object.kind)
}

fn helm(object: &Owned<'_>) -> Option<Owner> {
    let meta = &object.ownership.metadata;
    let key = "meta.helm.sh/release-name";
    // Charts that something else renders have the label, too: only Helm itself writes the annotation.
    let is_managed = meta.labels.get("app.kubernetes.io/managed-by").is_some_and(|by| by == "Helm");
    let release = meta.annotations.get(key).filter(|_| is_managed)?;
    let place = meta.annotations.get("meta.helm.sh/release-namespace").map_or("", String::as_str);
    let slash = if place.is_empty() { "" } else { "/" };
    let title = format!("release {place}{slash}{release}");
    Some(object.owner(Tool::Helm, annotation(key, release), Some(title)))
}

fn tmc(object: &Owned<'_>) -> Option<Owner> {
    let meta = &object.ownership.metadata;
    let find = |marks: &Marks| {
        let mark = marks.iter().find(|(key, value)| key.starts_with(TMC) && *value != "false");
        mark.map(|(key, value)| (key.clone(), value.clone()))
    };
    let evidence = find(&meta.labels)
        .map(|(key, value)| label(&key, &value))
        .or_else(|| find(&meta.annotations).map(|(key, value)| annotation(&key, &value)))?;
    Some(object.owner(Tool::Tmc, evidence, None))
}

fn addons(object: &Owned<'_>) -> Option<Owner> {
    let Owned { ownership, .. } = object;
    let meta = &ownership.metadata;
    if let Some(reference) = meta.owner_references.iter().find(|one| one.kind == CLUSTER_BOOTSTRAP) {
        let title = format!("{CLUSTER_BOOTSTRAP} {}", reference.name);
        return Some(object.owner(Tool::TanzuAddons, "owner reference".to_owned(), Some(title)));
    }
    let find = |marks: &Marks| {
        ADDONS.iter().find_map(|known| {
            let mark = marks
                .iter()
                .find(|(key, _)| *key == known || (known.ends_with('/') && key.starts_with(known)));
            mark.map(|(key, value)| (key.clone(), value.clone()))
        })
    };
    let evidence = find(&meta.labels)
        .map(|(key, value)| label(&key, &value))
        .or_else(|| find(&meta.annotations).map(|(key, value)| annotation(&key, &value)))
        .or_else(|| {
            let kind = ADDON_SECRETS.iter().find(|kind| **kind == ownership.secret_type)?;
            Some(format!("type {kind}"))
        })?;
    let title = meta.labels.get("tkg.tanzu.vmware.com/addon-name").map(|name| format!("add-on {name}"));
    Some(object.owner(Tool::TanzuAddons, evidence, title))
}

fn kapp(object: &Owned<'_>) -> Option<Owner> {
    let labels = &object.ownership.metadata.labels;
    let key = "kapp.k14s.io/app";
    let app = labels.get(key)?;
    let association = labels.get("kapp.k14s.io/association");
    let title = association
        .map_or_else(|| format!("app {app}"), |association| format!("app {app}, association {association}"));
    Some(object.owner(Tool::Kapp, label(key, app), Some(title)))
}

fn controller(object: &Owned<'_>) -> Option<Owner> {
    let references = &object.ownership.metadata.owner_references;
    let reference = references.iter().find(|one| one.controller && one.kind != CLUSTER_BOOTSTRAP)?;
    let title = format!("{} {}", reference.kind, reference.name);
    Some(object.owner(Tool::Controller, "owner reference".to_owned(), Some(title)))
}
