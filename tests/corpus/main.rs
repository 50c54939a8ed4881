//! Both roles' edits over several hundred values files: hand-written configurations, each in hand-written values, in
//! every way in which one holds the other.

mod large;
#[expect(unreachable_pub, reason = "the fuzzer's crate has the rules as a public module")]
mod rules;
mod styles;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use promfed::prometheus::Role;
use styles::{STYLES, Style, embedded};

/// What is refused: the values or the configuration, the role if only one, and why.
const REFUSED: [(&str, Option<Role>, &str); 3] = [
    // One list for two jobs: a rule for one would be a rule for the other.
    ("shared-relabelling.yml", Some(Role::Hub), "repeats it elsewhere"),
    // An own list would hide the merged one from then on.
    ("merged-relabelling.yml", Some(Role::Hub), "merge key (`<<`)"),
    // The arguments are those of something else too.
    ("args-shared.yml", None, "alias `*args`"),
];

fn texts(folder: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let files = fs::read_dir(folder).expect("a folder of the corpus").map(|entry| {
        let entry = entry.expect("an entry");
        let text = fs::read_to_string(entry.path()).expect("a text");
        (entry.file_name().to_string_lossy().into_owned(), text)
    });
    files.collect()
}

/// Holds a refusal against the list, and the list against a success.
fn expected(names: &[&str], role: Role, outcome: &Result<String, String>) {
    let listed: Vec<_> = REFUSED
        .iter()
        .filter(|(name, only, _)| names.contains(name) && only.is_none_or(|only| only == role))
        .collect();
    match outcome {
        Ok(_) => assert!(listed.is_empty(), "{names:?} is not refused any more"),
        Err(reason) => {
            assert!(
                listed.iter().any(|(_, _, words)| reason.contains(words)),
                "{names:?} is refused: {reason}"
            );
        }
    }
}

/// Lines that are lost, in order; the others are all there, in order.
fn lost<'t>(before: &'t str, after: &str) -> Vec<&'t str> {
    let mut rest = after.lines();
    before
        .lines()
        .filter(|line| {
            let mut ahead = rest.clone();
            let is_kept = ahead.any(|other| other == *line);
            if is_kept {
                rest = ahead;
            }
            !is_kept
        })
        .collect()
}

/// A line may go where it says what must go, or becomes longer by what is added to it.
fn may_go(line: &str, role: Role, after: &str) -> bool {
    let changed =
        ["relabel_configs: []", "remote_write: []", "replacement: legacy", "cluster: old-name", "global: {"];
    let grows = |other: &str| {
        let mut letters = other.chars();
        line.chars().all(|letter| letters.any(|other| other == letter))
    };
    let is_hub_url = line.contains("old-hub.example.com") || line.contains("insecure_skip_verify");
    changed.iter().any(|word| line.contains(word))
        || after.lines().any(grows)
        || role == Role::Agent && (is_hub_url || line.contains("rule_files"))
}

/// The text without the sections that an agent may not have.
fn without_server_sections(text: &str) -> String {
    let mut is_gone = false;
    let lines = text.split_inclusive('\n').filter(|line| {
        if !line.starts_with([' ', '-', '#', '\n']) {
            is_gone = ["rule_files:", "alerting:", "remote_read:"].iter().any(|key| line.starts_with(key));
        }
        !is_gone
    });
    lines.collect()
}

#[test]
fn every_configuration_is_edited_by_its_lines() {
    let configs = texts("configs");
    assert!(configs.len() >= 30);
    for (name, config) in &configs {
        for newline in ["\n", "\r\n"] {
            for role in [Role::Hub, Role::Agent] {
                let text = config.replace('\n', newline);
                let outcome = rules::config(role, &text, rules::capabilities(9));
                expected(&[name], role, &outcome);
                let Ok(after) = outcome else { continue };
                assert_eq!(
                    after.matches('\n').count() == after.matches("\r\n").count(),
                    newline == "\r\n",
                    "{name}"
                );
                let kept = if role == Role::Agent { without_server_sections(&text) } else { text };
                for line in lost(&kept, &after) {
                    assert!(may_go(line, role, &after), "{name} loses {line:?}:\n{after}");
                }
            }
        }
    }
}

#[test]
fn every_configuration_in_every_values_file() {
    let (configs, skeletons) = (texts("configs"), texts("values"));
    let (mut done, mut refused) = (0, 0);
    for (row, (values_name, skeleton)) in skeletons.iter().enumerate() {
        for (column, (name, config)) in configs.iter().enumerate() {
            let legal = (0..STYLES.len()).filter_map(|turn| {
                let style = STYLES[(row + column + turn) % STYLES.len()];
                embedded(skeleton, config, style).map(|(text, config)| (style, text, config))
            });
            for (turn, (style, text, config)) in legal.take(3).enumerate() {
                let text = if (row + turn) % 2 == 0 { text } else { text.replace('\n', "\r\n") };
                let held = promfed::yaml::read(&text)
                    .unwrap_or_else(|error| panic!("{values_name}, {name}, {style:?}: {error}"));
                assert_eq!(
                    held["prometheus"]["config"]["prometheus_yml"], *config,
                    "{values_name}, {name}, {style:?}"
                );
                for role in [Role::Hub, Role::Agent] {
                    let outcome = rules::values(role, &text, rules::capabilities(row + column));
                    expected(&[name, values_name], role, &outcome);
                    match outcome {
                        Ok(after) => {
                            done += 1;
                            outside_is_kept(skeleton, &after, &format!("{values_name}, {name}, {style:?}"));
                        }
                        Err(_) => refused += 1,
                    }
                }
            }
        }
    }
    assert!(done > 1500, "{done} edited");
    assert!(refused * 6 < done, "{refused} refused, {done} edited");
}

/// Around the configuration, only lines of arguments change.
fn outside_is_kept(skeleton: &str, after: &str, what: &str) {
    let is_of_args = |line: &str| {
        ["args:", "--storage", "--query", "--enable-feature", "2m", "prometheus: {"]
            .iter()
            .any(|word| line.contains(word))
    };
    let outside: Vec<_> =
        skeleton.lines().filter(|line| !line.contains("CONFIG") && !is_of_args(line)).collect();
    // In JSON, the line above a new one gets a comma.
    let is_above_new = |line: &&str| after.lines().any(|other| other.strip_suffix(',') == Some(line));
    let text = outside.join("\n");
    let missing = lost(&text, after).into_iter().find(|line| !is_above_new(line));
    assert_eq!(missing, None, "{what}:\n{after}");
}

#[test]
fn every_style_is_among_them() {
    let (configs, skeletons) = (texts("configs"), texts("values"));
    let holds = |style: Style| {
        skeletons
            .values()
            .any(|skeleton| configs.values().any(|config| embedded(skeleton, config, style).is_some()))
    };
    assert!(STYLES.into_iter().all(holds));
}

#[test]
fn the_arguments_of_every_values_file_for_every_version() {
    for (name, skeleton) in texts("values") {
        let values = promfed::yaml::read(&skeleton).expect("YAML");
        let list = &values["prometheus"]["deployment"]["containers"]["args"];
        let list: Vec<_> =
            list.as_array().into_iter().flatten().filter_map(|arg| arg.as_str().map(str::to_owned)).collect();
        for version in 0..rules::VERSIONS.len() {
            for role in [Role::Hub, Role::Agent] {
                let args = rules::flags(role, list.clone(), rules::capabilities(version));
                assert!(!args.as_slice().is_empty() || version == 0, "{name}");
            }
        }
    }
}
