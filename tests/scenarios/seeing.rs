//! `diff` and `--diff`: what would change is shown, all of it and nothing else, and no credential.

use serde_json::Value;

use crate::support::{Rig, fixture};

const DIFF: [&str; 7] = ["diff", "hub", "init", "--context", "admin@hub", "--cluster-name", "orbstack"];
const INIT: [&str; 6] = ["hub", "init", "--context", "admin@hub", "--cluster-name", "orbstack"];

fn with_values(values: &str) -> Rig {
    let rig = Rig::without_prometheus(&[("hub", "2.43")]);
    rig.install_by_hand("hub", "prometheus.tanzu.vmware.com", "2.43.0+vmware.2-tkg.1", values);
    rig
}

/// The lines of a diff that are added or removed.
fn changed(diff: &str) -> Vec<&str> {
    let diff = diff.split_once("@@ ").expect("a diff").1;
    diff.lines().filter(|line| line.starts_with(['+', '-'])).collect()
}

#[test]
fn the_articles_hub_as_it_stands_differs_in_nothing() {
    let rig = with_values(&fixture("article/hub-values.yaml"));
    rig.nothing_is_written(|| rig.promfed(&DIFF).ends_with(0).prints("unchanged"));
}

#[test]
fn what_was_taken_out_of_the_articles_hub_is_the_difference() {
    let article = fixture("article/hub-values.yaml");
    let flag = "        - --web.enable-remote-write-receiver\n";
    let label =
        "        - action: replace\n          target_label: cluster\n          replacement: orbstack\n";
    let (flag, label) =
        (cut(&article, "enable-remote-write-receiver", flag), cut(&article, "target_label: cluster", label));
    let without = article.replacen(&flag, "", 1).replacen(&label, "", 1);
    let rig = with_values(&without);
    let ran = rig.promfed(&DIFF).ends_with(1);
    let changed = changed(&ran.stdout);
    assert!(changed.iter().all(|line| line.starts_with('+')), "{ran}");
    assert_eq!(changed.len(), 3, "{ran}");
    assert!(changed[0].ends_with("--web.enable-remote-write-receiver"), "{ran}");
    assert!(
        changed[1].ends_with("target_label: cluster") && changed[2].ends_with("replacement: orbstack"),
        "{ran}"
    );
    assert!(ran.stdout.contains("> prometheus.config.prometheus_yml @@"), "{ran}");

    let json = rig.promfed(&[&DIFF[..], &["-o", "json"]].concat()).ends_with(1).json();
    let lines = |value: &Value| -> Vec<String> {
        let levels = value["steps"][0]["texts"][0]["levels"].as_array().expect("levels").iter();
        let hunks = levels.flat_map(|level| level["hunks"].as_array().expect("hunks"));
        let lines = hunks.flat_map(|hunk| hunk["lines"].as_array().expect("lines"));
        let added = lines.filter(|line| line["kind"] == "added");
        added.map(|line| format!("+{}", line["text"].as_str().expect("text"))).collect()
    };
    assert_eq!(
        (json["kind"].as_str(), lines(&json)),
        (Some("Diff"), changed.iter().map(ToString::to_string).collect())
    );
}

/// The lines around a mark, as the article wrote them, in the form of the example.
fn cut(text: &str, mark: &str, example: &str) -> String {
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    let at = lines.iter().position(|line| line.contains(mark)).expect("the mark");
    let count = example.lines().count();
    let first = if count == 1 { at } else { first_of_rule(&lines, at) };
    let last = if count == 1 { at } else { end_of_rule(&lines, first) };
    lines[first..=last].concat()
}

/// The line with the dash of the rule that a line belongs to.
fn first_of_rule(lines: &[&str], at: usize) -> usize {
    (0..=at).rev().find(|line| lines[*line].trim_start().starts_with("- ")).expect("a dash")
}

fn end_of_rule(lines: &[&str], first: usize) -> usize {
    let dash = lines[first].find('-').expect("a dash");
    let goes_on =
        |line: &&str| line.find(|c: char| c != ' ').is_some_and(|column| column > dash) && line.trim() != "";
    first + lines[first + 1..].iter().take_while(|line| goes_on(line)).count()
}

#[test]
fn credentials_are_neither_in_diffs_nor_in_words() {
    let values = "prometheus:\n  config:\n    prometheus_yml: |\n      scrape_configs:\n      - job_name: a\n        basic_auth: {username: me, password: s3cret-one}\n        static_configs: [{targets: [a]}]\n      - job_name: b\n        authorization:\n          credentials: s3cret-two\n        static_configs: [{targets: [b]}]\n      remote_write:\n      - url: https://me:s3cret-three@elsewhere.test/api/v1/write\n";
    let rig = with_values(values);
    for args in [&DIFF[..], &INIT[..]] {
        for format in ["table", "json"] {
            let mut args = [args, &["-o", format]].concat();
            if args[0] == "hub" {
                args.extend(["--diff", "--yes", "--wait=false"]);
            }
            let ran = rig.promfed(&args);
            assert!(!format!("{ran}").contains("s3cret"), "{ran}");
        }
    }
    let history = rig.promfed(&["history", "--context", "admin@hub", "-o", "json"]).ends_with(0);
    assert!(!history.stdout.contains("s3cret"), "{history}");
    assert!(rig.values("hub").contains("s3cret-one"));
}

#[test]
fn the_api_server_is_asked_what_it_thinks() {
    let rig = with_values("# all defaults\n");
    rig.nothing_is_written(|| {
        rig.promfed(&[&INIT[..], &["--dry-run=server"]].concat()).ends_with(0).prints("+ flag")
    });
}
