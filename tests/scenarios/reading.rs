//! The commands that read, over a small federation, in every format.

use serde_json::Value;

use promfed_sandbox::Component;

use crate::support::{HUB_INIT, Rig, eventually};

fn federation() -> Option<Rig> {
    let rig = Rig::start(&[("hub", "3.5"), ("edge", "2.53")])?;
    rig.promfed(&HUB_INIT).ends_with(0);
    rig.promfed(&[
        "agent",
        "join",
        "--context",
        "admin@edge",
        "--hub-context",
        "admin@hub",
        "--cluster-name",
        "edge",
    ])
    .ends_with(0);
    Some(rig)
}

#[test]
fn a_federation_can_be_read_in_every_way() {
    let Some(rig) = federation() else { return };

    let status = rig.promfed(&["status", "--all-contexts", "-o", "json"]).ends_with(0).json();
    let verdicts: Vec<_> =
        status["items"].as_array().expect("rows").iter().map(|row| row["verdict"].as_str()).collect();
    assert_eq!(verdicts, [Some("OK"), Some("OK")], "{status:#}");

    let clusters = rig.promfed(&["clusters", "--context", "admin@hub", "-o", "json"]).ends_with(0).json();
    let names: Vec<_> =
        clusters["items"].as_array().expect("rows").iter().map(|row| row["cluster"].as_str()).collect();
    assert_eq!(names, [Some("edge"), Some("hub")], "{clusters:#}");

    eventually("both clusters' pods are counted", || {
        let pods = rig.promfed(&[
            "query",
            "--context",
            "admin@hub",
            "-o",
            "json",
            "sum(kube_pod_info) by (cluster, namespace)",
        ]);
        let pods = pods.json();
        let of = |name: &str| {
            pods["items"]
                .as_array()
                .is_some_and(|rows| rows.iter().any(|row| row["labels"]["cluster"] == name))
        };
        of("hub") && of("edge")
    });
    rig.promfed(&["clusters", "--context", "admin@hub", "-o", "wide"])
        .ends_with(0)
        .prints("tanzu-system-monitoring");

    let flags = rig.promfed(&["flags", "--contexts", "admin@hub,admin@edge"]).ends_with(0).prints("6w");
    assert!(!flags.stdout.contains("DIFFERS"), "{flags}");
    rig.promfed(&["hub", "status", "--context", "admin@hub"]).ends_with(0).prints("write path");
    rig.promfed(&["agent", "status", "--context", "admin@edge"]).ends_with(0).prints("samples delivered");
    rig.promfed(&["version", "--context", "admin@edge"]).ends_with(0).prints("prometheus");
    rig.promfed(&["query", "--context", "admin@edge", "up"]).ends_with(2).says("--hub-context");

    every_format_is_one_document(&rig);
    an_unreachable_context_is_a_row(&rig);
}

fn every_format_is_one_document(rig: &Rig) {
    let commands: [&[&str]; 8] = [
        &["status", "--all-contexts"],
        &["clusters", "--context", "admin@hub"],
        &["flags", "--context", "admin@hub"],
        &["hub", "status", "--context", "admin@hub"],
        &["agent", "status", "--context", "admin@edge"],
        &["query", "--context", "admin@hub", "up"],
        &["version", "--context", "admin@hub"],
        &["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--dry-run"],
    ];
    for command in commands {
        let json: Value = rig.promfed(&[command, &["-o", "json"]].concat()).ends_with(0).json();
        let yaml = rig.promfed(&[command, &["-o", "yaml"]].concat()).ends_with(0).stdout;
        assert!(json.is_object(), "{command:?}: {json}");
        if !command.contains(&"--dry-run") {
            let yaml: Value = serde_yaml::from_str(&yaml).expect("one YAML document");
            assert_eq!(yaml["kind"], json["kind"], "{command:?}");
        }
        let table = rig.promfed(command).stdout;
        assert!(!table.contains('\u{1b}'), "colour in a pipe: {table}");
    }
}

fn an_unreachable_context_is_a_row(rig: &Rig) {
    rig.unplug("edge");
    let status = rig.promfed(&["status", "--all-contexts"]).ends_with(3);
    assert!(status.stdout.contains("UNREACHABLE") && status.stdout.contains("admin@hub"), "{status}");
}

#[test]
fn failures_are_documents_too() {
    let rig = Rig::with(&[("hub", "3.5")], |spec| spec.without(Component::KappController));
    let commands: [&[&str]; 9] = [
        &["hub", "init", "--cluster-name", "x"],
        &["hub", "status"],
        &["agent", "join", "--cluster-name", "x", "--hub-context", "admin@hub"],
        &["agent", "status"],
        &["clusters"],
        &["flags"],
        &["query", "up"],
        &["status", "--context", "nowhere"],
        &["hub", "init"],
    ];
    for command in commands {
        let ran = rig.promfed(&[command, &["-o", "json"]].concat());
        assert_ne!(ran.code, 0, "{command:?}: {ran}");
        let document = ran.json();
        assert_eq!(document["kind"], "Error", "{command:?}: {document}");
        assert!(document["error"].as_str().is_some_and(|text| !text.is_empty()), "{command:?}: {document}");
    }
}

#[test]
fn every_request_can_be_seen() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    for flag in ["-v", "-v=6", "--verbose"] {
        let ran = rig.promfed(&["status", "--context", "admin@hub", flag, "-o", "json"]).ends_with(0);
        ran.json();
        let asked = |line: &&str| line.starts_with("GET https://") && line.ends_with(" bytes");
        assert!(ran.stderr.lines().filter(asked).count() > 1, "{ran}");
        assert!(ran.stderr.contains("/packageinstalls?limit=500 200 in "), "{ran}");
    }
    assert_eq!(rig.promfed(&["status", "--context", "admin@hub", "-v=0"]).ends_with(0).stderr, "");
    rig.unplug("hub");
    rig.promfed(&["status", "--context", "admin@hub", "-v"]).ends_with(3).says("connection refused");
}
