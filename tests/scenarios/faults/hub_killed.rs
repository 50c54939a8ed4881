//! A hub's own commands, killed at each of their writes, and run again.

use super::kill::{killed, moments, run, until_same, writes};
use super::state::{difference, state};
use super::{THEIRS, V2, V3, cluster, idle, install_theirs, open, settled};
use crate::support::{HUB_INIT, Rig, say};

/// Nobody waits for a proof.
const HURRIED: [&str; 3] = ["--yes", "--wait=false", "--force"];

fn hub_init(more: &[&'static str]) -> Vec<&'static str> {
    [&HUB_INIT[..], &HURRIED, more].concat()
}

/// What a hub does, from what is there before.
struct Case {
    name: &'static str,
    start: fn() -> Rig,
    before: fn(&Rig),
    args: Vec<&'static str>,
    /// The values that the user wrote are there again at the end.
    gives_back: bool,
    /// What the second run may say where nothing is left to do. What is there is compared all the same.
    done: &'static str,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            name: "",
            start: || idle(&["hub"]),
            before: |_| {},
            args: Vec::new(),
            gives_back: false,
            done: "nothing",
        }
    }
}

fn init(rig: &Rig, more: &[&'static str]) {
    run(rig, &hub_init(more)).ends_with(0);
}

/// Every write of it, before and after. A hub in which nothing runs will do: nothing of this waits for a proof.
fn survives(case: &Case) {
    let fresh = || {
        let rig = (case.start)();
        (case.before)(&rig);
        settled(&rig, "hub");
        rig
    };
    let args = |rig: &Rig| -> Vec<String> {
        let file = rig.kubeconfig().with_file_name("edge.join").display().to_string();
        case.args.iter().map(|arg| arg.replace("FILE", &file)).collect()
    };
    let rig = fresh();
    let words = args(&rig);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (all, ran) = writes(&rig, &words);
    ran.ends_with(0);
    assert!(!all.is_empty(), "{}: it writes nothing", case.name);
    let mut wrong = Vec::new();
    let mut cells = 0;
    for (number, write) in all.iter().enumerate() {
        for moment in moments(number) {
            let again = fresh();
            let words = args(&again);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            if !killed(&again, &words, write, moment) {
                continue;
            }
            cells += 1;
            let ran = run(&again, &words);
            let told = format!("{}, killed {moment:?} {write}", case.name);
            if ran.code != 0 && !ran.stderr.contains(case.done) {
                wrong.push(format!("{told}: {ran}"));
                continue;
            }
            let differs = || {
                difference(
                    &hidden(&rig, state(cluster(&rig, "hub"))),
                    &hidden(&again, state(cluster(&again, "hub"))),
                )
            };
            if let Some(difference) = until_same(differs) {
                wrong.push(format!("{told}:\n{difference}{ran}"));
            }
            if case.gives_back && again.values("hub") != THEIRS {
                wrong.push(format!("{told}: the values are not what they were: {}", again.values("hub")));
            }
        }
    }
    for line in &wrong {
        say(line);
    }
    say(&format!("{}: {} writes, killed {cells} times", case.name, all.len()));
    assert!(wrong.is_empty(), "{}: {} differences, told above", case.name, wrong.len());
}

/// Where a rig has its files is no difference.
fn hidden(rig: &Rig, state: super::state::State) -> super::state::State {
    let folder = rig.kubeconfig().parent().expect("a folder").display().to_string();
    state.into_iter().map(|(name, text)| (name, text.replace(&folder, "FOLDER"))).collect()
}

#[test]
fn a_hub_that_is_installed_and_undone() {
    let installed = |rig: &Rig| init(rig, &[]);
    survives(&Case { name: "hub init, install", args: hub_init(&[]), ..Case::default() });
    survives(&Case {
        name: "hub init --undo, of what was installed",
        before: installed,
        args: vec!["hub", "init", "--undo", "--context", "admin@hub", "--yes", "--force"],
        done: "no Prometheus package",
        ..Case::default()
    });
}

#[test]
fn a_hub_that_is_patched_and_taken_back() {
    let patched = |rig: &Rig| {
        install_theirs(rig, "hub", V3);
        init(rig, &[]);
    };
    survives(&Case {
        name: "hub init, patch",
        before: |rig| install_theirs(rig, "hub", V3),
        args: hub_init(&[]),
        ..Case::default()
    });
    survives(&Case {
        name: "hub init --undo, of a patch",
        before: patched,
        args: vec!["hub", "init", "--undo", "--context", "admin@hub", "--yes", "--force", "--wait=false"],
        gives_back: true,
        done: "nothing to leave",
        ..Case::default()
    });
    survives(&Case {
        name: "rollback 1",
        before: patched,
        args: vec!["rollback", "1", "--context", "admin@hub", "--yes", "--force", "--wait=false"],
        gives_back: true,
        done: "nothing to leave",
        ..Case::default()
    });
}

#[test]
fn a_hub_that_moves_to_another_version() {
    survives(&Case {
        name: "hub init --package-version",
        before: |rig| install_theirs(rig, "hub", V2),
        args: hub_init(&["--package-version", V3]),
        ..Case::default()
    });
}

#[test]
fn a_hub_that_begins_to_ask_for_certificates() {
    let open = |rig: &Rig| {
        install_theirs(rig, "hub", V3);
        init(rig, &["--auth", "none"]);
    };
    survives(&Case {
        name: "hub init --auth mtls",
        before: open,
        args: hub_init(&["--auth", "mtls"]),
        ..Case::default()
    });
    survives(&Case {
        name: "hub init --auth none",
        before: |rig| init(rig, &[]),
        args: hub_init(&["--auth", "none"]),
        ..Case::default()
    });
}

#[test]
fn a_hub_that_is_mended() {
    survives(&Case {
        name: "check --fix",
        start: open,
        args: vec!["check", "--context", "admin@hub", "--fix", "--yes"],
        ..Case::default()
    });
}

#[test]
fn credentials_of_a_hub() {
    let known = |rig: &Rig| {
        init(rig, &[]);
        let file = rig.kubeconfig().with_file_name("first.join").display().to_string();
        run(rig, &["hub", "credentials", "create", "edge", "--context", "admin@hub", "--join-file", &file])
            .ends_with(0);
    };
    let credentials =
        |more: &[&'static str]| [&["hub", "credentials", "--context", "admin@hub"], more].concat();
    survives(&Case {
        name: "hub credentials create",
        before: |rig| init(rig, &[]),
        args: credentials(&["create", "edge", "--join-file", "FILE"]),
        ..Case::default()
    });
    survives(&Case {
        name: "hub credentials rotate",
        before: known,
        args: credentials(&["rotate", "edge", "--join-file", "FILE"]),
        ..Case::default()
    });
    survives(&Case {
        name: "hub credentials revoke",
        before: known,
        args: credentials(&["revoke", "edge", "--yes"]),
        done: "no certificate",
        ..Case::default()
    });
}
