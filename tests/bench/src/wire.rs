//! What a sample costs on its way to the hub, counted where the bytes pass.
//!
//! Agents scrape the same page, which looks like that of a cluster, each with another remote write, and all write to
//! one hub. An hour of real life is pressed into less than a minute: scrapes are a second apart.

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use promfed::prometheus::config::{Protocol, RemoteWrite, RemoteWriteVersion, Trust, agent_edits};
use promfed::prometheus::{Capabilities, Version};
use promfed::yaml;
use promfed_sandbox::Binaries;

use crate::Plugin;
use crate::clusters::{agent, eventually};
use crate::page::Page;
use crate::program::Place;
use crate::prometheus::Prometheus;
use crate::relay::Relay;
use crate::table::Table;

const PODS: usize = 150;
pub(crate) const LONG: Duration = Duration::from_secs(45);

/// Who wrote the remote write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Author {
    /// The article that shows how it is done by hand.
    Article,
    Promfed,
    /// promfed, told to speak what every hub takes.
    PromfedV1,
}

/// An agent that writes, and what passes on its way.
struct Writer {
    name: String,
    relay: Relay,
    agent: Prometheus,
}

pub(crate) fn measure(_: &Plugin, table: &mut Table) -> io::Result<()> {
    let place = Place::nowhere()?;
    let binaries = Binaries::find();
    let newest = binaries.paths().last().ok_or_else(|| io::Error::other("no Prometheus"))?;
    let data = format!("--storage.tsdb.path={}", place.file("hub/data").display());
    let flags = ["--web.enable-remote-write-receiver", &data];
    let hub = Prometheus::start(newest, "{}\n", &place.file("hub"), &flags)?;
    let hub_can = capabilities(&version_of(newest))?;
    let page = Page::serve_each(samples)?;
    let mut writers = Vec::new();
    for binary in binaries.paths() {
        let version = version_of(binary);
        for author in [Author::Article, Author::Promfed, Author::PromfedV1] {
            let capabilities = capabilities(&version)?;
            // It speaks nothing else by itself.
            if author == Author::PromfedV1 && !capabilities.remote_write_2_is_settled() {
                continue;
            }
            let relay = Relay::to(hub.address)?;
            // Each is a cluster of its own, by a name of the same length.
            let cluster = format!("edge-{}", writers.len());
            let config = config(author, &cluster, page.address, &relay, capabilities, hub_can)?;
            let name = format!("{version}, {}", author.words());
            let agent = agent(binary, &config, &place.file(&name.replace([' ', ','], "-")))?;
            writers.push(Writer { name, relay, agent });
        }
    }
    let first: Vec<_> = writers.iter().map(Writer::begun).collect::<io::Result<_>>()?;
    sleep(LONG);
    let mut bytes_per_sample = Vec::new();
    for (writer, (bytes, samples)) in writers.iter().zip(first) {
        let (now, sent) = writer.passed()?;
        #[expect(clippy::cast_precision_loss, reason = "less than a minute of bytes")]
        let each = (now - bytes) as f64 / (sent - samples);
        bytes_per_sample.push((writer, each, sent - samples));
    }
    for (writer, each, samples) in &bytes_per_sample {
        let version = writer.name.split(',').next().unwrap_or_default();
        let by_hand = bytes_per_sample.iter().find(|(other, ..)| other.name.starts_with(version));
        let by_hand = by_hand.map_or(1.0, |(_, each, _)| *each);
        let goal = if writer.name.ends_with("promfed") { "at most 1x" } else { "" };
        let beside = format!("{each:.2} bytes per sample, of {samples} samples");
        let what = format!("wire: {} : by hand", writer.name);
        table.row(&what, format!("{:.2}x", each / by_hand), goal, beside);
    }
    Ok(())
}

impl Author {
    fn words(self) -> &'static str {
        match self {
            Self::Article => "by hand",
            Self::Promfed => "promfed",
            Self::PromfedV1 => "promfed with remote write 1.0",
        }
    }
}

impl Writer {
    /// What passed when the first samples did.
    fn begun(&self) -> io::Result<(u64, f64)> {
        eventually(|| Ok(self.samples()? > 0.0))?;
        self.passed()
    }

    fn passed(&self) -> io::Result<(u64, f64)> {
        Ok((self.relay.sent(), self.samples()?))
    }

