//! Kubeconfig files: which clusters there are, as whom to talk to them, and which of it is the default.

use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A kubeconfig that grows by clusters, users and contexts.
#[derive(Clone, Debug, Default)]
pub struct Kubeconfig {
    clusters: Vec<Value>,
    users: Vec<Value>,
    contexts: Vec<Value>,
    current: Option<String>,
}

impl Kubeconfig {
    /// A kubeconfig with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a cluster; its authority is written inline.
    #[must_use]
    pub fn cluster(mut self, name: &str, server: &str, ca_pem: &str) -> Self {
        let authority = STANDARD.encode(ca_pem);
        self.clusters.push(
            json!({"name": name, "cluster": {"server": server, "certificate-authority-data": authority}}),
        );
        self
    }

    /// Adds a user with a bearer token.
    #[must_use]
    pub fn user(mut self, name: &str, token: &str) -> Self {
        self.users.push(json!({"name": name, "user": {"token": token}}));
        self
    }

    /// Adds a context. The first one becomes the current one, unless `current` says otherwise.
    #[must_use]
    pub fn context(mut self, name: &str, cluster: &str, user: &str, namespace: Option<&str>) -> Self {
        let mut context = json!({"cluster": cluster, "user": user});
        if let Some(namespace) = namespace {
            context["namespace"] = json!(namespace);
        }
        self.contexts.push(json!({"name": name, "context": context}));
        self.current.get_or_insert_with(|| name.to_owned());
        self
    }

    /// Adds a cluster, a user and a context at once, all of the same name.
    #[must_use]
    pub fn entry(self, name: &str, server: &str, ca_pem: &str, token: &str) -> Self {
        self.cluster(name, server, ca_pem).user(name, token).context(name, name, name, None)
    }

    /// Says which context is the current one; it need not exist.
    #[must_use]
    pub fn current(mut self, name: &str) -> Self {
        self.current = Some(name.to_owned());
        self
    }

    /// The file's text.
    pub fn to_yaml(&self) -> io::Result<String> {
        serde_yaml::to_string(&json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": self.clusters,
            "users": self.users,
            "contexts": self.contexts,
            "current-context": self.current.clone().unwrap_or_default(),
        }))
        .map_err(io::Error::other)
    }

    /// Writes the file.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        std::fs::write(path, self.to_yaml()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_context_is_current() {
        let config = Kubeconfig::new()
            .entry("a", "https://127.0.0.1:1", "pem", "t")
            .entry("b", "https://127.0.0.1:2", "pem", "t")
            .to_yaml()
            .unwrap();
        let read: Value = serde_yaml::from_str(&config).unwrap();
        assert_eq!(read["current-context"], "a");
        assert_eq!(read["contexts"].as_array().unwrap().len(), 2);
        assert_eq!(read["clusters"][1]["cluster"]["certificate-authority-data"], STANDARD.encode("pem"));
    }
}
