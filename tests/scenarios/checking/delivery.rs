//! What keeps samples from the hub.

use super::breaking::{edit, finds, write};
use super::{check, federation, found};
use crate::support::{Rig, eventually};

const URL: &str = "url: https://prometheus.hub.test/api/v1/write\n";

/// The authority in an agent's values, with what stands around it.
fn authority(values: &str) -> String {
    let (_, rest) = values.split_once("        tls_config:\n          ca: |\n").expect("an authority");
    let (pem, _) = rest.split_once("        queue_config:\n").expect("a queue");
    format!("        tls_config:\n          ca: |\n{pem}")
}

#[test]
fn urls_and_certificates_that_are_wrong() {
    let Some(rig) = federation(&[("hub", "3.5"), ("plain", "3.5"), ("path", "2.53"), ("trust", "3.5")])
    else {
        return;
    };
    edit(&rig, "plain", &[(URL, &URL.replace("https", "http"))]);
    edit(&rig, "path", &[(URL, &URL.replace("/write", "/wrong"))]);
    let trusting = rig.values("trust");
    edit(&rig, "trust", &[(&authority(&trusting), "")]);
    let all = ["hub", "plain", "path", "trust"];
    let expected = ["admin@hub PF312", "admin@plain PF503", "admin@trust PF504", "admin@trust PF703"];
    finds(&rig, &all, &[], &expected)
        .prints("admin@path writes to /api/v1/wrong")
        .prints("405 Method Not Allowed")
        .prints("signed by unknown authority")
        .prints("loss begins in about");
    finds(&rig, &["path"], &[], &["admin@path PF502"]).prints("404");
    finds(&rig, &["plain"], &[], &["admin@plain PF503"]);

    write(&rig, "trust", &trusting);
    finds(&rig, &["trust"], &[], &[]);
}

#[test]
fn what_is_answered_before_the_hub() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let init =
        ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--fqdn", "prometheus.hub.test"];
    rig.promfed(&init).ends_with(0);
    rig.refuse_writes("prometheus.hub.test", 503);
    let join =
        ["agent", "join", "--context", "admin@edge", "--hub-context", "admin@hub", "--cluster-name", "edge"];
    rig.promfed(&[&join[..], &["--wait=false"]].concat()).ends_with(0);
    let first = |code: &str, words: &str| {
        eventually(&format!("{code} is found first, with {words}"), || {
            let ran = check(&rig, &["hub", "edge"], &[]);
            found(&ran).first().is_some_and(|first| first == code) && ran.stdout.contains(words)
        });
    };
    first("admin@edge PF510", "503 Service Unavailable");

    rig.refuse_writes("prometheus.hub.test", 403);
    finds(&rig, &["hub", "edge"], &[], &["admin@edge PF507"]).prints("403 Forbidden");
    finds(&rig, &["hub"], &[], &["admin@hub PF509"]).prints("edge joined, and the hub has no sample of it");
    rig.refuse_writes("prometheus.hub.test", 413);
    first("admin@edge PF507", "413");
}
