//! `status --watch`: the same look again and again, as it changes.

use std::io::{BufRead, BufReader, Lines};
use std::process::ChildStdout;

use crate::support::{HUB_INIT, Rig, Running};

/// So many lines are waited for at most: a line comes for each cluster and second.
const PATIENCE: usize = 300;

struct Watch {
    running: Running,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Watch {
    fn start(rig: &Rig, more: &[&str]) -> Self {
        let args = [&["status", "--watch", "--interval", "1s"], more].concat();
        let (running, stdout) = Running::start(rig.plugin(&args));
        Self { running, lines: BufReader::new(stdout).lines() }
    }

    /// The next line that is as wanted.
    fn until(&mut self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let mut seen = Vec::new();
        for line in self.lines.by_ref().take(PATIENCE) {
            let line = line.expect("a line");
            if wanted(&line) {
                return line;
            }
            seen.push(line);
        }
        panic!("{what}: not in {}", seen.join("\n"));
    }
}

/// The samples per second in a line: `103/s`.
fn speed(line: &str) -> Option<f64> {
    line.split_whitespace().find_map(|word| word.strip_suffix("/s")?.parse().ok())
}

#[test]
fn arrivals_are_watched_until_ctrl_c_whatever_becomes_of_the_clusters() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let join = "agent join --context admin@edge --hub-context admin@hub --cluster-name edge --yes";
    rig.promfed(&join.split(' ').collect::<Vec<_>>()).ends_with(0);

    let mut watch = Watch::start(&rig, &["--all-contexts"]);
    let header = watch.until("the header", |_| true);
    assert!(header.starts_with("TIME ") && header.contains("ARRIVALS"), "{header}");
    for context in ["admin@hub", "admin@edge"] {
        watch.until(&format!("samples arrive from {context}"), |line| {
            line.contains(&format!("{context} ")) && speed(line).is_some_and(|speed| speed > 0.0)
        });
    }
    rig.unplug("edge");
    watch.until("it is away", |line| line.contains("admin@edge ") && line.contains("UNREACHABLE"));
    watch.until("the hub is still looked at", |line| {
        line.contains("admin@hub ") && speed(line).is_some_and(|speed| speed > 0.0)
    });
    assert_eq!(watch.running.interrupt(), Some(0));
}

#[test]
fn what_is_watched_is_documents_for_programs_and_ends_when_nobody_reads() {
    let Some(rig) = Rig::start(&[("hub", "3.5")]) else { return };
    rig.promfed(&HUB_INIT).ends_with(0);
    let watch = "kubectl promfed status --context admin@hub --watch --interval 1s";

    let ran = rig.shell(&format!("{watch} -o json | head -c 20000"));
    let documents: Vec<serde_json::Value> =
        serde_json::Deserializer::from_str(&ran.stdout).into_iter().map_while(Result::ok).collect();
    let arrivals: Vec<_> =
        documents.iter().map(|look| look["items"][0]["arrivals"].as_array().map(Vec::len)).collect();
    assert_eq!(arrivals[..3], [Some(0), Some(1), Some(2)], "{ran}");
    assert!(documents[2]["items"][0]["samplesPerSecond"].is_number(), "{ran}");

    let ran = rig.shell(&format!("{watch} -o yaml | head -3"));
    assert!(ran.stdout.starts_with("---\n"), "{ran}");

    let ran = rig.shell(&format!("{watch} -o name")).ends_with(2);
    ran.says("what is watched has no form -o name").says("hint: kubectl promfed status --watch -o json");
}
