//! `ReplicaSets`: as many pods as they say.

use serde_json::json;

use super::pods;
use crate::objects;
use crate::site::Site;

/// Creates and deletes pods, and counts them.
pub(super) fn pass(site: &Site) {
    for set in site.store.list("apps", "replicasets", None).0 {
        if objects::is_leaving(&set) {
            continue;
        }
        let wanted = usize::try_from(set["spec"]["replicas"].as_u64().unwrap_or(1)).unwrap_or(usize::MAX);
        let mut own = pods::of(site, &set);
        own.retain(|pod| !objects::is_leaving(pod));
        // Those that do not work go first.
        own.sort_by_key(|pod| !pods::is_ready(pod));
        for _ in own.len()..wanted {
            pods::create(site, &set, &[]);
        }
        for pod in own.iter().skip(wanted) {
            pods::delete(site, pod);
        }
        let ready = own.iter().filter(|pod| pods::is_ready(pod)).count();
        let Some(key) = objects::key(&set) else { continue };
        let status = json!({
            "observedGeneration": set["metadata"]["generation"],
            "replicas": own.len(),
            "fullyLabeledReplicas": own.len(),
            "readyReplicas": ready,
            "availableReplicas": ready,
        });
        site.store.modify(&key, None, |set| set["status"] = status).ok();
    }
}
