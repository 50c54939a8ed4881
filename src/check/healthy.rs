//! A hub and an agent of which nothing is wrong, for the tests of checks: each changes the one fact that it is about.

mod before;
mod metrics;
mod moved;
mod receiver;

use std::collections::BTreeMap;

use serde_json::json;

pub(super) use before::{empty, found_before};
pub(super) use moved::failed;
pub(super) use receiver::receiver;

use self::metrics::{AGENT_METRICS, HUB_METRICS};
use super::engine::{Moment, Result, examine};
use super::facts::{Api, Facts, Known, Package, Process, Served, Stored, Unread, WayIn, WaysIn, Workload};
use super::judgement::Finding;
use super::list::by_code;
use crate::domain::Certificate;
use crate::package::{Available, Location, Mounted, PackageRepository, ValueSource, Values, ValuesSchema};
use crate::prometheus::api::{Point, Rule, RuleGroup, RuntimeInfo, Series, Target};
use crate::prometheus::metrics::Page;
use crate::prometheus::promql::Question;
use crate::prometheus::write_probe::Outcome;
use crate::prometheus::{Capabilities, Role, Version};
use crate::yaml;

pub(super) const NOW: f64 = 1_800_000_000.0;
pub(super) const HUB_URL: &str = "https://prometheus.hub.test/api/v1/write";

const HUB_VALUES: &str = r"
namespace: tanzu-system-monitoring
ingress:
  enabled: true
  virtual_host_fqdn: prometheus.hub.test
prometheus:
  deployment:
    replicas: 1
    containers:
      args:
      - --storage.tsdb.retention.time=42d
      - --config.file=/etc/config/prometheus.yml
      - --storage.tsdb.path=/data
      - --web.enable-lifecycle
      - --web.enable-remote-write-receiver
  pvc:
    accessMode: ReadWriteOnce
    storage: 150Gi
  config:
    prometheus_yml: |
      global:
        scrape_interval: 1m
      scrape_configs:
      - job_name: prometheus
        static_configs:
        - targets: [localhost:9090]
        relabel_configs:
        - target_label: cluster
          replacement: hub
";

const AGENT_VALUES: &str = r"
namespace: tanzu-system-monitoring
prometheus:
  deployment:
    replicas: 1
    containers:
      args:
      - --config.file=/etc/config/prometheus.yml
      - --storage.agent.path=/data/agent
      - --storage.agent.wal-truncate-frequency=6h
      - --storage.agent.retention.max-time=12h
      - --web.enable-lifecycle
      - --agent
  pvc:
    accessMode: ReadWriteOnce
    storage: 20Gi
  config:
    prometheus_yml: |
      global:
        scrape_interval: 1m
        external_labels:
          cluster: edge
      scrape_configs:
      - job_name: prometheus
        static_configs:
        - targets: [localhost:9090]
        relabel_configs:
        - target_label: cluster
          replacement: edge
      remote_write:
      - url: https://prometheus.hub.test/api/v1/write
        name: promfed
";

