//! `agent join`: proven at the hub, again, converted, and refused before anything is written.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{HUB_INIT, Rig, eventually, fixture};

const JOIN: [&str; 8] =
    ["agent", "join", "--context", "admin@edge", "--hub-context", "admin@hub", "--cluster-name", "edge"];

fn with_hub(clusters: &[(&str, &str)]) -> Option<Rig> {
    let rig = Rig::start(clusters)?;
    rig.promfed(&HUB_INIT).ends_with(0);
    Some(rig)
}

#[test]
fn samples_of_a_new_agent_are_seen_at_the_hub_over_verified_tls() {
    let Some(rig) = with_hub(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let ran = rig.promfed(&JOIN).ends_with(0).prints("up{cluster=\"edge\"} at hub");
    assert!(!ran.stderr.contains("not verified"), "{ran}");
    assert!(rig.values("edge").contains("ca_file: /etc/promfed/ca.crt"));

    let written = rig.writes();
    rig.promfed(&JOIN).ends_with(0).prints("unchanged, and healthy");
    assert_eq!(rig.writes(), written);
}

#[test]
fn an_agent_of_2_x_speaks_its_own_dialect_to_a_hub_of_3_x() {
    let Some(rig) = with_hub(&[("hub", "3.5"), ("edge", "2.53")]) else { return };
    rig.promfed(&JOIN).ends_with(0);
    let flags = rig.promfed(&["flags", "--context", "admin@edge"]).ends_with(0);
    assert!(
        flags.stdout.lines().any(|line| line.starts_with("enable-feature") && line.contains("agent role")),
        "{flags}"
    );
}

/// The question of the recipe that this replaces, answered as kubectl answers it.
#[test]
fn the_pods_of_both_clusters_are_counted_by_kube_state_metrics() {
    let Some(rig) = with_hub(&[("hub", "3.5"), ("edge", "2.53")]) else { return };
    rig.promfed(&JOIN).ends_with(0);
    let counted = || {
        let query =
            ["query", "--context", "admin@hub", "-o", "json", "sum(kube_pod_info) by (cluster, namespace)"];
        let answer = rig.promfed(&query).ends_with(0).json();
        let items = answer["items"].as_array().cloned().unwrap_or_default();
        let count = |item: &Value| {
            let text = |label: &str| item["labels"][label].as_str().unwrap_or_default().to_owned();
            let number = item["points"][0][1].as_str().and_then(|number| number.parse().ok()).unwrap_or(0);
            ((text("cluster"), text("namespace")), number)
        };
        items.iter().map(count).collect::<BTreeMap<_, usize>>()
    };
    let there = || {
        let mut pods = BTreeMap::new();
        for cluster in ["hub", "edge"] {
            let context = format!("admin@{cluster}");
            let list =
                ["get", "pods", "-A", "--context", &context, "-o", "jsonpath={.items[*].metadata.namespace}"];
            for namespace in rig.kubectl(&list).ends_with(0).stdout.split_whitespace() {
                *pods.entry((cluster.to_owned(), namespace.to_owned())).or_insert(0_usize) += 1;
            }
        }
        pods
    };
    eventually("the hub counts the pods that there are", || counted() == there());
}

#[test]
fn a_hub_is_enough_by_its_url() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "2.43")]) else { return };
    rig.promfed(&[&HUB_INIT[..], &["--auth", "none"]].concat()).ends_with(0);
    let url = "https://prometheus.hub.test/api/v1/write";
    rig.promfed(&[
        "agent",
        "join",
        "--context",
        "admin@edge",
        "--hub-url",
        url,
        "--cluster-name",
        "edge",
        "--insecure-skip-tls-verify",
    ])
    .ends_with(0)
    .says("certificate is not verified")
    .prints("up{cluster=\"edge\"} at hub");
    // It is not forgotten.
    let status = rig.promfed(&["status", "--context", "admin@edge", "-o", "json"]).ends_with(0).json();
    let row = &status["items"][0];
    assert_eq!((&row["verdict"], &row["code"]), (&"OK".into(), &"PF803".into()), "{status:#}");
    rig.promfed(&["agent", "status", "--context", "admin@edge"]).prints(", not verified");
}

