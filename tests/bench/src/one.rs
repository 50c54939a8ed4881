//! One cluster that is far away: how often a command waits for it, and how long that takes beside one `kubectl get`.

use std::io;
use std::time::Duration;

use promfed_sandbox::faults::{Effect, Fault};
use promfed_sandbox::{ClusterSpec, Sandbox};

use crate::Plugin;
use crate::measure::paired;
use crate::program::Place;
use crate::table::Table;

/// What every request waits for.
pub(crate) const AWAY: Duration = Duration::from_millis(50);

const PAIRS: usize = 11;

/// Makes a hub of the first cluster.
const INIT: [&str; 10] = [
    "hub",
    "init",
    "--context",
    "admin@hub",
    "--cluster-name",
    "hub",
    "--fqdn",
    "prometheus.hub.test",
    "--yes",
    "--quiet",
];

/// A hub and an agent of this name that run.
pub(crate) fn federation(plugin: &Plugin, name: &str) -> io::Result<(Sandbox, Place)> {
    let clusters = ["hub", "edge"].map(|name| ClusterSpec::new(name).newest("3.5"));
    let sandbox = clusters.into_iter().fold(Sandbox::builder(), promfed_sandbox::Builder::cluster).start()?;
    let place = Place::beside(&sandbox)?;
    place.succeed(&plugin.path, &INIT)?;
    let join =
        ["agent", "join", "--context", "admin@edge", "--hub-context", "admin@hub", "--cluster-name", name];
    place.succeed(&plugin.path, &join)?;
    Ok((sandbox, place))
}

pub(crate) fn measure(plugin: &Plugin, table: &mut Table) -> io::Result<()> {
    let (sandbox, place) = federation(plugin, "edge")?;
    let commands = [
        ("status", "hub"),
        ("status", "edge"),
        ("flags", "hub"),
        ("flags", "edge"),
        ("hub init", "hub"),
        ("check", "hub"),
        ("check", "edge"),
    ];
    for (command, cluster) in commands {
        let context = format!("admin@{cluster}");
        let context = ["--context", &context];
        let args = if command == "hub init" { INIT.to_vec() } else { [&[command], &context[..]].concat() };
        let (rounds, ran) = sandbox.rounds(|| place.run(&plugin.path, &args));
        ran?;
        let slow = |cluster: &promfed_sandbox::Cluster| {
            cluster.api.faults.inject(Fault::on("*", Effect::Delay(AWAY)))
        };
        let slow: Vec<_> = sandbox.clusters().iter().map(|cluster| (cluster, slow(cluster))).collect();
        let raw = ["get", "--raw", "/api/v1/namespaces/kube-system"];
        let get = ["get", "namespace", "kube-system"];
        let own = || place.time(&plugin.path, &args);
        let to_raw = paired(PAIRS, own, || place.time("kubectl", &[&raw[..], &context].concat()))?;
        let to_get = paired(PAIRS, own, || place.time("kubectl", &[&get[..], &context].concat()))?;
        for (cluster, fault) in slow {
            cluster.api.faults.remove(fault);
        }
        let name = format!("{command} ({})", if cluster == "hub" { "hub" } else { "agent" });
        table.row(&format!("{name}: round trips in a row"), rounds.to_string(), "3", String::new());
        for (pair, kubectl) in [(to_raw, "kubectl get --raw"), (to_get, "kubectl get namespace")] {
            table.row(&format!("{name}: time at 50 ms : {kubectl}"), pair.figure(), "", pair.beside());
        }
    }
    Ok(())
}
