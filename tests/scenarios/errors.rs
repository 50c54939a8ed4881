//! Bad input and bad weather: a clear error with a hint, the exit code, and nothing written.

use std::time::{Duration, Instant};

use promfed_sandbox::Component;

use crate::support::{Ran, Rig};

const INIT: [&str; 6] = ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub"];

fn init(rig: &Rig, more: &[&str]) -> Ran {
    rig.promfed(&[&INIT[..], more].concat())
}

#[test]
fn without_a_kubeconfig_it_says_where_it_looked() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let missing = rig.file("folder/missing", "");
    std::fs::remove_file(&missing).expect("a file to remove");
    rig.promfed(&["status", "--kubeconfig", &missing])
        .ends_with(2)
        .says("kubeconfig")
        .says("missing")
        .says("hint:");
}

#[test]
fn an_unknown_context_is_answered_with_those_that_are_known() {
    let rig = Rig::without_prometheus(&[("hub", "3.5"), ("edge", "3.5")]);
    rig.promfed(&["status", "--context", "admin@hup"]).ends_with(2).says("admin@hub").says("admin@edge");
}

#[test]
fn an_api_server_that_is_away_is_exit_code_3() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.promfed(&["flags", "--context", "admin@hub", "--server", "https://127.0.0.1:1"])
        .ends_with(3)
        .says("connection refused");
}

#[test]
fn an_api_server_that_hangs_is_given_up_within_the_request_timeout() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.hang("hub");
    let begun = Instant::now();
    rig.promfed(&["flags", "--context", "admin@hub", "--request-timeout", "1s"]).ends_with(3).says("1s");
    // Much more than the timeout, much less than the default of 30 s.
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn without_kapp_controller_it_says_so() {
    let rig = Rig::with(&[("hub", "3.5")], |spec| spec.without(Component::KappController));
    rig.nothing_is_written(|| init(&rig, &[]).ends_with(1).says("kapp-controller").says("hint:"));
}

#[test]
fn a_package_that_is_not_offered_lists_what_is() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.nothing_is_written(|| {
        init(&rig, &["--package-version", "9.9.9"])
            .ends_with(1)
            .says("prometheus.kubernetes.vmware.com 3.5.0")
            .says("hint:")
    });
    rig.nothing_is_written(|| {
        init(&rig, &["--package", "nope.example.com"]).ends_with(1).says("nope.example.com")
    });
}

#[test]
fn an_invalid_cluster_name_is_refused_by_its_form() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.nothing_is_written(|| {
        rig.promfed(&["hub", "init", "--context", "admin@hub", "--cluster-name", "a b"])
            .ends_with(2)
            .says("a cluster name is")
    });
}

#[test]
fn values_that_are_not_yaml_are_refused_wherever_they_come_from() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let file = rig.file("bad.yaml", "a: [1\nb: 2\n");
    rig.nothing_is_written(|| init(&rig, &["--values", &file]).ends_with(2).says("is not YAML"));
    rig.install_by_hand("hub", "prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1", "a: [1\nb: 2\n");
    rig.nothing_is_written(|| {
        init(&rig, &["--yes"]).ends_with(2).says("are not YAML").says("key values.yaml")
    });
}

#[test]
fn a_configuration_that_is_not_a_string_is_refused() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let values = "prometheus:\n  config:\n    prometheus_yml:\n      global: {}\n";
    rig.install_by_hand("hub", "prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1", values);
    rig.nothing_is_written(|| {
        init(&rig, &["--yes"]).ends_with(2).says("prometheus_yml is not a string").says("hint:")
    });
}

#[test]
fn a_missing_right_is_named() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let token = rig.nobody("hub");
    rig.nothing_is_written(|| {
        init(&rig, &["--token", token]).ends_with(1).says("packageinstalls").says("list").says("nobody")
    });
}

#[test]
fn the_packages_ingress_needs_its_parts() {
    let rig = Rig::with(&[("hub", "3.5")], |spec| spec.without(Component::Contour));
    rig.nothing_is_written(|| init(&rig, &["--fqdn", "prometheus.hub.test"]).ends_with(1).says("Contour"));
}

#[test]
fn a_reconcile_that_fails_is_told_in_kapps_useful_words() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let file = rig.file("unknown.yaml", "no_such_value: 1\n");
    init(&rig, &["--values", &file]).ends_with(1).says("does not reconcile").says("ytt");
}

#[test]
fn a_crash_is_told_in_prometheus_own_words_with_its_exit_code() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    let values = "prometheus:\n  config:\n    prometheus_yml: |\n      global: {}\n      nonsense: 1\n      scrape_configs:\n      - job_name: a\n        static_configs: [{targets: [localhost:9090]}]\n";
    let file = rig.file("crash.yaml", values);
    init(&rig, &["--values", &file]).ends_with(1).says("exit code 2").says("nonsense");
}

#[test]
fn a_prometheus_that_does_not_answer_is_told() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.install_by_hand("hub", "prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1", "a: 1\n");
    rig.promfed(&["flags", "--context", "admin@hub"]).ends_with(1).says("does not answer");
}