/// A healthy hub of 3.5, to which `edge` writes.
pub(super) fn hub() -> Facts {
    let mut facts = context("hub", Role::Hub, HUB_VALUES, HUB_METRICS);
    facts.process.probe = Ok(Outcome::Accepts);
    facts.process.rules = Ok(Vec::new());
    facts.process.targets = Err(Unread::NotAsked);
    facts.workload.ingress = Ok(vec![json!({
        "metadata": {"name": "prometheus-httpproxy", "namespace": "tanzu-system-monitoring"},
        "spec": {"virtualhost": {"fqdn": "prometheus.hub.test", "tls": {"secretName": "prometheus-tls", "clientValidation": {}}},
                 "routes": [{"conditions": [{"prefix": "/"}], "timeoutPolicy": {"response": "60s"}}]},
        "status": {"currentStatus": "valid", "description": "Valid HTTPProxy"}
    })]);
    facts.workload.certificates = Ok(vec![Certificate {
        subject: "CN=prometheus.hub.test".into(),
        issuer: "CN=prometheus-ca".into(),
        not_after: 1_900_000_000,
        names: vec!["prometheus.hub.test".into()],
        ..Certificate::default()
    }]);
    // A guarded hub refuses a probe without credentials.
    facts.ways_in.urls =
        vec![WayIn { url: HUB_URL.into(), probe: Ok(Outcome::Guarded(401)), clock_ahead: Ok(0.0) }];
    facts.stored.answers = Question::ALL.into_iter().map(|question| (question, Ok(Vec::new()))).collect();
    let by_cluster =
        |value: &str| vec![series(&[("cluster", "edge")], value), series(&[("cluster", "hub")], value)];
    for (question, value) in [
        (Question::LastSample, "1799999990"),
        (Question::Agents, "1"),
        (Question::Pods, "20"),
        (Question::StateMetricsCopies, "1"),
        (Question::SeriesByCluster, "20000"),
    ] {
        facts.stored.answers.insert(question, Ok(by_cluster(value)));
    }
    facts.stored.answers.insert(Question::HeadAhead, Ok(vec![series(&[], "-3")]));
    facts.stored.answers.insert(Question::Ingest, Ok(vec![series(&[], "600")]));
    facts.stored.registry = Some(Ok(BTreeMap::from([("edge".to_owned(), Some("uid-of-edge".to_owned()))])));
    facts
}

/// A healthy agent of 3.5 that writes to the hub.
pub(super) fn agent() -> Facts {
    let mut facts = context("edge", Role::Agent, AGENT_VALUES, AGENT_METRICS);
    facts.process.targets = Ok(vec![Target {
        labels: BTreeMap::from([("job".into(), "prometheus".into()), ("cluster".into(), "edge".into())]),
        scrape_pool: "prometheus".into(),
        scrape_url: "http://localhost:9090/metrics".into(),
        last_error: String::new(),
        health: "up".into(),
    }]);
    facts.workload.config_map.as_mut().expect("a ConfigMap").remove("alerts");
    facts.ways_in.urls =
        vec![WayIn { url: HUB_URL.into(), probe: Ok(Outcome::Guarded(401)), clock_ahead: Ok(0.0) }];
    facts
}

