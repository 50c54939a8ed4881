//! What keeps a hub from telling its clusters apart.

use super::breaking::{V3, changed, finds, rewrite, write_values};
use super::federation;

/// What gives every series of the agent "edge" its cluster.
const NAME: &str = "        external_labels:\n          cluster: edge\n";

#[test]
fn an_agent_without_a_name_is_told_and_at_the_hub_its_series_without_one() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rewrite(&rig, "edge", &[(NAME, "")]);
    finds(&rig, &["hub", "edge"], &[], &[("admin@edge PF401", "")]).prints("no external label cluster");
    finds(&rig, &["hub"], &[], &[("admin@hub PF404", "")]).prints("no cluster on up of job");
}

#[test]
fn a_variable_that_nothing_replaces_is_no_name() {
    let Some(rig) = federation(&[("hub", "3.5"), ("new", "3.5"), ("old", "2.53")]) else { return };
    rewrite(&rig, "new", &[("          cluster: new\n", "          cluster: ${CLUSTER_NAME}\n")]);
    rewrite(&rig, "old", &[("          cluster: old\n", "          cluster: ${CLUSTER_NAME}\n")]);
    finds(&rig, &["hub", "new", "old"], &[], &[("admin@new PF402", ""), ("admin@old PF402", "")])
        .prints("the name is empty: the values say \"${CLUSTER_NAME}\"")
        .prints("the name is the text \"${CLUSTER_NAME}\"");

    rewrite(&rig, "new", &[("          cluster: ${CLUSTER_NAME}\n", "          cluster: new\n")]);
    finds(&rig, &["new"], &[], &[]);
}

#[test]
fn jobs_and_rules_of_the_hub_that_lose_its_name() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "2.53")]) else { return };
    let healthy = rig.values("hub");
    let both = ["hub", "edge"];
    let broken = |replacements: &[(&str, &str)]| write_values(&rig, "hub", &changed(&healthy, replacements));

    let labelled = ":9100']\n        relabel_configs:\n        - target_label: cluster\n";
    broken(&[(labelled, &labelled.replace("relabel", "metric_relabel"))]);
    finds(&rig, &both, &[], &[("admin@hub PF403", "")]).prints("no target gets the label: job node-exporter");

    // What was scraped without it stays in sight until it is stale, which takes longer than a scenario.
    let later = ["--skip", "PF404"];

    let federating = "      scrape_configs:\n      - job_name: again\n        metrics_path: /federate\n        params: {'match[]': ['{job=\"none\"}']}\n        static_configs: [{targets: ['localhost:9090'], labels: {cluster: hub}}]\n";
    broken(&[("      scrape_configs:\n", federating)]);
    finds(&rig, &both, &later, &[("admin@hub PF412", "")]).prints("job again federates localhost:9090");

    let rules = "  config:\n    recording_rules_yml: |\n      groups:\n      - name: own\n        rules:\n        - record: all:up:sum\n          expr: sum(up)\n    alerting_rules_yml: |\n      groups:\n      - name: ours\n        rules:\n        - alert: FewTargets\n          expr: count(up) < 2\n";
    broken(&[("  config:\n", rules)]);
    finds(&rig, &both, &later, &[("admin@hub PF413", ""), ("admin@hub PF604", "")])
        .prints("all:up:sum (sum)")
        .prints("FewTargets (count)");

    let external = "        scrape_timeout: 10s\n        external_labels: {cluster: hub}\n";
    broken(&[("  config:\n", rules), ("        scrape_timeout: 10s\n", external)]);
    finds(&rig, &both, &later, &[("admin@hub PF414", ""), ("admin@hub PF413", ""), ("admin@hub PF604", "")])
        .prints("alerts without a cluster are sent as cluster=\"hub\": FewTargets");

    write_values(&rig, "hub", &healthy);
    finds(&rig, &both, &later, &[]);
}

