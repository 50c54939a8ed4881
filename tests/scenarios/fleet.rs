//! Commands over many clusters.

use crate::support::{HUB_INIT, Rig};

/// A hub and its agents in which nothing runs, as far as they are read here.
const CLUSTERS: [(&str, &str); 5] =
    [("hub", "3.5"), ("site1", "3.5"), ("site2", "3.5"), ("site3", "3.5"), ("lab", "3.5")];

fn contexts(rig: &Rig, args: &[&str]) -> (i32, Vec<String>) {
    let ran = rig.promfed(&[args, &["-o", "json"]].concat());
    let rows = ran.json()["items"].as_array().cloned().unwrap_or_default();
    let mut names: Vec<_> =
        rows.iter().filter_map(|row| row["context"].as_str().map(str::to_owned)).collect();
    names.sort_unstable();
    (ran.code, names)
}

#[test]
fn contexts_are_named_by_patterns_too() {
    let rig = Rig::without_prometheus(&CLUSTERS);
    let sites = ["admin@site1", "admin@site2", "admin@site3"].map(str::to_owned).to_vec();
    for pattern in ["admin@site?", "*site*", "admin@site3,admin@site?"] {
        assert_eq!(contexts(&rig, &["status", "--contexts", pattern]), (0, sites.clone()), "{pattern}");
    }
    let none = rig.promfed(&["status", "--contexts", "admin@hub,prod-*"]).ends_with(2);
    none.says("no context of the kubeconfig is like \"prod-*\"").says("known contexts: admin@hub");
    rig.promfed(&["status", "--contexts", "admin@site1,admin@hbu"])
        .ends_with(2)
        .says("did you mean \"admin@hub\"?");
}

#[test]
fn a_cluster_that_does_not_answer_is_one_row() {
    let rig = Rig::without_prometheus(&CLUSTERS);
    rig.hang("site2");
    let slow = ["--concurrency", "1", "--context-timeout", "10s"];
    let status = rig.promfed(&[&["status", "--all-contexts", "-o", "json"], &slow[..]].concat()).ends_with(3);
    let json = status.json();
    let rows = json["items"].as_array().expect("rows");
    assert_eq!(rows.len(), CLUSTERS.len(), "{json:#}");
    let (hung, others): (Vec<_>, Vec<_>) = rows.iter().partition(|row| row["context"] == "admin@site2");
    assert_eq!(hung[0]["verdict"], "UNREACHABLE");
    assert_eq!(hung[0]["reason"], "context \"admin@site2\" did not answer within 10s");
    assert!(others.iter().all(|row| row["verdict"] == "NONE"), "{json:#}");
    // Of a command that has no result without it, too.
    rig.promfed(&[&["flags", "--all-contexts"], &slow[..]].concat())
        .ends_with(3)
        .prints("did not answer within 10s");
    rig.promfed(&[&["check", "--all-contexts", "--only", "PF201"], &slow[..]].concat()).ends_with(3);
}

#[test]
fn a_cluster_is_shown_once_whatever_its_contexts_are_called() {
    let rig = Rig::without_prometheus(&[("hub", "3.5"), ("edge", "3.5")]);
    let (init, install) = (&HUB_INIT[..], ["--yes", "--wait=false"]);
    rig.promfed(&[init, &install].concat()).ends_with(0);
    let own = std::fs::read_to_string(rig.kubeconfig()).expect("a kubeconfig");
    let own: serde_yaml::Value = serde_yaml::from_str(&own).expect("YAML");
    let hub = own["contexts"].as_sequence().expect("contexts").iter().find(|one| one["name"] == "admin@hub");
    let mut again = hub.expect("the hub").clone();
    again["name"] = "another-name".into();
    let text = serde_yaml::to_string(&serde_json::json!({"contexts": [again]})).expect("YAML");
    let more = rig.file("more.kubeconfig", &text);
    let line = |command: &str| {
        let own = rig.kubeconfig().display();
        rig.shell(&format!("KUBECONFIG={own}:{more} kubectl-promfed {command} -o json"))
    };
    for command in ["status --all-contexts", "check --all-contexts", "flags --all-contexts"] {
        let ran = line(command).says("context \"another-name\" leads to the same cluster as \"admin@hub\"");
        let json = ran.json();
        let rows = json["items"].as_array().or(json["contexts"].as_array()).expect("rows");
        assert_eq!(rows.len(), 2, "{command}: {ran}");
    }
    // Which one was asked for is shown.
    let json = line("status --contexts another-name,admin@edge").json();
    assert!(
        json["items"].as_array().expect("rows").iter().any(|row| row["context"] == "another-name"),
        "{json:#}"
    );
}
