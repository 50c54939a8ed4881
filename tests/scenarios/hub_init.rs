//! `hub init`: on an empty cluster, again, and on one that has the package.

use promfed_sandbox::Offer;

use crate::support::{HUB_INIT, Rig, fixture};

#[test]
fn an_empty_cluster_becomes_a_hub_and_stays_one() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    let ran = rig.promfed(&HUB_INIT).ends_with(0);
    for line in [
        "web.enable-remote-write-receiver",
        "write path",
        "accepts",
        "up{cluster=\"hub\"}",
        "agent join --context",
    ] {
        assert!(ran.stdout.contains(line), "{line}: {ran}");
    }
    for (kind, name) in [
        ("serviceaccount", "prometheus-tkg-system-sa"),
        ("clusterrole", "prometheus-tkg-system-cluster-role"),
        ("clusterrolebinding", "prometheus-tkg-system-cluster-rolebinding"),
        ("secret", "prometheus-tkg-system-values"),
        ("packageinstall", "prometheus"),
    ] {
        rig.kubectl(&["get", kind, name, "-n", "tkg-system"]).ends_with(0);
    }

    let written = rig.writes();
    rig.promfed(&HUB_INIT).ends_with(0).prints("unchanged, and healthy");
    assert_eq!(rig.writes(), written);
}

#[test]
fn the_hubs_own_series_have_the_label_up_included() {
    let Some(rig) = Rig::start(&[("hub", "2.53")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let of_others = ["query", "--context", "admin@hub", "-o", "name", "up{cluster!=\"hub\"}"];
    assert_eq!(rig.promfed(&of_others).ends_with(0).stdout, "");
}

#[test]
fn values_that_somebody_wrote_are_edited_and_not_replaced() {
    let Some(rig) = Rig::start(&[("hub", "2.43")]) else { return };
    let values = format!("# mine\n{}", fixture("article/hub-values.yaml"));
    let without_flag = values.replace("      - --web.enable-remote-write-receiver\n", "");
    rig.install_by_hand("hub", "prometheus.tanzu.vmware.com", "2.43.0+vmware.2-tkg.1", &without_flag);

    let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "orbstack"];
    rig.promfed(&init).ends_with(2).says("--yes");
    rig.promfed(&[&init[..], &["--yes"]].concat()).ends_with(0);
    assert_eq!(rig.values("hub"), values);
}

#[test]
fn the_article_as_it_stands_needs_nothing() {
    let rig = Rig::without_prometheus(&[("hub", "2.43")]);
    let values = fixture("article/hub-values.yaml");
    rig.install_by_hand("hub", "prometheus.tanzu.vmware.com", "2.43.0+vmware.2-tkg.1", &values);
    let plan = ["hub", "init", "--context", "admin@hub", "--cluster-name", "orbstack", "--dry-run"];
    rig.promfed(&plan).ends_with(0).prints("unchanged");
}

#[test]
fn the_users_values_win_over_defaults_and_keep_their_comments() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let file = rig.file("values.yaml", "# ours\nnamespace: metrics # not the default\n");
    let ran =
        rig.promfed(&[&HUB_INIT[..], &["--values", &file, "--dry-run", "-o", "json"]].concat()).ends_with(0);
    let list = ran.json();
    let text = list["items"][3]["stringData"]["values.yaml"].as_str().expect("values").to_owned();
    assert!(text.starts_with("# ours\nnamespace: metrics # not the default\n"), "{text}");
}

#[test]
fn a_killed_run_is_finished_by_the_next() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    let secret = fixture("leftover-values-secret.yaml");
    let file = rig.file("secret.yaml", &secret);
    rig.kubectl(&["apply", "--context", "admin@hub", "-f", &file]).ends_with(0);
    rig.promfed(&[&HUB_INIT[..], &["--yes"]].concat()).ends_with(0);
    assert!(rig.values("hub").starts_with("# left by an earlier run\n"), "{}", rig.values("hub"));
}

#[test]
fn a_repository_is_added_where_no_package_is_offered() {
    let Some(rig) = Rig::start_with(&[("hub", "3.5")], |spec| spec.offer(Offer::Nothing)) else { return };
    rig.promfed(&HUB_INIT).ends_with(1).says("--repository");
    let repository = ["--repository", "registry.local/prometheus-repo:v1"];
    rig.promfed(&[&HUB_INIT[..], &repository].concat()).ends_with(0);
    rig.kubectl(&["get", "packagerepository", "promfed", "-n", "tkg-system", "--context", "admin@hub"])
        .ends_with(0);
}

#[test]
fn a_repository_that_cannot_be_fetched_is_told() {
    let rig = Rig::with(&[("hub", "3.5")], |spec| spec.offer(Offer::Nothing));
    let repository = ["--repository", "registry.sandbox/nothing:v1"];
    rig.promfed(&[&HUB_INIT[..], &repository].concat()).ends_with(1).says("the repository cannot be fetched");
}
