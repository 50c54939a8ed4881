//! What ends: certificates and authorities.

use jiff::{Timestamp, ToSpan, tz::TimeZone};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

use super::breaking::finds;
use crate::support::Rig;

/// A certificate for a host, its key, and the authority that signed it, which ends in ten days.
fn given(host: &str) -> [String; 3] {
    let end = (Timestamp::now() + 240.hours()).to_zoned(TimeZone::UTC);
    let day = |number: i8| u8::try_from(number).expect("a month or a day");
    let ends = date_time_ymd(end.year().into(), day(end.month()), day(end.day()));
    let mut authority = CertificateParams::default();
    authority.distinguished_name.push(DnType::CommonName, "our-authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.not_after = ends;
    let signer = KeyPair::generate().expect("a key");
    let authority_pem = authority.clone().self_signed(&signer).expect("an authority").pem();
    let mut served = CertificateParams::new(vec![host.to_owned()]).expect("a host name");
    served.distinguished_name.push(DnType::CommonName, host);
    let key = KeyPair::generate().expect("a key");
    let pem = served.signed_by(&key, &Issuer::new(authority, signer)).expect("a certificate").pem();
    [pem, key.serialize_pem(), authority_pem]
}

#[test]
fn an_authority_that_ends_is_told_at_the_hub_and_without_it_at_the_agent() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let host = "prometheus.hub.test";
    let [certificate, key, authority] = given(host).map(|pem| pem.replace('\n', "\n      "));
    let values = format!(
        "ingress:\n  tlsCertificate:\n    tls.crt: |\n      {certificate}\n    tls.key: |\n      {key}\n    ca.crt: |\n      {authority}\n"
    );
    let file = rig.file("given.yaml", &values);
    let init =
        ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--fqdn", host, "--auth", "none"];
    rig.promfed(&[&init[..], &["--values", &file]].concat()).ends_with(0);
    let join = ["agent", "join", "--context", "admin@edge", "--hub-context", "admin@hub"];
    rig.promfed(&[&join[..], &["--cluster-name", "edge"]].concat()).ends_with(0);

    let words = "the certificate CN=our-authority ends in";
    finds(&rig, &["edge"], &[], &[("admin@edge PF805", words)]).ends_with(0);
    finds(&rig, &["hub", "edge"], &[], &[("admin@hub PF804", words)]).ends_with(0);
}
