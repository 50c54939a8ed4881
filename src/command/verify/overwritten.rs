//! Whether what was written is still there. An editor that somebody opened before and saves after writes over it,
//! and is not told: `kubectl edit` sends what it has, whatever came between.

use k8s_openapi::api::core::v1::Secret;

use super::Claim;
use crate::cluster::SECRET;
use crate::plan::{Action, Place};

impl Claim<'_> {
    /// Who wrote over it: the Secret, and the manager that wrote last.
    pub(in crate::command) async fn written_over(&self) -> Option<String> {
        for step in self.plan.steps.iter().filter(|step| step.place == Place::Own) {
            let Action::Update { texts, .. } = &step.action else { continue };
            if texts.is_empty() {
                continue;
            }
            let namespace = step.object.namespace.as_deref();
            // Whether it can be read tells nothing here: other questions find out.
            let secret: Option<Secret> =
                self.cluster.get(&SECRET, namespace, &step.object.name).await.ok().flatten();
            let Some(secret) = secret else { continue };
            let data = secret.data.unwrap_or_default();
            let is_kept =
                |key: &str, text: &str| data.get(key).is_some_and(|bytes| bytes.0 == text.as_bytes());
            if texts.iter().all(|text| is_kept(&text.title, &text.after)) {
                continue;
            }
            let fields = secret.metadata.managed_fields.unwrap_or_default();
            let last = fields.into_iter().max_by_key(|entry| entry.time.clone());
            let who = last.and_then(|entry| entry.manager).unwrap_or_else(|| "somebody else".to_owned());
            return Some(format!("{who} changed Secret {}", step.object.name));
        }
        None
    }
}
