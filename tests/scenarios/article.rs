//! The recipe that promfed replaces: what the commands write means the same, but for differences that are listed here,
//! each with its reason.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::support::{Rig, fixture};

/// The version that the recipe was written for.
const ARTICLE: &str = "2.43.0";
const URL: &str = "https://prometheus.192-168-194-146.sslip.io/api/v1/write";

#[test]
fn the_hub_means_the_same() {
    let rig = Rig::without_prometheus(&[("orbstack", "2.43")]);
    let ran = rig.promfed(&[
        "hub",
        "init",
        "--cluster-name",
        "orbstack",
        "--fqdn",
        "prometheus.192-168-194-146.sslip.io",
        "--retention",
        "42d",
        "--package-version",
        ARTICLE,
        "--dry-run",
        "-o",
        "json",
    ]);
    assert_eq!(ran.code, 0, "{ran}");
    let differences = [(
        "job node-exporter",
        "absent",
        "present: the package's own default scrapes it, and nobody asked to stop",
    )];
    compare(&fixture("article/hub-values.yaml"), &values(&ran.json()), &differences);
}

#[test]
fn the_agent_means_the_same() {
    let rig = Rig::without_prometheus(&[("kind", "2.43")]);
    let ran = rig.promfed(&[
        "agent",
        "join",
        "--cluster-name",
        "kind",
        "--hub-url",
        URL,
        "--package-version",
        ARTICLE,
        "--dry-run",
        "-o",
        "json",
    ]);
    assert_eq!(ran.code, 0, "{ran}");
    let differences = [
        (
            "arg --storage.agent.path=/data/agent",
            "absent",
            "present: else the WAL lies beside the volume and is lost with the pod",
        ),
        (
            "arg --storage.agent.retention.max-time=5m",
            "present",
            "absent: below the truncation frequency of 2h it has no effect",
        ),
        (
            "arg --web.console.libraries=/etc/prometheus/console_libraries",
            "absent",
            "present: a default that does no harm",
        ),
        (
            "arg --web.console.templates=/etc/prometheus/consoles",
            "absent",
            "present: a default that does no harm",
        ),
        (
            "arg --web.enable-lifecycle",
            "absent",
            "present: without it a new configuration is only loaded by a restart",
        ),
        (
            "job kubernetes-nodes-cadvisor",
            "\"cluster\": null",
            "labelled: its labelmap could bring another cluster label",
        ),
        (
            "job kubernetes-pods",
            "\"cluster\": null",
            "labelled: its labelmap could bring another cluster label",
        ),
        (
            "job node-exporter",
            "absent",
            "present: the package's own default scrapes it, and nobody asked to stop",
        ),
        (
            "remote_write.name",
            "absent",
            "promfed: else the queue's name is a hash that changes with every edit",
        ),
        (
            "remote_write.queue_config",
            "absent",
            "today's defaults, and 429 is tried again instead of losing the batch",
        ),
        ("remote_write.tls_config", "insecure_skip_verify", "absent: verified unless asked otherwise"),
    ];
    compare(&fixture("article/agent-values.yaml"), &values(&ran.json()), &differences);
}

#[test]
fn an_agent_that_skips_verification_says_so_as_the_recipe_does() {
    let rig = Rig::without_prometheus(&[("kind", "2.43")]);
    let ran = rig.promfed(&[
        "agent",
        "join",
        "--cluster-name",
        "kind",
        "--hub-url",
        URL,
        "--insecure-skip-tls-verify",
        "--dry-run",
        "-o",
        "json",
    ]);
    assert_eq!(ran.code, 0, "{ran}");
    let meaning = facts(&values(&ran.json()));
    assert_eq!(meaning["remote_write.tls_config"], json!({"insecure_skip_verify": true}));
    assert!(ran.stderr.contains("certificate is not verified"), "{ran}");
}

/// The values text among the manifests of a dry run.
fn values(list: &Value) -> String {
    let items = list["items"].as_array().expect("a list of manifests");
    let secret = items.iter().find(|item| item["kind"] == "Secret").expect("a Secret");
    secret["stringData"]["values.yaml"].as_str().expect("the values").to_owned()
}

/// Every difference is on the list, and every line of the list is a difference.
fn compare(article: &str, ours: &str, intended: &[(&str, &str, &str)]) {
    let (article, ours) = (facts(article), facts(ours));
    let names: std::collections::BTreeSet<_> = article.keys().chain(ours.keys()).collect();
    let differing: Vec<&str> =
        names.into_iter().filter(|name| article.get(*name) != ours.get(*name)).map(String::as_str).collect();
    let listed: Vec<&str> = intended.iter().map(|(name, _, _)| *name).collect();
    assert_eq!(differing, listed, "\narticle: {article:#?}\nours: {ours:#?}");
}

/// What values mean, fact by fact: arguments and jobs do not depend on their order, and a job labels its targets
/// whatever the way.
fn facts(text: &str) -> BTreeMap<String, Value> {
    let values: Value = serde_yaml::from_str(text).expect("YAML");
    let mut facts = BTreeMap::new();
    for arg in values["prometheus"]["deployment"]["containers"]["args"].as_array().expect("arguments") {
        facts.insert(format!("arg {}", arg.as_str().expect("a text")), json!(true));
    }
    let config = values["prometheus"]["config"]["prometheus_yml"].as_str().expect("a configuration");
    let config: Value = serde_yaml::from_str(config).expect("YAML");
    let labels: BTreeMap<_, _> = promfed::prometheus::config::cluster_labels(&config).into_iter().collect();
    for job in config["scrape_configs"].as_array().expect("jobs") {
        let name = job["job_name"].as_str().expect("a name").to_owned();
        let mut job = job.as_object().expect("a job").clone();
        without_label(&mut job);
        let label = match &labels[&name] {
            promfed::prometheus::config::JobLabel::Always(name) => json!(name),
            _ => Value::Null,
        };
        facts.insert(format!("job {name}"), json!({"job": job, "cluster": label}));
    }
    for (key, value) in config["remote_write"].get(0).and_then(Value::as_object).into_iter().flatten() {
        facts.insert(format!("remote_write.{key}"), value.clone());
    }
    for (key, value) in config.as_object().expect("a configuration") {
        if key != "scrape_configs" && key != "remote_write" {
            facts.insert(key.clone(), value.clone());
        }
    }
    for key in ["ingress", "alertmanager", "pushgateway", "namespace"] {
        facts.extend(values.get(key).map(|value| (format!("values {key}"), value.clone())));
    }
    facts.extend(values["prometheus"].get("pvc").map(|value| ("values pvc".to_owned(), value.clone())));
    facts
}

/// The job without what labels its targets with the cluster.
fn without_label(job: &mut Map<String, Value>) {
    if let Some(rules) = job.get_mut("relabel_configs").and_then(Value::as_array_mut) {
        rules.retain(|rule| rule["target_label"] != "cluster");
        if rules.is_empty() {
            job.remove("relabel_configs");
        }
    }
    for group in job.get_mut("static_configs").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(group) = group.as_object_mut() {
            group.remove("labels");
        }
    }
}
