//! `clusters` at a hub that stores much: a thousand clusters with fifty thousand namespaces.
//!
//! The samples are real ones: a page with them is scraped by a Prometheus in agent mode, which writes them to the
//! hub's Prometheus by remote write. Nothing of it is slowed: what counts is how much is asked, sent and read.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use promfed_sandbox::{Binaries, Cluster};
use serde_json::Value;

use crate::Plugin;
use crate::measure::paired;
use crate::one::federation;
use crate::page::Page;
use crate::program::{Place, mebibytes};
use crate::prometheus::Prometheus;
use crate::table::Table;

const CLUSTERS: usize = 1000;
const NAMESPACES: usize = 50;
const PAIRS: usize = 5;
const PROXY: &str = "/api/v1/namespaces/tanzu-system-monitoring/services/http:prometheus-server:80/proxy";
const PODS: &str = "query?query=sum%28kube_pod_info%29%20by%20%28cluster%2C%20namespace%29";
const CONTEXT: [&str; 2] = ["--context", "admin@hub"];

pub(crate) fn measure(plugin: &Plugin, table: &mut Table) -> io::Result<()> {
    let (sandbox, place) = federation(plugin, "edge")?;
    let hub = sandbox.cluster("hub").ok_or_else(|| io::Error::other("no hub"))?;
    let page = Page::serve(samples())?;
    let _writer = writer(page.address, prometheus_of(hub)?, &place)?;
    eventually(|| known(&place))?;
    let list = [&["clusters"], &CONTEXT[..]].concat();
    let (rounds, ran) = sandbox.rounds(|| place.run(&plugin.path, &list));
    let rows = String::from_utf8_lossy(&ran?.stdout).lines().count();
    if rows <= CLUSTERS {
        return Err(io::Error::other(format!("clusters tells of {rows} only")));
    }
    hub.api.journal.reset();
    place.run(&plugin.path, &list)?;
    let requests = hub.api.journal.matching(promfed_sandbox::journal::Record::is_of_a_person).len();
    table.row(
        "clusters of 1000: round trips in a row",
        rounds.to_string(),
        "3",
        format!("{requests} requests"),
    );
    let query = format!("{PROXY}/api/v1/{PODS}");
    let raw = [&["get", "--raw", &query], &CONTEXT[..]].concat();
    let answer = place.succeed("kubectl", &raw)?.len() as u64 / 1024;
    let time = || place.time("kubectl", &raw);
    let pair = paired(PAIRS, || place.time(&plugin.path, &list), time)?;
    let beside = format!("{}; that one answer has {}", pair.beside(), mebibytes(answer));
    let what = "clusters of 1000 with 50000 namespaces : kubectl get --raw of the pods";
    table.row(what, pair.figure(), "", beside);
    let needed = place.needed(&plugin.path, &list)?;
    let beside = format!("{:.2} s of a processor's time", needed.processor);
    table.row("clusters of 1000: peak memory", mebibytes(needed.memory), "", beside);
    Ok(())
}

/// What the hub would have of that many clusters, of what it is asked for.
fn samples() -> String {
    let mut page = String::new();
    for cluster in 0..CLUSTERS {
        let name = format!("cluster=\"site-{cluster:04}\"");
        let _ = writeln!(page, "up{{{name},job=\"prometheus\"}} 1");
        let _ = writeln!(page, "prometheus_agent_active_series{{{name}}} 5000");
        let _ = writeln!(page, "scrape_samples_post_metric_relabeling{{{name},job=\"prometheus\"}} 5000");
        for namespace in 0..NAMESPACES {
            let _ =
                writeln!(page, "kube_pod_info{{{name},namespace=\"team-{namespace:02}\",pod=\"web-0\"}} 1");
        }
    }
    page
}

/// Where the hub's Prometheus really listens.
fn prometheus_of(hub: &Cluster) -> io::Result<SocketAddr> {
    let pods = hub.api.store.list("", "pods", Some("tanzu-system-monitoring")).0;
    let ips = pods.iter().filter(|pod| {
        pod["metadata"]["name"].as_str().is_some_and(|name| name.starts_with("prometheus-server"))
    });
    ips.filter_map(|pod| pod["status"]["podIP"].as_str())
        .find_map(|ip| hub.api.backend.dial(ip, 9090))
        .ok_or_else(|| io::Error::other("the hub runs no Prometheus"))
}

/// A Prometheus that takes the page to the hub.
fn writer(page: SocketAddr, hub: SocketAddr, place: &Place) -> io::Result<Prometheus> {
    let binaries = Binaries::find();
    let binary = binaries.paths().last().ok_or_else(|| io::Error::other("no Prometheus"))?;
    let config = format!(
        "scrape_configs:\n- job_name: all\n  honor_labels: true\n  scrape_interval: 10s\n  static_configs:\n  \
         - targets: ['{page}']\nremote_write:\n- url: http://{hub}/api/v1/write\n"
    );
    agent(binary, &config, &place.file("writer"))
}

/// A Prometheus in agent mode.
pub(crate) fn agent(binary: &Path, config: &str, folder: &Path) -> io::Result<Prometheus> {
    fs::create_dir_all(folder)?;
    let version =
        binary.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned();
    let mode = if version.starts_with("2.") { "--enable-feature=agent" } else { "--agent" };
    let data = format!("--storage.agent.path={}", folder.join("data").display());
    Prometheus::start(binary, config, folder, &[mode, &data])
}

/// Whether the hub knows all of them.
fn known(place: &Place) -> io::Result<bool> {
    let query = format!("{PROXY}/api/v1/query?query=count%28kube_pod_info%29");
    let raw = [&["get", "--raw", &query], &CONTEXT[..]].concat();
    let answer: Value = serde_json::from_str(&place.succeed("kubectl", &raw)?)?;
    let count = answer["data"]["result"][0]["value"][1].as_str().and_then(|count| count.parse().ok());
    Ok(count.is_some_and(|count: usize| count >= CLUSTERS * NAMESPACES))
}

/// Looks until it is so.
pub(crate) fn eventually(mut look: impl FnMut() -> io::Result<bool>) -> io::Result<()> {
    let give_up = Instant::now() + Duration::from_secs(60);
    while !look()? {
        if Instant::now() > give_up {
            return Err(io::Error::other("the samples do not arrive"));
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}
