//! An agent's commands, killed at each of their writes, to the agent and to the hub, and run again.
//!
//! One hub, in which the real Prometheus runs: who joins looks whether it takes writes. Every case has a cluster of its
//! own, in which nothing runs.

use promfed_sandbox::{ClusterSpec, Sandbox};

use super::kill::{killed, moments, run, until_same, writes};
use super::state::{State, difference, state};
use super::{THEIRS, V3, cluster, install_theirs, settled};
use crate::support::{HUB_INIT, Rig, say};

/// How many clusters may join: one for each case.
pub(super) const SITES: usize = 22;

/// What an agent does, from what is there before.
struct Case {
    name: &'static str,
    before: fn(&Rig, &str),
    args: fn(&str) -> Vec<String>,
    /// The values that the user wrote are there again at the end.
    gives_back: bool,
}

/// Names of one length, so that texts differ in nothing else.
pub(super) fn name(number: usize) -> String {
    format!("site{number:02}")
}

fn words(line: &str) -> Vec<String> {
    line.split(' ').map(str::to_owned).collect()
}

pub(super) fn join(site: &str) -> Vec<String> {
    words(&format!(
        "agent join --context admin@{site} --hub-context admin@hub --cluster-name {site} --yes --wait=false"
    ))
}

pub(super) fn leave(site: &str) -> Vec<String> {
    words(&format!("agent leave --context admin@{site} --hub-context admin@hub --yes --wait=false"))
}

fn joined(rig: &Rig, site: &str) {
    let args = join(site);
    run(rig, &args.iter().map(String::as_str).collect::<Vec<_>>()).ends_with(0);
}

/// A hub that takes writes, and so many clusters that may join it.
pub(super) fn federation(sites: usize) -> Rig {
    let hub = ClusterSpec::new("hub").newest("3.5");
    let all = (0..sites).map(|number| ClusterSpec::new(&name(number)).newest("3.5").idle());
    let builder = all.fold(Sandbox::builder().cluster(hub), promfed_sandbox::Builder::cluster);
    let rig = Rig::of(builder.start().expect("a sandbox"));
    rig.promfed(&HUB_INIT).ends_with(0);
    rig
}

/// What the agent's cluster has, and what the hub knows of it.
fn outcome(rig: &Rig, site: &str) -> State {
    let hidden = |text: String| text.replace(site, "SITE");
    let own = state(cluster(rig, site)).into_iter().map(|(name, text)| (hidden(name), hidden(text)));
    let mut all: State = own.collect();
    let list =
        run(rig, &["hub", "credentials", "list", "--context", "admin@hub", "-o", "json"]).ends_with(0).json();
    let items = list["items"].as_array().cloned().unwrap_or_default();
    let let_in = items.iter().filter(|item| item["cluster"] == site).count();
    all.insert("let in at the hub".to_owned(), format!("by {let_in} certificates"));
    let members = state(cluster(rig, "hub"));
    let is_member = members.iter().any(|(key, text)| key.contains("promfed.clusters") && text.contains(site));
    all.insert("in the list of the hub".to_owned(), is_member.to_string());
    all
}

/// Every write of it, before and after.
fn survives(case: &Case) {
    let rig = &federation(SITES);
    let args = |site: &str| (case.args)(site);
    let run_it = |site: &str| run(rig, &args(site).iter().map(String::as_str).collect::<Vec<_>>());
    let quiet = name(0);
    (case.before)(rig, &quiet);
    settled(rig, &quiet);
    let line = args(&quiet);
    let (all, ran) = writes(rig, &line.iter().map(String::as_str).collect::<Vec<_>>());
    ran.ends_with(0);
    assert!(!all.is_empty(), "{}: it writes nothing", case.name);
    let mut wrong = Vec::new();
    let mut used = 1;
    let mut cells = 0;
    for (number, write) in all.iter().enumerate() {
        for moment in moments(number) {
            assert!(used < SITES, "{}: it writes more than was thought", case.name);
            let site = name(used);
            used += 1;
            (case.before)(rig, &site);
            settled(rig, &site);
            let at = if write.cluster == quiet { write.at(&site) } else { write.clone() };
            let line = args(&site);
            if !killed(rig, &line.iter().map(String::as_str).collect::<Vec<_>>(), &at, moment) {
                continue;
            }
            cells += 1;
            let told = format!("{}, killed {moment:?} {at}", case.name);
            let ran = run_it(&site);
            let is_done =
                ["nothing to leave", "no Prometheus package"].iter().any(|w| ran.stderr.contains(w));
            if ran.code != 0 && !is_done {
                wrong.push(format!("{told}: {ran}"));
                continue;
            }
            if let Some(difference) = until_same(|| difference(&outcome(rig, &quiet), &outcome(rig, &site))) {
                wrong.push(format!("{told}:\n{difference}{ran}"));
            }
            if case.gives_back && rig.values(&site) != THEIRS {
                wrong.push(format!("{told}: the values are not what they were: {}", rig.values(&site)));
            }
        }
    }
    for line in &wrong {
        say(line);
    }
    say(&format!("{}: {} writes, killed {cells} times", case.name, all.len()));
    assert!(wrong.is_empty(), "{}: {} differences, told above", case.name, wrong.len());
}

pub(super) fn theirs(rig: &Rig, site: &str) {
    install_theirs(rig, site, V3);
}

pub(super) fn member(rig: &Rig, site: &str) {
    theirs(rig, site);
    joined(rig, site);
}

#[test]
fn an_agent_that_is_installed() {
    survives(&Case { name: "agent join, install", before: |_, _| {}, args: join, gives_back: false });
}

#[test]
fn an_agent_that_was_installed_and_leaves() {
    survives(&Case {
        name: "agent leave, of what was installed",
        before: joined,
        args: leave,
        gives_back: false,
    });
}

#[test]
fn an_agent_that_is_patched() {
    survives(&Case { name: "agent join, patch", before: theirs, args: join, gives_back: false });
}

#[test]
fn an_agent_that_joins_again() {
    let again = |site: &str| [join(site), words("--storage 3Gi")].concat();
    survives(&Case { name: "agent join, again", before: member, args: again, gives_back: false });
}

#[test]
fn an_agent_that_was_patched_and_leaves() {
    survives(&Case { name: "agent leave, of a patch", before: member, args: leave, gives_back: true });
}
