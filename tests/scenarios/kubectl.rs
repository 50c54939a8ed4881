//! Stock kubectl beside the plugin: the sandbox is a cluster to it, and what promfed prints is what it takes.

use crate::support::Rig;

#[test]
fn kubectl_takes_what_a_dry_run_prints() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "on", "--dry-run", "-o", "yaml"];
    let manifests = rig.promfed(&init).ends_with(0).stdout;
    let file = rig.file("manifests.yaml", &manifests);
    rig.kubectl(&["apply", "--context", "admin@hub", "-f", &file]).ends_with(0).prints("packageinstall");
    let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "on", "--dry-run"];
    rig.promfed(&init).ends_with(0).prints("unchanged");
}

#[test]
fn kubectl_runs_the_plugin_and_reads_the_cluster() {
    let Some(rig) = Rig::start(&[("hub", "2.53")]) else { return };
    rig.shell("kubectl promfed hub init --context admin@hub --cluster-name hub").ends_with(0);
    rig.kubectl(&["get", "pkgi", "-A", "--context", "admin@hub"])
        .ends_with(0)
        .prints("PACKAGE NAME")
        .prints("2.53.4");
    let secret = [
        "get",
        "secret",
        "prometheus-tkg-system-values",
        "-n",
        "tkg-system",
        "-o",
        "yaml",
        "--context",
        "admin@hub",
    ];
    rig.kubectl(&secret).ends_with(0).prints("values.yaml:");
    let raw =
        "/api/v1/namespaces/tanzu-system-monitoring/services/prometheus-server:80/proxy/api/v1/status/flags";
    rig.kubectl(&["get", "--raw", raw, "--context", "admin@hub"])
        .ends_with(0)
        .prints("web.enable-remote-write-receiver");
}

#[test]
fn the_server_validates_a_dry_run_and_stores_nothing() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    let init = ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--dry-run=server"];
    rig.promfed(&init).ends_with(0).prints("create");
    rig.kubectl(&["get", "packageinstall", "prometheus", "-n", "tkg-system", "--context", "admin@hub"])
        .ends_with(1);
}
