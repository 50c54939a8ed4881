//! What kapp-controller does by itself: it is down, it takes back what a hand has changed, it fails, it deletes.

use std::time::{Duration, Instant};

use crate::support::{HUB_INIT, Rig, eventually, fixture, say};

const WORKLOADS: &str = "tanzu-system-monitoring";
const PACKAGE: &str = "prometheus.kubernetes.vmware.com";
const VERSION: &str = "3.5.0+vmware.1-vks.1";

#[test]
fn packages_that_are_not_served_are_told_from_packages_that_are_not_there() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.stop_kapp_controller("hub");
    rig.nothing_is_written(|| {
        rig.promfed(&HUB_INIT).ends_with(1).says("503").says("data.packaging.carvel.dev").says("hint:")
    });
}

#[test]
fn defaults_that_cannot_be_read_are_not_written_over() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.install_by_hand("hub", PACKAGE, VERSION, "# all defaults\n");
    rig.stop_kapp_controller("hub");
    rig.nothing_is_written(|| rig.promfed(&[&HUB_INIT[..], &["--yes"]].concat()).ends_with(1).says("503"));
}

#[test]
fn a_hand_edit_is_taken_back_and_the_values_stay() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let deployment = ["deployment", "prometheus-server", "--context", "admin@hub", "-n", WORKLOADS];
    let container = |ran: &str| ran.contains("--web.enable-remote-write-receiver");
    let args = || {
        let path = "jsonpath={.spec.template.spec.containers[?(@.name=='prometheus-server')].args}";
        rig.kubectl(&[&["get"], &deployment[..], &["-o", path]].concat()).stdout
    };
    assert!(container(&args()));
    let names = "jsonpath={.spec.template.spec.containers[*].name}";
    let names = rig.kubectl(&[&["get"], &deployment[..], &["-o", names]].concat()).stdout;
    let index = names.split(' ').position(|name| name == "prometheus-server").expect("the container");
    let patch = format!(
        "[{{\"op\": \"replace\", \"path\": \"/spec/template/spec/containers/{index}/args\", \"value\": [\"--config.file=/etc/config/prometheus.yml\"]}}]"
    );
    rig.kubectl(&[&["patch"], &deployment[..], &["--type", "json", "-p", &patch]].concat()).ends_with(0);
    assert!(!container(&args()));

    rig.reconcile("hub");
    eventually("kapp takes the edit back", || container(&args()));
    rig.promfed(&[&HUB_INIT[..], &["--dry-run"]].concat()).ends_with(0).prints("unchanged");
}

#[test]
#[ignore = "the sandbox's kapp writes without asking its API server; make e2e runs this"]
fn what_the_api_server_refuses_is_told_in_kapps_words() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let file = rig.file("values.yaml", "prometheus:\n  service:\n    type: Nonsense\n");
    rig.promfed(&[&HUB_INIT[..], &["--values", &file]].concat())
        .ends_with(1)
        .says("does not reconcile")
        .says("kapp: Error")
        .says("Nonsense");
}

#[test]
fn an_install_that_is_deleted_takes_its_objects_with_it() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let delete = ["delete", "packageinstall", "prometheus", "-n", "tkg-system", "--context", "admin@hub"];
    rig.kubectl(&[&delete[..], &["--timeout", "80s"]].concat()).ends_with(0);
    let left = ["get", "deployments", "-n", WORKLOADS, "--context", "admin@hub", "-o", "name"];
    assert_eq!(rig.kubectl(&left).stdout, "");
    // The namespace is on its way out, and the values Secret is where it was: the next run finishes the job.
    eventually("the namespace is gone", || {
        rig.kubectl(&["get", "namespace", WORKLOADS, "--context", "admin@hub"]).code == 1
    });
    rig.promfed(&[&HUB_INIT[..], &["--yes"]].concat()).ends_with(0);
}

#[test]
fn the_articles_installs_are_recognised_in_their_roles() {
    let rig = Rig::without_prometheus(&[("hub", "2.43"), ("edge", "2.43")]);
    let package = ("prometheus.tanzu.vmware.com", "2.43.0+vmware.2-tkg.1");
    rig.install_by_hand("hub", package.0, package.1, &fixture("article/hub-values.yaml"));
    rig.install_by_hand("edge", package.0, package.1, &fixture("article/agent-values.yaml"));
    for (context, role, cluster) in [("admin@hub", "hub", "orbstack"), ("admin@edge", "agent", "kind")] {
        let status = rig.promfed(&["status", "--context", context, "-o", "json"]).json();
        let row = &status["items"][0];
        assert_eq!((row["role"].as_str(), row["cluster"].as_str()), (Some(role), Some(cluster)), "{status}");
    }
}

/// `kctrl package installed update` returns when the App has reconciled the new values; its earliest moment is that.
#[test]
#[ignore = "the sandbox's kapp-controller takes no time; make e2e runs this"]
fn a_change_is_proven_before_kctrl_could_return() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.install_by_hand("hub", PACKAGE, VERSION, "# all defaults\n");
    let begun = Instant::now();
    let (proven, reconciled) = std::thread::scope(|scope| {
        let kctrl = scope.spawn(|| {
            eventually("the App has reconciled the new values", || {
                let path = "jsonpath={.status.deploy.stdout}{.status.conditions[*].type}";
                let app =
                    ["get", "app", "prometheus", "-n", "tkg-system", "--context", "admin@hub", "-o", path];
                let said = rig.kubectl(&app).stdout;
                said.contains("update deployment/prometheus-server") && said.ends_with("ReconcileSucceeded")
            });
            begun.elapsed()
        });
        let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--yes"];
        rig.promfed(&init).ends_with(0).prints("The hub is ready");
        (begun.elapsed(), kctrl.join().expect("it reconciles"))
    });
    let ratio = proven.as_secs_f64() / reconciled.as_secs_f64();
    say(&format!("hub init took {ratio:.2} of the time of kctrl's earliest return"));
    // kctrl looks once a second, so that it would not return earlier than that after it.
    assert!(proven <= reconciled + Duration::from_secs(1), "proven after {ratio:.2} of kctrl's time");
}
