//! Hubs that are no Prometheus: joined, read, mistaken for another, moved to, and left. The real VictoriaMetrics.

#![expect(clippy::doc_markdown, reason = "a product is named as it names itself")]

mod behind_tls;
mod victoria;

use serde_json::Value;

pub(crate) use self::victoria::VictoriaMetrics;
use crate::readme;
use crate::support::{HUB_INIT, Rig, eventually};

const JOIN: [&str; 6] = ["agent", "join", "--context", "admin@edge", "--cluster-name", "edge"];
const WRITE: [&str; 2] = ["--hub-url", "http://metrics.example.test:8428/api/v1/write"];
const READ: [&str; 2] = ["--query-url", "http://metrics.example.test:8428"];

fn with_receiver(clusters: &[(&str, &str)]) -> Option<(Rig, VictoriaMetrics)> {
    let rig = Rig::start(clusters)?;
    let receiver = VictoriaMetrics::start(&rig)?;
    Some((rig, receiver))
}

fn and(args: &[&[&'static str]]) -> Vec<&'static str> {
    args.concat()
}

#[test]
fn an_agent_of_victoria_metrics_is_proven_read_and_leaves() {
    let Some((rig, _receiver)) = with_receiver(&[("edge", "3.5")]) else { return };
    let join = and(&[&JOIN, &WRITE, &["--hub-type", "victoria-metrics"]]);
    let ran = rig.promfed(&join).ends_with(0).prints("up{cluster=\"edge\"} at hub");
    assert!(ran.stdout.contains("--query-url http://metrics.example.test:8428"), "{ran}");
    // Nobody keeps exemplars there.
    assert!(!rig.values("edge").contains("send_exemplars"));
    // What it is need not be said.
    rig.nothing_is_written(|| {
        rig.promfed(&and(&[&JOIN, &WRITE])).ends_with(0).prints("unchanged, and healthy")
    });

    let rows = rig.promfed(&and(&[&["clusters", "-o", "json"], &READ])).ends_with(0).json();
    assert_eq!((&rows["hub"], &rows["items"][0]["cluster"]), (&READ[1].into(), &"edge".into()), "{rows}");
    let up = and(&[&["query", "-o", "json", "count by (cluster) (up)"], &READ]);
    let answer = rig.promfed(&up).ends_with(0).json();
    assert_eq!(answer["items"][0]["labels"]["cluster"], "edge", "{answer}");
    let status = rig.promfed(&and(&[&["status", "--contexts", "admin@edge", "-o", "json"], &READ]));
    let status = status.ends_with(0).json();
    let row = |context: &str| {
        let rows = status["items"].as_array().into_iter().flatten();
        rows.clone().find(|row| row["context"] == context).cloned().unwrap_or_default()
    };
    assert_eq!(row(READ[1])["hubType"], "victoria-metrics", "{status}");
    assert_eq!(row("admin@edge")["hub"], READ[1], "{status}");
    assert!(row("admin@edge")["atHubSeconds"].is_number(), "{status}");

    rig.promfed(&["agent", "leave", "--context", "admin@edge", "--yes"]).ends_with(0);
    rig.promfed(&["status", "--contexts", "admin@edge"]).ends_with(0).prints("NONE");
}

#[test]
fn check_sees_both_ends_and_tells_what_does_not_arrive() {
    let Some((rig, receiver)) = with_receiver(&[("edge", "3.5")]) else { return };
    rig.promfed(&and(&[&JOIN, &WRITE])).ends_with(0);
    let check = ["check", "--contexts", "admin@edge", "-o", "json"];
    let both = and(&[&check, &READ]);
    let codes = |document: &Value| {
        let contexts = document["contexts"].as_array().into_iter().flatten();
        let checks = contexts.flat_map(|context| context["checks"].as_array().cloned().unwrap_or_default());
        let found = checks.filter(|check| check["findings"].as_array().is_some_and(|all| !all.is_empty()));
        found.map(|check| check["code"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    let well = rig.promfed(&both).ends_with(0);
    assert!(
        codes(&well.json()).iter().all(|code| !code.starts_with("PF5") && !code.starts_with("PF4")),
        "{well}"
    );
    // Its own end says nothing against a hub that is no Prometheus.
    rig.promfed(&check).ends_with(0);

    drop(receiver);
    eventually("what is away is told", || {
        let ran = rig.promfed(&both);
        ran.code == 3 && codes(&ran.json()).contains(&"PF212".to_owned())
    });
    rig.promfed(&and(&[&["status", "--contexts", "admin@edge"], &READ])).ends_with(3).prints("UNREACHABLE");
    rig.promfed(&and(&[&["clusters"], &READ]))
        .ends_with(3)
        .says("the hub at http://metrics.example.test:8428");
}

#[test]
fn who_names_another_type_than_the_one_that_answers_is_told() {
    let Some((rig, _receiver)) = with_receiver(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&and(&[&HUB_INIT, &["--auth", "none"]])).ends_with(0);
    let refuse = |args: &[&[&'static str]], code: i32, words: &[&str]| {
        rig.nothing_is_written(|| {
            let ran = rig.promfed(&and(&[&[&JOIN[..]], args].concat())).ends_with(code);
            words.iter().fold(ran, |ran, words| ran.says(words))
        });
    };
    refuse(
        &[&WRITE, &["--hub-type", "prometheus"]],
        2,
        &["is VictoriaMetrics, and not Prometheus", "--hub-type victoria-metrics"],
    );
    let other = ["--hub-url", "https://prometheus.hub.test/api/v1/write", "--insecure-skip-tls-verify"];
    refuse(
        &[&other, &["--hub-type", "victoria-metrics"]],
        2,
        &["is Prometheus, and not VictoriaMetrics", "--hub-type prometheus"],
    );
    refuse(
        &[&["--hub-url", "http://metrics.example.test:8428/api/v1/push"]],
        1,
        &["what answers is VictoriaMetrics", "--hub-url http://metrics.example.test:8428/api/v1/write"],
    );
    refuse(
        &[&WRITE, &["--hub-type", "victoria-metrics", "--tenant", "a"]],
        2,
        &["VictoriaMetrics takes no --tenant", "in the URL"],
    );
    let read = and(&[&["query", "up", "--hub-type", "mimir"], &READ]);
    rig.promfed(&read).ends_with(2).says("is VictoriaMetrics, and not Mimir");
}

#[test]
fn a_receiver_that_asks_for_a_password_gets_it_from_who_writes_and_who_reads() {
    let Some(rig) = Rig::start(&[("edge", "3.5")]) else { return };
    let flags = ["-httpAuth.username=edge", "-httpAuth.password=s3cr3t"];
    let Some(_receiver) = VictoriaMetrics::start_with(&rig, &flags) else { return };
    let password = rig.file("password", "s3cr3t\n");
    let login = ["--username", "edge", "--password-file", &password];
    let join = [&JOIN[..], &WRITE, &login].concat();
    rig.promfed(&join).ends_with(0).prints("up{cluster=\"edge\"} at hub");
    assert!(!rig.values("edge").contains("s3cr3t"));

    let clusters = [&["clusters"][..], &READ].concat();
    rig.promfed(&[&clusters[..], &login].concat()).ends_with(0).prints("edge");
    let ran = rig.promfed(&clusters).ends_with(1).says("401");
    assert!(!ran.stderr.contains("s3cr3t"), "{ran}");
    rig.promfed(&[&["clusters"][..], &login].concat()).ends_with(2).says("name it with --query-url");
}

#[test]
fn a_move_beside_the_hub_before_keeps_every_queue() {
    let Some((rig, _receiver)) = with_receiver(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    rig.promfed(&and(&[&JOIN, &["--hub-context", "admin@hub"]])).ends_with(0);
    let beside = and(&[&JOIN, &WRITE, &["--beside", "--yes"]]);
    rig.promfed(&beside).ends_with(0).prints("up{cluster=\"edge\"} at hub");
    rig.nothing_is_written(|| rig.promfed(&beside).ends_with(0).prints("unchanged, and healthy"));
    let fresh = |read: &[&'static str]| {
        let query =
            and(&[&["query", "-o", "json", "time() - max(timestamp(up{cluster=\"edge\"})) < 60"], read]);
        rig.promfed(&query).ends_with(0).json()["items"].as_array().is_some_and(|items| items.len() == 1)
    };
    eventually("both have what is new", || fresh(&READ) && fresh(&["--hub-context", "admin@hub"]));

    let sent = || {
        let page = [
            "get",
            "--raw",
            "/api/v1/namespaces/tanzu-system-monitoring/services/prometheus-server:80/proxy/metrics",
        ];
        let page = rig.kubectl(&and(&[&page, &["--context", "admin@edge"]])).ends_with(0).stdout;
        let of_new = |line: &&str| {
            line.starts_with("prometheus_remote_storage_samples_total{") && line.contains("promfed-2")
        };
        page.lines().find(of_new).and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).unwrap_or(0.0)
    };
    let before = sent();
    let alone = and(&[&JOIN, &WRITE, &["--yes"]]);
    let ran = rig.promfed(&alone).ends_with(0).says("- write    to https://prometheus-write.hub.test");
    assert!(!ran.stderr.contains("~ write"), "{ran}");
    assert!(!rig.values("edge").contains("prometheus-write.hub.test"), "{}", rig.values("edge"));
    // A queue that were made anew would count from nothing.
    assert!(before > 0.0 && sent() >= before);
    rig.nothing_is_written(|| rig.promfed(&alone).ends_with(0).prints("unchanged, and healthy"));
}

#[test]
fn every_command_of_the_page_prints_what_it_says() {
    let Some((rig, _receiver)) = with_receiver(&[("hub", "3.5"), ("edge1", "3.5"), ("edge2", "3.5")]) else {
        return;
    };
    rig.promfed(&HUB_INIT).ends_with(0);
    let join = [
        "agent",
        "join",
        "--context",
        "admin@edge1",
        "--hub-context",
        "admin@hub",
        "--cluster-name",
        "edge1",
    ];
    rig.promfed(&join).ends_with(0);
    readme::holds(&rig, "docs/receivers.md", |command| {
        if command.contains(" clusters ") {
            let pods = and(&[&["query", "-o", "name", "count by (cluster) (kube_pod_info)"], &READ]);
            eventually("the pods are counted", || rig.promfed(&pods).stdout.lines().count() == 1);
        }
    });
}
