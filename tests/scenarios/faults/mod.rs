//! Bad weather: every request of every command fails in every way, and every write is the last that a process does.
//!
//! `weather` and `agent_weather` let requests fail and look at what a person is told. `hub_killed` and `agent_killed` kill a command at
//! each of its writes, before the write and after it, and run the command again (`kill`): what is there then is what an
//! undisturbed run leaves (`state`). `token` is a login that ends in the middle.

mod agent_killed;
mod agent_weather;
mod hub_killed;
mod kill;
mod state;
mod token;
mod weather;

use promfed_sandbox::{Cluster, ClusterSpec, Sandbox};

use crate::support::{HUB_INIT, Rig, eventually};

const V3: &str = "3.5.0+vmware.1-vks.1";
const V2: &str = "2.53.4+vmware.1-tkg.1";

/// In the hand of somebody with habits.
const THEIRS: &str = "---\n# mine\nprometheus:\n    deployment:\n        containers:\n            args: [ --web.enable-lifecycle,   '--storage.tsdb.path=/data', --config.file=/etc/config/prometheus.yml ] # short\n    config:\n        prometheus_yml: |\n            global: {scrape_interval: 2s}   # often\n\n            scrape_configs:\n              -   job_name: 'own'\n                  static_configs:\n                      - targets: [ 'localhost:9090' ]\n                  # the end of it\n";

/// How much of what can happen is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    /// Every write meets something, one thing after another.
    InTurn,
    /// Every write meets everything: `PROMFED_FAULTS=all`.
    Everything,
}

fn extent() -> Extent {
    match std::env::var("PROMFED_FAULTS") {
        Ok(wish) if wish == "all" => Extent::Everything,
        _ => Extent::InTurn,
    }
}

/// Clusters whose controllers lose no time, in which nothing runs.
fn idle(clusters: &[&str]) -> Rig {
    let all = clusters.iter().map(|name| ClusterSpec::new(name).newest("3.5").idle());
    let sandbox = all.fold(Sandbox::builder(), promfed_sandbox::Builder::cluster);
    Rig::of(sandbox.start().expect("a sandbox"))
}

/// A hub whose real Prometheus anybody may write to: what `check` tells of it, and can change.
fn open() -> Rig {
    let rig = Rig::of(
        Sandbox::builder().cluster(ClusterSpec::new("hub").newest("3.5")).start().expect("a sandbox"),
    );
    rig.promfed(&[&HUB_INIT[..], &["--auth", "none"]].concat()).ends_with(0);
    eventually("it is open from outside", || {
        rig.promfed(&["check", "--context", "admin@hub", "-o", "short"]).stdout.contains("PF801")
    });
    rig
}

/// A cluster of the rig.
fn cluster<'r>(rig: &'r Rig, name: &str) -> &'r Cluster {
    rig.sandbox().cluster(name).expect("a cluster of this name")
}

/// Installs the package as somebody does who never heard of promfed.
fn install_theirs(rig: &Rig, name: &str, version: &str) {
    rig.install_by_hand(name, "prometheus.kubernetes.vmware.com", version, THEIRS);
}

/// Waits until what was written of a package is deployed: what there is before a case is the same every time.
fn settled(rig: &Rig, name: &str) {
    let get = ["get", "packageinstall", "-A", "--context", &format!("admin@{name}"), "-o", "json"];
    eventually("the package is deployed", || {
        let installs = rig.kubectl(&get).ends_with(0).json();
        let is_deployed = |install: &serde_json::Value| {
            let status = &install["status"];
            status["observedGeneration"] == install["metadata"]["generation"]
                && status["friendlyDescription"] == "Reconcile succeeded"
        };
        installs["items"].as_array().is_some_and(|all| all.iter().all(is_deployed))
    });
}
