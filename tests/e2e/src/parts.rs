//! Where the real parts are: what `get-parts.sh` and the sandbox's `get-prometheus.sh` have put somewhere.

use std::io;
use std::path::{Path, PathBuf};

/// The programs that the rig runs.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    root: PathBuf,
    /// The folder of etcd and kube-apiserver that `KUBEBUILDER_ASSETS` names.
    assets: Option<PathBuf>,
    prometheus: PathBuf,
}

impl Parts {
    /// Looks below `PROMFED_E2E_PARTS` (`target/e2e` of the workspace without it) and `PROMFED_PROMETHEUS`
    /// (`target/prometheus`).
    pub(crate) fn find() -> Self {
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let folder = |variable: &str, default: &str| {
            std::env::var_os(variable).map_or_else(|| workspace.join(default), PathBuf::from)
        };
        Self {
            root: folder("PROMFED_E2E_PARTS", "target/e2e"),
            assets: std::env::var_os("KUBEBUILDER_ASSETS").map(PathBuf::from),
            prometheus: folder("PROMFED_PROMETHEUS", "target/prometheus"),
        }
    }

    pub(crate) fn etcd(&self) -> PathBuf {
        self.asset("etcd").unwrap_or_else(|| self.root.join("etcd/server"))
    }

    pub(crate) fn api_server(&self) -> PathBuf {
        self.asset("kube-apiserver").unwrap_or_else(|| self.root.join("kubernetes/kube-apiserver"))
    }

    pub(crate) fn controller_manager(&self) -> PathBuf {
        self.root.join("kubernetes/kube-controller-manager")
    }

    pub(crate) fn contour(&self) -> PathBuf {
        self.root.join("contour/contour")
    }

    /// The definitions of Contour's kinds.
    pub(crate) fn contour_definitions(&self) -> io::Result<String> {
        std::fs::read_to_string(self.root.join("contour/definitions.yaml"))
    }

    pub(crate) fn envoy(&self) -> PathBuf {
        self.root.join("envoy/server")
    }

    /// The folder of ytt, kapp, vendir and kbld.
    pub(crate) fn carvel(&self) -> PathBuf {
        self.root.join("carvel")
    }

    /// The objects that kapp-controller's release consists of.
    pub(crate) fn kapp_controller_release(&self) -> io::Result<String> {
        std::fs::read_to_string(self.root.join("kapp-controller/release.yaml"))
    }

    /// The program of an image, by the last part of its name and its tag. `None`: this machine has no such program.
    pub(crate) fn program(&self, image: &str, tag: &str) -> Option<PathBuf> {
        let path = match image {
            "prometheus" => return self.prometheus(tag),
            "kapp-controller" => self.root.join("kapp-controller/controller"),
            "kube-state-metrics" => self.root.join("kube-state-metrics/kube-state-metrics"),
            "node-exporter" => self.root.join("debian/prometheus-node-exporter"),
            "alertmanager" => self.root.join("alertmanager/alertmanager"),
            "pushgateway" => self.root.join("debian/prometheus-pushgateway"),
            _ => return None,
        };
        path.is_file().then_some(path)
    }

    /// The Prometheus of the same minor version, else the nearest newer one of the same major version, else the newest.
    fn prometheus(&self, tag: &str) -> Option<PathBuf> {
        let wanted = version(tag.trim_start_matches('v'))?;
        let folders = std::fs::read_dir(&self.prometheus).into_iter().flatten().flatten();
        let mut found: Vec<((u64, u64), PathBuf)> = folders
            .filter_map(|folder| {
                Some((version(folder.file_name().to_str()?)?, folder.path().join("prometheus")))
            })
            .filter(|(version, path)| version.0 == wanted.0 && path.is_file())
            .collect();
        let article = self.root.join("prometheus/prometheus");
        if wanted.0 == 2 && article.is_file() {
            found.push(((2, 43), article));
        }
        found.sort();
        let next = found.iter().find(|(version, _)| *version >= wanted);
        next.or(found.last()).map(|(_, path)| path.clone())
    }

    fn asset(&self, name: &str) -> Option<PathBuf> {
        self.assets.as_ref().map(|folder| folder.join(name)).filter(|path| path.is_file())
    }
}

/// Major and minor version.
fn version(text: &str) -> Option<(u64, u64)> {
    let mut numbers = text.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}