#[test]
fn two_clusters_under_one_name_are_told_by_both_and_by_the_hub_alone() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5"), ("twin", "3.5")]) else { return };
    let twin = rig.values("edge");
    write_values(&rig, "twin", &twin);
    finds(&rig, &["hub", "edge", "twin"], &[], &[("admin@edge PF405", ""), ("admin@twin PF405", "")])
        .prints("context \"admin@twin\" writes as \"edge\" too")
        .prints("context \"admin@edge\" writes as \"edge\" too");
    // Of the twin that joined under another name, the hub still has samples.
    finds(&rig, &["hub"], &["--skip", "PF513"], &[("admin@hub PF406", "")]).prints("\"edge\"");
}

#[test]
fn replicas_that_only_the_hub_sees_and_a_rule_on_two_levels() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5"), ("twin", "3.5"), ("server", "3.5")]) else {
        return;
    };
    let edge = rig.values("edge");
    let replica = |name: &str| {
        edge.replace(
            "          cluster: edge\n",
            &format!("          cluster: edge\n          replica: {name}\n"),
        )
    };
    write_values(&rig, "edge", &replica("a"));
    write_values(&rig, "twin", &replica("b"));
    // What was sent without the label counts as a third one, while the hub still answers with it.
    finds(&rig, &["hub"], &["--only", "PF411"], &[("admin@hub PF411", "replicas write as \"edge\"")]);

    let rule = "  config:\n    recording_rules_yml: |\n      groups:\n      - name: own\n        rules:\n        - record: cluster:up:sum\n          expr: sum by (cluster) (up)\n";
    rewrite(&rig, "hub", &[("  config:\n", rule)]);
    let config = edge.split_once("  config:\n").expect("a configuration").1;
    let config = config
        .replace("cluster: edge", "cluster: server")
        .replace("replacement: edge", "replacement: server");
    let config = config.replacen(
        "      scrape_configs:",
        "      rule_files: [/etc/config/recording_rules.yml]\n      scrape_configs:",
        1,
    );
    let values = format!("prometheus:\n{rule}{config}");
    rig.promfed(&["agent", "leave", "--context", "admin@server", "--hub-context", "admin@hub", "--yes"])
        .ends_with(0);
    rig.install_by_hand("server", V3.0, V3.1, &values);
    finds(
        &rig,
        &["hub", "server"],
        &["--only", "PF415"],
        &[("admin@hub PF415", "both record cluster:up:sum")],
    );
}

#[test]
fn a_cluster_that_nobody_joined_and_a_label_that_pods_bring() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5"), ("stray", "3.5")]) else { return };
    let leave = ["agent", "leave", "--context", "admin@stray", "--yes"];
    rig.promfed(&leave).ends_with(0);
    let get = ["get", "secret", "prometheus-tls", "-n", "tanzu-system-monitoring", "--context", "admin@hub"];
    let authority = ["-o", "go-template={{index .data \"ca.crt\" | base64decode}}"];
    let authority = rig.kubectl(&[&get[..], &authority].concat()).ends_with(0).stdout;
    let values = rig
        .values("edge")
        .replace("cluster: edge", "cluster: foundling")
        .replace("replacement: edge", "replacement: foundling")
        // Nothing mounts it there.
        .replace("ca_file: /etc/promfed/ca.crt", &format!("ca: {}", serde_json::json!(authority)));
    rig.install_by_hand("stray", V3.0, V3.1, &values);
    finds(&rig, &["hub", "edge"], &[], &[("admin@hub PF408", "")]).prints("somebody writes as \"foundling\"");
    // Who is read too is known.
    finds(&rig, &["hub", "edge", "stray"], &[], &[]);

    let run =
        ["run", "database", "--image", "database", "--labels", "cluster=galera", "--context", "admin@edge"];
    rig.kubectl(&run).ends_with(0);
    let closed = "          target_label: kubernetes_pod_name\n        - target_label: cluster\n          replacement: edge\n";
    rewrite(&rig, "edge", &[(closed, "          target_label: kubernetes_pod_name\n")]);
    finds(&rig, &["hub", "edge", "stray"], &[], &[("admin@edge PF410", "")])
        .prints("job kubernetes-pods copies the labels of pods");
}
