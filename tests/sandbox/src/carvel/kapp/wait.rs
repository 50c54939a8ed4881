//! Waiting for what was applied, with kapp's rules and kapp's words.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::apply::{Change, Operation};
use super::record;
use crate::objects;
use crate::site::Site;

/// Where an object is on its way.
enum State {
    Done,
    Waiting(String),
    Failed(String),
}

/// Waits until all objects are as they should be. `say` gets a line whenever something is reached.
pub(super) async fn reconciled(
    site: &Site,
    changes: &[Change],
    mut say: impl FnMut(&str),
) -> Result<(), String> {
    let patience = site.timing.progress_deadline * 5;
    let end = Instant::now() + patience;
    let mut versions = site.store.versions();
    let mut open: Vec<&Change> =
        changes.iter().filter(|change| change.operation != Operation::Delete).collect();
    loop {
        versions.borrow_and_update();
        let mut waiting = None;
        let mut failed = None;
        open.retain(|change| match state(&site.store.get(&change.key).unwrap_or_default()) {
            State::Done => {
                say(&format!("ok: reconcile {}", change.title()));
                false
            }
            State::Waiting(why) => {
                waiting = Some(format!("{}: {why}", change.title()));
                true
            }
            State::Failed(why) => {
                failed =
                    Some(format!("waiting on reconcile {}: Finished unsuccessfully ({why})", change.title()));
                true
            }
        });
        if let Some(failed) = failed {
            return Err(failed);
        }
        let Some(waiting) = waiting else { return Ok(()) };
        if timeout_at(end, versions.changed()).await.is_err() {
            return Err(format!(
                "Timed out waiting after {}s for resources: [{waiting}]",
                patience.as_secs()
            ));
        }
    }
}

/// Waits until nothing with this label is left.
pub(super) async fn gone(site: &Site, label: &str) {
    let mut versions = site.store.versions();
    loop {
        versions.borrow_and_update();
        if record::deployed(&site.store, label).is_empty() {
            return;
        }
        // What is stuck on a finalizer of somebody else stays; a later pass deletes it again.
        let patience = site.timing.grace * 2 + Duration::from_secs(1);
        if tokio::time::timeout(patience, versions.changed()).await.is_err() {
            return;
        }
    }
}

fn state(object: &Value) -> State {
    let behind = object["status"]["observedGeneration"] != object["metadata"]["generation"];
    match object["kind"].as_str() {
        Some("Deployment" | "DaemonSet") if behind => State::Waiting(format!(
            "Waiting for generation {} to be observed",
            object["metadata"]["generation"]
        )),
        Some("Deployment") => deployment(object),
        Some("DaemonSet") => daemon_set(object),
        _ => State::Done,
    }
}

fn deployment(object: &Value) -> State {
    if let Some(progressing) = objects::condition(object, "Progressing").filter(|c| c["status"] == "False") {
        return State::Failed(format!(
            "Deployment is not progressing: {} (message: {})",
            progressing["reason"].as_str().unwrap_or_default(),
            progressing["message"].as_str().unwrap_or_default()
        ));
    }
    let count = |field: &str| object["status"][field].as_u64().unwrap_or(0);
    let wanted = object["spec"]["replicas"].as_u64().unwrap_or(1);
    if count("updatedReplicas") < wanted {
        return State::Waiting(format!(
            "Waiting for {} replicas to be updated",
            wanted - count("updatedReplicas")
        ));
    }
    match count("unavailableReplicas") {
        0 => State::Done,
        more => State::Waiting(format!("Waiting for {more} unavailable replicas")),
    }
}

fn daemon_set(object: &Value) -> State {
    match object["status"]["numberUnavailable"].as_u64().unwrap_or(0) {
        0 => State::Done,
        more => State::Waiting(format!("Waiting for {more} unavailable pods")),
    }
}
