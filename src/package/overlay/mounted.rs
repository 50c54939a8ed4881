//! Files for the container of Prometheus, from a Secret that the package deploys beside it.
//!
//! A mounted file may change without anybody restarting: the kubelet puts the new one in its place, and Prometheus
//! reads authorities, certificates and passwords of remote write again when it connects. So what is queued stays.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::yaml;
use crate::yaml::write::to_yaml;

/// Where the files are in the container.
const FOLDER: &str = "/etc/promfed";

/// The overlay around the Secret. The names are those of the package's own Deployment and container.
const HEAD: &str = r#"#! Made by kubectl-promfed: what this cluster needs to write to its hub.
#@ load("@ytt:data", "data")
#@ load("@ytt:overlay", "overlay")
---
apiVersion: v1
kind: Secret
metadata:
  name: promfed-remote-write
  namespace: #@ data.values.namespace
type: Opaque
"#;
const TAIL: &str = r#"
#@overlay/match by=overlay.subset({"kind": "Deployment", "metadata": {"name": "prometheus-server"}})
---
spec:
  template:
    spec:
      containers:
      #@overlay/match by="name"
      - name: prometheus-server
        #@overlay/match missing_ok=True
        volumeMounts:
        #@overlay/match by="name", missing_ok=True
        - name: promfed-remote-write
          mountPath: /etc/promfed
          readOnly: true
      #@overlay/match missing_ok=True
      volumes:
      #@overlay/match by="name", missing_ok=True
      - name: promfed-remote-write
        secret:
          secretName: promfed-remote-write
"#;

/// One of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MountedFile {
    /// The authorities that the hub's certificate is verified by, in PEM.
    Authority,
    /// The certificate that the agent shows.
    Certificate,
    /// Its private key.
    Key,
    /// The password that the agent sends.
    Password,
    /// The token that the agent sends.
    Token,
}

impl MountedFile {
    const ALL: [Self; 5] = [Self::Authority, Self::Certificate, Self::Key, Self::Password, Self::Token];

    /// The key of the Secret.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authority => "ca.crt",
            Self::Certificate => "tls.crt",
            Self::Key => "tls.key",
            Self::Password => "password",
            Self::Token => "token",
        }
    }

    /// Where Prometheus reads it.
    pub fn path(self) -> String {
        format!("{FOLDER}/{}", self.name())
    }
}

/// The files that a Prometheus gets. What they hold is never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mounted(BTreeMap<MountedFile, String>);

impl fmt::Debug for Mounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Mounted {
    /// The files of an overlay's text; none where it is not promfed's.
    pub fn read(text: &str) -> Self {
        let documents = text.split("\n---\n").filter_map(|document| yaml::read(document).ok());
        let secret = documents.into_iter().find(|document| document["kind"] == "Secret").unwrap_or_default();
        let file = |file: MountedFile| Some((file, secret["stringData"][file.name()].as_str()?.to_owned()));
        Self(MountedFile::ALL.into_iter().filter_map(file).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, file: MountedFile) -> Option<&str> {
        self.0.get(&file).map(String::as_str)
    }

    /// The authorities that a `tls_config` trusts, in PEM: as it has them, or as they are mounted. `None` where it names
    /// none, or a file of somebody else.
    pub fn authorities<'a>(&'a self, tls: &'a Value) -> Option<&'a str> {
        let is_mounted = tls["ca_file"].as_str() == Some(&MountedFile::Authority.path());
        tls["ca"].as_str().or_else(|| self.get(MountedFile::Authority).filter(|_| is_mounted))
    }

    pub fn set(&mut self, file: MountedFile, content: impl Into<String>) {
        self.0.insert(file, content.into());
    }

    pub fn remove(&mut self, file: MountedFile) {
        self.0.remove(&file);
    }

    /// These files over others.
    #[must_use]
    pub fn over(&self, others: &Self) -> Self {
        let mut all = others.clone();
        all.0.extend(self.0.clone());
        all
    }

    /// The files that are there, and hold something else than these.
    pub fn differing<'m>(&'m self, others: &'m Self) -> impl Iterator<Item = MountedFile> {
        let differs =
            |file: &MountedFile| others.get(*file).is_some_and(|other| self.get(*file) != Some(other));
        self.0.keys().copied().filter(move |file| differs(file))
    }

    /// The names of the files.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.keys().map(|file| file.name())
    }

    /// The overlay that mounts them.
    pub fn overlay(&self) -> String {
        let data: Map<_, _> =
            self.0.iter().map(|(file, content)| (file.name().to_owned(), content.clone().into())).collect();
        let data = to_yaml(&Value::Object(Map::from_iter([("stringData".to_owned(), Value::Object(data))])));
        format!("{HEAD}{}{TAIL}", data.trim_end_matches('\n'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mounted() -> Mounted {
        let mut mounted = Mounted::default();
        mounted.set(MountedFile::Authority, "-----BEGIN CERTIFICATE-----\nA\n-----END CERTIFICATE-----\n");
        mounted.set(MountedFile::Password, "on\n--- #@ \"x\": ");
        mounted
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(Mounted::read(&mounted().overlay()), mounted());
        assert_eq!(Mounted::read("kind: Secret\n"), Mounted::default());
    }

    #[test]
    fn what_is_in_a_file_is_not_printed() {
        assert_eq!(format!("{:?}", mounted()), "{Authority, Password}");
    }

    /// The same text is held to the real ytt elsewhere.
    #[test]
    fn the_overlay_is_the_one_that_ytt_was_seen_to_take() {
        let mut mounted = Mounted::default();
        mounted.set(MountedFile::Authority, "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
        mounted.set(MountedFile::Token, "no: #@ template");
        assert_eq!(mounted.overlay(), include_str!("../../../tests/fixtures/overlay.yaml"));
    }
}
