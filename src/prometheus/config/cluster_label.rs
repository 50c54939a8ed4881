//! The `cluster` label on the targets of every scrape job.
//!
//! A hub's own series never leave it, so external labels do not reach them: each job has to put the label on its
//! targets. A target label reaches `up` and the other series of the scrape itself too, which a metric relabelling
//! does not. The rule goes to the end of the job's relabelling: there it wins over a `labelmap` that would bring in
//! a pod's own label of that name.

use serde_json::{Value, json};

use super::jobs;
use crate::domain::ClusterName;
use crate::yaml::{Edit, Path};

const LABEL: &str = "cluster";

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

/// The jobs by name, with the label that each gives its targets.
pub fn cluster_labels(config: &Value) -> Vec<(String, JobLabel)> {
    jobs(config).map(|(_, job, name)| (name.to_owned(), label_of(job))).collect()
}

/// The edits after which every job of the chosen ones labels its targets with the name. A job that sets another
/// value keeps that as `exported_cluster`, as Prometheus does with labels that collide.
pub fn label_edits(config: &Value, name: &ClusterName, chosen: impl Fn(&JobLabel) -> bool) -> Vec<Edit> {
    let mut edits = Vec::new();
    for (index, job, _) in jobs(config) {
        let label = label_of(job);
        if label == JobLabel::Always(name.to_string()) || !chosen(&label) {
            continue;
        }
        let rules = Path::of(["scrape_configs"]).index(index).key("relabel_configs");
        if let Some(last) = own_rule(job) {
            let path = rules.index(last).key("replacement");
            edits.push(Edit::Set { path, value: name.as_str().into() });
            continue;
        }
        if matches!(label, JobLabel::Always(_)) {
            let item = json!({"source_labels": [LABEL], "regex": "(.+)", "target_label": "exported_cluster"});
            edits.push(Edit::Append { path: rules.clone(), item });
        }
        edits.push(Edit::Append {
            path: rules,
            item: json!({"target_label": LABEL, "replacement": name.as_str()}),
        });
    }
    edits
}

/// The rule that such an edit once added, if it still has the last word: it gets the new name.
fn own_rule(job: &Value) -> Option<usize> {
    let rules = job["relabel_configs"].as_array()?;
    let last = rules.last()?.as_object()?;
    let sets_nothing_else = last.keys().all(|key| matches!(key.as_str(), "target_label" | "replacement"));
    (sets_nothing_else && last.get("target_label")? == LABEL && last.get("replacement")?.is_string())
        .then(|| rules.len() - 1)
}

/// Whether renaming the cluster changes a label that promfed gave the job.
pub fn is_renamed(config: &Value, job: &str) -> bool {
    jobs(config).any(|(_, value, name)| name == job && own_rule(value).is_some())
}

fn label_of(job: &Value) -> JobLabel {
    let rules = job["relabel_configs"].as_array().map_or(&[][..], Vec::as_slice);
    rules.iter().fold(static_label(job), |label, rule| after(label, rule, discovers(job)))
}

/// What the `static_configs` give, before relabelling. Discovery gives no `cluster` of its own: its labels begin
/// with `__meta_`; files and HTTP discovery may bring any label.
fn static_label(job: &Value) -> JobLabel {
    let groups = job["static_configs"].as_array().map_or(&[][..], Vec::as_slice);
    let mut labels: Vec<_> = groups.iter().map(|group| group["labels"][LABEL].as_str()).collect();
    if job.get("file_sd_configs").is_some() || job.get("http_sd_configs").is_some() {
        return JobLabel::Depends;
    }
    if discovers(job) {
        labels.push(None);
    }
    labels.dedup();
    match labels[..] {
        [] | [None] => JobLabel::Never,
        [Some(value)] => JobLabel::Always(value.to_owned()),
        _ => JobLabel::Depends,
    }
}

fn discovers(job: &Value) -> bool {
    job.as_object().is_some_and(|job| job.keys().any(|key| key.ends_with("_sd_configs")))
}

