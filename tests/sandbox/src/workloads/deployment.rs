//! Deployments: one `ReplicaSet` per pod template, and the way from the old one to the new one.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{earlier, names, pods};
use crate::objects;
use crate::site::Site;
use crate::store::{Key, now};

const HASH: &str = "pod-template-hash";
const REVISION: &str = "deployment.kubernetes.io/revision";

/// When each Deployment (by UID) last made progress, and how far it was.
#[derive(Default)]
pub(super) struct Progress(BTreeMap<String, (String, Instant)>);

/// Moves every Deployment on. Returns when the next one runs out of time.
pub(super) fn pass(site: &Site, progress: &mut Progress) -> Option<Instant> {
    let mut next = None;
    for deployment in site.store.list("apps", "deployments", None).0 {
        if !objects::is_leaving(&deployment) {
            next = earlier(next, reconcile(site, &deployment, progress));
        }
    }
    next
}

fn reconcile(site: &Site, deployment: &Value, progress: &mut Progress) -> Option<Instant> {
    let hash = names::template_hash(&deployment["spec"]["template"]);
    let mut sets = site.store.list("apps", "replicasets", Some(objects::namespace(deployment))).0;
    sets.retain(|set| objects::is_owned_by(set, objects::uid(deployment)));
    let is_new = |set: &&Value| set["metadata"]["labels"][HASH] == hash.as_str();
    let new = sets.iter().find(is_new);
    let old: Vec<&Value> = sets.iter().filter(|set| !is_new(set)).collect();
    if deployment["spec"]["paused"] != true {
        roll(site, deployment, new, &old, &hash);
    }
    let new = new.map(|set| objects::name(set).to_owned());
    report(site, deployment, new.as_deref(), &old, progress)
}

/// Takes the next step from the old `ReplicaSets` to the new one.
fn roll(site: &Site, deployment: &Value, new: Option<&Value>, old: &[&Value], hash: &str) {
    let replicas = deployment["spec"]["replicas"].as_u64().unwrap_or(1);
    let recreate = deployment["spec"]["strategy"]["type"] == "Recreate";
    if recreate {
        scale_all(site, old, 0);
        if old.iter().any(|set| !pods::of(site, set).is_empty()) {
            return;
        }
    }
    match new {
        Some(set) => {
            scale(site, set, replicas);
            let available = pods::of(site, set).iter().filter(|pod| pods::is_ready(pod)).count();
            if u64::try_from(available).unwrap_or_default() >= replicas {
                scale_all(site, old, 0);
            }
        }
        None => create(site, deployment, old, hash, replicas),
    }
}

fn scale_all(site: &Site, sets: &[&Value], replicas: u64) {
    for set in sets {
        scale(site, set, replicas);
    }
}

fn scale(site: &Site, set: &Value, replicas: u64) {
    if let Some(key) = objects::key(set) {
        site.store.modify(&key, None, |set| set["spec"]["replicas"] = json!(replicas)).ok();
    }
}

fn create(site: &Site, deployment: &Value, old: &[&Value], hash: &str, replicas: u64) {
    let namespace = objects::namespace(deployment);
    let name = format!("{}-{hash}", objects::name(deployment));
    let revision = |set: &&Value| {
        set["metadata"]["annotations"][REVISION]
            .as_str()
            .and_then(|text| text.parse::<u64>().ok())
            .unwrap_or(0)
    };
    let revision = (old.iter().map(revision).max().unwrap_or(0) + 1).to_string();
    let mut template = deployment["spec"]["template"].clone();
    template["metadata"]["labels"][HASH] = json!(hash);
    let mut selector = deployment["spec"]["selector"].clone();
    selector["matchLabels"][HASH] = json!(hash);
    let set = json!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": template["metadata"]["labels"],
            "annotations": {REVISION: revision},
            "ownerReferences": [objects::owner_reference(deployment)],
        },
        "spec": {"replicas": replicas, "selector": selector, "template": template},
        "status": {"replicas": 0},
    });
    site.store.create(&Key::namespaced("apps", "replicasets", namespace, &name), set).ok();
    if let Some(key) = objects::key(deployment) {
        site.store
            .modify(&key, None, |object| object["metadata"]["annotations"][REVISION] = json!(revision))
            .ok();
    }
}

