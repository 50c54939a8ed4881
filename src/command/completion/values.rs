//! What can stand for a value.

use std::ffi::OsString;
use std::time::Duration;

use clap::{Arg, Command, CommandFactory};
use clap_complete::{ArgValueCandidates, CompletionCandidate};
use tokio::time::timeout;

use crate::check::{Category, Check, all};
use crate::cli::Cli;
use crate::cluster::{Choice, Cluster, ConnectOptions};
use crate::command::members;
use crate::command::observe::new_namespace;
use crate::command::site::{Wanted, installs, packages};

/// A person waits: what a cluster does not say within this time is left out.
const PATIENCE: Duration = Duration::from_secs(1);

/// The command line with all that can be said of its values, given the words so far.
pub(super) fn command(words: &[OsString]) -> Command {
    let options = options(words);
    within(Cli::command(), &options)
}

fn within(command: Command, options: &ConnectOptions) -> Command {
    let name = command.get_name().to_owned();
    let command = command.mut_args(|arg| with_values(arg, &name, options));
    command.mut_subcommands(|command| within(command, options))
}

fn with_values(arg: Arg, command: &str, options: &ConnectOptions) -> Arg {
    let options = options.clone();
    match (command, arg.get_id().as_str()) {
        (_, "context" | "contexts" | "hub_context") => arg.add(candidates(move || contexts(&options))),
        (_, "package_version") => arg.add(candidates(move || versions(&options))),
        ("create" | "rotate" | "revoke", "name")
        | ("join-command", "cluster_name")
        | ("rules", "clusters") => arg.add(candidates(move || clusters(&options))),
        (_, "code") => arg.add(candidates(codes)),
        (_, "only" | "skip") => arg.add(candidates(|| codes().into_iter().chain(categories()).collect())),
        _ => arg,
    }
}

fn candidates(all: impl Fn() -> Vec<CompletionCandidate> + Send + Sync + 'static) -> ArgValueCandidates {
    ArgValueCandidates::new(all)
}

/// How to reach the cluster that the words speak of: a hub that is named, else the context, else the current one.
fn options(words: &[OsString]) -> ConnectOptions {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let value = |flag: &str| {
        words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix(flag)? {
            "" => words.get(at + 1).map(ToString::to_string),
            rest => rest.strip_prefix('=').map(str::to_owned),
        })
    };
    ConnectOptions {
        kubeconfig: value("--kubeconfig").map(Into::into),
        context: value("--hub-context").or_else(|| value("--context")),
        namespace: value("--namespace").or_else(|| value("-n")),
        request_timeout: Some(PATIENCE),
        ..ConnectOptions::default()
    }
}

fn codes() -> Vec<CompletionCandidate> {
    let code = |check: &&'static Check| CompletionCandidate::new(check.code).help(Some(check.title.into()));
    all().iter().map(code).collect()
}

fn categories() -> Vec<CompletionCandidate> {
    Category::ALL.into_iter().map(|category| CompletionCandidate::new(category.name())).collect()
}

/// In the order of the kubeconfig. No cluster is asked.
fn contexts(options: &ConnectOptions) -> Vec<CompletionCandidate> {
    let any = ConnectOptions { context: None, ..options.clone() };
    waited(async move {
        let all = Cluster::connect_each(&any, Choice::All).await.ok()?;
        Some(all.into_iter().map(|(name, _)| name).collect())
    })
}

/// Whom the hub's list of clusters names.
fn clusters(options: &ConnectOptions) -> Vec<CompletionCandidate> {
    waited(async {
        let hub = Cluster::connect(options).await.ok()?;
        let install = installs(&hub, Wanted::default()).await.ok()?.pop()?.metadata;
        let (_, members) = members::read(&hub, &install.namespace, &install.name).await.ok()?;
        Some(members.into_keys().collect())
    })
}

/// The versions of the package that the cluster offers.
fn versions(options: &ConnectOptions) -> Vec<CompletionCandidate> {
    waited(async {
        let cluster = Cluster::connect(options).await.ok()?;
        let all = packages(&cluster, &new_namespace(&cluster), None).await.ok()?;
        Some(all.into_iter().map(|package| package.spec.version).collect())
    })
}

/// What is there in time, and nothing where it is not: who types does not want to hear of it.
fn waited(names: impl Future<Output = Option<Vec<String>>>) -> Vec<CompletionCandidate> {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return Vec::new();
    };
    let names = runtime.block_on(async { timeout(PATIENCE, names).await });
    // A login plugin may still be at work.
    runtime.shutdown_background();
    let names = names.ok().flatten().unwrap_or_default();
    names.into_iter().map(CompletionCandidate::new).collect()
}
