//! What keeps the package from being deployed, and Prometheus from running, is found before what comes of it.

use promfed_sandbox::Component;
use serde_json::json;

use super::breaking::{V3, finds, rewrite, write_values};
use super::{check, federation, found};
use crate::support::{HUB_INIT, Rig, eventually};

fn patch(rig: &Rig, spec: &serde_json::Value) {
    let install = ["packageinstall", "prometheus", "-n", "tkg-system", "--context", "admin@edge"];
    let spec = json!({"spec": spec}).to_string();
    rig.kubectl(&[&["patch"], &install[..], &["--type=merge", "-p", &spec]].concat()).ends_with(0);
}

#[test]
fn an_install_that_is_missing_and_two_of_them() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let init = [&HUB_INIT[..], &["--auth", "none"]].concat();
    rig.promfed(&init).ends_with(0);
    finds(&rig, &["hub", "edge"], &[], &[("admin@edge PF201", "no PackageInstall")]).ends_with(1);

    let package = json!({"refName": V3.0, "versionSelection": {"constraints": V3.1}});
    let account = "jsonpath={.spec.serviceAccountName}";
    let at = ["-n", "tkg-system", "--context", "admin@hub"];
    let account = rig.kubectl(&[&["get", "packageinstall", "prometheus", "-o", account], &at[..]].concat());
    let second = json!({"apiVersion": "packaging.carvel.dev/v1alpha1", "kind": "PackageInstall",
        "metadata": {"name": "second", "namespace": "tkg-system"},
        "spec": {"packageRef": package, "serviceAccountName": account.ends_with(0).stdout}});
    let file = rig.file("second.json", &second.to_string());
    rig.kubectl(&[&["apply", "-f", &file], &at[..]].concat()).ends_with(0);
    finds(&rig, &["hub"], &[], &[("admin@hub PF201", "2 of them: tkg-system/prometheus, tkg-system/second")]);
    // The second never got what the first one owns, and leaves it alone.
    rig.kubectl(&[&["delete", "packageinstall", "second"], &at[..]].concat()).ends_with(0);
    finds(&rig, &["hub"], &[], &[]).ends_with(0);
}

#[test]
fn what_keeps_a_change_from_being_deployed() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let all = ["hub", "edge"];
    let version =
        |version: &str| patch(&rig, &json!({"packageRef": {"versionSelection": {"constraints": version}}}));
    version("9.9.9");
    finds(&rig, &all, &[], &[("admin@edge PF202", "9.9.9 is not offered")]).ends_with(1);
    version(V3.1);
    finds(&rig, &all, &[], &[]).ends_with(0);

    patch(&rig, &json!({"paused": true}));
    finds(&rig, &all, &[], &[("admin@edge PF203", "somebody paused it")]).ends_with(1);
    patch(&rig, &json!({"paused": false}));

    let before = rewrite(&rig, "edge", &[("prometheus:", "#@data/values\nprometheus:")]);
    finds(&rig, &all, &[], &[("admin@edge PF205", "begins with `#@`")]).ends_with(1);
    write_values(&rig, "edge", &before.replacen("prometheus_yml: |", "prometheus_yml:", 1));
    finds(&rig, &all, &[], &[("admin@edge PF205", "prometheus_yml is a mapping")]).ends_with(1);
    write_values(&rig, "edge", &before);
    finds(&rig, &all, &[], &[]).ends_with(0);

    let secret = ["delete", "secret", "prometheus-tkg-system-values", "-n", "tkg-system"];
    rig.kubectl(&[&secret[..], &["--context", "admin@edge"]].concat()).ends_with(0);
    finds(&rig, &all, &[], &[("admin@edge PF204", "prometheus-tkg-system-values is not in tkg-system")]);
}

#[test]
fn what_kapp_refuses_is_told_in_its_words() {
    let rig = Rig::with(&[("hub", "3.5")], |spec| spec.without(Component::Contour));
    let values = "ingress:\n  enabled: true\n  virtual_host_fqdn: prometheus.hub.test\n";
    rig.install_by_hand("hub", V3.0, V3.1, values);
    let words = "does not know projectcontour.io/v1/HTTPProxy";
    finds(&rig, &["hub"], &[], &[("admin@hub PF207", words)]).ends_with(1);
}

