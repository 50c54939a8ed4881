//! The contract: what promfed and kubectl rely on of an API server, as one list of cases that every rig has to keep.
//!
//! A case is a few raw requests and what has to come back, to the word where somebody reads the words. The expected
//! values are those of a real kube-apiserver; where the sandbox says something else, the sandbox is wrong.
//!
//! `server` sends, `answer` and `events` hold an answer against what is expected, `objects` has the manifests,
//! `backend` is something behind a Service. Every other file is one topic.

mod aggregated;
mod answer;
mod applying;
mod backend;
mod conflicts;
mod creating;
mod deleting;
mod discovery;
mod events;
mod identity;
mod impersonation;
mod invalid;
mod listing;
mod logs;
mod managers;
mod namespaces;
mod objects;
mod patching;
mod proxying;
mod reading;
mod refused;
mod reviews;
mod server;
mod strict;
mod subresources;
mod tables;
mod updating;
mod watching;

use std::fmt;
use std::path::Path;

pub(crate) use server::Server;

use crate::support::{Rig, say};

/// What a case comes to: nothing, or what was otherwise than it should be.
type Held = Result<(), String>;

/// One behaviour of an API server.
struct Case {
    name: &'static str,
    /// Who relies on it.
    why: &'static str,
    run: fn(&Server) -> Held,
}

/// A case that does not hold.
pub(crate) struct Failure {
    case: &'static Case,
    words: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n    ({})\n    {}", self.case.name, self.case.why, self.words.replace('\n', "\n    "))
    }
}

fn cases() -> impl Iterator<Item = &'static Case> {
    [
        reading::CASES,
        listing::CASES,
        creating::CASES,
        invalid::CASES,
        strict::CASES,
        applying::CASES,
        conflicts::CASES,
        managers::CASES,
        patching::CASES,
        updating::CASES,
        deleting::CASES,
        namespaces::CASES,
        subresources::CASES,
        watching::CASES,
        tables::CASES,
        discovery::CASES,
        aggregated::CASES,
        identity::CASES,
        refused::CASES,
        reviews::CASES,
        impersonation::CASES,
        proxying::CASES,
        logs::CASES,
    ]
    .into_iter()
    .flatten()
}

/// Runs every case, and gives back those that do not hold.
pub(crate) fn hold(server: &Server) -> Vec<Failure> {
    let broken =
        cases().filter_map(|case| Some(Failure { case, words: (case.run)(server).err()? })).collect();
    server.clean_up();
    broken
}

/// Runs every case on the API server of a context, and fails with all that does not hold.
#[track_caller]
pub(crate) fn keeps_the_contract(kubeconfig: &Path, context: &str) {
    let server = Server::connect(kubeconfig, context).expect("an API server to ask");
    let broken = hold(&server);
    let words: Vec<String> = broken.iter().map(ToString::to_string).collect();
    assert!(
        broken.is_empty(),
        "{} of {} cases do not hold:\n\n{}\n",
        broken.len(),
        cases().count(),
        words.join("\n\n")
    );
}

#[test]
fn the_rig_keeps_the_contract() {
    let rig = Rig::without_prometheus(&[("hub", "3.5")]);
    keeps_the_contract(rig.kubeconfig(), "admin@hub");
}

/// The same cases on a cluster that somebody has: a kubeconfig in `PROMFED_CONTRACT_KUBECONFIG`, the first of its
/// contexts that is called `admin@…`, whose user has a token and may do everything.
#[test]
#[ignore = "writes to the cluster of PROMFED_CONTRACT_KUBECONFIG"]
fn a_cluster_of_ones_own_keeps_the_contract() {
    let Some(kubeconfig) = std::env::var_os("PROMFED_CONTRACT_KUBECONFIG") else {
        return say("SKIPPED: PROMFED_CONTRACT_KUBECONFIG names no kubeconfig");
    };
    let kubeconfig = Path::new(&kubeconfig);
    let context = server::admin_context(kubeconfig).expect("a context admin@NAME");
    keeps_the_contract(kubeconfig, &context);
}

#[test]
fn no_two_cases_have_the_same_name() {
    let mut names: Vec<&str> = cases().map(|case| case.name).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count);
}
