//! What will go wrong, and what somebody else can do.

use super::breaking::{finds, rewrite};
use super::{context, federation};

#[test]
fn buffers_credentials_and_certificates() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let both = ["hub", "edge"];
    let contexts = both.map(context).join(",");
    rig.promfed(&["check", "--contexts", &contexts, "-o", "short"]).prints(
        "admin@hub PF801 warning: https://prometheus.hub.test/api/v1/write takes samples from anybody",
    );

    let path = "      - --storage.agent.path=/data/agent\n";
    let short = format!("{path}      - --storage.agent.retention.max-time=5m\n");
    rewrite(&rig, "edge", &[(path, &short)]);
    finds(&rig, &both, &[], &[("admin@edge PF704", "")]).prints("retention.max-time=5m has no effect");
    rewrite(&rig, "edge", &[(&short, path)]);
    finds(&rig, &both, &[], &[]);

    let secret = "        basic_auth: {username: edge, password: s3cr3t-of-edge}\n        queue_config:\n";
    rewrite(
        &rig,
        "edge",
        &[
            ("          ca_file: /etc/promfed/ca.crt\n", "          insecure_skip_verify: true\n"),
            ("        queue_config:\n", secret),
        ],
    );
    finds(&rig, &both, &[], &[("admin@edge PF802", ""), ("admin@edge PF803", "")])
        .prints("remote_write[0].basic_auth.password")
        .prints("the certificate of prometheus.hub.test is not verified");
    for format in ["wide", "json", "yaml", "short"] {
        let ran = rig.promfed(&["check", "--contexts", &contexts, "-o", format]);
        assert!(!ran.stdout.contains("s3cr3t") && !ran.stderr.contains("s3cr3t"), "{ran}");
    }
}