#[test]
fn a_crash_is_told_by_what_prometheus_does_not_understand() {
    let clusters = [("hub", "3.5"), ("edge", "3.5"), ("west", "3.5"), ("south", "2.53")];
    let Some(rig) = federation(&clusters) else { return };
    let all = clusters.map(|(name, _)| name);
    let before = all.map(|name| rig.values(name));
    let lifecycle = "- --web.enable-lifecycle\n";
    let also = |flag: &str| format!("{lifecycle}      - {flag}\n");
    rewrite(&rig, "edge", &[(lifecycle, &also("--storage.tsdb.path=/data"))]);
    rewrite(&rig, "west", &[(lifecycle, &also("--no-such-flag"))]);
    // The flag lets the pod start again: else the configuration would only not be loaded.
    rewrite(
        &rig,
        "south",
        &[(lifecycle, &also("--log.level=info")), ("remote_write:", "no_such: 1\n      remote_write:")],
    );
    let expected = [
        ("admin@edge PF206", "an agent does not have --storage.tsdb.path"),
        ("admin@west PF206", "does not know --no-such-flag"),
        ("admin@south PF206", "does not know the field no_such"),
    ];
    finds(&rig, &all, &[], &expected).ends_with(1);

    for (name, text) in all.iter().zip(&before).skip(1) {
        write_values(&rig, name, text);
    }
    finds(&rig, &all, &[], &[]).ends_with(0);
}

#[test]
fn what_is_not_fetched_what_does_not_run_and_two_that_want_one_volume() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5"), ("west", "3.5")]) else { return };
    let repository = json!({"apiVersion": "packaging.carvel.dev/v1alpha1", "kind": "PackageRepository",
        "metadata": {"name": "broken", "namespace": "tkg-system"},
        "spec": {"fetch": {"imgpkgBundle": {"image": "localhost:1/no-such:v1"}}}});
    let file = rig.file("repository.json", &repository.to_string());
    rig.kubectl(&["apply", "-f", &file, "--context", "admin@hub"]).ends_with(0);
    let with = |replicas: u8| format!("prometheus:\n  deployment:\n    replicas: {replicas}\n");
    for (cluster, replicas) in [("edge", 0), ("west", 2)] {
        rewrite(&rig, cluster, &[("prometheus:\n  deployment:\n", &with(replicas))]);
    }
    let expected = [
        ("admin@hub PF211", "repository broken is not fetched"),
        ("admin@edge PF212", "the Deployment prometheus-server is scaled to 0"),
        ("admin@west PF206", "two pods use one volume"),
    ];
    finds(&rig, &["hub", "edge", "west"], &[], &expected).ends_with(1);
}

#[test]
fn two_pods_for_one_volume_and_an_edit_that_does_not_last() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let all = ["hub", "edge"];
    let with = "prometheus:\n  deployment:\n    updateStrategy: RollingUpdate\n";
    let before = rewrite(&rig, "hub", &[("prometheus:\n  deployment:\n", with)]);
    finds(&rig, &all, &[], &[("admin@hub PF210", "the update strategy RollingUpdate")]).ends_with(0);
    write_values(&rig, "hub", &before);
    finds(&rig, &all, &[], &[]).ends_with(0);

    let deployment = ["deployment", "prometheus-server", "-n", "tanzu-system-monitoring"];
    let at = ["--context", "admin@edge"];
    let running = "jsonpath={.spec.template.spec.containers[?(@.name==\"prometheus-server\")].args}";
    eventually("the edit is found", || {
        // kapp may have looked since the last one.
        let args = rig.kubectl(&[&["get"], &deployment[..], &at, &["-o", running]].concat()).ends_with(0);
        let mut args: Vec<String> = serde_json::from_str(&args.stdout).expect("arguments");
        args.retain(|arg| arg != "--log.level=info");
        args.push("--log.level=info".to_owned());
        let containers = json!([{"name": "prometheus-server", "args": args}]);
        let patch = json!({"spec": {"template": {"spec": {"containers": containers}}}}).to_string();
        rig.kubectl(&[&["patch"], &deployment[..], &at, &["-p", &patch]].concat()).ends_with(0);
        let ran = check(&rig, &all, &["--only", "PF209"]);
        found(&ran) == ["admin@edge PF209"] && ran.stdout.contains("--log.level=info")
    });
}
