//! Only those write to a hub whom it lets in.

use serde_json::Value;

use crate::client::{Authority, Identity, Request};
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
const V3: (&str, &str) = ("prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1");
const PUBLIC: &str = "prometheus.hub.test";
const DOOR: &str = "prometheus-write.hub.test";

fn credentials(rig: &Rig, args: &[&str]) -> Ran {
    rig.promfed(&[&["hub", "credentials"], args, &["--context", "admin@hub"]].concat())
}

/// `CLUSTER NEWEST` of each certificate that the hub lets in.
fn let_in(rig: &Rig) -> Vec<String> {
    let list = credentials(rig, &["list", "-o", "json"]).ends_with(0).json();
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let words = |item: &Value| format!("{} {}", item["cluster"].as_str().unwrap_or_default(), item["newest"]);
    items.iter().map(words).collect()
}

fn secret(rig: &Rig, context: &str, name: &str, key: &str) -> String {
    let get = ["get", "secret", name, "-n", "tanzu-system-monitoring", "--context", context, "-o"];
    let template = format!("go-template={{{{index .data \"{key}\" | base64decode}}}}");
    rig.kubectl(&[&get[..], &[&template]].concat()).ends_with(0).stdout
}

/// The status of an answer, or why there was none.
fn ask(rig: &Rig, name: &str, path: &str, client: Option<&Identity>) -> String {
    let authority = secret(rig, "admin@hub", "prometheus-tls", "ca.crt");
    let request = Request { name, path, headers: "" };
    let answer = request.over_tls(rig.ingress("hub", 443), &authority, client);
    answer.map_or_else(|error| format!("no answer: {error}"), |answer| answer.status)
}

#[test]
fn nobody_writes_without_a_certificate_that_the_hub_knows() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0).prints("ingress promfed-write");
    let joined = rig.promfed(&JOIN).ends_with(0).says("at the hub").prints("up{cluster=\"edge\"} at hub");
    assert!(!joined.stdout.contains("PRIVATE KEY") && !joined.stderr.contains("PRIVATE KEY"), "{joined}");
    rig.nothing_is_written(|| rig.promfed(&JOIN).ends_with(0).prints("unchanged, and healthy"));
    assert_eq!(let_in(&rig), ["edge true"]);

    // The receiver answers a GET with 405: whoever gets that has come through.
    let key = |file: &str| secret(&rig, "admin@edge", "promfed-remote-write", file);
    let edge = Identity { certificate: key("tls.crt"), key: key("tls.key") };
    let stranger = Identity::new("edge", Authority::No);
    assert_eq!(ask(&rig, DOOR, "/api/v1/write", Some(&edge)), "405");
    assert_eq!(ask(&rig, DOOR, "/api/v1/query?query=1", Some(&edge)), "404");
    for client in [None, Some(&stranger)] {
        let answer = ask(&rig, DOOR, "/api/v1/write", client);
        assert!(answer.starts_with("no answer"), "{answer}");
    }
    for path in ["/api/v1/write", "/api/v1%2Fwrite", "/api/v1%2fwrite", "/api/v1/otlp/v1/metrics"] {
        assert_eq!(ask(&rig, PUBLIC, path, Some(&edge)), "403", "{path}");
    }
    assert_eq!(ask(&rig, PUBLIC, "/api/v1/query?query=1%2F1", None), "200");
    let found = rig.promfed(&["check", "--contexts", "admin@hub,admin@edge", "-o", "short"]);
    assert_eq!(found.ends_with(0).stdout, "");
}

#[test]
fn who_writes_already_is_not_shut_out() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "2.53")]) else { return };
    rig.promfed(&[&HUB_INIT[..], &["--auth", "none"]].concat()).ends_with(0);
    rig.promfed(&JOIN).ends_with(0);
    assert!(rig.values("edge").contains("https://prometheus.hub.test/api/v1/write"));
    credentials(&rig, &["list"]).ends_with(1).says("--auth mtls");

    let guard = [&HUB_INIT[..], &["--auth", "mtls", "--yes"]].concat();
    rig.promfed(&guard).ends_with(0).says("edge writes without a certificate");
    assert_eq!(ask(&rig, PUBLIC, "/api/v1/write", None), "405");
    rig.promfed(&JOIN).ends_with(0);
    assert!(rig.values("edge").contains("https://prometheus-write.hub.test/api/v1/write"));
    rig.promfed(&guard).ends_with(0).says("takes no writes");
    assert_eq!(ask(&rig, PUBLIC, "/api/v1/write", None), "403");
}

