//! Flags and configurations that do not fit the role or the version are found before what comes of them.

use super::breaking::{finds, rewrite, write_values};
use super::{context, federation};
use crate::support::{Rig, eventually};

const RECEIVER: &str = "      - --web.enable-remote-write-receiver\n";
const BUFFER: &str = "      - --storage.agent.path=/data/agent\n";
const LIFECYCLE: &str = "      - --web.enable-lifecycle\n";

/// These values without the block of the configuration that begins with this line.
fn without_block(values: &str, start: &str) -> String {
    let mut is_within = false;
    let is_kept = |line: &&str| {
        is_within =
            *line == start || (is_within && (line.starts_with("      -") || line.starts_with("       ")));
        !is_within
    };
    values.lines().filter(is_kept).flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn a_hub_that_cannot_be_written_to_and_nothing_of_its_agent() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let all = ["hub", "edge"];
    let before = rewrite(&rig, "hub", &[(RECEIVER, "")]);
    finds(&rig, &all, &[], &[("admin@hub PF301", "its receiver is off")]).ends_with(1);

    let own = ["--only", "package,flags"];
    write_values(&rig, "hub", &before.replace("      - --storage.tsdb.path=/data\n", ""));
    finds(&rig, &all, &own, &[("admin@hub PF304", "the list of arguments lacks --storage.tsdb.path")]);
    write_values(&rig, "hub", &before);
    finds(&rig, &all, &own, &[]).ends_with(0);

    rewrite(&rig, "edge", &[("prometheus.hub.test/api/v1/write", "prometheus.hub.test/p/api/v1/write")]);
    finds(
        &rig,
        &all,
        &own,
        &[("admin@hub PF312", "admin@edge writes to /p/api/v1/write, and the receiver is at")],
    );
}

#[test]
fn agents_with_arguments_that_do_not_do_what_they_should() {
    let clusters = [("hub", "3.5"), ("edge", "3.5"), ("west", "3.5"), ("south", "3.5")];
    let Some(rig) = federation(&clusters) else { return };
    let all = clusters.map(|(name, _)| name);
    let before = all.map(|name| rig.values(name));
    let mend = || all.iter().zip(&before).skip(1).for_each(|(name, text)| write_values(&rig, name, text));
    let server =
        [("- --agent\n", "- --enable-feature=agent\n"), (BUFFER, "      - --storage.tsdb.path=/data\n")];
    rewrite(&rig, "edge", &server);
    rewrite(&rig, "west", &[(BUFFER, "")]);
    rewrite(&rig, "south", &[(LIFECYCLE, "")]);
    let expected = [
        ("admin@edge PF303", "runs as a full server"),
        ("admin@west PF305", "--storage.agent.path is not given"),
        ("admin@south PF306", "refuses to reload"),
    ];
    finds(&rig, &all, &[], &expected).ends_with(1);
    mend();
    finds(&rig, &all, &["--only", "package,flags"], &[]).ends_with(0);

    write_values(&rig, "west", &without_block(&before[2], "      remote_write:"));
    let dead = format!("{LIFECYCLE}      - --enable-feature=new-service-discovery-manager\n");
    rewrite(&rig, "south", &[(LIFECYCLE, &dead)]);
    let expected = [
        ("admin@west PF310", "the configuration has no remote_write"),
        ("admin@south PF302", "new-service-discovery-manager does nothing"),
    ];
    finds(&rig, &all, &["--only", "package,flags"], &expected).ends_with(1);
}

/// Whether all pods of Prometheus are ready, and their reloader asks elsewhere than the package's own.
fn has_other_reloader(rig: &Rig, cluster: &str) -> bool {
    let pods = ["get", "pods", "-n", "tanzu-system-monitoring", "-l", "app=prometheus,component=server"];
    let told = "jsonpath={.items[*].spec.containers[*].args} {.items[*].status.containerStatuses[*].ready}";
    let told = rig.kubectl(&[&pods[..], &["-o", told, "--context", &context(cluster)]].concat()).stdout;
    !told.contains(":9090/-/reload") && told.ends_with("] true true")
}

#[test]
fn reloaders_that_do_not_reload_and_a_web_configuration_that_lets_nobody_in() {
    let clusters = [("hub", "3.5"), ("edge", "3.5"), ("west", "3.5"), ("south", "3.5")];
    let Some(rig) = federation(&clusters) else { return };
    let all = clusters.map(|(name, _)| name);
    let deployment = "prometheus:\n  deployment:\n";
    let reloader = |args: &str| {
        format!(
            "{deployment}    configmapReload:\n      containers:\n        args: [--volume-dir=/etc/config{args}]\n"
        )
    };
    let astray = ", '--webhook-url=http://127.0.0.1:9090/elsewhere/-/reload'";
    rewrite(&rig, "edge", &[(deployment, &reloader(""))]);
    rewrite(&rig, "west", &[(deployment, &reloader(astray))]);
    // A pod that is only about to start would read the changed configuration by itself.
    eventually("both run with their reloaders", || {
        ["edge", "west"].iter().all(|name| has_other_reloader(&rig, name))
    });
    for cluster in ["edge", "west"] {
        rewrite(&rig, cluster, &[("job_name: 'node-exporter'", "job_name: 'nodes'")]);
    }
    let guarded = "  config:\n    rules_yml: |\n      basic_auth_users: {nobody: $2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi}\n";
    let file = format!("{LIFECYCLE}      - --web.config.file=/etc/config/rules\n");
    rewrite(&rig, "south", &[("  config:\n", guarded), (LIFECYCLE, &file)]);
    let expected = [
        ("admin@edge PF308", "jobs in the ConfigMap that are not loaded: nodes"),
        ("admin@west PF313", "the reloader is answered 404"),
        ("admin@south PF207", "--web.config.file=/etc/config/rules asks for more"),
    ];
    finds(&rig, &all, &[], &expected).ends_with(1);
}

#[test]
fn configurations_that_a_running_prometheus_does_not_load() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5"), ("west", "3.5")]) else { return };
    let all = ["hub", "edge", "west"];
    let configuration = "      remote_write:\n";
    let edge = rewrite(&rig, "edge", &[(configuration, "      no_such: 1\n      remote_write:\n")]);
    let west = rewrite(
        &rig,
        "west",
        &[(configuration, "      rule_files: [/etc/config/rules]\n      remote_write:\n")],
    );
    let expected = [("admin@edge PF307", "field no_such not found"), ("admin@west PF309", "rule_files")];
    finds(&rig, &all, &[], &expected).ends_with(1);
    write_values(&rig, "edge", &edge);
    write_values(&rig, "west", &west);
    finds(&rig, &all, &[], &[]).ends_with(0);
}

#[test]
fn a_list_of_arguments_without_the_configuration_is_told() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let both = ["hub", "edge"];
    let before = rewrite(&rig, "edge", &[("      - --config.file=/etc/config/prometheus.yml\n", "")]);
    finds(&rig, &both, &[], &[("admin@edge PF206", "lacks --config.file")]).ends_with(1);
    write_values(&rig, "edge", &before);
    finds(&rig, &both, &[], &[]).ends_with(0);
}
