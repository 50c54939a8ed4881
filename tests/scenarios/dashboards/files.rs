//! Files in, files out.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::{ALL, path, promfed, rewritten, text};

/// What a dashboard says apart from what rewriting is for.
fn without_changes(mut dashboard: Value) -> Value {
    fn blank(value: &mut Value) {
        match value {
            Value::Object(members) => {
                for (key, member) in members.iter_mut() {
                    match member {
                        Value::String(text) if matches!(key.as_str(), "expr" | "query" | "definition") => {
                            *text = String::new();
                        }
                        member => blank(member),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(blank),
            _ => {}
        }
    }
    blank(&mut dashboard);
    if let Some(templating) = dashboard.as_object_mut().expect("an object").remove("templating") {
        let list = templating["list"].as_array().cloned().unwrap_or_default();
        let others = list.into_iter().filter(|one| one["name"] != "cluster");
        dashboard["variables"] = others.collect();
    }
    if dashboard["variables"].is_null() {
        dashboard["variables"] = Value::Array(Vec::new());
    }
    dashboard
}

#[test]
fn everything_else_stays_and_once_is_enough() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ALL {
        let (new, _) = rewritten(name);
        let old = fs::read_to_string(path(name)).expect("a fixture");
        // Only insertions, and what hides a variable: the old text is still there, in order.
        let mut rest = new.chars();
        let is_there = |c: char| rest.any(|other| other == c);
        assert!(old.replace("\"hide\": 2", "\"hide\": 0").chars().all(is_there), "{name}");
        let read = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert_eq!(without_changes(read(&old)), without_changes(read(&new)), "{name}");
        let file = folder.path().join("again.json");
        fs::write(&file, &new).expect("a file");
        let again = promfed(&["dashboard", "rewrite", &file.display().to_string()]);
        assert_eq!(text(&again.stdout), new, "{name}");
    }
}

#[test]
fn the_variable_stands_where_it_belongs() {
    let names = |name: &str| {
        let dashboard: Value = serde_json::from_str(&rewritten(name).0).expect("JSON");
        let list = dashboard["templating"]["list"].as_array().cloned().expect("a list");
        list.into_iter().map(|one| one["name"].as_str().unwrap_or_default().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("compute")[..3], ["datasource", "cluster", "namespace"]);
    assert_eq!(names("node")[..3], ["DS", "cluster", "job"]);
    assert_eq!(names("apiserver"), ["cluster"]);
    assert_eq!(names("rows"), ["cluster", "job"]);
    let (rows, _) = rewritten("rows");
    assert!(rows.contains("\"hide\": 0, \"includeAll\": false"), "{rows}");
}

#[test]
fn what_is_left_is_told_with_the_reason_and_by_the_exit_code() {
    let ran = promfed(&["dashboard", "rewrite", &path("node").display().to_string()]);
    assert_eq!(ran.status.code(), Some(1));
    let said = text(&ran.stderr);
    assert!(
        said.contains(
            "panel \"Unknown\", query A is left as it was: whether $limit is a number or a metric cannot be told\n  node_load1 > $limit"
        ),
        "{said}"
    );
    assert_eq!(
        promfed(&["dashboard", "rewrite", &path("rows").display().to_string()]).status.code(),
        Some(0)
    );
}

#[test]
fn files_are_written_where_they_are_or_elsewhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("compute.json");
    fs::copy(path("compute"), &file).expect("a copy");
    let file = file.display().to_string();
    let diff = promfed(&["dashboard", "rewrite", "--diff", &file]);
    assert_eq!(diff.status.code(), Some(0));
    let said = text(&diff.stdout);
    assert!(
        said.contains("\n-        {\"expr\": \"absent(") && said.contains("unless on(cluster,"),
        "{said}"
    );

    let written = |args: &[&str]| {
        let ran = promfed(&[&["dashboard", "rewrite", "-o", "json"], args].concat());
        assert_eq!(ran.status.code(), Some(0), "{}", text(&ran.stderr));
        let document: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
        document["items"]
            .as_array()
            .expect("items")
            .iter()
            .map(|one| one["written"] == true)
            .collect::<Vec<_>>()
    };
    assert_eq!(written(&["-w", &file]), [true]);
    assert_eq!(fs::read_to_string(&file).expect("the file"), rewritten("compute").0);
    assert_eq!(written(&["--in-place", &file]), [false]);

    let other = folder.path().join("other");
    let (rows, api) = (path("rows").display().to_string(), path("apiserver").display().to_string());
    assert_eq!(written(&["--output-dir", &other.display().to_string(), &rows, &api]), [true, true]);
    assert_eq!(fs::read_to_string(other.join("rows.json")).expect("the file"), rewritten("rows").0);
    assert_eq!(fs::read_dir(&other).expect("the folder").count(), 2);
}

#[test]
fn wrong_usage_is_told_before_anything_is_read() {
    let (one, two) = (path("rows").display().to_string(), path("node").display().to_string());
    let (one, two) = (one.as_str(), two.as_str());
    let wrong: [&[&str]; 7] = [
        &[],
        &[one, two],
        &[one, "-o", "json"],
        &["-", "-w"],
        &["/nonexistent.json"],
        &[one, "--label", "a-b"],
        &[one, one, "--output-dir", "/nonexistent"],
    ];
    for args in wrong {
        let ran = promfed(&[&["dashboard", "rewrite"][..], args].concat());
        assert_eq!(ran.status.code(), Some(2), "{args:?}: {}", text(&ran.stderr));
        assert!(!text(&ran.stdout).contains("panels"), "{args:?}");
    }
}

#[test]
fn stdin_is_a_file_too_and_no_dashboard_is_an_error() {
    let run = |input: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-promfed"));
        let command = command.args(["dashboard", "rewrite", "-", "--label", "k8s"]).env_clear();
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the plugin");
        child.stdin.take().expect("stdin").write_all(input.as_bytes()).expect("written");
        child.wait_with_output().expect("the plugin")
    };
    let ran = run(r#"{"panels":[{"targets":[{"expr":"up{a=\"b\"}"}]}]}"#);
    assert!(text(&ran.stdout).contains(r#"{"expr":"up{k8s=~\"$k8s\", a=\"b\"}"}"#), "{}", text(&ran.stdout));
    for (input, why) in [
        ("{", "EOF while parsing"),
        ("{}", "it is no dashboard"),
        (r#"{"elements":{},"layout":{}}"#, "schema v2"),
        (
            r#"{"panels":[],"templating":{"list":[{"name":"k8s","type":"datasource"}]}}"#,
            "chooses no clusters",
        ),
    ] {
        let ran = run(input);
        assert_eq!(ran.status.code(), Some(1), "{input}");
        assert!(text(&ran.stderr).contains(why), "{input}: {}", text(&ran.stderr));
    }
}