fn context(name: &str, role: Role, values: &str, metrics: &str) -> Facts {
    let version = Version::new(3, 5, 3);
    let location = Location { secret: "prometheus-tkg-system-values".into(), key: "values.yaml".into() };
    let source = ValueSource { location, resource_version: Some("1".into()), text: values.into() };
    let values = Values::new(serde_json::Value::Null, vec![source]).expect("values");
    let config = std::sync::Arc::clone(values.config().expect("a configuration"));
    let args = values.args().expect("arguments");
    Facts {
        context: format!("admin@{name}"),
        now: NOW,
        expected: None,
        receiver: None,
        api: Api {
            uid: Ok(format!("uid-of-{name}")),
            packaging: Ok(Served::Yes),
            packages: Ok(Served::Yes),
            contour: Ok(Served::Yes),
            cert_manager: Ok(Served::Yes),
            rights: Err(Unread::NotAsked),
        },
        package: Package {
            installs: Ok(vec![from(json!({
                "metadata": {"name": "prometheus", "namespace": "tkg-system", "generation": 1},
                "spec": {"packageRef": {"refName": "prometheus.kubernetes.vmware.com",
                                        "versionSelection": {"constraints": "3.5.3+vmware.1-vks.1"}},
                         "serviceAccountName": "prometheus-tkg-system-sa",
                         "values": [{"secretRef": {"name": "prometheus-tkg-system-values"}}]},
                "status": {"observedGeneration": 1, "version": "3.5.3+vmware.1-vks.1",
                           "lastAttemptedVersion": "3.5.3+vmware.1-vks.1",
                           "conditions": [{"type": "ReconcileSucceeded", "status": "True"}]}
            }))]),
            secrets: vec![("prometheus-tkg-system-values".into(), Ok(Some(vec!["values.yaml".into()])))],
            values: Ok(values),
            schema: Ok(ValuesSchema::default()),
            owners: Ok(Vec::new()),
            available: Ok(vec![from::<Available>(json!({
                "spec": {"refName": "prometheus.kubernetes.vmware.com", "version": "3.5.3+vmware.1-vks.1"}
            }))]),
            repositories: Ok(vec![from::<PackageRepository>(json!({
                "metadata": {"name": "standard", "namespace": "tkg-system", "generation": 1},
                "status": {"observedGeneration": 1, "conditions": [{"type": "ReconcileSucceeded", "status": "True"}]}
            }))]),
            mounted: Ok(Mounted::default()),
            door: Ok(None),
        },
        workload: Workload {
            namespace: "tanzu-system-monitoring".into(),
            deployment: Ok(Some(from(json!({
                "metadata": {"name": "prometheus-server", "namespace": "tanzu-system-monitoring"},
                "spec": {"replicas": 1, "strategy": {"type": "Recreate"},
                         "selector": {"matchLabels": {"app": "prometheus"}},
                         "template": {"spec": {
                             "terminationGracePeriodSeconds": 300,
                             "containers": [{"name": "prometheus-server",
                                             "resources": {"limits": {"memory": "4Gi"}},
                                             "args": args.as_slice(),
                                             "volumeMounts": [{"name": "storage-volume", "mountPath": "/data"},
                                                              {"name": "config-volume", "mountPath": "/etc/config"}]}],
                             "volumes": [{"name": "storage-volume", "persistentVolumeClaim": {"claimName": "prometheus-server"}},
                                         {"name": "config-volume", "configMap": {"name": "prometheus-server"}}]}}},
                "status": {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1}
            })))),
            pods: Ok(vec![from(json!({
                "metadata": {"name": "prometheus-server-1", "namespace": "tanzu-system-monitoring"},
                "status": {"phase": "Running", "containerStatuses": [
                    {"name": "prometheus-server", "ready": true, "restartCount": 0, "image": "", "imageID": "",
                     "state": {"running": {}}}]}
            }))]),
            config_map: Ok(BTreeMap::from([("prometheus.yml".to_owned(), config.text().to_owned())])),
            claims: Ok(vec![from(json!({
                "metadata": {"name": "prometheus-server"},
                "spec": {"accessModes": ["ReadWriteOnce"]},
                "status": {"phase": "Bound", "capacity": {"storage": if role == Role::Hub { "150Gi" } else { "20Gi" }}}
            }))]),
            ingress: Ok(Vec::new()),
            crash: Ok(None),
            log: Ok(String::new()),
            reloader_log: Ok(String::new()),
            pods_with_cluster_label: Ok(Vec::new()),
            certificates: Ok(Vec::new()),
        },
        process: Process {
            version: Ok(version),
            flags: Ok(flags(&args, role, version)),
            config: Ok(config.value().clone()),
            runtime: Ok(RuntimeInfo {
                started_at: NOW - 100_000.0,
                loaded_at: NOW - 100_000.0,
                reload_succeeded: true,
                retention: if role == Role::Hub { "6w".into() } else { String::new() },
            }),
            metrics: Ok(Page::read(metrics)),
            targets: Err(Unread::NotAsked),
            rules: Err(Unread::NotAsked),
            probe: Err(Unread::NotAsked),
            clock_ahead: Ok(0.0),
        },
        ways_in: WaysIn { urls: Vec::new() },
        stored: Stored::default(),
        known: Known::default(),
    }
}

/// The runtime flags that the arguments give, over the defaults of what checks read.
fn flags(args: &crate::prometheus::flags::Args, role: Role, version: Version) -> BTreeMap<String, String> {
    let defaults = [
        ("agent", "false"),
        ("enable-feature", ""),
        ("storage.agent.path", "data-agent/"),
        ("storage.agent.retention.max-time", "4h"),
        ("storage.agent.retention.min-time", "5m"),
        ("storage.agent.wal-truncate-frequency", "2h"),
        ("storage.tsdb.path", "data/"),
        ("storage.tsdb.retention.size", "0B"),
        ("storage.tsdb.retention.time", "0s"),
        ("web.config.file", ""),
        ("web.enable-lifecycle", "false"),
        ("web.enable-remote-write-receiver", "false"),
        ("web.external-url", ""),
        ("web.max-connections", "512"),
        ("web.route-prefix", "/"),
    ];
    let mut flags: BTreeMap<_, _> =
        defaults.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for arg in args.as_slice() {
        let (name, value) =
            arg.trim_start_matches('-').split_once('=').unwrap_or((arg.trim_start_matches('-'), "true"));
        flags.insert(name.to_owned(), value.to_owned());
    }
    assert_eq!(crate::prometheus::flags::mode(Capabilities::of(version), &flags), Some(role));
    flags
}

