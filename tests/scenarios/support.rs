//! Clusters for a scenario, and the plugin as a user runs it.

mod ran;
mod running;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use promfed_e2e::Real;
use promfed_sandbox::access::{Question, User};
use promfed_sandbox::api::Availability;
use promfed_sandbox::faults::{Effect, Fault, Listening};
use promfed_sandbox::{Binaries, Cluster, ClusterSpec, NetworkFault, Sandbox};

pub(crate) use self::ran::Ran;
pub(crate) use self::running::Running;

/// Makes the context `admin@hub` a hub that is reached from elsewhere.
pub(crate) const HUB_INIT: [&str; 8] =
    ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--fqdn", "prometheus.hub.test"];

/// Some clusters, and a way to run commands against them. They end with it.
pub(crate) struct Rig {
    clusters: Clusters,
}

/// The two rigs: whatever a scenario does, it does on both.
enum Clusters {
    Sandbox(Sandbox),
    Real(Real),
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
        if binaries.is_empty() && !promfed_e2e::is_wanted() {
            let may_skip = std::env::var("PROMFED_SKIP").as_deref() != Ok("never");
            assert!(may_skip, "no Prometheus to run, and PROMFED_SKIP=never");
            say("SKIPPED: no Prometheus to run (make prometheus gets one)");
            return None;
        }
        Some(Self::new(clusters, &binaries, set_up))
    }

    /// Clusters for scenarios in which nothing needs to run: in the sandbox, their pods never get ready.
    pub(crate) fn without_prometheus(clusters: &[(&str, &str)]) -> Self {
        Self::with(clusters, |spec| spec)
    }

    /// As `without_prometheus`, each cluster set up in some way of the scenario's own.
    pub(crate) fn with(clusters: &[(&str, &str)], set_up: impl Fn(ClusterSpec) -> ClusterSpec) -> Self {
        Self::new(clusters, &Binaries::none(), set_up)
    }

    /// Around a sandbox that was started in some way of the scenario's own.
    pub(crate) fn of(sandbox: Sandbox) -> Self {
        Self { clusters: Clusters::Sandbox(sandbox) }
    }

    fn new(
        clusters: &[(&str, &str)],
        binaries: &Binaries,
        set_up: impl Fn(ClusterSpec) -> ClusterSpec,
    ) -> Self {
        let specs = clusters.iter().map(|(name, newest)| set_up(ClusterSpec::new(name).newest(newest)));
        let clusters = if promfed_e2e::is_wanted() {
            Clusters::Real(Real::start(&specs.collect::<Vec<_>>()).expect("real clusters"))
        } else {
            let builder = specs.fold(Sandbox::builder(), promfed_sandbox::Builder::cluster);
            Clusters::Sandbox(builder.binaries(binaries.clone()).start().expect("a sandbox"))
        };
        Self { clusters }
    }

    /// From now on the ingress answers with this status before the hub sees anything.
    pub(crate) fn refuse_writes(&self, fqdn: &str, status: u16) {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => sandbox.network_faults().set(fqdn, NetworkFault::Status(status)),
            Clusters::Real(real) => real.refuse_writes(fqdn, status),
        }
    }

    /// From now on requests for a name fail in this way. Only the sandbox can do that.
    pub(crate) fn fail_requests(&self, fqdn: &str, fault: NetworkFault) {
        self.sandbox().network_faults().set(fqdn, fault);
    }

    /// From now on requests for a name arrive again. Only the sandbox can do that.
    pub(crate) fn let_requests_pass(&self, fqdn: &str) {
        self.sandbox().network_faults().clear(fqdn);
    }

    /// What only the sandbox can do.
    pub(crate) fn sandbox(&self) -> &Sandbox {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => sandbox,
            Clusters::Real(_) => panic!("real clusters have no network that fails on request"),
        }
    }

    /// Where the ingress of a cluster listens for what is meant for this port.
    pub(crate) fn ingress(&self, cluster: &str, port: u16) -> SocketAddr {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => sandbox.ingress(cluster, port).expect("an ingress"),
            Clusters::Real(real) => SocketAddr::from((real.ingress(cluster).expect("a cluster"), port)),
        }
    }

    /// From now on nobody listens at a cluster's address.
    pub(crate) fn unplug(&self, cluster: &str) {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => in_sandbox(sandbox, cluster).api.faults.listen(Listening::No),
            Clusters::Real(real) => real.stop_api_server(cluster),
        }
    }

    /// From now on a cluster's API server takes requests and does not answer.
    pub(crate) fn hang(&self, cluster: &str) {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => {
                in_sandbox(sandbox, cluster).api.faults.inject(Fault::on("*", Effect::Hang));
            }
            Clusters::Real(real) => real.hang_api_server(cluster),
        }
    }

    /// From now on nobody serves the packages of a cluster, nor reconciles them.
    pub(crate) fn stop_kapp_controller(&self, cluster: &str) {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => {
                in_sandbox(sandbox, cluster)
                    .api
                    .groups
                    .set("data.packaging.carvel.dev", Availability::Broken);
            }
            Clusters::Real(_) => {
                let context = format!("admin@{cluster}");
                let scale = ["scale", "deployment", "kapp-controller", "-n", "tkg-system", "--replicas", "0"];
                self.kubectl(&[&scale[..], &["--context", &context]].concat()).ends_with(0);
                let packages = ["get", "packages", "-A", "--context", &context];
                eventually("the packages are not served any more", || self.kubectl(&packages).code != 0);
            }
        }
    }

    /// Lets kapp-controller look at the package again, and often.
    pub(crate) fn reconcile(&self, cluster: &str) {
        let often = ["--type", "merge", "-p", "{\"spec\":{\"syncPeriod\":\"30s\"}}"];
        let install =
            ["packageinstall", "prometheus", "-n", "tkg-system", "--context", &format!("admin@{cluster}")];
        self.kubectl(&[&["patch"], &install[..], &often].concat()).ends_with(0);
    }

    /// Lets a user be known who may do nothing, and gives the user's token.
    pub(crate) fn nobody(&self, cluster: &str) -> &'static str {
        if let Clusters::Sandbox(sandbox) = &self.clusters {
            in_sandbox(sandbox, cluster).api.access.register(User::new("nobody", &[]), "nobody-token");
        }
        "nobody-token"
    }

    /// What a user asked to be allowed on a cluster so far; `None` on a rig that does not tell.
    pub(crate) fn questions(&self, cluster: &str, user: &str) -> Option<Vec<Question>> {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => {
                let mut all = in_sandbox(sandbox, cluster).api.access.questions();
                all.retain(|question| question.user == user);
                Some(all)
            }
            Clusters::Real(_) => None,
        }
    }

    /// How often a person wrote to any of the clusters.
    pub(crate) fn writes(&self) -> u64 {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => {
                sandbox.clusters().iter().map(|cluster| cluster.api.journal.writes()).sum()
            }
            Clusters::Real(real) => real.writes(),
        }
    }

    /// How many round trips, one after the other, a command takes; `None` on a rig that does not count them.
    pub(crate) fn rounds(&self, command: impl FnOnce() -> Ran) -> Option<(usize, Ran)> {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => Some(sandbox.rounds(command)),
            Clusters::Real(_) => None,
        }
    }

    /// Runs the plugin without a terminal, as a pipeline would.
    pub(crate) fn promfed(&self, args: &[&str]) -> Ran {
        // A scenario that is wrong fails in a minute or three, not in the ten that a person would wait.
        let writes = matches!(args, ["hub", "init", ..] | ["agent", "join", ..]);
        let timeout = format!("{}s", patience().as_secs());
        let bounded = if writes { [args, &["--timeout", &timeout]].concat() } else { args.to_vec() };
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

    /// The plugin, not started yet, with what it is given on the command line.
    pub(crate) fn plugin(&self, args: &[&str]) -> Command {
        self.prepared(env!("CARGO_BIN_EXE_kubectl-promfed"), args)
    }

    fn command(&self, program: &str, args: &[&str]) -> Ran {
        let output = self.prepared(program, args).output();
        Ran::from(output.unwrap_or_else(|error| panic!("{program} cannot be run: {error}")))
    }

    fn prepared(&self, program: &str, args: &[&str]) -> Command {
        let mut command = match &self.clusters {
            Clusters::Sandbox(_) => Command::new(program),
            Clusters::Real(real) => real.command(program),
        };
        command.args(args).env_clear().envs(self.environment()).stdin(Stdio::null());
        command
    }

    /// Nothing of the developer's own environment but PATH.
    fn environment(&self) -> Vec<(&'static str, String)> {
        let plugin = PathBuf::from(env!("CARGO_BIN_EXE_kubectl-promfed"));
        let folder = plugin.parent().expect("a folder").display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let home = self.kubeconfig().parent().expect("a folder").display().to_string();
        let own = [("PATH", format!("{folder}:{path}")), ("HOME", home)];
        let rig = match &self.clusters {
            Clusters::Sandbox(sandbox) => sandbox.environment(),
            Clusters::Real(real) => real.environment(),
        };
        rig.into_iter().chain(own).collect()
    }

    /// The kubeconfig that commands get.
    pub(crate) fn kubeconfig(&self) -> &Path {
        match &self.clusters {
            Clusters::Sandbox(sandbox) => sandbox.kubeconfig_path(),
            Clusters::Real(real) => real.kubeconfig_path(),
        }
    }

    /// A file that a command can be given.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.kubeconfig().with_file_name(name);
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

fn in_sandbox<'s>(sandbox: &'s Sandbox, name: &str) -> &'s Cluster {
    sandbox.cluster(name).expect("a cluster of this name")
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

/// How long a scenario waits for what should be so: real clusters share the machine with each other.
fn patience() -> Duration {
    Duration::from_secs(if promfed_e2e::is_wanted() { 180 } else { 75 })
}

/// Looks until it is so; a scenario that waits in vain fails.
#[track_caller]
pub(crate) fn eventually(what: &str, mut look: impl FnMut() -> bool) {
    until(what, || if look() { Ok(()) } else { Err("not so") });
}

/// Looks until there is something; a scenario that waits in vain fails with what was there at last.
#[track_caller]
pub(crate) fn until<T, E: fmt::Display>(what: &str, mut look: impl FnMut() -> Result<T, E>) -> T {
    let give_up = Instant::now() + patience();
    loop {
        match look() {
            Ok(found) => return found,
            Err(last) => assert!(Instant::now() < give_up, "in vain: {what}; at last it was {last}"),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}
