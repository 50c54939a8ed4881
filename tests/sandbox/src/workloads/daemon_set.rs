//! `DaemonSets`: one pod, because there is one node.

use serde_json::json;

use super::{names, pods};
use crate::objects;
use crate::site::Site;

const HASH: &str = "controller-revision-hash";

/// Keeps one pod of the present template for each `DaemonSet`.
pub(super) fn pass(site: &Site) {
    for set in site.store.list("apps", "daemonsets", None).0 {
        if objects::is_leaving(&set) {
            continue;
        }
        let hash = names::template_hash(&set["spec"]["template"]);
        let all = pods::of(site, &set);
        for pod in all.iter().filter(|pod| pod["metadata"]["labels"][HASH] != hash.as_str()) {
            pods::delete(site, pod);
        }
        if all.is_empty() {
            pods::create(site, &set, &[(HASH, &hash), ("pod-template-generation", "1")]);
        }
        let current = all.iter().filter(|pod| pod["metadata"]["labels"][HASH] == hash.as_str());
        let updated = current.clone().count();
        let ready = current.filter(|pod| pods::is_ready(pod) && !objects::is_leaving(pod)).count();
        let mut status = json!({
            "observedGeneration": set["metadata"]["generation"],
            "currentNumberScheduled": all.len(),
            "desiredNumberScheduled": 1,
            "numberMisscheduled": 0,
            "numberReady": ready,
        });
        for (field, count) in [
            ("updatedNumberScheduled", updated),
            ("numberAvailable", ready),
            ("numberUnavailable", 1_usize.saturating_sub(ready)),
        ] {
            if count > 0 {
                status[field] = json!(count);
            }
        }
        if let Some(key) = objects::key(&set) {
            site.store.modify(&key, None, |set| set["status"] = status).ok();
        }
    }
}
