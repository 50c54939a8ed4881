//! What a sample costs on disk: at a hub that agents write to, and where the same page is federated, which stores it
//! at both ends.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread::sleep;

use promfed_sandbox::Binaries;
use serde_json::Value;

use crate::Plugin;
use crate::clusters::{agent, eventually};
use crate::page::Page;
use crate::program::Place;
use crate::prometheus::Prometheus;
use crate::table::Table;
use crate::wire::{LONG, job, samples};

/// A Prometheus that stores.
struct Store {
    prometheus: Prometheus,
    data: PathBuf,
}

/// What it stored.
#[derive(Clone, Copy)]
struct Stored {
    bytes: f64,
    samples: f64,
}

pub(crate) fn measure(_: &Plugin, table: &mut Table) -> io::Result<()> {
    let place = Place::nowhere()?;
    let binaries = Binaries::find();
    let newest = binaries.paths().last().ok_or_else(|| io::Error::other("no Prometheus"))?;
    let page = Page::serve_each(samples)?;
    let labels = "global:\n  external_labels:\n    cluster: edge\n";

    let hub = Store::start(newest, "{}\n", &place.file("hub"), &["--web.enable-remote-write-receiver"])?;
    let url = format!("http://{}/api/v1/write", hub.prometheus.address);
    let writes = format!("{labels}remote_write:\n- url: {url}\n{}", job(page.address));
    let _agent = agent(newest, &writes, &place.file("agent"))?;

    let leaf = Store::start(newest, &format!("{labels}{}", job(page.address)), &place.file("leaf"), &[])?;
    let scrapes_it = federation(leaf.prometheus.address);
    let federated = Store::start(newest, &scrapes_it, &place.file("federated"), &[])?;

    for store in [&hub, &leaf, &federated] {
        eventually(|| Ok(store.prometheus.sum("prometheus_tsdb_head_samples_appended_total")? > 0.0))?;
    }
    sleep(LONG);
    let (hub, leaf, federated) = (hub.stored()?, leaf.stored()?, federated.stored()?);
    let each = |of: Stored| of.bytes / of.samples;
    let beside = |one: f64, other: f64| format!("{one:.2} bytes per sample against {other:.2}");
    let (one, other) = (each(hub), each(federated));
    table.row(
        "stored at the hub: remote write : federation",
        format!("{:.2}x", one / other),
        "",
        format!("{}, of {} samples and {}", beside(one, other), hub.samples, federated.samples),
    );
    let other = (leaf.bytes + federated.bytes) / federated.samples;
    table.row(
        "stored at both ends: remote write : federation",
        format!("{:.2}x", one / other),
        "below 1x",
        beside(one, other),
    );
    Ok(())
}

fn federation(leaf: SocketAddr) -> String {
    format!(
        "scrape_configs:\n- job_name: federate\n  scrape_interval: 1s\n  honor_labels: true\n  metrics_path: /federate\n  params:\n    'match[]': ['{{job=\"kube-state-metrics\"}}']\n  static_configs:\n  - targets: ['{leaf}']\n"
    )
}

impl Store {
    fn start(binary: &Path, config: &str, folder: &Path, flags: &[&str]) -> io::Result<Self> {
        let data = folder.join("data");
        let path = format!("--storage.tsdb.path={}", data.display());
        let flags = [&["--web.enable-admin-api", &path], flags].concat();
        Ok(Self { prometheus: Prometheus::start(binary, config, folder, &flags)?, data })
    }

    /// What it has so far, as a block: that is how it will be kept.
    fn stored(&self) -> io::Result<Stored> {
        self.prometheus.ask("POST", "/api/v1/admin/tsdb/snapshot")?;
        let mut stored = Stored { bytes: 0.0, samples: 0.0 };
        for snapshot in fs::read_dir(self.data.join("snapshots"))? {
            for block in fs::read_dir(snapshot?.path())? {
                let block = block?.path();
                let meta: Value = serde_json::from_slice(&fs::read(block.join("meta.json"))?)?;
                stored.samples += meta["stats"]["numSamples"].as_f64().unwrap_or_default();
                stored.bytes += bytes_in(&block)?;
            }
        }
        if stored.samples > 0.0 { Ok(stored) } else { Err(io::Error::other("nothing was stored")) }
    }
}

#[expect(clippy::cast_precision_loss, reason = "less than a minute of samples")]
fn bytes_in(folder: &Path) -> io::Result<f64> {
    let mut bytes = 0.0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        bytes += if path.is_dir() { bytes_in(&path)? } else { fs::metadata(&path)?.len() as f64 };
    }
    Ok(bytes)
}
