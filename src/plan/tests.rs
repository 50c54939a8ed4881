//! Plans over a small package, as a person would read them.

use serde_json::{Value, json};

use super::*;
use crate::history::{Author, History, Verb};
use crate::package::{Available, Location, Mounted, PackageInstall, ServiceAccountChoice, ValueSource};
use crate::prometheus::config::{RemoteWrite, Trust};

const CONFIG: &str = "rule_files:\n- /etc/config/rules\nscrape_configs:\n- job_name: own\n  static_configs: [{targets: [localhost:9090]}]\n- job_name: pods\n  kubernetes_sd_configs: [{role: pod}]\n  relabel_configs:\n  - action: labelmap\n    regex: __meta_kubernetes_pod_label_(.+)\n";

fn package(version: &str) -> Available {
    let default = |value: Value| json!({"default": value});
    let schema = json!({"openAPIv3": {"properties": {
        "ingress": {"properties": {"enabled": default(json!(false)), "virtual_host_fqdn": default(json!("x.y"))}},
        "alertmanager": {"properties": {"deployment": {"properties": {"replicas": default(json!(1))}}}},
        "pushgateway": {"properties": {"deployment": {"properties": {"replicas": default(json!(1))}}}},
        "prometheus": {"properties": {
            "deployment": {"properties": {"containers": {"properties": {
                "args": default(json!(["--storage.tsdb.path=/data", "--web.enable-lifecycle"])),
            }}}},
            "pvc": {"properties": {"storage": default(json!("150Gi"))}},
            "config": {"properties": {
                "prometheus_yml": default(json!(CONFIG)),
                "alerting_rules_yml": default(json!("{}\n")),
            }},
        }},
    }}});
    serde_json::from_value(json!({"spec": {"refName": "prometheus.tanzu.vmware.com", "version": version, "valuesSchema": schema}}))
        .expect("a Package")
}

fn observed(version: &str, values: Option<&str>) -> Observed {
    let installed = values.map(|text| Installed {
        install: serde_json::from_value::<PackageInstall>(json!({
            "metadata": {"name": "prometheus", "namespace": "tkg-system", "resourceVersion": "3"},
            "spec": {"packageRef": {"refName": "prometheus.tanzu.vmware.com", "versionSelection": {"constraints": version}}},
        }))
        .expect("a PackageInstall"),
        sources: vec![ValueSource {
            location: Location { secret: "by-hand".into(), key: "values.yaml".into() },
            resource_version: Some("7".into()),
            text: text.into(),
        }],
        owners: Vec::new(),
    });
    Observed {
        installed,
        packages: vec![package(version)],
        leftover: Vec::new(),
        around: Vec::new(),
        overlay: None,
        history: History::default(),
    }
}

fn wish() -> PackageWish {
    PackageWish {
        ref_name: None,
        version: None,
        install: "prometheus".into(),
        namespace: "tkg-system".into(),
        account: ServiceAccountChoice::ClusterAdmin,
        moves: Moves::UpOnly,
    }
}

fn hub() -> HubIntent {
    HubIntent {
        name: "hub".parse().expect("a name"),
        ingress: Ingress::Keep,
        write_url: None,
        retention: None,
        storage: None,
        rules: None,
        door: DoorWish { auth: Auth::None, ..DoorWish::default() },
        package: wish(),
        values: None,
    }
}

fn agent(trust: Trust) -> AgentIntent {
    let url = "https://hub.example.com/api/v1/write".parse().expect("a URL");
    AgentIntent {
        name: "edge".parse().expect("a name"),
        remote_write: RemoteWrite::new(url, trust),
        hub: None,
        mounted: Mounted::default(),
        served: Served::Verified,
        order: Order::HubFirst,
        storage: None,
        buffer: None,
        package: wish(),
        values: None,
    }
}

/// What a person reads of a plan.
fn words(plan: &Plan) -> String {
    let line = |line: &Line| format!("  {} {} {}", line.sign.symbol(), line.what, line.text);
    let step = |step: &Step| {
        let head = format!("{} {}", step.action.verb(), step.object.kind);
        std::iter::once(head).chain(step.lines.iter().map(line)).collect::<Vec<_>>().join("\n")
    };
    plan.steps.iter().map(step).collect::<Vec<_>>().join("\n")
}

/// The values that a plan leads to.
fn after(plan: &Plan) -> String {
    let texts = plan.steps.iter().find_map(|step| match &step.action {
        Action::Update { texts, .. } => texts.first().map(|text| text.after.clone()),
        Action::Create { manifest } => manifest["stringData"]["values.yaml"].as_str().map(str::to_owned),
        Action::Delete { .. } | Action::Unchanged => None,
    });
    texts.unwrap_or_default()
}

