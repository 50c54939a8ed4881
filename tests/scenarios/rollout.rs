//! A hub and its agents from one file.

use promfed_sandbox::ClusterSpec;
use promfed_sandbox::api::status::Failure;
use promfed_sandbox::faults::{Effect, Fault, Share};
use serde_json::Value;

use crate::support::{Ran, Rig};

const HEAD: &str = "apiVersion: promfed.dev/v1alpha1\nkind: Fleet\n";
const HUB: &str = "hub: {context: admin@hub, clusterName: hub, fqdn: prometheus.hub.test}\n";

fn fleet_file(rig: &Rig, agents: &[&str]) -> String {
    let entries = agents.iter().map(|name| format!("- {{context: admin@{name}, clusterName: {name}}}\n"));
    rig.file("fleet.yaml", &format!("{HEAD}{HUB}agents:\n{}", entries.collect::<String>()))
}

/// How many clusters have each result.
fn counts(ran: &Ran, key: &str) -> Vec<(String, usize)> {
    let json = ran.json();
    let mut all = std::collections::BTreeMap::new();
    for item in json["items"].as_array().unwrap_or_else(|| panic!("no items: {ran}")) {
        *all.entry(item[key].as_str().expect("a word").to_owned()).or_insert(0) += 1;
    }
    all.into_iter().collect()
}

fn of(counts: &[(&str, usize)]) -> Vec<(String, usize)> {
    counts.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect()
}

#[test]
fn a_federation_from_nothing_and_the_file_of_it_again() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5"), ("old", "2.53")]) else { return };
    let file = fleet_file(&rig, &["edge", "old"]);
    // Nobody is there to say yes.
    rig.nothing_is_written(|| {
        rig.promfed(&["apply", "-f", &file]).ends_with(2).says("3 clusters: 1 create, 2 later").says("--yes")
    });
    let made = rig.promfed(&["apply", "-f", &file, "--yes", "-o", "json"]).ends_with(0);
    assert_eq!(counts(&made, "result"), of(&[("created", 3)]), "{made}");
    let json = made.json();
    for item in json["items"].as_array().expect("items") {
        let verified = &item["verified"];
        assert!(verified["all"].as_u64() > Some(3) && verified["held"] == verified["all"], "{item:#}");
    }
    rig.nothing_is_written(|| {
        let again = rig.promfed(&["apply", "-f", &file]).ends_with(0);
        again.prints("3 clusters: 3 unchanged").prints(&format!("kubectl promfed check -f {file}"))
    });
    rig.promfed(&["diff", "-f", &file]).ends_with(0).prints("0 would change, 3 unchanged");
    rig.promfed(&["check", "-f", &file, "--only", "PF401,PF201"]).prints("admin@edge").prints("admin@hub");
    // What clusters have, written down, is what they have.
    let exported = rig.promfed(&["export", "--all-contexts"]).ends_with(0);
    let yaml: Value = serde_yaml::from_str(&exported.stdout).expect("YAML");
    assert_eq!(yaml["hub"]["fqdn"], "prometheus.hub.test", "{exported}");
    assert_eq!(yaml["agents"].as_array().map(Vec::len), Some(2), "{exported}");
    let written = rig.file("exported.yaml", &exported.stdout);
    rig.promfed(&["diff", "-f", &written]).ends_with(0).prints("0 would change, 3 unchanged");
}

#[test]
fn what_cannot_be_is_told_before_anything_is_written() {
    let rig = Rig::without_prometheus(&[("hub", "3.5"), ("edge", "3.5")]);
    let apply = |text: &str| {
        let file = rig.file("wrong.yaml", &format!("{HEAD}{text}"));
        rig.promfed(&["apply", "-f", &file, "--yes"])
    };
    rig.nothing_is_written(|| {
        let typed = "hub: {context: admin@hub, clusterName: hub, fdqn: prometheus.hub.test}";
        apply(typed).ends_with(2).says("hub.fdqn: nothing of this name can be set").says("did you mean fqdn?")
    });
    rig.nothing_is_written(|| {
        let agents = "agents: [{context: admin@egde, clusterName: edge}]";
        apply(&format!("{HUB}{agents}")).ends_with(1).says("did you mean \"admin@edge\"?")
    });
    rig.nothing_is_written(|| {
        let hub = "agents: [{context: admin@edge, clusterName: edge, hubContext: admin@hub}]";
        apply(hub).ends_with(1).says("one cluster cannot be what is declared").says("no Prometheus package")
    });
    rig.promfed(&["apply", "-f", "nowhere.yaml"]).ends_with(2).says("nowhere.yaml cannot be read");
    rig.promfed(&["apply"]).ends_with(2).says("--filename");
}

