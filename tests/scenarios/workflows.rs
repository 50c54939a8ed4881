//! What GitHub runs for us: nothing that somebody else can exchange, with no right that it does not need.

use std::fs;
use std::path::Path;

use serde_yaml::Value;

/// Name, text and meaning of each workflow.
fn workflows() -> Vec<(String, String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(".github/workflows");
    let files = fs::read_dir(folder).expect("workflows").map(|entry| entry.expect("an entry").path());
    let read = |path: std::path::PathBuf| {
        let text = fs::read_to_string(&path).expect("a workflow");
        let value = serde_yaml::from_str(&text).expect("YAML");
        (path.file_name().expect("a name").to_string_lossy().into_owned(), text, value)
    };
    files.map(read).collect()
}

#[test]
fn every_action_is_pinned_to_a_commit_and_says_its_version() {
    for (name, text, _) in workflows() {
        for line in text.lines().filter(|line| line.trim_start_matches(['-', ' ']).starts_with("uses:")) {
            let (_, action) = line.split_once("uses:").expect("an action");
            let pinned = action.split_once('@').and_then(|(_, rest)| rest.split_once(" # v"));
            let (commit, version) = pinned.unwrap_or_else(|| panic!("{name}: {line}"));
            assert!(commit.len() == 40 && commit.chars().all(|c| c.is_ascii_hexdigit()), "{name}: {line}");
            assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{name}: {line}");
        }
    }
}

#[test]
fn every_job_says_what_it_may_and_nothing_else_may_anything() {
    for (name, _, workflow) in workflows() {
        assert_eq!(workflow["permissions"], Value::Mapping(serde_yaml::Mapping::new()), "{name}");
        for (job, what) in workflow["jobs"].as_mapping().expect("jobs") {
            assert!(what["permissions"].is_mapping(), "{name}: {job:?}");
        }
    }
}

#[test]
fn who_may_write_checks_nothing_out_with_its_credentials() {
    for (name, _, workflow) in workflows() {
        for (job, what) in workflow["jobs"].as_mapping().expect("jobs") {
            for step in what["steps"].as_sequence().expect("steps") {
                let is_checkout =
                    step["uses"].as_str().is_some_and(|uses| uses.starts_with("actions/checkout@"));
                assert!(!is_checkout || step["with"]["persist-credentials"] == false, "{name}: {job:?}");
            }
        }
    }
}
