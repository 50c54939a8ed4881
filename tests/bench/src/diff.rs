//! The plan over a large values file: pure, so nothing is started and nobody is asked.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io;
use std::time::{Duration, Instant};

use promfed::history::History;
use promfed::package::{Location, ServiceAccountChoice, ValueSource};
use promfed::plan::{
    DoorWish, HubIntent, Ingress, Installed, Moves, Observed, PackageWish, changed_texts, diff, plan_hub,
};
use promfed::yaml;
use serde_json::json;

use crate::Plugin;
use crate::measure::{Pair, median};
use crate::table::Table;

const BYTES: usize = 5 << 20;
const TIMES: usize = 7;
const ENOUGH: Duration = Duration::from_secs(4);

/// The shapes of a large file: what it is large with, and how many scrape jobs get the label.
const SHAPES: [(&str, Shape); 3] =
    [("rules", Shape::Rules), ("200 scrape jobs", Shape::Jobs), ("other keys", Shape::Keys)];

#[derive(Clone, Copy)]
enum Shape {
    Rules,
    Jobs,
    Keys,
}

pub(crate) fn measure(_: &Plugin, table: &mut Table) -> io::Result<()> {
    for (name, shape) in SHAPES {
        let text = values(shape);
        let (intent, observed) = (intent()?, observed(&text)?);
        let failed =
            |error: promfed::error::Error| io::Error::other(format!("{}: {:?}", error.what, error.causes));
        let (_, plan) = plan_hub(&intent, &observed).map_err(failed)?;
        if plan.is_empty() {
            return Err(io::Error::other("the plan changes nothing"));
        }
        let read = timed(|| drop(black_box(yaml::read(&text))));
        let planned = timed(|| drop(black_box(plan_hub(&intent, &observed))));
        let compared = timed(|| {
            let texts = plan.steps.iter().flat_map(changed_texts);
            black_box(texts.map(|text| diff(&text)).collect::<Vec<_>>());
        });
        for (what, time, goal) in [("plan", planned, "0.1 s"), ("diff of the plan", compared, "")] {
            let pair = Pair { one: time, other: read };
            let what = format!("{what} over 5 MiB of values ({name}) : reading them once");
            table.row(&what, pair.figure(), goal, pair.beside());
        }
    }
    Ok(())
}

/// The median of as many times as a few seconds have room for.
fn timed(mut work: impl FnMut()) -> Duration {
    let mut all = Vec::new();
    while all.len() < TIMES && all.iter().sum::<Duration>() < ENOUGH {
        let begun = Instant::now();
        work();
        all.push(begun.elapsed());
    }
    median(all)
}

/// A values file as people write them, with much of one thing.
fn values(shape: Shape) -> String {
    let mut jobs = String::new();
    let mut rules = String::new();
    let mut keys = String::new();
    let few = if matches!(shape, Shape::Jobs) { 200 } else { 6 };
    let targets = if matches!(shape, Shape::Jobs) { BYTES / few / 50 } else { 2 };
    for job in 0..few {
        let _ = write!(
            jobs,
            "      - job_name: job-{job} # {job}\n        static_configs:\n        - targets:\n"
        );
        for target in 0..targets {
            let _ = writeln!(jobs, "          - target-{target:06}.job-{job:03}.example.com:9100");
        }
    }
    for number in 0.. {
        match shape {
            Shape::Rules if rules.len() < BYTES => {
                let _ = write!(
                    rules,
                    "        - alert: Alert{number}\n          expr: up{{job=\"job-{number}\"}} == 0\n          for: 5m\n"
                );
            }
            Shape::Keys if keys.len() < BYTES => {
                let _ = writeln!(keys, "key-{number}: {{name: value-{number}, list: [1, two]}} # {number}");
            }
            _ => break,
        }
    }
    let rules = if rules.is_empty() {
        "      {}\n".to_owned()
    } else {
        format!("      groups:\n      - name: all\n        rules:\n{rules}")
    };
    format!(
        "prometheus:\n  deployment:\n    containers:\n      args:\n      - --storage.tsdb.path=/data\n  config:\n    \
         prometheus_yml: |\n      global: {{scrape_interval: 1m}}\n      scrape_configs:\n{jobs}    \
         alerting_rules_yml: |\n{rules}{keys}"
    )
}

fn intent() -> io::Result<HubIntent> {
    Ok(HubIntent {
        name: "hub".parse().map_err(|_| io::Error::other("no name"))?,
        ingress: Ingress::Keep,
        write_url: None,
        retention: None,
        storage: None,
        rules: None,
        door: DoorWish::default(),
        package: PackageWish {
            ref_name: None,
            version: None,
            install: "prometheus".into(),
            namespace: "tkg-system".into(),
            account: ServiceAccountChoice::ClusterAdmin,
            moves: Moves::UpOnly,
        },
        values: None,
    })
}

/// An install whose values these are.
fn observed(text: &str) -> io::Result<Observed> {
    let (name, version) = ("prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1");
    let package = json!({"spec": {"refName": name, "version": version, "valuesSchema": {"openAPIv3": {}}}});
    let install = json!({
        "metadata": {"name": "prometheus", "namespace": "tkg-system", "resourceVersion": "3"},
        "spec": {"packageRef": {"refName": name, "versionSelection": {"constraints": version}}},
    });
    let source = ValueSource {
        location: Location { secret: "by-hand".into(), key: "values.yaml".into() },
        resource_version: Some("7".into()),
        text: text.to_owned(),
    };
    let installed =
        Installed { install: serde_json::from_value(install)?, sources: vec![source], owners: Vec::new() };
    Ok(Observed {
        installed: Some(installed),
        packages: vec![serde_json::from_value(package)?],
        leftover: Vec::new(),
        around: Vec::new(),
        overlay: None,
        history: History::default(),
    })
}