#[test]
fn a_rollout_stops_when_too_many_fail_and_is_finished_by_the_next() {
    let clusters = [("hub", "3.5"), ("one", "3.5"), ("two", "3.5"), ("three", "3.5"), ("four", "3.5")];
    let idle = |spec: ClusterSpec| if spec.name() == "hub" { spec } else { spec.idle() };
    let Some(rig) = Rig::start_with(&clusters, idle) else { return };
    let file = fleet_file(&rig, &["one", "two", "three", "four"]);
    for name in ["one", "two"] {
        let no = Failure::new(403, "Forbidden", "the quota of this cluster is used up");
        let faults = &rig.sandbox().cluster(name).expect("a cluster").api.faults;
        faults.inject(Fault::on("*", Effect::Answer(no)).of_people(Share::Writes));
    }
    let apply = |more: &[&str]| {
        let always = ["apply", "-f", &file, "--yes", "--wait=false", "-o", "json", "--concurrency", "1"];
        rig.promfed(&[&always[..], more].concat())
    };
    let stopped = apply(&["--max-failures", "1"]).ends_with(1);
    assert_eq!(counts(&stopped, "result"), of(&[("created", 1), ("failed", 2), ("skipped", 2)]), "{stopped}");
    assert!(stopped.stdout.contains("the quota of this cluster is used up"), "{stopped}");
    let gone_on = apply(&["--max-failures", "50%"]).ends_with(1);
    let expected = [("created", 2), ("failed", 2), ("unchanged", 1)];
    assert_eq!(counts(&gone_on, "result"), of(&expected), "{gone_on}");
    for name in ["one", "two"] {
        rig.sandbox().cluster(name).expect("a cluster").api.faults.clear();
    }
    let finished = apply(&[]).ends_with(0);
    assert_eq!(counts(&finished, "result"), of(&[("created", 2), ("unchanged", 3)]), "{finished}");
}

#[test]
fn sixty_clusters_half_of_them_members_and_two_away() {
    const ALL: usize = 60;
    let names: Vec<String> = (1..=ALL).map(|number| format!("site{number:02}")).collect();
    let clusters: Vec<_> =
        std::iter::once(("hub", "3.5")).chain(names.iter().map(|name| (name.as_str(), "3.5"))).collect();
    let Some(rig) = Rig::start_with(&clusters, |spec| if spec.name() == "hub" { spec } else { spec.idle() })
    else {
        return;
    };
    let agents: Vec<&str> = names.iter().map(String::as_str).collect();
    let (members, others) = agents.split_at(ALL / 2);
    let half = fleet_file(&rig, members);
    let no_proof = ["--yes", "--wait=false", "-o", "json"];
    let half = rig.promfed(&[&["apply", "-f", &half][..], &no_proof].concat()).ends_with(0);
    assert_eq!(counts(&half, "result"), of(&[("created", 31)]), "{half}");
    rig.unplug(members[0]);
    rig.unplug(others[0]);
    let file = fleet_file(&rig, &agents);
    let apply = || rig.promfed(&[&["apply", "-f", &file][..], &no_proof].concat()).ends_with(3);
    let whole = apply();
    let expected = [("created", 29), ("unchanged", 30), ("unreachable", 2)];
    assert_eq!(counts(&whole, "result"), of(&expected), "{whole}");
    rig.nothing_is_written(|| {
        let again = apply();
        assert_eq!(counts(&again, "result"), of(&[("unchanged", 59), ("unreachable", 2)]), "{again}");
        again
    });
    let rows = rig.promfed(&["diff", "-f", &file]).ends_with(3);
    rows.prints("0 would change, 59 unchanged, 2 cannot be told");
    // Many joined at the same time, and each is on the hub's list and let in at its door.
    let members = rig.promfed(&["hub", "credentials", "list", "--context", "admin@hub", "-o", "json"]);
    let members = members.ends_with(0).json();
    assert_eq!(members["items"].as_array().map(Vec::len), Some(ALL - 1), "{members:#}");
}
