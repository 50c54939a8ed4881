//! Nothing is lost on the way to the hub: not while it is away, and not by a change that promfed makes.
//!
//! Everything is scraped every second here, so that half a minute without a hub is more than a queue holds in memory, and
//! the rest of it has to come out of the WAL. `PROMFED_OUTAGE=600` lets the hub be away for ten minutes, and tells
//! what was counted: that is where docs/losses.md has its numbers from.

mod buffer;
mod counting;
mod moving;

use std::time::Duration;

use counting::{Watch, behind, lost, outage, retried, wait_until_behind};
use promfed_sandbox::NetworkFault;

use crate::checking::breaking::changed;
use crate::checking::context;
use crate::support::{Ran, Rig, eventually, fixture};

const PUBLIC: &str = "prometheus.hub.test";
const DOOR: &str = "prometheus-write.hub.test";
const HUB: [&str; 9] =
    ["hub", "init", "--context", "admin@hub", "--cluster-name", "hub", "--fqdn", PUBLIC, "--yes"];

/// What an agent scrapes here: itself, which is some 700 samples a second, and the one that counts.
const SCRAPED: &str = "prometheus:
  config:
    prometheus_yml: |
      global: {scrape_interval: 1s, scrape_timeout: 1s}
      scrape_configs:
      - job_name: prometheus
        static_configs: [{targets: ['localhost:9090']}]
      - job_name: node-exporter
        static_configs: [{targets: ['prometheus-node-exporter.tanzu-system-monitoring.svc.cluster.local:9100']}]
";

fn join(rig: &Rig, cluster: &str, more: &[&str]) -> Ran {
    let context = context(cluster);
    let join =
        ["agent", "join", "--context", &context, "--hub-context", "admin@hub", "--cluster-name", cluster];
    rig.promfed(&[&join[..], &["--yes"], more].concat())
}

/// Takes the hub's Prometheus away, or brings it back. kapp-controller looks away meanwhile.
fn scale_hub(rig: &Rig, replicas: &str) {
    let install = ["packageinstall", "prometheus", "-n", "tkg-system", "--context", "admin@hub"];
    let paused = format!("{{\"spec\":{{\"paused\":{}}}}}", replicas == "0");
    let pause = [&["patch"], &install[..], &["--type", "merge", "-p", &paused]].concat();
    let deployment = ["deployment", "prometheus-server", "-n", "tanzu-system-monitoring"];
    let scale = [&["scale"], &deployment[..], &["--context", "admin@hub", "--replicas", replicas]].concat();
    rig.kubectl(&pause).ends_with(0);
    rig.kubectl(&scale).ends_with(0);
}

#[test]
fn a_hub_that_is_away_a_network_that_is_cut_and_what_promfed_changes_lose_nothing() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("old", "2.53"), ("new", "3.5")]) else { return };
    let agents = ["old", "new"];
    rig.promfed(&HUB).ends_with(0);
    let scraped = rig.file("scraped.yaml", SCRAPED);
    for name in agents {
        join(&rig, name, &["--values", &scraped]).ends_with(0);
    }

    let watch = Watch::begin(&rig, &agents);
    scale_hub(&rig, "0");
    wait_until_behind(&rig, &agents, outage(30));
    scale_hub(&rig, "1");
    assert_eq!(lost(&watch.end("the hub away")), [0, 0]);

    let watch = Watch::begin(&rig, &agents);
    let another = rig.file("another.yaml", "prometheus: {deployment: {podLabels: {tried: twice}}}\n");
    rig.fail_requests(DOOR, NetworkFault::Refuse);
    wait_until_behind(&rig, &agents, Duration::from_secs(20));
    for name in agents {
        what_would_lose_is_refused(&rig, name, &another);
    }
    rig.let_requests_pass(DOOR);
    assert_eq!(lost(&watch.end("the network cut")), [0, 0]);

    // Another authority than the one that the agents know; whoever is connected stays so, until the connection ends.
    let watch = Watch::begin(&rig, &agents);
    renew_authority(&rig);
    lose_connections(&rig, DOOR, &agents);
    wait_until_behind(&rig, &agents, Duration::from_secs(8));
    for name in agents {
        join(&rig, name, &[]).ends_with(0);
    }
    assert_eq!(lost(&watch.end("the hub's authority replaced, then agent join")), [0, 0]);

    let watch = Watch::begin(&rig, &agents);
    for name in agents {
        rotate(&rig, name);
    }
    assert_eq!(lost(&watch.end("the agent's credential rotated")), [0, 0]);

    let watch = Watch::begin(&rig, &agents);
    for name in agents {
        join(&rig, name, &["--values", &another]).ends_with(0);
    }
    assert_eq!(lost(&watch.end("the agent's values changed, with a restart")), [0, 0]);

    let watch = Watch::begin(&rig, &agents);
    rig.fail_requests(DOOR, NetworkFault::Refuse);
    wait_until_behind(&rig, &agents, Duration::from_secs(20));
    let third = rig.file("third.yaml", "prometheus: {deployment: {podLabels: {tried: thrice}}}\n");
    for name in agents {
        join(&rig, name, &["--values", &third, "--force", "--wait=false"]).ends_with(0).says("behind");
    }
    eventually("the agents have forgotten what waited", || {
        agents.iter().all(|name| behind(&rig, name).is_some_and(|behind| behind < 5.0))
    });
    rig.let_requests_pass(DOOR);
    let forgotten = lost(&watch.end("the same with --force while 20s wait"));
    assert!(forgotten.iter().all(|lost| *lost >= 15), "{forgotten:?}");
}

