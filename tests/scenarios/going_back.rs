//! What was written can be taken back: byte for byte, and nothing that others own goes with it.

use crate::support::{HUB_INIT, Ran, Rig, eventually};

const JOIN: [&str; 9] = [
    "agent",
    "join",
    "--context",
    "admin@edge",
    "--hub-context",
    "admin@hub",
    "--cluster-name",
    "edge",
    "--yes",
];
const LEAVE: [&str; 5] = ["agent", "leave", "--context", "admin@edge", "--yes"];
const V3: (&str, &str) = ("prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1");
const V2: (&str, &str) = ("prometheus.kubernetes.vmware.com", "2.53.4+vmware.1-tkg.1");

/// In the hand of somebody with habits.
const THEIRS: &str = "---\n# mine\nprometheus:\n    deployment:\n        containers:\n            args: [ --web.enable-lifecycle,   '--storage.tsdb.path=/data', --config.file=/etc/config/prometheus.yml ] # short\n    config:\n        prometheus_yml: |\n            global: {scrape_interval: 2s}   # often\n\n            scrape_configs:\n              -   job_name: 'own'\n                  static_configs:\n                      - targets: [ 'localhost:9090' ]\n                  # the end of it\n";

fn history(rig: &Rig, context: &str) -> Vec<String> {
    let json = rig.promfed(&["history", "--context", context, "-o", "json"]).ends_with(0).json();
    let items = json["items"].as_array().cloned().unwrap_or_default();
    items.iter().map(|item| item["verb"].as_str().unwrap_or_default().to_owned()).collect()
}

fn get(rig: &Rig, what: &str, context: &str, path: &str) -> Ran {
    rig.kubectl(&["get", what, "-n", "tkg-system", "--context", context, "-o", path])
}

#[test]
fn joining_and_leaving_gives_every_byte_back() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    rig.install_by_hand("edge", V3.0, V3.1, THEIRS);
    rig.promfed(&JOIN).ends_with(0);
    assert_ne!(rig.values("edge"), THEIRS);
    rig.promfed(&LEAVE).ends_with(0).prints("configuration");
    assert_eq!(rig.values("edge"), THEIRS);
    assert_eq!(history(&rig, "admin@edge"), ["agent leave", "agent join"]);
    rig.nothing_is_written(|| rig.promfed(&LEAVE).ends_with(2).says("nothing to leave"));
}

#[test]
fn what_joining_installed_goes_and_nothing_else() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let own = ["create", "secret", "generic", "own", "-n", "tkg-system", "--context", "admin@edge"];
    rig.kubectl(&own).ends_with(0);
    rig.promfed(&JOIN).ends_with(0);
    rig.nothing_is_written(|| {
        rig.promfed(&["agent", "leave", "--context", "admin@edge"]).ends_with(2).says("PackageInstall")
    });
    rig.promfed(&LEAVE).ends_with(0).says("ClusterRoleBinding").prints("no Prometheus package any more");

    let names = "jsonpath={.items[*].metadata.name}";
    let left = |what| get(&rig, what, "admin@edge", names).ends_with(0).stdout;
    assert_eq!(left("packageinstalls,apps"), "");
    assert!(!left("serviceaccounts,secrets").contains("prometheus"), "{}", left("serviceaccounts,secrets"));
    assert!(left("secrets").contains("own"));
    assert!(!left("clusterroles,clusterrolebindings").contains("prometheus-tkg-system"));
    rig.nothing_is_written(|| rig.promfed(&LEAVE).ends_with(1).says("no Prometheus package"));
}

#[test]
fn a_hub_is_one_until_nobody_writes_to_it() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "2.53")]) else { return };
    rig.install_by_hand("hub", V3.0, V3.1, THEIRS);
    rig.promfed(&[&HUB_INIT[..], &["--yes"]].concat()).ends_with(0);
    rig.promfed(&JOIN).ends_with(0);
    let undo = ["hub", "init", "--undo", "--context", "admin@hub", "--yes"];
    rig.nothing_is_written(|| rig.promfed(&undo).ends_with(1).says("still receives from edge"));
    rig.promfed(&[&undo[..], &["--force"]].concat()).ends_with(0);
    assert_eq!(rig.values("hub"), THEIRS);
    assert_eq!(history(&rig, "admin@hub"), ["hub init --undo", "hub init"]);
}

#[test]
fn an_upgrade_speaks_the_new_dialect_and_its_rollback_the_old_one() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    let theirs = "prometheus:\n  deployment:\n    containers:\n      args:\n      - --enable-feature=remote-write-receiver # as it was called\n      - --storage.tsdb.retention=15d\n      - --storage.tsdb.path=/data\n      - --config.file=/etc/config/prometheus.yml\n      - --web.enable-lifecycle\n";
    rig.install_by_hand("hub", V2.0, V2.1, theirs);
    let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--yes"];
    rig.promfed(&[&init[..], &["--package-version", "3.5.0"]].concat())
        .ends_with(0)
        .says("becomes 3.5.0+vmware.1-vks.1")
        .prints("web.enable-remote-write-receiver");
    let version = || get(&rig, "packageinstall/prometheus", "admin@hub", "jsonpath={.status.version}").stdout;
    eventually("the package runs in the new version", || version() == V3.1);
    assert!(!rig.values("hub").contains("--storage.tsdb.retention=15d"), "{}", rig.values("hub"));

    rig.promfed(&["rollback", "--context", "admin@hub", "--yes"]).ends_with(0);
    assert_eq!(rig.values("hub"), theirs);
    eventually("the package runs in the old version", || version() == V2.1);
    let paused = get(&rig, "packageinstall/prometheus", "admin@hub", "jsonpath={.spec.paused}").stdout;
    assert_eq!(paused, "");
    rig.promfed(&["flags", "--context", "admin@hub"]).prints("remote-write-receiver");
}

