//! Agents that write to where nobody receives, or do not trust who does, and what goes wrong before anything is sent:
//! each agent of a federation is wrong in another way.

use super::breaking::{changed, finds, rewrite, write_values};
use super::federation;

const URL: &str = "url: https://prometheus.hub.test/api/v1/write\n";
/// The first line of the entry of `remote_write`.
const ENTRY: &str = "      - name: promfed\n";
const LIFECYCLE: &str = "      - --web.enable-lifecycle\n";
const JOBS: &str = "      scrape_configs:\n";

/// These values without the authority that signed the hub's certificate.
fn without_authority(values: &str) -> String {
    changed(values, &[("        tls_config:\n          ca_file: /etc/promfed/ca.crt\n", "")])
}

/// A job with one target, whose series say that they are of a cluster.
fn job(name: &str, target: &str, cluster: &str) -> String {
    format!(
        "      - job_name: {name}\n        scrape_interval: 5s\n        static_configs: [{{targets: ['{target}'], labels: {{cluster: {cluster}}}}}]\n"
    )
}

#[test]
fn urls_hosts_and_certificates_that_are_wrong() {
    let clusters = [("hub", "3.5"), ("host", "2.53"), ("plain", "3.5"), ("path", "2.53"), ("trust", "3.5")];
    let Some(rig) = federation(&clusters) else { return };
    let all = clusters.map(|(name, _)| name);
    rewrite(&rig, "host", &[(URL, &URL.replace("prometheus.hub", "nobody.hub"))]);
    let plain = rewrite(&rig, "plain", &[(URL, &URL.replace("https", "http"))]);
    let path = rewrite(&rig, "path", &[(URL, &URL.replace("/write", "/wrong"))]);
    let trust = rig.values("trust");
    // A queue that cannot send is given up at once, and not after a minute.
    let hasty = format!("{LIFECYCLE}      - --storage.remote.flush-deadline=1s\n");
    write_values(&rig, "trust", &changed(&without_authority(&trust), &[(LIFECYCLE, &hasty)]));
    let expected = [
        ("admin@hub PF312", "admin@path writes to /api/v1/wrong, and the receiver is at /api/v1/write"),
        ("admin@host PF510", "lookup nobody.hub.test: no such host"),
        ("admin@plain PF503", "405 Method Not Allowed"),
        ("admin@trust PF504", "signed by unknown authority"),
    ];
    finds(&rig, &all, &[], &expected).ends_with(1);
    // Without its hub, an agent tells by itself what is wrong with it.
    finds(&rig, &["path"], &[], &[("admin@path PF502", "/wrong: no receiver is there")]).ends_with(1);

    write_values(&rig, "plain", &plain);
    write_values(&rig, "path", &path);
    write_values(&rig, "trust", &trust);
    finds(&rig, &["hub", "plain", "path", "trust"], &[], &[]).ends_with(0);
    let expected = [("admin@host PF510", "no such host"), ("admin@host PF703", "loss begins in about")];
    finds(&rig, &["host"], &[], &expected).ends_with(1);
}

#[test]
fn what_is_not_scraped_or_scraped_twice_and_what_is_dropped() {
    let clusters = [("hub", "3.5"), ("edge", "3.5"), ("west", "2.53")];
    let Some(rig) = federation(&clusters) else { return };
    let all = clusters.map(|(name, _)| name);
    let before = all.map(|name| rig.values(name));
    let twice = format!("{JOBS}{}", job("again", "prometheus-kube-state-metrics:8080", "hub"));
    rewrite(&rig, "hub", &[(JOBS, &twice)]);
    let gone = format!("{JOBS}{}", job("gone", "localhost:1", "edge"));
    rewrite(&rig, "edge", &[(JOBS, &gone)]);
    // What is dropped is held against all since the agent started: another argument lets it start again.
    let few = format!(
        "{ENTRY}        write_relabel_configs: [{{source_labels: [__name__], regex: up, action: keep}}]\n"
    );
    let again = format!("{LIFECYCLE}      - --log.level=info\n");
    rewrite(&rig, "west", &[(ENTRY, &few), (LIFECYCLE, &again)]);
    let expected = [
        ("admin@hub PF515", "kube-state-metrics of hub is stored 2 times"),
        ("admin@edge PF514", "job gone: 1 of 1 down"),
        ("admin@west PF511", "of 100 samples are dropped: by write_relabel_configs"),
    ];
    finds(&rig, &all, &[], &expected).ends_with(0);
    for (name, text) in all.iter().zip(&before).skip(1) {
        write_values(&rig, name, text);
    }
    finds(&rig, &all, &["--skip", "PF515"], &[]).ends_with(0);
}
