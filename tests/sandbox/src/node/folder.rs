//! The files of a pod: what is mounted, below a folder of its own.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::objects;
use crate::store::{Key, Store};

const ACCOUNT: &str = "var/run/secrets/kubernetes.io/serviceaccount";

/// What a pod mounts, and where.
pub(super) struct Mount {
    pub(super) path: String,
    pub(super) source: Source,
}

/// What is mounted, by its name.
pub(super) enum Source {
    ConfigMap(String),
    Secret(String),
    Claim(String),
    Empty(String),
}

impl Source {
    fn of(volume: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        if let Some(name) = text(&volume["configMap"]["name"]) {
            return Some(Self::ConfigMap(name));
        }
        if let Some(name) = text(&volume["secret"]["secretName"]) {
            return Some(Self::Secret(name));
        }
        if let Some(name) = text(&volume["persistentVolumeClaim"]["claimName"]) {
            return Some(Self::Claim(name));
        }
        volume["emptyDir"].is_object().then(|| text(&volume["name"])).flatten().map(Self::Empty)
    }
}

impl Mount {
    /// The object whose data become files.
    pub(super) fn files(&self, namespace: &str) -> Option<Key> {
        match &self.source {
            Source::ConfigMap(name) => Some(Key::namespaced("", "configmaps", namespace, name)),
            Source::Secret(name) => Some(Key::namespaced("", "secrets", namespace, name)),
            Source::Claim(_) | Source::Empty(_) => None,
        }
    }
}

/// All mounts of a pod's containers, each path once. The account's place is always the account's: a container that
/// mounts something else there only wants not to see it.
pub(super) fn mounts(pod: &Value) -> Vec<Mount> {
    let mut seen = BTreeSet::new();
    let containers = objects::items(&pod["spec"]["containers"]);
    let all = containers.flat_map(|container| objects::items(&container["volumeMounts"]));
    all.filter_map(|mount| {
        let path = mount["mountPath"].as_str()?.to_owned();
        if path.trim_start_matches('/') == ACCOUNT {
            return None;
        }
        let volume =
            objects::items(&pod["spec"]["volumes"]).find(|volume| volume["name"] == mount["name"])?;
        let source = Source::of(volume)?;
        seen.insert(path.clone()).then_some(Mount { path, source })
    })
    .collect()
}

/// Why a pod cannot start yet; `None` when all that it mounts is there.
pub(super) fn missing(store: &Store, namespace: &str, mounts: &[Mount]) -> Option<String> {
    mounts.iter().find_map(|mount| match &mount.source {
        Source::ConfigMap(name) => {
            let found = store.get(&Key::namespaced("", "configmaps", namespace, name));
            found.is_none().then(|| format!("configmap \"{name}\" not found"))
        }
        Source::Secret(name) => {
            let found = store.get(&Key::namespaced("", "secrets", namespace, name));
            found.is_none().then(|| format!("secret \"{name}\" not found"))
        }
        Source::Claim(name) => {
            let found = store.get(&Key::namespaced("", "persistentvolumeclaims", namespace, name));
            let bound = found.is_some_and(|claim| claim["status"]["phase"] == "Bound");
            (!bound).then(|| format!("persistentvolumeclaim \"{name}\" is not bound"))
        }
        Source::Empty(_) => None,
    })
}

/// The folder of a pod.
pub(super) struct Folder<'f> {
    pub(super) path: &'f Path,
}

impl Folder<'_> {
    /// Makes the folders that are there before anything is mounted.
    pub(super) fn prepare(&self) -> io::Result<()> {
        for name in ["prometheus", "etc/prometheus/consoles", "etc/prometheus/console_libraries", ACCOUNT] {
            std::fs::create_dir_all(self.path.join(name))?;
        }
        Ok(())
    }

    /// Where an absolute path of the pod is on the host.
    pub(super) fn place(&self, path: &str) -> PathBuf {
        self.path.join(path.trim_start_matches('/'))
    }

    /// Writes the account's files.
    pub(super) fn account(&self, token: &str, ca_pem: &str, namespace: &str) -> io::Result<()> {
        let folder = self.path.join(ACCOUNT);
        std::fs::write(folder.join("token"), token)?;
        std::fs::write(folder.join("ca.crt"), ca_pem)?;
        std::fs::write(folder.join("namespace"), namespace)
    }

    /// Mounts a volume, which is a folder elsewhere that outlives the pod.
    pub(super) fn volume(&self, path: &str, volume: &Path) -> io::Result<()> {
        std::fs::create_dir_all(volume)?;
        let place = self.place(path);
        if let Some(parent) = place.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::os::unix::fs::symlink(volume, place)
    }

    /// Writes the keys of a ConfigMap or a Secret as files, and removes the files of keys that are gone. `translate`
    /// sees the path of a file in the pod, and its text.
    pub(super) fn files(
        &self,
        path: &str,
        object: &Value,
        translate: impl Fn(&str, &str) -> String,
    ) -> io::Result<()> {
        let place = self.place(path);
        std::fs::create_dir_all(&place)?;
        let data = object["data"].as_object();
        for entry in std::fs::read_dir(&place)?.flatten() {
            let gone = !data
                .is_some_and(|data| entry.file_name().to_str().is_some_and(|name| data.contains_key(name)));
            if gone && entry.path().is_file() {
                std::fs::remove_file(entry.path())?;
            }
        }
        let encoded = object["kind"] == "Secret";
        for (name, text) in data.into_iter().flatten() {
            let text = text.as_str().unwrap_or_default();
            if encoded {
                std::fs::write(place.join(name), STANDARD.decode(text).map_err(io::Error::other)?)?;
                continue;
            }
            let text = translate(&format!("{}/{name}", path.trim_end_matches('/')), text);
            std::fs::write(place.join(name), text)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn files_follow_the_files() {
        let folder = tempfile::tempdir().unwrap();
        let pod = Folder { path: folder.path() };
        let upper = |path: &str, text: &str| format!("{path}: {}", text.to_uppercase());
        pod.files("/etc/config", &json!({"data": {"a": "x", "b": "y"}}), upper).unwrap();
        pod.files("/etc/config", &json!({"data": {"b": "z"}}), upper).unwrap();
        assert!(!pod.place("/etc/config/a").exists());
        assert_eq!(std::fs::read_to_string(pod.place("/etc/config/b")).unwrap(), "/etc/config/b: Z");
    }

    #[test]
    fn a_volume_outlives_the_pod() {
        let folder = tempfile::tempdir().unwrap();
        let (pod, volume) = (folder.path().join("pod"), folder.path().join("volume"));
        Folder { path: &pod }.volume("/data", &volume).unwrap();
        std::fs::write(pod.join("data/file"), "kept").unwrap();
        std::fs::remove_dir_all(&pod).unwrap();
        assert!(volume.join("file").exists());
    }
}
