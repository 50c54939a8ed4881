//! Receivers behind TLS, with a certificate that no authority of this machine signed.

use promfed_sandbox::tls::Authority;

use super::victoria::VictoriaMetrics;
use super::{JOIN, and};
use crate::support::{HUB_INIT, Rig};

const WRITE: [&str; 2] = ["--hub-url", "https://metrics.example.test:8428/api/v1/write"];
const READ: [&str; 2] = ["--query-url", "https://metrics.example.test:8428"];
/// What reads at a URL.
const READERS: [&[&str]; 4] = [
    &["status", "--contexts", "admin@edge"],
    &["clusters"],
    &["check", "--contexts", "admin@edge"],
    &["query", "count by (cluster) (up)"],
];

#[test]
fn a_receiver_is_verified_by_the_authority_that_is_named() {
    let Some(rig) = Rig::start(&[("edge", "3.5")]) else { return };
    let authority = Authority::new("receivers").expect("an authority");
    let Some(_receiver) = VictoriaMetrics::behind_tls(&rig, &authority) else { return };
    let ours = rig.file("an authority.pem", authority.pem());
    let other = rig.file("other.pem", Authority::new("others").expect("an authority").pem());

    let refused = |more: &[&str], why: &str| {
        let join = [&JOIN[..], &WRITE, more].concat();
        rig.nothing_is_written(|| {
            rig.promfed(&join)
                .ends_with(1)
                .says(&format!("error: the certificate of metrics.example.test is not verified {why}\n"))
                .says("caused by: tls ")
                .says("certificate signed by unknown authority\n")
                .says("hint: name the authority that signed it with --ca-file")
        });
    };
    refused(&[], "by the authorities of this machine");
    refused(&["--ca-file", &other], "by the authority that the agent would trust");

    let join = [&JOIN[..], &WRITE, &["--ca-file", &ours]].concat();
    let ran = rig.promfed(&join).ends_with(0).prints("up{cluster=\"edge\"} at hub");
    rig.nothing_is_written(|| rig.promfed(&join).ends_with(0).prints("unchanged, and healthy"));
    // What the agent trusts there already need not be named again.
    rig.nothing_is_written(|| {
        rig.promfed(&and(&[&JOIN, &WRITE])).ends_with(0).prints("unchanged, and healthy")
    });
    // What it says comes next is typed as it stands.
    let next = ran.stdout.lines().last().unwrap_or_default();
    rig.shell(next).ends_with(0).prints("OK");
    it_is_read(&rig, &ours);
    it_is_not_read_without(&rig);
}

fn it_is_read(rig: &Rig, authority: &str) {
    for reader in READERS {
        let read = [reader, &READ, &["--ca-file", authority]].concat();
        let ran = rig.promfed(&read).ends_with(0).prints("edge");
        // It is encrypted and verified: that anybody may write there is all that is unsafe.
        assert!(!ran.stdout.replace("PF801", "").contains("PF80"), "{ran}");
    }
}

fn it_is_not_read_without(rig: &Rig) {
    for reader in [READERS[1], READERS[3]] {
        rig.promfed(&and(&[reader, &READ]))
            .ends_with(3)
            .says("error: ")
            .says("caused by: https://metrics.example.test:8428 cannot be reached\n")
            .says("certificate signed by unknown authority\n")
            .says("hint: name the authority that signed its certificate with --ca-file\n");
    }
    for reader in [READERS[0], READERS[2]] {
        let ran = rig.promfed(&and(&[reader, &READ])).ends_with(3);
        assert!(ran.to_string().contains("certificate signed by unknown authority"), "{ran}");
    }
}

#[test]
fn who_reads_where_certificates_are_asked_for_is_told_so() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let get = ["get", "secret", "prometheus-tls", "-n", "tanzu-system-monitoring", "--context", "admin@hub"];
    let pem = ["-o", "go-template={{index .data \"ca.crt\" | base64decode}}"];
    let authority = rig.file("ca.pem", &rig.kubectl(&[&get[..], &pem].concat()).ends_with(0).stdout);
    rig.promfed(&[
        "query",
        "up",
        "--query-url",
        "https://prometheus-write.hub.test",
        "--ca-file",
        &authority,
    ])
    .ends_with(1)
    .says("caused by: https://prometheus-write.hub.test does not let in who asks\n")
    .says("hint: name a certificate that it lets in with --client-cert\n");
}