#[test]
fn a_plain_server_is_converted() {
    let Some(rig) = with_hub(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.install_by_hand(
        "edge",
        "prometheus.kubernetes.vmware.com",
        "3.5.0+vmware.1-vks.1",
        "# nothing of our own\n",
    );
    rig.promfed(&[&JOIN[..], &["--yes"]].concat()).ends_with(0);
    let values = rig.values("edge");
    assert!(values.starts_with("# nothing of our own\n"), "{values}");
    assert!(!values.contains("alerting:") && !values.contains("--storage.tsdb"), "{values}");
}

#[test]
fn the_articles_agent_only_gets_what_is_missing() {
    let rig = Rig::without_prometheus(&[("edge", "2.43")]);
    let values = fixture("article/agent-values.yaml");
    rig.install_by_hand("edge", "prometheus.tanzu.vmware.com", "2.43.0+vmware.2-tkg.1", &values);
    let ran = rig.promfed(&[
        "agent",
        "join",
        "--context",
        "admin@edge",
        "--cluster-name",
        "kind",
        "--insecure-skip-tls-verify",
        "--hub-url",
        "https://prometheus.192-168-194-146.sslip.io/api/v1/write",
        "--dry-run",
    ]);
    let ran = ran.ends_with(0);
    let added = ran.stdout.lines().filter(|line| line.starts_with('+')).count();
    let removed = ran.stdout.lines().filter(|line| line.starts_with('-')).count();
    // A path, a name, a queue of five lines, and a rule of two lines for each of the two jobs with a labelmap.
    assert_eq!((added, removed), (11, 0), "{ran}");
}

#[test]
fn the_hubs_own_cluster_is_refused() {
    let Some(rig) = with_hub(&[("hub", "3.5")]) else { return };
    rig.nothing_is_written(|| {
        rig.promfed(&[
            "agent",
            "join",
            "--context",
            "admin@hub",
            "--hub-context",
            "admin@hub",
            "--cluster-name",
            "x",
        ])
        .ends_with(2)
        .says("is the hub's own cluster")
    });
}

#[test]
fn a_name_that_another_cluster_has_is_refused() {
    let Some(rig) = with_hub(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let mut join = JOIN;
    join[7] = "hub";
    rig.nothing_is_written(|| {
        rig.promfed(&join).ends_with(2).says("another cluster writes to the hub as \"hub\"")
    });
}

#[test]
fn a_hub_whose_receiver_is_off_is_refused() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let values = "ingress:\n  enabled: true\n  virtual_host_fqdn: prometheus.hub.test\n";
    rig.install_by_hand("hub", "prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1", values);
    rig.nothing_is_written(|| {
        rig.promfed(&JOIN)
            .ends_with(1)
            .says("its remote write receiver is off")
            .says("kubectl promfed hub init")
    });
}

#[test]
fn a_hub_behind_plain_http_is_refused_for_its_redirect() {
    let Some(rig) = with_hub(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.nothing_is_written(|| {
        rig.promfed(&[
            "agent",
            "join",
            "--context",
            "admin@edge",
            "--cluster-name",
            "edge",
            "--hub-url",
            "http://prometheus.hub.test/api/v1/write",
        ])
        .ends_with(1)
        .says("redirect to https")
    });
}

#[test]
fn a_write_url_of_ones_own_is_noted_on_the_hub_for_agents() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let url = "https://metrics.example.com/prometheus/api/v1/write";
    let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub"];
    rig.promfed(&init).ends_with(0).prints("--hub-url URL");
    rig.promfed(&[&init[..], &["--write-url", url, "--yes"]].concat()).ends_with(0);
    rig.promfed(&[&JOIN[..], &["--dry-run", "-o", "yaml"]].concat()).ends_with(0).prints(url);
}

#[test]
fn the_hop_that_fails_is_named() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    // A hub that lets somebody in by a certificate deploys its ingress again, and what stands before it goes.
    rig.promfed(&[&HUB_INIT[..], &["--auth", "none"]].concat()).ends_with(0);
    rig.refuse_writes("prometheus.hub.test", 403);
    rig.promfed(&JOIN).ends_with(1).says("the hub refuses samples").says("403");
}
