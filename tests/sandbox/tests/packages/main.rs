//! Packages on the sandbox alone: what is installed runs, delivers, fails with the right words, and goes.

#[cfg(test)]
mod rig;

use promfed_sandbox::api::Instance;
use promfed_sandbox::store::Key;
use promfed_sandbox::{ClusterSpec, Component, NetworkFault, Offer, REPOSITORY_IMAGE, Sandbox, Timing};
use rig::{HUB_PACKAGE, Rig, binaries};
use serde_json::json;
use std::time::Duration;

const HUB: &str = include_str!("../fixtures/hub-values.yaml");
const AGENT: &str = include_str!("../fixtures/agent-values.yaml");
const AGENT_PACKAGE: (&str, &str) = ("prometheus.tanzu.vmware.com", "2.43.0+vmware.2-tkg.1");

#[test]
fn an_agent_delivers_to_its_hub() {
    let Some(binaries) = binaries(&[2, 3]) else { return };
    let sandbox = Sandbox::builder()
        .binaries(binaries)
        .cluster(ClusterSpec::new("hub"))
        .cluster(ClusterSpec::new("edge").newest("2.53"))
        .start()
        .unwrap();
    let (hub, edge) = (Rig::new(&sandbox, "hub"), Rig::new(&sandbox, "edge"));
    hub.install(HUB_PACKAGE, HUB);
    edge.install(AGENT_PACKAGE, AGENT);
    assert_eq!(hub.reconciled()["friendlyDescription"], "Reconcile succeeded");
    assert_eq!(edge.reconciled()["friendlyDescription"], "Reconcile succeeded");

    let flags = edge.prometheus("/api/v1/status/flags");
    assert_eq!(flags["data"]["storage.agent.path"], "/data/agent");
    assert_eq!(flags["data"]["config.file"], "/etc/config/prometheus.yml");
    let config = edge.prometheus("/api/v1/status/config")["data"]["yaml"].as_str().unwrap().to_owned();
    assert!(!config.contains("127.0.0.1") && !config.contains("/tmp"), "{config}");

    let delivered = hub.eventually(|| hub.query("up{cluster=\"kind\",job=\"prometheus\"}"));
    assert_eq!(delivered["value"][1], "1");
    assert_eq!(delivered["metric"]["instance"], "localhost:9090");
    let pods = hub.eventually(|| hub.query("count by (cluster) (kube_pod_info{cluster=\"kind\"})"));
    assert_eq!(pods["metric"]["cluster"], "kind");
}

#[test]
fn a_crash_a_repair_and_the_end() {
    let Some(binaries) = binaries(&[3]) else { return };
    let timing = Timing { progress_deadline: Duration::from_secs(3), ..Timing::default() };
    let sandbox = Sandbox::builder()
        .binaries(binaries)
        .timing(timing)
        .cluster(ClusterSpec::new("hub"))
        .start()
        .unwrap();
    let hub = Rig::new(&sandbox, "hub");
    hub.install(HUB_PACKAGE, &HUB.replace("--web.enable-lifecycle", "--web.enable-nonsense"));
    let status = hub.reconciled();
    let useful = status["usefulErrorMessage"].as_str().unwrap();
    assert!(useful.contains("Deployment is not progressing: ProgressDeadlineExceeded"), "{useful}");
    let pod = hub.pod("server");
    let container = &pod["status"]["containerStatuses"][1];
    assert_eq!(container["lastState"]["terminated"]["exitCode"], 1);
    let name = pod["metadata"]["name"].as_str().unwrap();
    let backend = &hub.cluster.api.backend;
    let log = hub.eventually(|| backend.log(rig::NAMESPACE, name, "prometheus-server", Instance::Previous));
    assert!(log.contains("unknown long flag '--web.enable-nonsense'"), "{log}");

    hub.values(HUB);
    assert_eq!(hub.reconciled_with(HUB)["friendlyDescription"], "Reconcile succeeded");
    hub.values(&HUB.replace("scrape_interval: 5s", "scrape_interval: 7s"));
    hub.eventually(|| {
        let config = hub.prometheus("/api/v1/status/config");
        config["data"]["yaml"].as_str().is_some_and(|yaml| yaml.contains("scrape_interval: 7s")).then_some(())
    });

    let store = &hub.cluster.api.store;
    store.delete(&rig::install_key()).unwrap();
    hub.eventually(|| store.get(&rig::install_key()).is_none().then_some(()));
    assert!(store.get(&Key::cluster("", "namespaces", rig::NAMESPACE)).is_none());
    assert!(store.list("", "pods", Some(rig::NAMESPACE)).0.is_empty());
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let sandbox = Sandbox::builder().cluster(ClusterSpec::new("hub")).start().unwrap();
    let hub = Rig::new(&sandbox, "hub");
    hub.install(HUB_PACKAGE, "promtheus: {}\n");
    let status = hub.reconciled();
    assert_eq!(
        status["friendlyDescription"],
        "Reconcile failed: Error (see .status.usefulErrorMessage for details)"
    );
    let useful = status["usefulErrorMessage"].as_str().unwrap();
    assert!(useful.contains("= hint: did you mean \"prometheus\"?"), "{useful}");
}

