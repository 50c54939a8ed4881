//! README.md is true: every console block is run, in order, and prints what it says, up to numbers. So is every page that
//! [`holds`].
//!
//! `PROMFED_README=write` writes the outputs instead of comparing them.

use crate::support::{Ran, Rig, eventually};

struct Block {
    /// The lines of the file that hold the output, as a range.
    output: std::ops::Range<usize>,
    command: String,
    code: i32,
}

#[test]
fn every_command_of_the_readme_prints_what_it_says() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge1", "3.5"), ("edge2", "3.5")]) else { return };
    holds(&rig, "README.md", |command| {
        if command.contains(" clusters ") {
            eventually("every cluster's pods are counted", || {
                let ran = rig.shell(
                    "kubectl promfed query --context admin@hub -o name 'count by (cluster) (kube_pod_info)'",
                );
                ran.stdout.lines().count() == 3
            });
        }
        nothing_waits(&rig, command);
    });
}

#[test]
fn every_task_is_done_as_its_page_says() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge1", "3.5"), ("edge2", "3.5")]) else { return };
    holds(&rig, "docs/tasks.md", |command| nothing_waits(&rig, command));
}

#[test]
fn every_example_of_who_may_do_what_is_run() {
    let Some(rig) = Rig::start(&[("hub", "3.5"), ("edge", "3.5")]) else { return };
    // What the page has there already: the namespace on the other cluster, and the account that installs.
    let edge = ["create", "namespace", "tanzu-system-monitoring", "--context", "admin@edge"];
    rig.kubectl(&edge).ends_with(0);
    let at_hub = ["--context", "admin@hub"];
    let account = ["create", "serviceaccount", "prometheus-installer", "-n", "tkg-system"];
    rig.kubectl(&[&account[..], &at_hub].concat()).ends_with(0);
    let rights = [
        "create",
        "clusterrolebinding",
        "prometheus-installer",
        "--clusterrole=cluster-admin",
        "--serviceaccount=tkg-system:prometheus-installer",
    ];
    rig.kubectl(&[&rights[..], &at_hub].concat()).ends_with(0);
    holds(&rig, "docs/rights.md", |_| ());
}

/// An agent that is behind is not changed: the page is about what comes then.
fn nothing_waits(rig: &Rig, command: &str) {
    if command.contains(" agent leave ") {
        eventually("nothing waits to be sent", || {
            !rig.shell(&format!("{command} --dry-run")).stderr.contains("behind")
        });
    }
}

/// Runs every console block of a page, in order, each after what it has to wait for.
pub(crate) fn holds(rig: &Rig, page: &str, wait: impl Fn(&str)) {
    let path = format!("{}/{page}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect("the page");
    let lines: Vec<&str> = text.lines().collect();
    let marker = std::path::PathBuf::from(rig.file("README", ""));
    let folder = marker.parent().expect("a folder");
    let mut written: Vec<String> = Vec::new();
    let mut done = 0;
    let writes = std::env::var("PROMFED_README").is_ok_and(|wish| wish == "write");
    for block in blocks(&lines) {
        wait(&block.command);
        // What a command writes goes to a folder of the test's.
        let ran =
            rig.shell(&format!("cd {} && {} 2>&1", folder.display(), block.command)).ends_with(block.code);
        let printed = printed(&ran, block.code);
        if writes {
            written.extend(lines[done..block.output.start].iter().map(|line| (*line).to_owned()));
            written.extend(printed.lines().map(str::to_owned));
            done = block.output.end;
        } else {
            let said = lines[block.output].join("\n");
            assert_eq!(shape(&said), shape(&printed), "$ {}\n{printed}", block.command);
        }
    }
    if writes {
        written.extend(lines[done..].iter().map(|line| (*line).to_owned()));
        std::fs::write(path, written.join("\n") + "\n").expect("the page");
    }
}

/// The output, with the exit code in front where it is not 0, and without what is only said while waiting.
fn printed(ran: &Ran, code: i32) -> String {
    let code = (code != 0).then(|| format!("? {code}"));
    let waits =
        |line: &&str| ["proving ", "deleting ", "deploying "].iter().any(|what| line.starts_with(what));
    let said = ran.stdout.lines().filter(|line| !waits(line)).map(str::to_owned);
    code.into_iter().chain(said).collect::<Vec<_>>().join("\n")
}

fn blocks(lines: &[&str]) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if lines[at] != "```console" {
            at += 1;
            continue;
        }
        let command = lines[at + 1].strip_prefix("$ ").expect("a command after the fence").to_owned();
        let end = (at + 2..lines.len()).find(|line| lines[*line] == "```").expect("the end of the block");
        let code = lines[at + 2..end]
            .first()
            .and_then(|line| line.strip_prefix("? "))
            .map_or(0, |code| code.parse().expect("an exit code"));
        blocks.push(Block { output: at + 2..end, command, code });
        at = end;
    }
    assert!(!blocks.is_empty(), "the page has commands");
    blocks
}

/// The text without what differs from run to run: numbers with their units, bars, fingerprints, how wide columns are, and
/// whether kapp-controller happens to look at the package again.
pub(crate) fn shape(text: &str) -> Vec<String> {
    text.replace("reconciling", "succeeded")
        .lines()
        .map(str::trim_end)
        .map(|line| {
            let words = line.split_whitespace().map(|word| {
                if word.chars().all(|c| ('▁'..='█').contains(&c)) {
                    return "▁".to_owned();
                }
                if word.len() >= 16 && word.chars().all(|c| c.is_ascii_hexdigit()) {
                    return "#".to_owned();
                }
                let mut shaped = String::new();
                let mut chars = word.chars().peekable();
                while let Some(c) = chars.next() {
                    if c.is_ascii_digit() {
                        // 3s, 1m30s and 412.5 are one number each.
                        while chars
                            .peek()
                            .is_some_and(|next| next.is_ascii_digit() || "smhd.".contains(*next))
                        {
                            chars.next();
                        }
                        shaped.push('#');
                    } else {
                        shaped.push(c);
                    }
                }
                shaped
            });
            words.collect::<Vec<_>>().join(" ")
        })
        .collect()
}
