//! Clusters for a scenario, and the plugin as a user runs it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use promfed_sandbox::{Binaries, Cluster, ClusterSpec, NetworkFault, Sandbox};
use serde_json::Value;

/// Some clusters, and a way to run commands against them. They end with it.
pub(crate) struct Rig {
    sandbox: Sandbox,
}

/// What a command did.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Rig {
    /// Clusters by name, each with the newest version of the package that it offers. `None`, said aloud, where the
    /// real Prometheus cannot be had and that may be so.
    pub(crate) fn start(clusters: &[(&str, &str)]) -> Option<Self> {
        Self::start_with(clusters, |spec| spec)
    }

    /// As `start`, each cluster set up in some way of the scenario's own.
    pub(crate) fn start_with(
        clusters: &[(&str, &str)],
        set_up: impl Fn(ClusterSpec) -> ClusterSpec,
    ) -> Option<Self> {
        let binaries = Binaries::find();
        if binaries.is_empty() {
            let may_skip = std::env::var("PROMFED_SKIP").as_deref() != Ok("never");
            assert!(may_skip, "no Prometheus to run, and PROMFED_SKIP=never");
            say("SKIPPED: no Prometheus to run (make prometheus gets one)");
            return None;
        }
        Some(Self::new(clusters, &binaries, set_up))
    }

    /// Clusters for scenarios in which nothing needs to run: their pods never get ready.
    pub(crate) fn without_prometheus(clusters: &[(&str, &str)]) -> Self {
        Self::with(clusters, |spec| spec)
    }

    /// As `without_prometheus`, each cluster set up in some way of the scenario's own.
    pub(crate) fn with(clusters: &[(&str, &str)], set_up: impl Fn(ClusterSpec) -> ClusterSpec) -> Self {
        Self::new(clusters, &Binaries::none(), set_up)
    }

    fn new(
        clusters: &[(&str, &str)],
        binaries: &Binaries,
        set_up: impl Fn(ClusterSpec) -> ClusterSpec,
    ) -> Self {
        let builder = clusters.iter().fold(Sandbox::builder(), |builder, (name, newest)| {
            builder.cluster(set_up(ClusterSpec::new(name).newest(newest)))
        });
        Self { sandbox: builder.binaries(binaries.clone()).start().expect("a sandbox") }
    }

    /// A cluster by its name.
    pub(crate) fn cluster(&self, name: &str) -> &Cluster {
        self.sandbox.cluster(name).expect("a cluster of this name")
    }

    /// The kubeconfig, with a context `admin@NAME` per cluster.
    pub(crate) fn kubeconfig(&self) -> &Path {
        self.sandbox.kubeconfig_path()
    }

    /// From now on the ingress answers with this status before the hub sees anything.
    pub(crate) fn refuse_writes(&self, fqdn: &str, status: u16) {
        self.sandbox.network_faults().set(fqdn, NetworkFault::Status(status));
    }

    /// How often anybody wrote to any of the clusters.
    pub(crate) fn writes(&self) -> u64 {
        self.sandbox.clusters().iter().map(|cluster| cluster.api.journal.writes()).sum()
    }

    /// Runs the plugin without a terminal, as a pipeline would.
    pub(crate) fn promfed(&self, args: &[&str]) -> Ran {
        // A scenario that is wrong fails in a minute, not in the ten that a person would wait.
        let writes = matches!(args, ["hub", "init", ..] | ["agent", "join", ..]);
        let bounded = if writes { [args, &["--timeout", "60s"]].concat() } else { args.to_vec() };
        self.command(env!("CARGO_BIN_EXE_kubectl-promfed"), &bounded)
    }

    /// Runs stock kubectl.
    pub(crate) fn kubectl(&self, args: &[&str]) -> Ran {
        self.command("kubectl", args)
    }

    /// Runs a line in a shell, with the plugin on PATH.
    pub(crate) fn shell(&self, line: &str) -> Ran {
        self.command("sh", &["-c", line])
    }

    fn command(&self, program: &str, args: &[&str]) -> Ran {
        let mut command = Command::new(program);
        command.args(args).env_clear().envs(self.environment()).stdin(Stdio::null());
        let output = command.output().unwrap_or_else(|error| panic!("{program} cannot be run: {error}"));
        Ran {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Nothing of the developer's own environment but PATH.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let plugin = PathBuf::from(env!("CARGO_BIN_EXE_kubectl-promfed"));
        let folder = plugin.parent().expect("a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let home = self.sandbox.kubeconfig_path().parent().expect("a folder").display().to_string();
        let own = [("PATH", format!("{folder}:{path}")), ("HOME", home)];
        self.sandbox.environment().into_iter().chain(own).collect()
    }

    /// A file that a command can be given.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.sandbox.kubeconfig_path().with_file_name(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder for the file");
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    /// The package as somebody installs it without promfed: with one values Secret of one key, by kubectl.
    pub(crate) fn install_by_hand(&self, cluster: &str, package: &str, version: &str, values: &str) {
        let manifests = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "installer", "namespace": "tkg-system"}},
            {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "installer"},
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
             "subjects": [{"kind": "ServiceAccount", "name": "installer", "namespace": "tkg-system"}]},
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "by-hand", "namespace": "tkg-system"},
             "stringData": {"values.yaml": values}},
            {"apiVersion": "packaging.carvel.dev/v1alpha1", "kind": "PackageInstall",
             "metadata": {"name": "prometheus", "namespace": "tkg-system"},
             "spec": {"packageRef": {"refName": package, "versionSelection": {"constraints": version}},
                      "serviceAccountName": "installer", "values": [{"secretRef": {"name": "by-hand"}}]}},
        ]});
        let file = self.file("by-hand.json", &manifests.to_string());
        let context = format!("admin@{cluster}");
        self.kubectl(&["apply", "--context", &context, "-f", &file]).ends_with(0);
        eventually("the package is reconciled, or has failed", || {
            let path = "jsonpath={.status.conditions[*].type}";
            let get = [
                "get",
                "packageinstall",
                "prometheus",
                "-n",
                "tkg-system",
                "--context",
                &context,
                "-o",
                path,
            ];
            let conditions = self.kubectl(&get).stdout;
            conditions.contains("ReconcileSucceeded") || conditions.contains("ReconcileFailed")
        });
    }

    /// The text of the values that the install of a cluster references.
    pub(crate) fn values(&self, cluster: &str) -> String {
        let context = format!("admin@{cluster}");
        let at = |kind: &str, name: &str, path: &str| {
            self.kubectl(&["get", kind, name, "-n", "tkg-system", "--context", &context, "-o", path])
                .ends_with(0)
                .stdout
        };
        let secret = at("packageinstall", "prometheus", "jsonpath={.spec.values[0].secretRef.name}");
        at("secret", &secret, "go-template={{index .data \"values.yaml\" | base64decode}}")
    }

    /// Runs a command that must write nothing to any cluster.
    #[track_caller]
    pub(crate) fn nothing_is_written(&self, run: impl FnOnce() -> Ran) {
        let before = self.writes();
        let ran = run();
        assert_eq!(self.writes(), before, "it wrote something: {ran}");
    }
}

impl Ran {
    /// Stdout as one JSON document, and nothing else.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("not one JSON document: {error}\n{self}"))
    }

    /// It ended with this code, or the test fails showing what it said.
    #[track_caller]
    pub(crate) fn ends_with(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self}");
        self
    }

    /// It said this on stderr.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.stderr.contains(words), "it does not say {words:?}: {self}");
        self
    }

    /// It printed this as its result.
    #[track_caller]
    pub(crate) fn prints(self, words: &str) -> Self {
        assert!(self.stdout.contains(words), "it does not print {words:?}: {self}");
        self
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "exit code {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

/// A file of `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// On the real stderr, which the test harness does not swallow.
pub(crate) fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Looks until it is so; a scenario that waits in vain fails.
#[track_caller]
pub(crate) fn eventually(what: &str, mut look: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(90);
    while !look() {
        assert!(Instant::now() < give_up, "in vain: {what}");
        std::thread::sleep(Duration::from_millis(200));
    }
}
