//! The rules of the house that a compiler does not know.

use std::fs;
use std::path::{Path, PathBuf};

fn sources(room: &str) -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(room)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the house") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).expect("a source file");
                all.push((path, text));
            }
        }
    }
    all
}

/// Every file outside the rooms, with the words that it must not have.
fn offenders(rooms: &[&str], words: &[&str]) -> Vec<String> {
    let files = rooms.iter().flat_map(|room| sources(room));
    files
        .flat_map(|(path, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            let found: Vec<_> = words
                .iter()
                .filter(|word| {
                    code.lines().any(|line| !line.trim_start().starts_with("//") && line.contains(**word))
                })
                .map(|word| format!("{} has {word}", path.display()))
                .collect();
            found
        })
        .collect()
}

const NONE: [String; 0] = [];

#[test]
fn pure_rooms_have_no_clock_no_files_no_network() {
    let pure = [
        "check",
        "plan",
        "history",
        "report",
        "domain",
        "package",
        "yaml",
        "prometheus",
        "rights",
        "dashboard",
        "fleet_file",
    ];
    let impure = [
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "SystemTime::now",
        "Instant::now",
        "tokio::",
        "kube::",
    ];
    assert_eq!(offenders(&pure, &impure), NONE);
}

#[test]
fn only_the_cluster_room_knows_kube() {
    let others = [
        "check",
        "cli",
        "command",
        "dashboard",
        "domain",
        "fleet_file",
        "history",
        "package",
        "plan",
        "prometheus",
        "report",
        "rights",
        "ui",
        "yaml",
    ];
    assert_eq!(offenders(&others, &["kube::", "kube_client"]), NONE);
}

#[test]
fn only_the_yaml_room_knows_yaml() {
    let others = [
        "check",
        "cli",
        "cluster",
        "command",
        "dashboard",
        "domain",
        "fleet_file",
        "history",
        "package",
        "plan",
        "prometheus",
        "report",
        "rights",
        "ui",
    ];
    assert_eq!(offenders(&others, &["granit_parser", "serde_saphyr", "serde_yaml"]), NONE);
}

#[test]
fn arrows_point_down() {
    let below = [
        (
            "domain",
            &["crate::plan", "crate::package", "crate::prometheus", "crate::report", "crate::command"][..],
        ),
        ("yaml", &["crate::plan", "crate::package", "crate::prometheus", "crate::report", "crate::command"]),
        (
            "prometheus",
            &["crate::plan", "crate::package", "crate::report", "crate::command", "crate::cluster"],
        ),
        ("package", &["crate::plan", "crate::report", "crate::command", "crate::cluster"]),
        ("history", &["crate::plan", "crate::report", "crate::command", "crate::cluster", "crate::cli"]),
        ("plan", &["crate::report", "crate::command", "crate::cluster", "crate::cli", "crate::ui"]),
        (
            "check",
            &["crate::plan", "crate::report", "crate::command", "crate::cluster", "crate::cli", "crate::ui"],
        ),
        (
            "rights",
            &["crate::plan", "crate::report", "crate::command", "crate::cli", "crate::ui", "crate::check"],
        ),
        ("fleet_file", &["crate::plan", "crate::command", "crate::cluster", "crate::ui", "crate::check"]),
        (
            "dashboard",
            &[
                "crate::plan",
                "crate::package",
                "crate::report",
                "crate::command",
                "crate::cluster",
                "crate::cli",
                "crate::ui",
                "crate::check",
                "crate::yaml",
            ],
        ),
        ("report", &["crate::command", "crate::cluster", "crate::cli", "crate::ui"]),
        (
            "cluster",
            &["crate::plan", "crate::package", "crate::prometheus", "crate::report", "crate::command"],
        ),
    ];
    for (room, words) in below {
        assert_eq!(offenders(&[room], words), NONE);
    }
}

#[test]
fn files_are_small() {
    let mut lengths: Vec<_> =
        sources("").iter().map(|(path, text)| (text.lines().count(), path.clone())).collect();
    lengths.sort();
    let long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines > 400).collect();
    assert!(long.is_empty(), "{long:?}");
    let median = lengths[lengths.len() / 2].0;
    assert!(median <= 150, "the median file has {median} lines");
}