#[test]
fn a_package_that_runs_becomes_a_hub_by_one_flag_and_its_labels() {
    let (_, plan) = plan_hub(&hub(), &observed("2.43.0", Some("# mine\n"))).expect("a plan");
    insta::assert_snapshot!(words(&plan), @r"
    update Secret
      + flag --web.enable-remote-write-receiver
      + label cluster=hub on jobs own, pods
    ");
}

#[test]
fn a_patch_carries_the_version_that_was_read() {
    let (_, plan) = plan_hub(&hub(), &observed("2.43.0", Some(""))).expect("a plan");
    let Action::Update { patch, .. } = &plan.steps[0].action else { panic!("an update") };
    assert_eq!(patch["metadata"], json!({"resourceVersion": "7"}));
}

#[test]
fn planned_again_over_its_own_result_it_is_empty() {
    for version in ["2.27.0", "2.37.0", "2.43.0", "2.53.4", "3.5.0"] {
        let (_, plan) = plan_hub(&hub(), &observed(version, Some(""))).expect("a plan");
        let (_, again) = plan_hub(&hub(), &observed(version, Some(&after(&plan)))).expect("a plan");
        assert!(again.is_empty(), "{version}: {}", words(&again));
    }
    for (version, trust) in
        [("2.37.0", Trust::Anything), ("2.53.4", Trust::Authority("A\n".into())), ("3.5.0", Trust::System)]
    {
        let (intent, before) = (agent(trust), observed(version, Some("")));
        let (_, plan) = plan_agent(&intent, &before).expect("a plan");
        let (_, again) = plan_agent(&intent, &mounting::written(&plan, &before)).expect("a plan");
        assert!(again.is_empty(), "{version}: {}", words(&again));
    }
}

#[test]
fn a_version_without_the_means_is_refused() {
    assert!(plan_hub(&hub(), &observed("2.24.0", None)).is_err_and(|error| error.causes[0].contains("2.25")));
    let any = agent(Trust::Anything);
    assert!(plan_agent(&any, &observed("2.27.0", None)).is_err_and(|error| error.causes[0].contains("2.32")));
}

#[test]
fn a_hub_does_not_become_an_agent_nor_an_agent_a_hub() {
    let (_, plan) = plan_hub(&hub(), &observed("3.5.0", Some(""))).expect("a plan");
    let refused = plan_agent(&agent(Trust::System), &observed("3.5.0", Some(&after(&plan))));
    assert!(refused.is_err_and(|error| error.what.contains("a hub itself")));
    let (_, plan) = plan_agent(&agent(Trust::System), &observed("3.5.0", None)).expect("a plan");
    let refused = plan_hub(&hub(), &observed("3.5.0", Some(&after(&plan))));
    assert!(refused.is_err_and(|error| error.what.contains("agent of another hub")));
}

#[test]
fn a_volume_that_is_there_does_not_shrink() {
    let (_, plan) = plan_agent(&agent(Trust::System), &observed("3.5.0", Some("# mine\n"))).expect("a plan");
    assert!(!after(&plan).contains("storage: "), "{}", after(&plan));
    let (_, plan) = plan_agent(&agent(Trust::System), &observed("3.5.0", None)).expect("a plan");
    assert!(after(&plan).contains("storage: '1Gi'"), "{}", after(&plan));
}

#[test]
fn a_leftover_secret_is_edited_and_not_written_over() {
    let mut seen = observed("3.5.0", None);
    seen.leftover = vec![ValueSource {
        location: Location { secret: "prometheus-tkg-system-values".into(), key: "values.yaml".into() },
        resource_version: Some("9".into()),
        text: "# somebody's\n".into(),
    }];
    let (_, plan) = plan_hub(&hub(), &seen).expect("a plan");
    let verbs: Vec<_> =
        plan.steps.iter().map(|step| (step.action.verb(), step.object.kind.to_string())).collect();
    assert_eq!(verbs[3], ("update", "Secret".to_owned()));
    assert_eq!(verbs[4], ("create", "PackageInstall".to_owned()));
    assert!(after(&plan).starts_with("# somebody's\n"));
}

#[test]
fn what_the_version_would_not_start_with_is_refused_and_what_it_does_not_heed_is_told() {
    let values = |config: &str| {
        serde_json::to_string(&json!({"prometheus": {"config": {"prometheus_yml": config}}})).expect("JSON")
    };
    let window = values("storage: {tsdb: {out_of_order_time_window: 30m}}\n");
    let refused = plan_hub(&hub(), &observed("2.37.0", Some(&window))).expect_err("a refusal");
    insta::assert_snapshot!(refused.lines(), @r"
    error: Prometheus 2.37.0 would not start with storage.tsdb
    caused by: this version does not know it: known since 2.39
    hint: take it out of the values, or choose another version with --package-version
    ");
    let (_, plan) = plan_hub(&hub(), &observed("2.43.0", Some(&window))).expect("a plan");
    assert!(
        plan.warnings.iter().any(|warning| warning.contains("its sender stands still")),
        "{:?}",
        plan.warnings
    );
    let (_, plan) = plan_hub(&hub(), &observed("2.53.4", Some(&window))).expect("a plan");
    assert!(!plan.warnings.iter().any(|warning| warning.contains("stands still")), "{:?}", plan.warnings);
    let classic = values("scrape_configs:\n- job_name: a\n  scrape_classic_histograms: true\n");
    let (_, plan) = plan_hub(&hub(), &observed("3.5.0", Some(&classic))).expect("a plan");
    assert!(
        words(&plan).contains("+ config scrape_configs[0].always_scrape_classic_histograms"),
        "{}",
        words(&plan)
    );
}

#[test]
fn jobs_whose_samples_carry_another_cluster_are_told() {
    let config = "scrape_configs:\n- {job_name: a, honor_labels: true}\n- {job_name: b, honor_labels: true, metrics_path: /federate}\n";
    let values = json!({"prometheus": {"config": {"prometheus_yml": config}}}).to_string();
    let (_, plan) = plan_hub(&hub(), &observed("3.5.0", Some(&values))).expect("a plan");
    insta::assert_snapshot!(plan.warnings.join("\n"), @r"
    job a honors the labels that it scrapes: a cluster among them is kept as exported_cluster
    job b federates: the series keep the cluster that they come with
    ");
    let (_, again) = plan_hub(&hub(), &observed("3.5.0", Some(&after(&plan)))).expect("a plan");
    assert!(again.is_empty() && again.warnings.len() == 1, "{:?}", again.warnings);
}

mod beside;
mod door;
mod going_back;
mod losing;
mod mounting;
mod moving;
mod rules;
