//! What means something else after a move to another version, though nothing refuses it.

use serde_json::Value;

use super::{Misfit, not_as_meant};
use crate::prometheus::Version;
use crate::prometheus::config::jobs;

/// What of a configuration goes on working between two versions, and not as before. Told when it moves up; a move down
/// takes the same things back.
pub fn changes_in_meaning(config: &Value, from: Version, to: Version) -> Vec<Misfit> {
    let (lower, upper) = (from.min(to), from.max(to));
    if lower.at_least(3, 0) || !upper.at_least(3, 0) {
        return Vec::new();
    }
    let mut all = Vec::new();
    for (_, job, name) in jobs(config) {
        of_targets(job, name, &mut all);
        of_rules(job, name, &mut all);
    }
    if config["remote_write"]
        .as_array()
        .is_some_and(|all| all.iter().any(|entry| entry["enable_http2"].is_null()))
    {
        all.push(not_as_meant(
            "remote_write".to_owned(),
            "3.0 speaks HTTP/1.1: more connections (#15219)".to_owned(),
        ));
    }
    if jobs(config).any(|(_, job, _)| job["fallback_scrape_protocol"].is_null()) {
        let why = "from 3.0 on a target that answers without a Content-Type fails, where fallback_scrape_protocol names none (#15136)";
        all.push(not_as_meant("scrape_configs".to_owned(), why.to_owned()));
    }
    all
}

/// Before 3.0 a port was added to `__address__`, and so to `instance`.
fn of_targets(job: &Value, name: &str, all: &mut Vec<Misfit>) {
    let groups = job["static_configs"].as_array().into_iter().flatten();
    let targets = groups.flat_map(|group| group["targets"].as_array().into_iter().flatten());
    let has_no_port = |target: &&str| !target.contains(':');
    for target in targets.filter_map(Value::as_str).filter(has_no_port) {
        all.push(not_as_meant(
            format!("target {target} of job {name}"),
            "from 3.0 on no port is added, so its label instance changes (#14160)".to_owned(),
        ));
    }
}

fn of_rules(job: &Value, name: &str, all: &mut Vec<Misfit>) {
    let rules = || job["metric_relabel_configs"].as_array().into_iter().flatten();
    let what = || format!("metric_relabel_configs of job {name}");
    let reads_bound = |rule: &Value| {
        let sources = rule["source_labels"].as_array().into_iter().flatten();
        sources.into_iter().any(|label| label == "le" || label == "quantile")
    };
    if rules().any(reads_bound) {
        let why = "from 3.0 on le and quantile are written as floats: 1 is 1.0 (#15164)";
        all.push(not_as_meant(what(), why.to_owned()));
    }
    // The values of target labels have no newlines; those of samples may.
    if rules().any(|rule| rule["regex"].as_str().is_some_and(|regex| regex.replace(r"\.", "").contains('.')))
    {
        let why = "from 3.0 on a . in a regular expression is a newline too (#14505)";
        all.push(not_as_meant(what(), why.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_3_0_changed_is_told_of_a_move_over_it_only() {
        let config = "remote_write:\n- url: http://a/\nscrape_configs:\n- job_name: own\n  static_configs: [{targets: ['a:1', b]}]\n  metric_relabel_configs:\n  - {source_labels: [le], regex: '1|5', action: drop}\n  - {source_labels: [path], regex: '/x/.*', action: drop}\n  - {source_labels: [host], regex: 'a\\.b', action: drop}\n";
        let config = crate::yaml::read(config).expect("YAML");
        let told = |from: (u32, u32), to: (u32, u32)| {
            let version = |(major, minor)| Version::new(major, minor, 0);
            let all = changes_in_meaning(&config, version(from), version(to));
            all.iter().map(|misfit| format!("{}: {}", misfit.what, misfit.why)).collect::<Vec<_>>().join("\n")
        };
        assert_eq!((told((2, 25), (2, 55)), told((3, 0), (3, 14))), (String::new(), String::new()));
        assert_eq!(told((3, 5), (2, 53)), told((2, 53), (3, 5)));
        insta::assert_snapshot!(told((2, 53), (3, 5)), @r"
    target b of job own: from 3.0 on no port is added, so its label instance changes (#14160)
    metric_relabel_configs of job own: from 3.0 on le and quantile are written as floats: 1 is 1.0 (#15164)
    metric_relabel_configs of job own: from 3.0 on a . in a regular expression is a newline too (#14505)
    remote_write: 3.0 speaks HTTP/1.1: more connections (#15219)
    scrape_configs: from 3.0 on a target that answers without a Content-Type fails, where fallback_scrape_protocol names none (#15136)
    ");
    }
}
