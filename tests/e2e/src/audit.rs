//! Who wrote what: the audit log of an API server.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The user that a person is.
pub(crate) const ADMIN: &str = "kubernetes-admin";

/// An audit log.
#[derive(Clone, Debug)]
pub(crate) struct Audit {
    pub(crate) log: PathBuf,
}

impl Audit {
    /// The policy: requests that write, each once, when it is answered.
    pub(crate) fn policy() -> Value {
        json!({
            "apiVersion": "audit.k8s.io/v1",
            "kind": "Policy",
            "omitStages": ["RequestReceived"],
            "rules": [
                {"level": "None", "resources": [{"group": "authorization.k8s.io"}, {"group": "authentication.k8s.io"}]},
                {"level": "Metadata", "users": [ADMIN], "verbs": ["create", "update", "patch", "delete", "deletecollection"]},
                {"level": "None"},
            ],
        })
    }

    /// The audit log in a folder.
    pub(crate) fn in_folder(folder: &Path) -> Self {
        Self { log: folder.join("audit.log") }
    }

    /// How often the person has written something.
    pub(crate) fn writes(&self) -> u64 {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let entries = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let writes = entries.filter(|entry| {
            let proxied = entry["objectRef"]["subresource"] == "proxy";
            let tried = entry["requestURI"].as_str().is_some_and(|uri| uri.contains("dryRun="));
            !proxied && !tried
        });
        writes.count() as u64
    }
}
