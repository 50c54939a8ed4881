//! The `cluster` label on the targets of every scrape job.
//!
//! A hub's own series never leave it, so external labels do not reach them: each job has to put the label on its
//! targets. A target label reaches `up` and the other series of the scrape itself too, which a metric relabelling
//! does not. The rule goes to the end of the job's relabelling: there it wins over a `labelmap` that would bring in
//! a pod's own label of that name.
//!
//! Over a target label win `honor_labels` and the job's own metric relabelling. Such a job gets metric rules as well.

use serde_json::{Value, json};

use super::jobs;
use super::relabel::{Fate, Labels, Others};
use crate::domain::ClusterName;
use crate::yaml::{Edit, Path};

const LABEL: &str = "cluster";
const ADDRESS: &str = "__address__";
/// Where a value goes that the cluster's name takes the place of, as Prometheus calls labels that collide.
const EXPORTED: &str = "exported_cluster";

/// What a job's targets carry as `cluster` when its relabelling is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobLabel {
    /// Every target has just this value.
    Always(String),
    /// No target gets one.
    Never,
    /// It depends on the target: from discovery, a `labelmap`, a pattern, or only on some of them.
    Depends,
}

/// Why a job's samples may carry another `cluster` than its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// `honor_labels`: a `cluster` that is scraped wins.
    Honors,
    /// It takes over the series of another Prometheus, whose clusters are meant to stay.
    Federates,
    /// Its own `metric_relabel_configs` set it, or take it away.
    MetricRules,
}

/// The jobs by name, with the label that each gives its targets.
pub fn cluster_labels(config: &Value) -> Vec<(String, JobLabel)> {
    jobs(config).map(|(_, job, name)| (name.to_owned(), label_of(job))).collect()
}

/// The jobs by name whose samples may carry another `cluster` than their targets, were those labelled with the name.
pub fn doubts(config: &Value, name: &ClusterName) -> Vec<(String, Doubt)> {
    let wanted = JobLabel::Always(name.to_string());
    let doubt = |job: &Value| {
        if sampled(job, &wanted, honors(job)) == wanted {
            None
        } else if federates(job) {
            Some(Doubt::Federates)
        } else if sampled(job, &wanted, Honor::No) == wanted {
            Some(Doubt::Honors)
        } else {
            Some(Doubt::MetricRules)
        }
    };
    jobs(config).filter_map(|(_, job, name)| Some((name.to_owned(), doubt(job)?))).collect()
}

/// The edits after which every job of the chosen ones labels its targets with the name, and its samples too. What they
/// carry instead is kept as `exported_cluster`. A job without a label of its own is chosen by what its samples carry.
pub fn label_edits(config: &Value, name: &ClusterName, chosen: impl Fn(&JobLabel) -> bool) -> Vec<Edit> {
    let wanted = JobLabel::Always(name.to_string());
    let mut edits = Vec::new();
    for (index, job, _) in jobs(config) {
        let label = label_of(job);
        let seen = if label == JobLabel::Never { sampled(job, &label, honors(job)) } else { label.clone() };
        if !chosen(&seen) {
            continue;
        }
        let place = Path::of(["scrape_configs"]).index(index);
        if label != wanted {
            edits.extend(target_edits(job, &place.key("relabel_configs"), name));
        }
        if !federates(job) && sampled(job, &wanted, honors(job)) != wanted {
            edits.extend(metric_edits(job, &place.key("metric_relabel_configs"), name));
        }
    }
    edits
}

fn target_edits(job: &Value, rules: &Path, name: &ClusterName) -> Vec<Edit> {
    if let Some(last) = own_rule(job) {
        let path = rules.index(last).key("replacement");
        return vec![Edit::Set { path, value: name.as_str().into() }];
    }
    let mut items = Vec::new();
    if outcomes(job)
        .iter()
        .any(|value| matches!(value, Some(other) if !other.is_empty() && other != name.as_str()))
    {
        items.push(keeping());
    }
    items.push(json!({"target_label": LABEL, "replacement": name.as_str()}));
    items.into_iter().map(|item| Edit::Append { path: rules.clone(), item }).collect()
}

/// Keeps what is there, unless it is the name, and sets the name.
fn metric_edits(job: &Value, rules: &Path, name: &ClusterName) -> Vec<Edit> {
    let regex = name.as_str().replace('.', "\\.");
    let forgetting = |regex: &str| json!({"source_labels": [EXPORTED], "regex": regex, "target_label": EXPORTED, "replacement": ""});
    let there = rules_of(job, "metric_relabel_configs");
    // Those of another name, from the last time: they get the new one.
    if let [.., keep, forget, set] = there
        && *keep == keeping_samples()
        && forget["source_labels"] == json!([EXPORTED])
        && set["target_label"] == LABEL
        && set.get("source_labels").is_none()
    {
        let at = |back: usize, key: &str| rules.index(there.len() - back).key(key);
        return vec![
            Edit::Set { path: at(2, "regex"), value: regex.into() },
            Edit::Set { path: at(1, "replacement"), value: name.as_str().into() },
        ];
    }
    let items =
        [keeping_samples(), forgetting(&regex), json!({"target_label": LABEL, "replacement": name.as_str()})];
    items.into_iter().map(|item| Edit::Append { path: rules.clone(), item }).collect()
}

fn keeping() -> Value {
    json!({"source_labels": [LABEL], "regex": "(.+)", "target_label": EXPORTED})
}

/// As `keeping`, where Prometheus has not kept a value there itself.
fn keeping_samples() -> Value {
    json!({"source_labels": [LABEL, EXPORTED], "regex": "(.+);", "target_label": EXPORTED})
}

