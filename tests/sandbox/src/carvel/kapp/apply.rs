//! What has to change, and the writing of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::Deployment;
use super::record::{self, LABEL};
use crate::access::{Attributes, Subject, User};
use crate::api::Availability;
use crate::objects;
use crate::store::Key;

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Create,
    Update,
    Delete,
    Noop,
}

/// One object and what happens to it.
pub(super) struct Change {
    pub(super) operation: Operation,
    pub(super) key: Key,
    /// The object as it is to be; the old one when it is deleted.
    pub(super) object: Value,
}

impl Change {
    /// The object as kapp names it: `deployment/prometheus-server (apps/v1) namespace: x`.
    pub(super) fn title(&self) -> String {
        title(&self.object)
    }
}

/// What has to change, in the order in which it is done.
pub(super) fn plan(
    deployment: &Deployment<'_>,
    wanted: &[Value],
    label: &str,
) -> Result<Vec<Change>, String> {
    let store = &deployment.carvel.site.store;
    let mut changes = Vec::new();
    let mut foreign = Vec::new();
    for object in wanted {
        let key = served(deployment, object)?;
        let wanted = labelled(object, label);
        let Some(current) = store.get(&key) else {
            changes.push(Change { operation: Operation::Create, key, object: wanted });
            continue;
        };
        if let Some(other) = current["metadata"]["labels"][LABEL].as_str().filter(|other| *other != label) {
            foreign.push(format!(
                "- Resource '{}' is already associated with a different app (label '{LABEL}={other}')",
                title(object)
            ));
        }
        let object = rebased(&current, wanted);
        let operation = if same(&current, &object) { Operation::Noop } else { Operation::Update };
        changes.push(Change { operation, key, object });
    }
    if !foreign.is_empty() {
        return Err(format!("Ownership errors:\n{}", foreign.join("\n")));
    }
    for object in record::deployed(store, label) {
        if let Some(key) = objects::key(&object).filter(|key| changes.iter().all(|change| change.key != *key))
        {
            changes.push(Change { operation: Operation::Delete, key, object });
        }
    }
    Ok(changes)
}

fn served(deployment: &Deployment<'_>, object: &Value) -> Result<Key, String> {
    let key =
        objects::key(object).filter(|key| deployment.carvel.groups.get(&key.group) == Availability::Served);
    key.ok_or_else(|| {
        format!(
            "Expected to find kind '{}/{}', but did not:\n\
             - Kubernetes API server did not have matching apiVersion + kind\n\
             - No matching CRD was found in given configuration",
            object["apiVersion"].as_str().unwrap_or_default(),
            object["kind"].as_str().unwrap_or_default()
        )
    })
}

/// Writes one change with the rights of the App's account.
pub(super) fn carry_out(deployment: &Deployment<'_>, change: &Change) -> Result<(), String> {
    let (verb, word) = match change.operation {
        Operation::Noop => return Ok(()),
        Operation::Create => ("create", "Creating"),
        Operation::Update => ("update", "Updating"),
        Operation::Delete => ("delete", "Deleting"),
    };
    let store = &deployment.carvel.site.store;
    let failed = |reason: String| {
        format!("Applying {verb} {0}: {word} resource {0}: API server says: {reason}", change.title())
    };
    permitted(deployment, verb, change).map_err(failed)?;
    if change.operation == Operation::Update
        && let Some(reason) = immutable(&store.get(&change.key).unwrap_or_default(), &change.object)
    {
        return Err(failed(reason));
    }
    let written = match change.operation {
        Operation::Create => store.create(&change.key, change.object.clone()),
        Operation::Delete => {
            store.delete(&change.key).ok();
            return Ok(());
        }
        _ => store.modify(&change.key, None, |object| replace(object, &change.object)),
    };
    written.map(drop).map_err(|error| failed(error.to_string()))
}

fn permitted(deployment: &Deployment<'_>, verb: &str, change: &Change) -> Result<(), String> {
    let user = User::service_account(deployment.namespace, deployment.account);
    let key = &change.key;
    let subject = Subject::Resource {
        group: &key.group,
        resource: &key.resource,
        subresource: None,
        namespace: key.namespace.as_deref(),
        name: Some(&key.name),
    };
    let attributes = Attributes { verb, subject };
    if deployment.carvel.access.allowed(&user, &attributes) {
        return Ok(());
    }
    let place = match &key.namespace {
        Some(namespace) => format!("in the namespace \"{namespace}\""),
        None => "at the cluster scope".to_owned(),
    };
    Err(format!(
        "{} is forbidden: User \"{}\" cannot {verb} resource \"{}\" in API group \"{}\" {place} (reason: Forbidden)",
        key.resource, user.name, key.resource, key.group
    ))
}