#[test]
fn a_repository_brings_packages() {
    let sandbox = Sandbox::builder().cluster(ClusterSpec::new("hub").offer(Offer::Nothing)).start().unwrap();
    let hub = Rig::new(&sandbox, "hub");
    hub.install(HUB_PACKAGE, "");
    let none = "Expected to find at least one version, but did not (details: all=0 -> after-prereleases-filter=0 \
                -> after-kapp-controller-version-check=0 -> after-constraints-filter=0)";
    assert_eq!(hub.reconciled()["usefulErrorMessage"], none);
    for (name, image) in [("good", REPOSITORY_IMAGE), ("bad", "registry.sandbox/unknown:v1")] {
        let spec = json!({"fetch": {"imgpkgBundle": {"image": image}}});
        hub.create("packaging.carvel.dev/v1alpha1", "PackageRepository", name, &json!({"spec": spec}));
    }
    let state = |name: &str| {
        let key = Key::namespaced("packaging.carvel.dev", "packagerepositories", rig::SYSTEM, name);
        let status = hub.cluster.api.store.get(&key).unwrap()["status"].clone();
        let condition = status["conditions"][0]["type"].as_str()?.to_owned();
        (condition != "Reconciling").then_some((condition, status))
    };
    assert_eq!(hub.eventually(|| state("good")).0, "ReconcileSucceeded");
    let (condition, status) = hub.eventually(|| state("bad"));
    assert_eq!(condition, "ReconcileFailed");
    assert!(status["usefulErrorMessage"].as_str().unwrap().starts_with("vendir: Error: "));
    let packages = hub.cluster.api.store.list("data.packaging.carvel.dev", "packages", Some(rig::SYSTEM)).0;
    assert_eq!(packages.len(), 5);
    // The install that found nothing before goes on by itself.
    hub.eventually(|| {
        let install = hub.cluster.api.store.get(&rig::install_key())?;
        install["status"]["version"].is_string().then_some(())
    });
}

#[test]
fn the_network_fails_on_request() {
    let sandbox = Sandbox::builder().cluster(ClusterSpec::new("hub")).start().unwrap();
    let answer = |method: &str, target: &str| rig::ask(sandbox.proxy_url(), method, target);
    let unknown = answer("CONNECT", "hub.example:443");
    assert!(unknown.starts_with("HTTP/1.1 502 ") && unknown.contains("no such host"), "{unknown}");

    let spec = json!({
        "virtualhost": {"fqdn": "hub.example"},
        "routes": [{"conditions": [{"prefix": "/"}], "services": [{"name": "idle", "port": 80}]}],
    });
    let hub = Rig::new(&sandbox, "hub");
    hub.create("v1", "Service", "idle", &json!({"spec": {"ports": [{"port": 80}]}}));
    hub.create("projectcontour.io/v1", "HTTPProxy", "hub", &json!({"spec": spec}));
    let healthy = answer("GET", "http://hub.example/-/ready");
    assert!(healthy.starts_with("HTTP/1.1 503 ") && healthy.contains("no healthy upstream"), "{healthy}");
    for (fault, expected) in [
        (NetworkFault::Status(413), "HTTP/1.1 413 "),
        (NetworkFault::LoginPage, "HTTP/1.1 200 "),
        (NetworkFault::Refuse, "HTTP/1.1 502 "),
        (NetworkFault::Unknown, "HTTP/1.1 502 "),
        (NetworkFault::Delay(Duration::from_millis(1)), "HTTP/1.1 503 "),
    ] {
        sandbox.network_faults().set("hub.example", fault);
        let failed = answer("GET", "http://hub.example/");
        assert!(failed.starts_with(expected), "{fault:?}: {failed}");
    }
    sandbox.network_faults().clear("hub.example");
    assert!(answer("GET", "http://hub.example/").starts_with("HTTP/1.1 503 "));
}

#[test]
fn an_ingress_needs_its_components() {
    let spec = ClusterSpec::new("hub").without(Component::CertManager).without(Component::Contour);
    let sandbox = Sandbox::builder().cluster(spec).start().unwrap();
    let hub = Rig::new(&sandbox, "hub");
    hub.install(HUB_PACKAGE, HUB);
    let useful = hub.reconciled()["usefulErrorMessage"].as_str().unwrap().to_owned();
    assert!(
        useful.starts_with("kapp: Error: Expected to find kind 'cert-manager.io/v1/Issuer', but did not"),
        "{useful}"
    );
}