/// The rule that such an edit once added, if it still has the last word: it gets the new name.
fn own_rule(job: &Value) -> Option<usize> {
    let rules = rules_of(job, "relabel_configs");
    let last = rules.last()?.as_object()?;
    let sets_nothing_else = last.keys().all(|key| matches!(key.as_str(), "target_label" | "replacement"));
    (sets_nothing_else && last.get("target_label")? == LABEL && last.get("replacement")?.is_string())
        .then(|| rules.len() - 1)
}

/// Whether renaming the cluster changes a label that promfed gave the job.
pub fn is_renamed(config: &Value, job: &str) -> bool {
    jobs(config).any(|(_, value, name)| name == job && own_rule(value).is_some())
}

fn rules_of<'c>(job: &'c Value, key: &str) -> &'c [Value] {
    job[key].as_array().map_or(&[][..], Vec::as_slice)
}

fn label_of(job: &Value) -> JobLabel {
    let mut values = outcomes(job);
    values.dedup();
    match values.as_slice() {
        [] => JobLabel::Never,
        [Some(value)] if value.is_empty() => JobLabel::Never,
        [Some(value)] => JobLabel::Always(value.clone()),
        _ => JobLabel::Depends,
    }
}

/// What the targets carry, each way in which they are found; `None` may be anything. Where every target is dropped,
/// what they would carry: a job that is switched off so has its label when it comes back.
fn outcomes(job: &Value) -> Vec<Option<String>> {
    let rules = rules_of(job, "relabel_configs");
    let follow = |mut labels: Labels| {
        let fate = labels.relabel(rules);
        (fate, labels.get(LABEL).map(str::to_owned))
    };
    let followed = targets(job).into_iter().flat_map(|Targets { labels, addresses }| {
        // What is certain of an address that nobody knows holds for all of them, and there may be thousands.
        let any = follow(labels.clone());
        if addresses.is_empty() || matches!(any, (Fate::Stays | Fate::Goes, Some(_))) {
            return vec![any];
        }
        let of = |address: &Value| {
            let mut labels = labels.clone();
            labels.set(ADDRESS, address.as_str().map(str::to_owned));
            follow(labels)
        };
        addresses.iter().map(of).collect()
    });
    let (going, staying): (Vec<_>, Vec<_>) = followed.partition(|(fate, _)| *fate == Fate::Goes);
    let seen = if staying.is_empty() { going } else { staying };
    seen.into_iter().map(|(_, value)| value).collect()
}

/// Targets that differ by their addresses, if at all.
struct Targets<'c> {
    /// Before relabelling; the address may be any.
    labels: Labels,
    /// Of static targets.
    addresses: &'c [Value],
}

/// Every group of static targets, and what discovery may find.
fn targets(job: &Value) -> Vec<Targets<'_>> {
    let base = |others| {
        let mut labels = Labels::new(others);
        let text = |key: &str, default: &str| job[key].as_str().unwrap_or(default).to_owned();
        labels.set("job", Some(text("job_name", "")));
        labels.set("__scheme__", Some(text("scheme", "http")));
        labels.set("__metrics_path__", Some(text("metrics_path", "/metrics")));
        for unknown in ["__scrape_interval__", "__scrape_timeout__"] {
            labels.set(unknown, None);
        }
        for (name, values) in job["params"].as_object().into_iter().flatten() {
            labels.set(&format!("__param_{name}"), values[0].as_str().map(str::to_owned));
        }
        labels
    };
    let mut all = Vec::new();
    for group in rules_of(job, "static_configs") {
        let mut labels = base(Others::None);
        for (name, value) in group["labels"].as_object().into_iter().flatten() {
            labels.set(name, Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
        }
        labels.set(ADDRESS, None);
        all.push(Targets { labels, addresses: rules_of(group, "targets") });
    }
    if discovers(job) {
        let mut labels = base(Others::Any);
        // Discovery gives labels that begin with `__meta_`; files and HTTP may bring any.
        let brings_any = job.get("file_sd_configs").is_some() || job.get("http_sd_configs").is_some();
        labels.set(LABEL, (!brings_any).then(String::new));
        all.push(Targets { labels, addresses: &[] });
    }
    if all.is_empty() {
        all.push(Targets { labels: base(Others::None), addresses: &[] });
    }
    all
}

fn discovers(job: &Value) -> bool {
    job.as_object().is_some_and(|job| job.keys().any(|key| key.ends_with("_sd_configs")))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Honor {
    Yes,
    No,
}

fn honors(job: &Value) -> Honor {
    if job["honor_labels"] == true { Honor::Yes } else { Honor::No }
}

fn federates(job: &Value) -> bool {
    honors(job) == Honor::Yes && job["metrics_path"].as_str().is_some_and(|path| path.ends_with("/federate"))
}

/// What the samples carry of targets that have this label.
fn sampled(job: &Value, target: &JobLabel, honor: Honor) -> JobLabel {
    let mut labels = Labels::new(Others::Any);
    labels.set("job", Some(job["job_name"].as_str().unwrap_or_default().to_owned()));
    labels.set(
        LABEL,
        match target {
            _ if honor == Honor::Yes => None,
            JobLabel::Always(value) => Some(value.clone()),
            JobLabel::Never => Some(String::new()),
            JobLabel::Depends => None,
        },
    );
    if labels.relabel(rules_of(job, "metric_relabel_configs")) == Fate::Goes {
        return target.clone();
    }
    match labels.get(LABEL) {
        None => JobLabel::Depends,
        Some("") => JobLabel::Never,
        Some(value) => JobLabel::Always(value.to_owned()),
    }
}

#[cfg(test)]
mod tests;
