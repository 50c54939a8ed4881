//! What another tool keeps as it wants it is not written; what to give to that tool is printed.

use crate::support::Rig;

const INIT: [&str; 8] =
    ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--yes", "--wait=false"];

fn labelled(kind: &str, name: &str, how: &str, label: &str) -> Rig {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    rig.install_by_hand(
        "hub",
        "prometheus.kubernetes.vmware.com",
        "3.5.0+vmware.1-vks.1",
        "# all defaults\n",
    );
    rig.kubectl(&[how, kind, name, "-n", "tkg-system", "--context", "admin@hub", label]).ends_with(0);
    rig
}

#[test]
fn what_flux_keeps_is_printed_for_its_repository() {
    let rig = labelled("secret", "by-hand", "label", "kustomize.toolkit.fluxcd.io/name=monitoring");
    rig.nothing_is_written(|| {
        let ran = rig.promfed(&INIT).ends_with(1).says("Flux").says("--force").prints("kind: Secret");
        assert!(ran.stdout.contains("--web.enable-remote-write-receiver"), "{ran}");
        assert!(!ran.stdout.contains("promfed.v1"), "{ran}");
        ran
    });
    let file = rig.file("for-git.yaml", &rig.promfed(&INIT).stdout);
    rig.kubectl(&["apply", "--server-side", "--force-conflicts", "--context", "admin@hub", "-f", &file])
        .ends_with(0);
    rig.promfed(&["diff", "hub", "init", "--context", "admin@hub", "--cluster-name", "hub"]).ends_with(0);
}

#[test]
fn argo_keeps_an_install_until_somebody_insists() {
    let mark =
        "argocd.argoproj.io/tracking-id=apps:packaging.carvel.dev/PackageInstall:tkg-system/prometheus";
    let rig = labelled("packageinstall", "prometheus", "annotate", mark);
    rig.nothing_is_written(|| rig.promfed(&INIT).ends_with(1).says("Argo CD"));
    rig.promfed(&[&INIT[..], &["--force"]].concat()).ends_with(0).says("will change this back");
    assert!(rig.values("hub").contains("--web.enable-remote-write-receiver"));
}