/// Writes the status. Returns when the Deployment runs out of time.
fn report(
    site: &Site,
    deployment: &Value,
    new: Option<&str>,
    old: &[&Value],
    progress: &mut Progress,
) -> Option<Instant> {
    let key = objects::key(deployment)?;
    let namespace = objects::namespace(deployment);
    let of_new: Vec<Value> = new
        .and_then(|name| site.store.get(&Key::namespaced("apps", "replicasets", namespace, name)))
        .map(|set| pods::of(site, &set))
        .unwrap_or_default();
    let of_old: Vec<Value> = old.iter().flat_map(|set| pods::of(site, set)).collect();
    let live = |pods: &[Value]| pods.iter().filter(|pod| !objects::is_leaving(pod)).count();
    let ready =
        |pods: &[Value]| pods.iter().filter(|pod| pods::is_ready(pod) && !objects::is_leaving(pod)).count();
    let wanted = usize::try_from(deployment["spec"]["replicas"].as_u64().unwrap_or(1)).unwrap_or(usize::MAX);
    let (updated, total) = (live(&of_new), live(&of_new) + live(&of_old));
    let available = ready(&of_new) + ready(&of_old);
    let is_complete = updated == wanted && total == wanted && ready(&of_new) == wanted && new.is_some();

    let stage = format!("{new:?} {updated} {total} {available}");
    let entry = progress
        .0
        .entry(objects::uid(deployment).to_owned())
        .or_insert_with(|| (String::new(), Instant::now()));
    if entry.0 != stage {
        *entry = (stage, Instant::now());
    }
    let deadline = entry.1 + site.timing.progress_deadline;
    let before = objects::condition(deployment, "Progressing");
    // A rollout that was complete once does not fail later.
    let was_complete = before.is_some_and(|before| {
        before["reason"] == "NewReplicaSetAvailable"
            && new.is_some_and(|new| before["message"].as_str().is_some_and(|text| text.contains(new)))
    });
    let set = format!("ReplicaSet \"{}\"", new.unwrap_or_default());
    let progressing = if is_complete || was_complete {
        ("True", "NewReplicaSetAvailable", format!("{set} has successfully progressed."))
    } else if Instant::now() >= deadline {
        ("False", "ProgressDeadlineExceeded", format!("{set} has timed out progressing."))
    } else {
        ("True", "ReplicaSetUpdated", format!("{set} is progressing."))
    };
    let open = progressing.1 == "ReplicaSetUpdated";
    let minimum = if available >= wanted {
        ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.".to_owned())
    } else {
        ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.".to_owned())
    };
    let mut status = json!({
        "observedGeneration": deployment["metadata"]["generation"],
        "conditions": [
            condition(deployment, "Available", minimum),
            condition(deployment, "Progressing", progressing),
        ],
    });
    let unavailable = wanted.max(total).saturating_sub(available);
    for (field, count) in [
        ("replicas", total),
        ("updatedReplicas", updated),
        ("readyReplicas", available),
        ("availableReplicas", available),
        ("unavailableReplicas", unavailable),
    ] {
        if count > 0 {
            status[field] = json!(count);
        }
    }
    site.store.modify(&key, None, |object| object["status"] = status).ok();
    open.then_some(deadline)
}

/// The condition, with the time at which it became what it is.
fn condition(deployment: &Value, kind: &str, (status, reason, message): (&str, &str, String)) -> Value {
    let before = objects::condition(deployment, kind);
    let time = match before.filter(|before| before["status"] == status) {
        Some(before) => before["lastTransitionTime"].clone(),
        None => json!(now()),
    };
    let updated = match before.filter(|before| before["reason"] == reason && before["message"] == message) {
        Some(before) => before["lastUpdateTime"].clone(),
        None => json!(now()),
    };
    json!({
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": time,
        "lastUpdateTime": updated,
    })
}
