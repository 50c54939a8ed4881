//! Field managers that own what promfed would write.
//!
//! Names: `argocd-controller` is `ArgoCDSSAManager` in `common/common.go` of argoproj/argo-cd, `kapp-server-side-apply`
//! is the default of kapp's `--ssa-field-manager`; Flux's controllers and Helm apply under their own names, as the
//! `managedFields` of clusters that have them show.

use serde_json::Value;

use super::{FieldManager, Owned, Owner, Tool};

/// How an entry in the list of managers comes to be.
const APPLY: &str = "Apply";

/// Names that people's own tools write under, as they begin. What they wrote once they do not write again.
const PEOPLE: [&str; 18] = [
    "kubectl",
    "promfed",
    "kctrl",
    "tanzu",
    "before-first-apply",
    "kapp-controller",
    "Mozilla",
    "dashboard",
    "kubernetes-dashboard",
    "k9s",
    "lens",
    "openlens",
    "freelens",
    "node-fetch",
    "headlamp",
    "octant",
    "oc",
    "curl",
];

pub(super) fn find(object: &Owned<'_>) -> impl Iterator<Item = Owner> {
    let owned = object.ownership.metadata.managed_fields.iter().filter(|entry| owns(object.kind, entry));
    owned.filter_map(|entry| {
        let tool = tool(entry)?;
        Some(object.owner(tool, format!("field manager {}", entry.manager), None))
    })
}

/// A known tool is one however it writes. Of others only an apply says that somebody means to keep the fields so: an
/// update may have been made once, by a script or by a hand.
fn tool(entry: &FieldManager) -> Option<Tool> {
    match entry.manager.as_str() {
        "kustomize-controller" | "helm-controller" => Some(Tool::Flux),
        "argocd-controller" | "argocd-application-controller" => Some(Tool::ArgoCd),
        "helm" | "Helm" => Some(Tool::Helm),
        "kapp-server-side-apply" => Some(Tool::Kapp),
        name if entry.operation == APPLY && !name.is_empty() && !is_peoples(name) => {
            Some(Tool::Applier(name.to_owned()))
        }
        _ => None,
    }
}

/// `k9s`, `k9s-0.50` or `Mozilla`, and not `occupier` for the `oc` in it.
fn is_peoples(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    PEOPLE.iter().any(|known| {
        let rest = lower.strip_prefix(&known.to_ascii_lowercase());
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    })
}

/// Whether the entry has fields that promfed would write: a Secret's data, what an install installs and its values.
fn owns(kind: &str, entry: &FieldManager) -> bool {
    if !entry.subresource.is_empty() {
        return false;
    }
    let has = |path: &[&str]| {
        let field = path.iter().try_fold(&entry.fields, |value, key| value.get(*key));
        field.is_some_and(Value::is_object)
    };
    match kind {
        "Secret" => has(&["f:data"]) || has(&["f:stringData"]),
        "PackageInstall" => has(&["f:spec", "f:packageRef"]) || has(&["f:spec", "f:values"]),
        "PackageRepository" => has(&["f:spec"]),
        "ClusterRole" => has(&["f:rules"]),
        "ClusterRoleBinding" => has(&["f:subjects"]) || has(&["f:roleRef"]),
        _ => false,
    }
}
