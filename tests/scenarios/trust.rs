//! An agent verifies its hub, and the hub knows who writes.

use crate::support::{HUB_INIT, Rig, eventually};

const JOIN: [&str; 6] = ["agent", "join", "--context", "admin@edge", "--cluster-name", "edge"];
const BY_CONTEXT: [&str; 2] = ["--hub-context", "admin@hub"];

fn with_hub(clusters: &[(&str, &str)]) -> Option<Rig> {
    let rig = Rig::start(clusters)?;
    rig.promfed(&HUB_INIT).ends_with(0);
    Some(rig)
}

/// The authority of the hub's own certificate.
fn authority(rig: &Rig) -> String {
    let get = ["get", "secret", "prometheus-tls", "-n", "tanzu-system-monitoring", "--context", "admin@hub"];
    let pem = ["-o", "go-template={{index .data \"ca.crt\" | base64decode}}"];
    rig.kubectl(&[&get[..], &pem].concat()).ends_with(0).stdout
}

#[test]
fn an_agent_that_cannot_hold_an_authority_mounts_it_and_leaves_nothing_behind() {
    let Some(rig) = with_hub(&[("hub", "3.5"), ("edge", "2.43")]) else { return };
    let theirs = "# mine\nprometheus: {}\n";
    rig.install_by_hand("edge", "prometheus.tanzu.vmware.com", "2.43.0+vmware.2-tkg.1", theirs);
    let join = [&JOIN[..], &BY_CONTEXT, &["--yes"]].concat();
    let ran = rig.promfed(&join).ends_with(0).prints("up{cluster=\"edge\"} at hub");
    assert!(!ran.stderr.contains("not verified"), "{ran}");
    assert!(rig.values("edge").contains("ca_file: /etc/promfed/ca.crt"), "{}", rig.values("edge"));
    rig.nothing_is_written(|| rig.promfed(&join).ends_with(0).prints("unchanged, and healthy"));

    rig.promfed(&["agent", "leave", "--context", "admin@edge", "--yes"]).ends_with(0);
    assert_eq!(rig.values("edge"), theirs);
    let overlay = ["get", "secret", "-n", "tkg-system", "--context", "admin@edge", "-o", "name"];
    let left = rig.kubectl(&overlay).ends_with(0).stdout;
    assert!(!left.contains("overlay"), "{left}");
    let mounted =
        ["get", "secret", "promfed-remote-write", "-n", "tanzu-system-monitoring", "--context", "admin@edge"];
    eventually("nothing is mounted any more", || rig.kubectl(&mounted).code != 0);
}

/// A name that lets in whoever sends this header, and nobody else.
fn guard(rig: &Rig, name: &str, authorization: &str) {
    let metadata = |name: &str| serde_json::json!({"name": name, "namespace": "tanzu-system-monitoring"});
    let objects = serde_json::json!({"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "cert-manager.io/v1", "kind": "Certificate", "metadata": metadata("guarded"), "spec": {
            "commonName": "guarded", "dnsNames": [name], "secretName": "guarded",
            "issuerRef": {"name": "prometheus-ca-issuer", "kind": "Issuer"}}},
        {"apiVersion": "projectcontour.io/v1", "kind": "HTTPProxy", "metadata": metadata("guarded"), "spec": {
            "virtualhost": {"fqdn": name, "tls": {"secretName": "guarded"}},
            "routes": [
                {"conditions": [{"prefix": "/"}, {"header": {"name": "Authorization", "exact": authorization}}],
                 "services": [{"name": "prometheus-server", "port": 80}]},
                {"conditions": [{"prefix": "/"}], "directResponsePolicy": {"statusCode": 401, "body": "who are you?"}},
            ]}},
    ]});
    let file = rig.file("guard.json", &objects.to_string());
    rig.kubectl(&["apply", "--context", "admin@hub", "-f", &file]).ends_with(0);
    let status = ["get", "httpproxy", "guarded", "-n", "tanzu-system-monitoring", "--context", "admin@hub"];
    let current = ["-o", "jsonpath={.status.currentStatus}"];
    eventually("the guard is there", || rig.kubectl(&[&status[..], &current].concat()).stdout == "valid");
}

#[test]
fn a_hub_that_asks_who_writes_is_told_and_the_answer_is_nowhere_to_be_read() {
    let Some(rig) = with_hub(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    // edge:s3cr3t
    guard(&rig, "guarded.hub.test", "Basic ZWRnZTpzM2NyM3Q=");
    let (authority, password) = (rig.file("ca.pem", &authority(&rig)), rig.file("password", "s3cr3t\n"));
    let url = ["--hub-url", "https://guarded.hub.test/api/v1/write"];
    let verified = [&JOIN[..], &url, &["--ca-file", &authority]].concat();
    let login = ["--username", "edge", "--password-file", &password];
    let join = [&verified[..], &login].concat();

    let shown = rig.promfed(&[&join[..], &["--dry-run", "--diff"]].concat()).ends_with(0);
    assert!(!shown.stdout.contains("s3cr3t") && !shown.stderr.contains("s3cr3t"), "{shown}");
    rig.promfed(&join).ends_with(0).prints("up{cluster=\"edge\"} at hub");
    rig.nothing_is_written(|| rig.promfed(&join).ends_with(0).prints("unchanged, and healthy"));
    // Who says nothing of a login keeps the one that there is.
    rig.nothing_is_written(|| rig.promfed(&verified).ends_with(0).prints("unchanged"));

    assert!(!rig.values("edge").contains("s3cr3t"));
    let maps = ["get", "configmaps", "-A", "--context", "admin@edge", "-o", "yaml"];
    assert!(!rig.kubectl(&maps).ends_with(0).stdout.contains("s3cr3t"));

    let wrong = rig.file("wrong", "another\n");
    let wrong = [&verified[..], &["--username", "edge", "--password-file", &wrong]].concat();
    let wrong = [&wrong[..], &["--yes"]].concat();
    rig.nothing_is_written(|| {
        rig.promfed(&wrong).ends_with(1).says("does not take these credentials").says("401")
    });
}

#[test]
fn a_certificate_that_the_authority_did_not_sign_is_refused_before_anything_is_written() {
    let Some(rig) = with_hub(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let other =
        rcgen::generate_simple_self_signed(["prometheus.hub.test".to_owned()]).expect("a certificate");
    let other = rig.file("other.pem", &other.cert.pem());
    for hub in [&BY_CONTEXT[..], &["--hub-url", "https://prometheus.hub.test/api/v1/write"]] {
        let join = [&JOIN[..], hub, &["--ca-file", &other]].concat();
        rig.nothing_is_written(|| rig.promfed(&join).ends_with(1).says("unknown authority"));
    }
}
