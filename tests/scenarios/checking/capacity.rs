//! What is too small: volumes, memory, queues, and the time that a stopping agent has.

use serde_json::json;

use super::breaking::{finds, rewrite};
use super::{check, federation, federation_with, found};
use crate::support::{Rig, eventually};

const QUEUE: &str = "          retry_on_http_429: true\n";

/// Lets the Deployment of a cluster have less time to end, until kapp looks at it again.
fn shorten_the_end(rig: &Rig, cluster: &str) {
    let spec = json!({"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 10}}}}).to_string();
    let deployment = ["deployment", "prometheus-server", "-n", "tanzu-system-monitoring"];
    let context = super::context(cluster);
    let patch = [&["patch"], &deployment[..], &["--context", &context, "-p", &spec]].concat();
    rig.kubectl(&patch).ends_with(0);
}

#[test]
fn volumes_memory_and_time_that_do_not_suffice() {
    let clusters = [("hub", "3.5"), ("edge", "3.5"), ("west", "3.5")];
    let small = |name: &str| match name {
        "hub" => vec!["--storage", "2Ki"],
        "edge" => vec!["--storage", "1Ki"],
        _ => Vec::new(),
    };
    let Some(rig) = federation_with(&clusters, small) else { return };
    let all = clusters.map(|(name, _)| name);
    let container = "    containers:\n      args:\n";
    let limited = container.replace("args", "resources: {limits: {memory: 16Mi}}\n      args");
    rewrite(&rig, "west", &[(container, &limited)]);
    let expected = [
        ("admin@hub PF706", "of 2Ki are used"),
        ("admin@edge PF705", "and its volume 1Ki"),
        ("admin@west PF707", "of 16Mi are used, and above that it is killed"),
    ];
    finds(&rig, &all, &[], &expected).ends_with(1);

    eventually("an end that was made shorter is found", || {
        shorten_the_end(&rig, "edge");
        let ran = check(&rig, &all, &["--only", "PF713"]);
        found(&ran) == ["admin@edge PF713"] && ran.stdout.contains("it is killed 10s after")
    });
}

#[test]
fn what_is_sent_twice_and_a_queue_that_loses() {
    let Some(rig) = federation(&[("hub", "3.5"), ("west", "3.5")]) else { return };
    let cramped = format!("{QUEUE}          capacity: 100\n          sample_age_limit: 10m\n");
    let second = "      remote_write:\n      - name: second\n        url: https://prometheus.hub.test:443/api/v1/write\n        tls_config: {insecure_skip_verify: true}\n";
    rewrite(&rig, "west", &[(QUEUE, &cramped), ("      remote_write:\n", second)]);
    let expected = [
        ("admin@west PF314", "is written to by two entries of remote_write"),
        ("admin@west PF714", "queue_config.capacity is 100, and one batch has 2000 samples"),
        ("admin@west PF714", "what waits for longer than 10m is dropped"),
    ];
    finds(&rig, &["hub", "west"], &["--skip", "PF803"], &expected).ends_with(0);
}