/// Every way to restart an agent that has something left to send is refused, and writes nothing.
fn what_would_lose_is_refused(rig: &Rig, cluster: &str, values: &str) {
    let context = context(cluster);
    let refused = |run: &dyn Fn() -> Ran| {
        rig.nothing_is_written(|| run().ends_with(1).says("would lose that").says("--force"));
    };
    refused(&|| join(rig, cluster, &["--values", values]));
    refused(&|| rig.promfed(&["agent", "leave", "--context", &context, "--yes"]));
    rig.nothing_is_written(|| {
        join(rig, cluster, &["--values", values, "--dry-run"]).ends_with(0).says("behind")
    });
    // What restarts nothing is no danger.
    rig.nothing_is_written(|| join(rig, cluster, &["--wait=false"]).ends_with(0));
}

/// The recipe by hand beside promfed's agents, at a hub that anybody may write to.
#[test]
fn a_hub_that_moves_to_3_x_loses_nothing_and_one_that_answers_429_only_loses_what_the_recipe_sends() {
    let clusters = [("hub", "3.5"), ("old", "2.53"), ("new", "3.5"), ("article", "2.43")];
    let Some(rig) = Rig::start(&clusters) else { return };
    let all = ["old", "new", "article"];
    let hub = [&HUB[..], &["--auth", "none"]].concat();
    rig.promfed(&[&hub[..], &["--package-version", "2.53.4"]].concat()).ends_with(0);
    let scraped = rig.file("scraped.yaml", SCRAPED);
    for name in &all[..2] {
        join(&rig, name, &["--values", &scraped]).ends_with(0);
    }
    rig.install_by_hand("article", "prometheus.tanzu.vmware.com", "2.43.0+vmware.2-tkg.1", &recipe());

    let watch = Watch::begin(&rig, &all);
    rig.promfed(&[&hub[..], &["--package-version", "3.5.0"]].concat()).ends_with(0);
    assert_eq!(lost(&watch.end("the hub moved from 2.53 to 3.5")), [0, 0, 0]);

    // Without a certificate of their own agents mount the authority all the same.
    let agents = ["old", "new"];
    let watch = Watch::begin(&rig, &agents);
    renew_authority(&rig);
    lose_connections(&rig, PUBLIC, &agents);
    wait_until_behind(&rig, &agents, Duration::from_secs(12));
    for name in agents {
        join(&rig, name, &[]).ends_with(0);
    }
    assert_eq!(lost(&watch.end("the same where nobody shows a certificate")), [0, 0]);

    let brief = Duration::from_secs(12);
    let answers = [(503, "the hub answers 503", outage(12)), (429, "the hub answers 429", brief)];
    for (status, what, time) in answers {
        let watch = Watch::begin(&rig, &all);
        rig.refuse_writes(PUBLIC, status);
        wait_until_behind(&rig, &agents, time);
        rig.let_requests_pass(PUBLIC);
        let lost = lost(&watch.end(what));
        assert_eq!(lost[..2], [0, 0], "{what}");
        assert_eq!(lost[2] == 0, status == 503, "{what}: the recipe loses {}", lost[2]);
    }
}

/// The values of the recipe, which does not scrape what counts, so that is added.
fn recipe() -> String {
    let counting = "scrape_configs:
      - job_name: node-exporter
        scrape_interval: 1s
        scrape_timeout: 1s
        static_configs: [{targets: ['prometheus-node-exporter.tanzu-system-monitoring.svc.cluster.local:9100']}]
";
    let parts = [
        ("scrape_configs:\n", counting),
        ("cluster: kind", "cluster: article"),
        ("prometheus.192-168-194-146.sslip.io", PUBLIC),
    ];
    changed(&fixture("article/agent-values.yaml"), &parts)
}

/// The hub's cert-manager makes another authority, and the hub's certificate by that.
fn renew_authority(rig: &Rig) {
    let at = ["-n", "tanzu-system-monitoring", "--context", "admin@hub"];
    let path = "jsonpath={.data.ca\\.crt}";
    let get = [&["get", "secret", "prometheus-tls", "-o", path], &at[..]].concat();
    let before = rig.kubectl(&get).ends_with(0).stdout;
    rig.kubectl(&[&["delete", "secret", "prometheus-ca-key-pair"], &at[..]].concat()).ends_with(0);
    eventually("the hub has another authority", || {
        let after = rig.kubectl(&get).stdout;
        !after.is_empty() && after != before
    });
}

/// Whoever is connected has to connect anew.
fn lose_connections(rig: &Rig, host: &str, agents: &[&str]) {
    let before: Vec<_> = agents.iter().map(|name| retried(rig, name)).collect();
    rig.fail_requests(host, NetworkFault::Refuse);
    eventually("each has tried in vain", || {
        agents.iter().zip(&before).all(|(name, before)| retried(rig, name) > *before)
    });
    rig.let_requests_pass(host);
}

/// The agent gets another certificate, and the hub forgets the one before.
fn rotate(rig: &Rig, cluster: &str) {
    let place = rig.file(&format!("{cluster}.place"), "");
    let file = place.replace(".place", ".join");
    let hub = |args: &[&str]| {
        rig.promfed(&[&["hub", "credentials"], args, &["--context", "admin@hub"]].concat()).ends_with(0)
    };
    hub(&["rotate", cluster, "--join-file", &file]);
    let context = context(cluster);
    rig.promfed(&["agent", "join", "--context", &context, "--from", &file, "--yes"]).ends_with(0);
    hub(&["revoke", cluster, "--older", "--yes"]);
}