/// The label after one more rule.
fn after(label: JobLabel, rule: &Value, discovers: bool) -> JobLabel {
    let regex = rule["regex"].as_str();
    match rule["action"].as_str().unwrap_or("replace").to_ascii_lowercase().as_str() {
        "replace" if rule["target_label"] == LABEL => {
            let from_nothing = rule["source_labels"].as_array().is_none_or(Vec::is_empty);
            let takes_anything = regex.is_none_or(|regex| matches!(regex, "(.*)" | ".*" | ""));
            match rule["replacement"].as_str() {
                Some("") if from_nothing && takes_anything => JobLabel::Never,
                Some(value) if from_nothing && takes_anything && !value.contains('$') => {
                    JobLabel::Always(value.to_owned())
                }
                _ => JobLabel::Depends,
            }
        }
        // A target label named by a pattern could be any.
        "replace" if rule["target_label"].as_str().is_some_and(|label| label.contains('$')) => {
            JobLabel::Depends
        }
        "hashmod" | "lowercase" | "uppercase" if rule["target_label"] == LABEL => JobLabel::Depends,
        // Static targets have no `__meta_` labels that a map could turn into `cluster`.
        "labelmap" if !discovers && regex.is_some_and(|regex| regex.starts_with("__meta_")) => label,
        "labeldrop" if regex == Some(LABEL) => JobLabel::Never,
        "labeldrop" if regex.is_some_and(|regex| !regex.contains(['.', '[', '(', '|', '?', '*'])) => label,
        "labelmap" | "labeldrop" | "labelkeep" => JobLabel::Depends,
        _ => label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(job: &str) -> JobLabel {
        label_of(&crate::yaml::read(job).expect("YAML"))
    }

    fn always(name: &str) -> JobLabel {
        JobLabel::Always(name.to_owned())
    }

    #[test]
    fn a_label_of_all_static_targets_holds() {
        assert_eq!(label("static_configs: [{targets: [a], labels: {cluster: x}}]"), always("x"));
        assert_eq!(label("static_configs: [{targets: [a]}]"), JobLabel::Never);
        let some = "static_configs: [{targets: [a], labels: {cluster: x}}, {targets: [b]}]";
        assert_eq!(label(some), JobLabel::Depends);
        let with_discovery =
            "{static_configs: [{labels: {cluster: x}}], kubernetes_sd_configs: [{role: pod}]}";
        assert_eq!(label(with_discovery), JobLabel::Depends);
    }

    #[test]
    fn the_last_rule_decides() {
        let rule = "{source_labels: [], target_label: cluster, replacement: x}";
        let map = "{action: labelmap, regex: __meta_kubernetes_pod_label_(.+)}";
        let discovery = "kubernetes_sd_configs: [{role: pod}]";
        assert_eq!(label(&format!("{{{discovery}, relabel_configs: [{map}, {rule}]}}")), always("x"));
        assert_eq!(label(&format!("{{{discovery}, relabel_configs: [{rule}, {map}]}}")), JobLabel::Depends);
        assert_eq!(label(&format!("{{relabel_configs: [{rule}, {map}]}}")), always("x"));
        assert_eq!(
            label(&format!("{{relabel_configs: [{rule}, {{action: labeldrop, regex: cluster}}]}}")),
            JobLabel::Never
        );
    }

    #[test]
    fn a_value_from_another_label_depends_on_the_target() {
        let rule = "{source_labels: [zone], target_label: cluster}";
        assert_eq!(label(&format!("relabel_configs: [{rule}]")), JobLabel::Depends);
    }

    #[test]
    fn a_rule_of_our_own_gets_the_new_name() {
        let config = "scrape_configs:\n- relabel_configs:\n  - {target_label: cluster, replacement: old}\n";
        let config = crate::yaml::read(config).expect("YAML");
        let edits = label_edits(&config, &"new".parse().expect("a name"), |_| true);
        let path = Path::of(["scrape_configs"]).index(0).key("relabel_configs").index(0).key("replacement");
        assert_eq!(edits, [Edit::Set { path, value: json!("new") }]);
    }

    #[test]
    fn a_job_that_has_the_label_gets_no_rule() {
        let config =
            "scrape_configs:\n- job_name: a\n  static_configs: [{labels: {cluster: hub}}]\n- job_name: b\n";
        let config = crate::yaml::read(config).expect("YAML");
        let name: ClusterName = "hub".parse().expect("a name");
        let edits = label_edits(&config, &name, |_| true);
        let rules = Path::of(["scrape_configs"]).index(1).key("relabel_configs");
        let item = json!({"target_label": "cluster", "replacement": "hub"});
        assert_eq!(edits, [Edit::Append { path: rules, item }]);
    }
}