fn from<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
    serde_json::from_value(value).expect("an object")
}

/// A series of an instant vector.
pub(super) fn series(labels: &[(&str, &str)], value: &str) -> Series {
    Series {
        metric: labels.iter().copied().collect(),
        value: Some(Point(NOW, value.to_owned())),
        values: Vec::new(),
    }
}

/// A group of rules: the kind, the name and the query of each.
pub(super) fn rules(all: &[(&str, &str, &str)]) -> Vec<RuleGroup> {
    let rule = |(kind, name, query): &(&str, &str, &str)| Rule {
        name: (*name).to_owned(),
        query: (*query).to_owned(),
        kind: (*kind).to_owned(),
        labels: BTreeMap::new(),
        last_error: String::new(),
    };
    vec![RuleGroup { name: "own".to_owned(), rules: all.iter().map(rule).collect() }]
}

impl Facts {
    /// The same with another text of values, and with the flags and the configuration that those give.
    pub(super) fn with_values(mut self, edit: impl Fn(&str) -> String) -> Self {
        let values = self.package.values.as_ref().expect("values");
        let text = edit(values.texts().next().expect("a text").1);
        let location = values.texts().next().expect("a text").0.clone();
        let source = ValueSource { location, resource_version: None, text };
        let values = Values::new(serde_json::Value::Null, vec![source]).expect("values");
        let config = values.config().expect("a configuration");
        let (text, config) = (config.text().to_owned(), config.value().clone());
        self.workload.config_map = Ok(BTreeMap::from([("prometheus.yml".to_owned(), text)]));
        self.process.config = Ok(config);
        self.deploy(&values);
        self.package.values = Ok(values);
        self
    }

    /// The same with one more line of metrics, in place of the samples of that name.
    pub(super) fn with_metric(mut self, line: &str) -> Self {
        let page = self.process.metrics.as_mut().expect("metrics");
        page.put(line);
        self
    }

    /// The same with a runtime flag.
    pub(super) fn with_flag(mut self, name: &str, value: &str) -> Self {
        self.process.flags.as_mut().expect("flags").insert(name.into(), value.into());
        self
    }

    /// The same with another answer of the hub.
    pub(super) fn with_answer(mut self, question: Question, answer: Vec<Series>) -> Self {
        self.stored.answers.insert(question, Ok(answer));
        self
    }

    /// The same with another loaded configuration.
    pub(super) fn with_config(mut self, config: &str) -> Self {
        self.process.config = Ok(yaml::read(config).expect("YAML"));
        self
    }
}

/// What one check finds in the context of this name, among others.
pub(super) fn found(code: &str, context: &str, all: &[Facts]) -> Vec<Finding> {
    let check = by_code(code).expect("a check of this code");
    let examined = examine(super::all(), all, Moment::Installed);
    let one = examined.into_iter().find(|one| one.facts.context == context).expect("the context");
    let outcome = one.outcomes.into_iter().find(|outcome| outcome.check.code == check.code);
    match outcome.map(|outcome| outcome.result) {
        Some(Result::Found(findings)) => findings,
        _ => Vec::new(),
    }
}

/// The codes that find something, in order, over all contexts.
pub(super) fn codes(all: &[Facts]) -> Vec<&'static str> {
    let examined = examine(super::all(), all, Moment::Installed);
    examined.iter().flat_map(|one| one.findings().map(|(check, _)| check.code)).collect()
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    let all = [hub(), agent()];
    let examined = examine(super::all(), &all, Moment::Installed);
    for one in &examined {
        for outcome in &one.outcomes {
            assert_eq!(outcome.result, Result::Holds, "{} {}", one.facts.context, outcome.check.code);
        }
    }
    assert_eq!(codes(&[agent()]), [""; 0]);
}
