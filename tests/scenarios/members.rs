//! The hub's list of the clusters that joined: kept by those who join and leave.

use crate::support::{HUB_INIT, Ran, Rig};

fn join(rig: &Rig, edge: &str, more: &[&str]) -> Ran {
    let context = format!("admin@{edge}");
    let join =
        ["agent", "join", "--context", &context, "--hub-context", "admin@hub", "--cluster-name", "edge"];
    rig.promfed(&[&join[..], more].concat())
}

/// The names on the list.
fn listed(rig: &Rig) -> String {
    let list = "configmap/prometheus.promfed.clusters";
    let names = "go-template={{range $name, $_ := .data}}{{$name}} {{end}}";
    let get = ["get", list, "-n", "tkg-system", "--context", "admin@hub", "--ignore-not-found", "-o", names];
    rig.kubectl(&get).ends_with(0).stdout.trim().to_owned()
}

#[test]
fn who_joins_is_listed_and_who_leaves_is_not() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5"), ("twin", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    join(&rig, "edge", &[]).ends_with(0);
    assert_eq!(listed(&rig), "edge");
    rig.nothing_is_written(|| join(&rig, "edge", &[]).ends_with(0).prints("unchanged"));
    rig.nothing_is_written(|| join(&rig, "twin", &["--dry-run"]).ends_with(2).says("as \"edge\""));

    let leave = ["agent", "leave", "--context", "admin@edge", "--hub-context", "admin@hub", "--yes"];
    rig.promfed(&leave).ends_with(0);
    assert_eq!(listed(&rig), "");
    let undo = ["hub", "init", "--undo", "--context", "admin@hub", "--yes", "--force"];
    rig.promfed(&undo).ends_with(0);
    let list =
        ["get", "configmap", "prometheus.promfed.clusters", "-n", "tkg-system", "--context", "admin@hub"];
    rig.kubectl(&list).ends_with(1);
}