#[test]
fn an_agent_moves_from_2_to_3_and_goes_on_writing() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    rig.promfed(&[&JOIN[..], &["--package-version", V2.1]].concat()).ends_with(0);
    let joined = rig.values("edge");
    rig.promfed(&[&JOIN[..], &["--package-version", "3.5.0"]].concat())
        .ends_with(0)
        .prints("up{cluster=\"edge\"} at hub");
    assert!(rig.values("edge").contains("--agent\n"), "{}", rig.values("edge"));
    rig.promfed(&["rollback", "--context", "admin@edge", "--yes"]).ends_with(0);
    assert_eq!(rig.values("edge"), joined);
}

#[test]
fn a_join_that_cannot_be_proven_is_taken_back_when_asked() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    rig.install_by_hand("edge", V3.0, V3.1, THEIRS);
    rig.refuse_writes("prometheus.hub.test", 403);
    let force = ["--hub-url", "https://prometheus.hub.test/api/v1/write", "--rollback-on-failure"];
    rig.promfed(&[&JOIN[..], &force].concat()).ends_with(1).says("what was there before is back");
    assert_eq!(rig.values("edge"), THEIRS);
    assert_eq!(history(&rig, "admin@edge"), ["rollback", "agent join"]);
}

#[test]
fn what_others_change_later_is_kept_or_shown() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.install_by_hand("hub", V3.0, V3.1, THEIRS);
    let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--yes", "--wait=false"];
    rig.promfed(&init).ends_with(0);
    let ours = rig.values("hub");
    let write = |text: &str| {
        let patch = serde_json::json!({"stringData": {"values.yaml": text}}).to_string();
        let patch =
            ["patch", "secret", "by-hand", "-n", "tkg-system", "--context", "admin@hub", "-p", &patch];
        rig.kubectl(&patch).ends_with(0);
    };
    let rollback = ["rollback", "--context", "admin@hub", "--yes", "--wait=false"];

    write(&ours.replace("--web.enable-remote-write-receiver", "--web.enable-remote-write-receiver, --web.x"));
    rig.nothing_is_written(|| rig.promfed(&rollback).ends_with(1).says("--web.x").says("<<<<<<< now"));

    write(&format!("# theirs, later\n{ours}"));
    let diff = ["diff", "rollback", "--context", "admin@hub"];
    let diff = rig.promfed(&diff).ends_with(1).prints("values.yaml, changed by somebody else since");
    assert!(diff.stdout.contains("+# theirs, later\n"), "{diff}");
    rig.promfed(&rollback).ends_with(0).says("is kept");
    assert_eq!(rig.values("hub"), THEIRS.replacen("---\n", "# theirs, later\n---\n", 1));

    rig.promfed(&["rollback", "1", "--context", "admin@hub", "--yes", "--wait=false", "--force"])
        .ends_with(0);
    assert_eq!(rig.values("hub"), THEIRS);
}

#[test]
fn an_install_without_values_has_none_again() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.install_by_hand("hub", V3.0, V3.1, THEIRS);
    let none = ["--type", "merge", "-p", "{\"spec\":{\"values\":null}}"];
    let install = ["patch", "packageinstall", "prometheus", "-n", "tkg-system", "--context", "admin@hub"];
    rig.kubectl(&[&install[..], &none].concat()).ends_with(0);
    let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--yes", "--wait=false"];
    rig.promfed(&init).ends_with(0).says("from Secret prometheus-tkg-system-values");
    assert!(rig.values("hub").contains("--web.enable-remote-write-receiver"));
    rig.promfed(&[&init[..], &["--diff"]].concat()).ends_with(0);

    // As a run leaves it that is killed after the Secret and before the reference.
    rig.kubectl(&[&install[..], &none].concat()).ends_with(0);
    rig.promfed(&init).ends_with(0).says("from Secret prometheus-tkg-system-values");
    assert!(rig.values("hub").contains("--web.enable-remote-write-receiver"));

    rig.promfed(&["rollback", "1", "--context", "admin@hub", "--yes", "--wait=false"]).ends_with(0);
    let left = get(&rig, "packageinstall/prometheus", "admin@hub", "jsonpath={.spec.values}").ends_with(0);
    assert_eq!(left.stdout, "");
    get(&rig, "secret/prometheus-tkg-system-values", "admin@hub", "name").ends_with(1);
}

#[test]
fn ten_revisions_are_kept_and_the_way_out() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.install_by_hand("hub", V3.0, V3.1, THEIRS);
    for days in 1..=13 {
        let retention = format!("{days}d");
        rig.promfed(&[
            "hub",
            "init",
            "--context",
            "admin@hub",
            "--cluster-name",
            "hub",
            "--yes",
            "--wait=false",
            "--retention",
            &retention,
        ])
        .ends_with(0);
    }
    let revisions = rig.promfed(&["history", "--context", "admin@hub", "-o", "json"]).json();
    let revisions: Vec<_> =
        revisions["items"].as_array().expect("items").iter().map(|item| item["revision"].clone()).collect();
    assert_eq!(revisions, [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 1]);
    rig.promfed(&["hub", "init", "--undo", "--context", "admin@hub", "--yes", "--wait=false", "--force"])
        .ends_with(0)
        .says("revisions 2 to 3 are not kept any more");
    assert_eq!(rig.values("hub"), THEIRS);
}