/// Why the API server would refuse the change of a claim.
fn immutable(current: &Value, wanted: &Value) -> Option<String> {
    if current["kind"] != "PersistentVolumeClaim" || current["spec"] == wanted["spec"] {
        return None;
    }
    let name = objects::name(current);
    let size = |object: &Value| {
        bytes(object["spec"]["resources"]["requests"]["storage"].as_str().unwrap_or_default())
    };
    let without_size = |object: &Value| {
        let mut spec = object["spec"].clone();
        spec["resources"] = Value::Null;
        spec
    };
    if without_size(current) != without_size(wanted) {
        return Some(format!(
            "PersistentVolumeClaim \"{name}\" is invalid: spec: Forbidden: spec is immutable after creation except \
             resources.requests and volumeAttributesClassName for bound claims (reason: Invalid)"
        ));
    }
    (size(wanted) < size(current)).then(|| {
        format!(
            "PersistentVolumeClaim \"{name}\" is invalid: spec.resources.requests.storage: Forbidden: field can not \
             be less than status.capacity (reason: Invalid)"
        )
    })
}

/// A quantity of bytes; zero when it is none.
fn bytes(quantity: &str) -> f64 {
    let digits = quantity.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let factor = match &quantity[digits.len()..] {
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        _ => 1.0,
    };
    digits.parse::<f64>().unwrap_or_default() * factor
}

fn labelled(object: &Value, label: &str) -> Value {
    let mut object = object.clone();
    object["metadata"]["labels"][LABEL] = json!(label);
    if object["spec"]["template"]["metadata"].is_object() {
        object["spec"]["template"]["metadata"]["labels"][LABEL] = json!(label);
    }
    stored(&mut object);
    object
}

/// What the API server makes of a Secret's plain texts: kapp writes past it here.
fn stored(object: &mut Value) {
    let plain = object.as_object_mut().and_then(|fields| fields.shift_remove("stringData"));
    for (key, text) in plain.iter().filter_map(Value::as_object).flatten() {
        object["data"][key] = json!(STANDARD.encode(text.as_str().unwrap_or_default()));
    }
}

/// Takes over what the cluster filled in.
fn rebased(current: &Value, mut wanted: Value) -> Value {
    let kept: &[&str] = match wanted["kind"].as_str() {
        Some("Service") => &[
            "clusterIP",
            "clusterIPs",
            "ipFamilies",
            "ipFamilyPolicy",
            "sessionAffinity",
            "internalTrafficPolicy",
        ],
        Some("PersistentVolumeClaim") => &["volumeName", "volumeMode", "storageClassName"],
        Some("Namespace") => &["finalizers"],
        _ => &[],
    };
    for field in kept {
        if wanted["spec"][field].is_null() && !current["spec"][field].is_null() {
            wanted["spec"][field] = current["spec"][field].clone();
        }
    }
    wanted
}

/// Whether nothing of what kapp sets would change. What others added to metadata and defaults stay unnoticed.
fn same(current: &Value, wanted: &Value) -> bool {
    let mut after = current.clone();
    replace(&mut after, wanted);
    after == *current
}

/// Makes the object what is wanted, and leaves to the cluster what is the cluster's.
fn replace(object: &mut Value, wanted: &Value) {
    let own: Map<String, Value> = wanted
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(field, _)| !["metadata", "status", "apiVersion", "kind"].contains(&field.as_str()))
        .map(|(field, value)| (field.clone(), value.clone()))
        .collect();
    for (field, value) in own {
        object[&field] = value;
    }
    object["metadata"]["labels"] = wanted["metadata"]["labels"].clone();
    for (annotation, value) in wanted["metadata"]["annotations"].as_object().into_iter().flatten() {
        object["metadata"]["annotations"][annotation] = value.clone();
    }
}

fn title(object: &Value) -> String {
    let place = match object["metadata"]["namespace"].as_str() {
        Some(namespace) => format!("namespace: {namespace}"),
        None => "cluster".to_owned(),
    };
    format!(
        "{}/{} ({}) {place}",
        object["kind"].as_str().unwrap_or_default().to_lowercase(),
        objects::name(object),
        object["apiVersion"].as_str().unwrap_or_default()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(storage: &str, class: &str) -> Value {
        json!({
            "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data"},
            "spec": {"storageClassName": class, "resources": {"requests": {"storage": storage}}},
        })
    }

    #[test]
    fn a_claim_only_grows() {
        assert_eq!(immutable(&claim("1Gi", "a"), &claim("2Gi", "a")), None);
        assert!(immutable(&claim("150Gi", "a"), &claim("1Gi", "a")).unwrap().contains("can not be less"));
        assert!(immutable(&claim("1Gi", "a"), &claim("1Gi", "b")).unwrap().contains("immutable"));
    }

    #[test]
    fn hand_edits_are_seen() {
        let wanted = json!({"metadata": {"labels": {"a": "b"}}, "spec": {"replicas": 1}});
        let mut current = wanted.clone();
        current["status"] = json!({"x": 1});
        assert!(same(&current, &wanted));
        current["spec"]["replicas"] = json!(3);
        assert!(!same(&current, &wanted));
    }
}
