//! What the loaded configuration and the written one differ in, as far as a federation depends on it. Prometheus fills
//! in its defaults when it loads one, so the texts cannot be compared.

use serde_json::Value;

use crate::check::facts::{Reading, Unread};
use crate::check::safety::address::without_user;
use crate::check::view::View;
use crate::prometheus::config::{JobLabel, cluster_labels, jobs, remote_write_urls};
use crate::yaml;

/// The key of the configuration in its ConfigMap.
const KEY: &str = "prometheus.yml";

/// The configuration in the ConfigMap.
pub(super) fn written(view: &View<'_>) -> Reading<Value> {
    let data = view.facts.workload.config_map.as_ref().map_err(Clone::clone)?;
    let text = data.get(KEY).ok_or_else(|| Unread::Failed(format!("the ConfigMap has no {KEY}")))?;
    yaml::read(text).map_err(|error| Unread::Failed(format!("{KEY} in the ConfigMap is not YAML: {error}")))
}

/// One line for each difference; none where the process runs with what the ConfigMap has.
pub(super) fn differences(view: &View<'_>) -> Reading<Vec<String>> {
    let loaded = view.facts.process.config.as_ref().map_err(Clone::clone)?;
    let written = written(view)?;
    let mut all = Vec::new();
    of_targets(&written, loaded, &mut all);
    of_external_labels(&written, loaded, &mut all);
    of_jobs(&written, loaded, &mut all);
    of_job_labels(&written, loaded, &mut all);
    Ok(all)
}

fn of_targets(written: &Value, loaded: &Value, all: &mut Vec<String>) {
    let urls = |config| remote_write_urls(config).map(without_user).collect::<Vec<_>>();
    let (written, loaded) = (urls(written), urls(loaded));
    let only = |some: &[String], others: &[String]| {
        some.iter().filter(|url| !others.contains(url)).cloned().collect::<Vec<_>>().join(", ")
    };
    let (new, old) = (only(&written, &loaded), only(&loaded, &written));
    if !new.is_empty() {
        all.push(format!("the ConfigMap writes to {new}, and the process does not"));
    }
    if !old.is_empty() {
        all.push(format!("the process writes to {old}, and the ConfigMap does not"));
    }
}

/// Loaded ones have their variables replaced, from 3.0 on, and are all texts.
fn of_external_labels(written: &Value, loaded: &Value, all: &mut Vec<String>) {
    let label = |config: &Value, name: &str| match &config["global"]["external_labels"][name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let names = |config: &Value| {
        let labels = config["global"]["external_labels"].as_object();
        labels.into_iter().flat_map(|labels| labels.keys().cloned()).collect::<Vec<_>>()
    };
    let mut seen = names(written);
    seen.extend(names(loaded).into_iter().filter(|name| !names(written).contains(name)));
    for name in seen {
        let (written, loaded) = (label(written, &name), label(loaded, &name));
        let is_number = |text: &str| text.parse::<f64>().ok();
        let is_same =
            written == loaded || (is_number(&written).is_some() && is_number(&written) == is_number(&loaded));
        if !is_same && !written.contains('$') {
            all.push(format!(
                "external label {name}: {} in the ConfigMap, {} in the process",
                or_none(&written),
                or_none(&loaded)
            ));
        }
    }
}

fn of_jobs(written: &Value, loaded: &Value, all: &mut Vec<String>) {
    let names = |config| jobs(config).map(|(_, _, name)| name.to_owned()).collect::<Vec<_>>();
    let (written, loaded) = (names(written), names(loaded));
    let only = |some: &[String], others: &[String]| {
        some.iter().filter(|job| !others.contains(job)).cloned().collect::<Vec<_>>().join(", ")
    };
    let (new, old) = (only(&written, &loaded), only(&loaded, &written));
    if !new.is_empty() {
        all.push(format!("jobs in the ConfigMap that are not loaded: {new}"));
    }
    if !old.is_empty() {
        all.push(format!("jobs that are loaded and not in the ConfigMap: {old}"));
    }
    if new.is_empty() && old.is_empty() && written != loaded {
        all.push("the jobs are loaded in another order than the ConfigMap's".to_owned());
    }
}

fn of_job_labels(written: &Value, loaded: &Value, all: &mut Vec<String>) {
    let loaded = cluster_labels(loaded);
    for (job, label) in cluster_labels(written) {
        let there = loaded.iter().find(|(name, _)| *name == job).map(|(_, label)| label);
        if let Some(there) = there.filter(|there| **there != label) {
            all.push(format!("job {job}: {} in the ConfigMap, {} in the process", said(&label), said(there)));
        }
    }
}

fn said(label: &JobLabel) -> String {
    match label {
        JobLabel::Always(name) => format!("cluster={name}"),
        JobLabel::Never => "no cluster".to_owned(),
        JobLabel::Depends => "cluster by target".to_owned(),
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::healthy::{agent, hub};

    fn told(loaded: &str, written: &str) -> Vec<String> {
        let mut facts = agent().with_config(loaded);
        facts.workload.config_map = Ok([("prometheus.yml".to_owned(), written.to_owned())].into());
        let all = [facts];
        differences(&View::of(&all[0], &all)).expect("differences")
    }

    #[test]
    fn what_prometheus_fills_in_is_no_difference() {
        let written = "global:\n  external_labels: {cluster: edge, zone: 1, pod: '${POD}'}\nremote_write:\n- url: https://u:p@a/api/v1/write\nscrape_configs:\n- job_name: a\n  static_configs:\n  - targets: ['a:1']\n  relabel_configs:\n  - {target_label: cluster, replacement: edge}\n";
        let loaded = "global:\n  scrape_interval: 1m\n  external_labels: {cluster: edge, zone: '1', pod: p-0}\nremote_write:\n- url: https://u:xxxxx@a/api/v1/write\n  remote_timeout: 30s\nscrape_configs:\n- job_name: a\n  honor_timestamps: true\n  scheme: http\n  metrics_path: /metrics\n  static_configs:\n  - targets: ['a:1']\n  relabel_configs:\n  - separator: ;\n    regex: (.*)\n    target_label: cluster\n    replacement: edge\n    action: replace\n";
        assert_eq!(told(loaded, written), [""; 0]);
    }

    #[test]
    fn every_difference_is_one_line() {
        let written = "global: {external_labels: {cluster: edge2}}\nremote_write: [{url: 'https://b/w'}]\nscrape_configs:\n- job_name: a\n  static_configs: [{targets: [x], labels: {cluster: edge2}}]\n- job_name: new\n";
        let loaded = "global: {external_labels: {cluster: edge}}\nremote_write: [{url: 'https://a/w'}]\nscrape_configs:\n- job_name: a\n  static_configs: [{targets: [x]}]\n";
        assert_eq!(
            told(loaded, written),
            [
                "the ConfigMap writes to https://b/w, and the process does not",
                "the process writes to https://a/w, and the ConfigMap does not",
                "external label cluster: edge2 in the ConfigMap, edge in the process",
                "jobs in the ConfigMap that are not loaded: new",
                "job a: cluster=edge2 in the ConfigMap, no cluster in the process",
            ]
        );
    }

    #[test]
    fn a_config_map_that_is_not_yaml_cannot_be_compared() {
        let mut facts = hub();
        facts.workload.config_map = Ok([("prometheus.yml".to_owned(), "a: [".to_owned())].into());
        let all = [facts];
        assert!(matches!(differences(&View::of(&all[0], &all)), Err(Unread::Failed(_))));
    }
}