#[test]
fn a_cluster_joins_by_a_file_and_its_certificate_is_replaced_and_revoked() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let place = rig.file("README", "join files");
    let file = |name: &str| place.replace("README", name);
    let (first, second) = (file("first.join"), file("second.join"));
    let line =
        ["hub", "join-command", "--context", "admin@hub", "--cluster-name", "edge", "--join-file", &first];
    let line = rig.promfed(&line).ends_with(0).prints("kubectl promfed agent join").prints("--ca-sha256");
    assert!(!line.stdout.contains("PRIVATE KEY"));
    credentials(&rig, &["create", "edge", "--join-file", &first]).ends_with(2).says("already");
    credentials(&rig, &["create", "edge", "--join-file", &second]).ends_with(2).says("rotate");
    assert!(!std::path::Path::new(&second).exists());

    let join = |file: &str, more: &[&str]| {
        let join = ["agent", "join", "--context", "admin@edge", "--from", file, "--yes"];
        rig.promfed(&[&join[..], more].concat())
    };
    rig.nothing_is_written(|| join(&first, &["--ca-sha256", "00ff"]).ends_with(2).says("fingerprint"));
    let text = std::fs::read_to_string(&first).expect("a join file");
    let year = text.split("expires: \"").nth(1).and_then(|rest| rest.get(..4)).expect("a year");
    let late = rig.file("late.join", &text.replace(&format!("expires: \"{year}"), "expires: \"2020"));
    rig.nothing_is_written(|| join(&late, &[]).ends_with(2).says("it expired"));
    join(&first, &[]).ends_with(0).prints("delivering");

    credentials(&rig, &["rotate", "edge", "--join-file", &second]).ends_with(0);
    assert_eq!(let_in(&rig), ["edge false", "edge true"]);
    join(&second, &[]).ends_with(0);
    credentials(&rig, &["revoke", "edge", "--older"]).ends_with(2).says("--yes");
    credentials(&rig, &["revoke", "edge", "--older", "--yes"]).ends_with(0);
    assert_eq!(let_in(&rig), ["edge true"]);
    credentials(&rig, &["revoke", "edge", "--yes"]).ends_with(0).prints("Nobody is let in");
    credentials(&rig, &["revoke", "edge", "--yes"]).ends_with(2).says("no certificate");
    rig.nothing_is_written(|| join(&second, &[]).ends_with(1).says("does not take these credentials"));
}

#[test]
fn leaving_and_undoing_takes_the_door_away() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let (hubs, edges) = ("# the hub's\nprometheus: {}\n", "# the edge's\nprometheus: {}\n");
    rig.install_by_hand("hub", V3.0, V3.1, hubs);
    rig.install_by_hand("edge", V3.0, V3.1, edges);
    rig.promfed(&[&HUB_INIT[..], &["--yes"]].concat()).ends_with(0);
    rig.promfed(&JOIN).ends_with(0);
    let leave = ["agent", "leave", "--context", "admin@edge", "--hub-context", "admin@hub", "--yes"];
    rig.promfed(&leave).ends_with(0);
    assert_eq!((rig.values("edge"), let_in(&rig)), (edges.to_owned(), Vec::new()));

    let undo = ["hub", "init", "--undo", "--context", "admin@hub", "--yes", "--force"];
    rig.promfed(&undo).ends_with(0);
    assert_eq!(rig.values("hub"), hubs);
    for (kind, context) in [("httpproxy", "admin@hub"), ("secret", "admin@hub"), ("secret", "admin@edge")] {
        let get = ["get", kind, "-A", "--context", context, "-o", "jsonpath={.items[*].metadata.name}"];
        eventually("nothing of promfed's is left", || {
            let names = rig.kubectl(&get).ends_with(0).stdout;
            let ours = |name: &&str| name.contains("promfed-") || name.contains("-overlay");
            names.split(' ').find(ours).is_none()
        });
    }
}

#[test]
fn as_many_as_come_at_once_are_let_in() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let place = rig.file("README", "join files");
    let names: Vec<String> = (10..22).map(|number| format!("edge-{number}")).collect();
    std::thread::scope(|scope| {
        for name in &names {
            let file = place.replace("README", name);
            let rig = &rig;
            scope.spawn(move || credentials(rig, &["create", name, "--join-file", &file]).ends_with(0));
        }
    });
    let expected: Vec<String> = names.iter().map(|name| format!("{name} true")).collect();
    assert_eq!(let_in(&rig), expected);
}