    /// The samples that were sent, as the agent counts them.
    fn samples(&self) -> io::Result<f64> {
        let failed = self.agent.sum("prometheus_remote_storage_samples_failed_total")?;
        if failed > 0.0 {
            return Err(io::Error::other(format!("{}: {failed} samples failed", self.name)));
        }
        self.agent.sum("prometheus_remote_storage_samples_total")
    }
}

/// The name of the folder that it is in.
fn version_of(binary: &Path) -> String {
    binary.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
}

fn capabilities(version: &str) -> io::Result<Capabilities> {
    let version = Version::parse(version).ok_or_else(|| io::Error::other("no version"))?;
    Ok(Capabilities::of(version))
}

fn config(
    author: Author,
    cluster: &str,
    page: SocketAddr,
    relay: &Relay,
    capabilities: Capabilities,
    hub: Capabilities,
) -> io::Result<String> {
    let url = format!("http://{}/api/v1/write", relay.address);
    let jobs = job(page);
    if author == Author::Article {
        return Ok(format!(
            "global:\n  external_labels:\n    cluster: {cluster}\nremote_write:\n- url: {url}\n  send_exemplars: true\n{jobs}"
        ));
    }
    let before = yaml::read(&jobs).map_err(io::Error::other)?;
    let said = (author == Author::PromfedV1).then_some(RemoteWriteVersion::One);
    // The hub is the newest, and takes all.
    let protocol = Protocol::with_hub(said, Some(hub), None).map_err(|_| io::Error::other("no protocol"))?;
    let url = url.parse().map_err(|_| io::Error::other("no URL"))?;
    let remote = RemoteWrite { protocol, ..RemoteWrite::new(url, Trust::System) };
    let name = cluster.parse().map_err(|_| io::Error::other("no name"))?;
    let edits = agent_edits(&before, &name, &remote, capabilities);
    yaml::edit(&jobs, &edits).map_err(io::Error::other)
}

/// The job that scrapes the page.
pub(crate) fn job(page: SocketAddr) -> String {
    format!(
        "scrape_configs:\n- job_name: kube-state-metrics\n  scrape_interval: 1s\n  static_configs:\n  - targets: ['{page}']\n"
    )
}

/// What a small cluster tells of its pods, at one scrape: most values stay, counters grow.
pub(crate) fn samples(number: u64) -> String {
    const STATES: [&str; 5] = ["Pending", "Succeeded", "Failed", "Unknown", "Running"];
    let mut page = String::new();
    let mut family = |name: &str, form: &str, line: &dyn Fn(&str) -> String| {
        let _ = writeln!(page, "# HELP {name} What is told of a pod by this name.\n# TYPE {name} {form}");
        for pod in 0..PODS {
            let namespace = pod / 10;
            let labels = format!(
                "namespace=\"team-{namespace:02}\",pod=\"web-{:08x}-{:05x}\",uid=\"{:032x}\"",
                namespace * 2_654_435,
                pod * 40_503,
                pod * 982_451_653
            );
            page.push_str(&line(&labels));
        }
    };
    family("kube_pod_status_phase", "gauge", &|labels| {
        let each = STATES.map(|phase| {
            format!("kube_pod_status_phase{{{labels},phase=\"{phase}\"}} {}\n", u8::from(phase == "Running"))
        });
        each.concat()
    });
    family("container_memory_working_set_bytes", "gauge", &|labels| {
        let wobble = (number * 7919 + labels.len() as u64 * 104_729) % 65_536;
        format!(
            "container_memory_working_set_bytes{{{labels},container=\"app\"}} {}\n",
            200_000_000 + wobble * 4096
        )
    });
    family("container_cpu_usage_seconds_total", "counter", &|labels| {
        format!(
            "container_cpu_usage_seconds_total{{{labels},container=\"app\"}} {}.{:06}\n",
            number * 3,
            number * 7919 % 1_000_000
        )
    });
    family("container_network_receive_bytes_total", "counter", &|labels| {
        format!("container_network_receive_bytes_total{{{labels},interface=\"eth0\"}} {}\n", number * 48_611)
    });
    family("kube_pod_container_status_restarts_total", "counter", &|labels| {
        format!("kube_pod_container_status_restarts_total{{{labels},container=\"app\"}} 0\n")
    });
    page
}
