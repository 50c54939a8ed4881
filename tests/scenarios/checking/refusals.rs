//! What answers an agent in place of its hub, what a hub does not take, and what takes too long.

use std::time::Duration;

use promfed_sandbox::NetworkFault;
use serde_json::json;

use super::breaking::{finds, rewrite, write_values};
use super::federation;
use crate::support::{HUB_INIT, Rig};

const HUB: &str = "prometheus.hub.test";
/// The first line of the entry of `remote_write`.
const ENTRY: &str = "      - name: promfed\n";
const LIFECYCLE: &str = "      - --web.enable-lifecycle\n";
const QUEUE: &str = "        queue_config:\n          retry_on_http_429: true\n";

#[test]
fn what_is_answered_before_the_hub() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let both = ["hub", "edge"];
    rig.promfed(&[&HUB_INIT[..], &["--auth", "none"]].concat()).ends_with(0);
    // No sample of the agent's ever gets through.
    rig.refuse_writes(HUB, 401);
    let join = ["agent", "join", "--context", "admin@edge", "--hub-context", "admin@hub"];
    rig.promfed(&[&join[..], &["--cluster-name", "edge", "--wait=false"]].concat()).ends_with(0);
    finds(&rig, &both, &[], &[("admin@edge PF507", "every sample is refused: 401 Unauthorized")])
        .ends_with(1);
    finds(&rig, &["hub"], &[], &[("admin@hub PF509", "edge joined, and the hub has no sample of it")]);

    rig.refuse_writes(HUB, 429);
    // An agent that joined tries again what is answered so; with the defaults it is lost. The argument has it end at
    // once, and not try for a minute to send what waits.
    let hasty = format!("{LIFECYCLE}      - --storage.remote.flush-deadline=1s\n");
    let before = rewrite(&rig, "edge", &[(QUEUE, ""), (LIFECYCLE, &hasty)]);
    finds(&rig, &both, &[], &[("admin@edge PF507", "429 Too Many Requests")]).ends_with(1);

    rig.fail_requests(HUB, NetworkFault::LoginPage);
    finds(&rig, &both, &[], &[("admin@hub PF502", "answers 200, and is no Prometheus")]).ends_with(1);
    rig.refuse_writes(HUB, 503);
    finds(&rig, &both, &[], &[("admin@hub PF502", "answers 503: nothing that is ready stands behind it")]);

    let other = json!({"apiVersion": "projectcontour.io/v1", "kind": "HTTPProxy",
        "metadata": {"name": "other", "namespace": "default"},
        "spec": {"virtualhost": {"fqdn": HUB}, "routes": [{"services": [{"name": "other", "port": 80}]}]}});
    let file = rig.file("other.json", &other.to_string());
    rig.kubectl(&["apply", "-f", &file, "--context", "admin@hub"]).ends_with(0);
    finds(&rig, &both, &[], &[("admin@hub PF516", "is used in multiple HTTPProxies: default/other")]);

    rig.kubectl(&["delete", "-f", &file, "--context", "admin@hub"]).ends_with(0);
    rig.let_requests_pass(HUB);
    // What an agent was refused it counts until it gets a new queue.
    write_values(&rig, "edge", &before);
    finds(&rig, &both, &[], &[]).ends_with(0);
}

#[test]
fn what_a_hub_does_not_take() {
    let clusters = [("hub", "2.53"), ("two", "3.5"), ("native", "3.5"), ("exemplars", "3.5")];
    let Some(rig) = federation(&clusters) else { return };
    let all = clusters.map(|(name, _)| name);
    rewrite(&rig, "hub", &[("      - --enable-feature=exemplar-storage\n", "")]);
    let with = |field: &str| format!("{ENTRY}        {field}\n");
    rewrite(&rig, "two", &[(ENTRY, &with("protobuf_message: io.prometheus.write.v2.Request"))]);
    let feature = format!("{LIFECYCLE}      - --enable-feature=native-histograms\n");
    rewrite(&rig, "native", &[(ENTRY, &with("send_native_histograms: true")), (LIFECYCLE, &feature)]);
    let expected = [
        ("admin@two PF505", "PRW 2.0 response header statistics indicate 0 samples"),
        ("admin@native PF505", "native histograms are disabled"),
        ("admin@exemplars PF505", "drops them without a word"),
    ];
    // What such a hub may suffer from besides is another matter.
    finds(&rig, &all, &["--skip", "PF213"], &expected).ends_with(1);
}

#[test]
fn a_hub_that_takes_too_long_or_is_never_ready() {
    let Some(rig) = federation(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    let small = "        queue_config: {capacity: 20, max_shards: 1, max_samples_per_send: 10}\n";
    let before = rewrite(&rig, "edge", &[(QUEUE, small)]);
    rig.fail_requests(HUB, NetworkFault::Delay(Duration::from_secs(1)));
    // How much waits besides depends on the moment.
    finds(&rig, &["hub", "edge"], &["--only", "PF702"], &[("admin@edge PF702", "and may have 1")])
        .ends_with(0);
    rig.let_requests_pass(HUB);
    write_values(&rig, "edge", &before);
    finds(&rig, &["hub", "edge"], &[], &[]).ends_with(0);

    // The probe of the pod does not know the prefix: nothing of what follows is told, at either end.
    let prefix = format!("{LIFECYCLE}      - --web.route-prefix=/prometheus\n");
    rewrite(&rig, "hub", &[(LIFECYCLE, &prefix)]);
    let words = "--web.route-prefix has Prometheus serve everything below /prometheus";
    finds(&rig, &["hub", "edge"], &[], &[("admin@hub PF207", words)]).ends_with(1);
}
