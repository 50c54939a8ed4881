//! Reads what `check` judges: every reading for itself, as many at once as possible, and nothing written.
//!
//! What is read depends on what was found before, so there are five rounds: who is there; how it is installed; what
//! runs, and what it says; its log and its certificate; the ways in from outside. `api`, `package`, `workload`,
//! `process`, `stored` and `ways_in` read one part of the facts each, `receiver` those of a hub without a cluster; `unread` says why a fact could not be had.

mod api;
mod package;
mod process;
mod receiver;
mod stored;
mod unread;
mod ways_in;
mod workload;

use futures::join;

use self::package::Leads;
pub(super) use self::receiver::of_receiver;
use super::prometheus::{Prometheus, now};
use super::site::{Wanted, installs, service, workloads};
use crate::check::{Facts, Known, Reading, Unread};
use crate::cluster::Cluster;
use crate::error::Error;
use crate::package::{DEFAULT_WORKLOADS, PackageInstall};
use crate::prometheus::Role;

/// How much is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Depth {
    /// What tells how a cluster is.
    Status,
    /// Everything.
    Check,
    /// What an install would need.
    BeforeInstall,
}

impl Depth {
    /// What only `check` needs; the others do not ask it.
    async fn in_check<T>(self, reading: impl Future<Output = Reading<T>>) -> Reading<T> {
        if self == Self::Check { reading.await } else { Err(Unread::NotAsked) }
    }

    /// What only an install needs to know before.
    async fn before_install<T>(self, reading: impl Future<Output = Reading<T>>) -> Reading<T> {
        if self == Self::BeforeInstall { reading.await } else { Err(Unread::NotAsked) }
    }
}

/// Reads one context. What cannot be had costs itself only, and what depends on it.
pub(super) async fn facts(cluster: &Cluster, expected: Option<Role>, depth: Depth) -> Facts {
    let mut facts = none(cluster.context().to_owned(), &Unread::NotAsked);
    facts.expected = expected;
    let (api, installs, offer) = join!(
        api::read(cluster, depth),
        async { installs(cluster, Wanted::default()).await.map_err(Unread::from) },
        package::offer_before_install(cluster, depth)
    );
    facts.api = api;
    (facts.package.available, facts.package.repositories) = offer;
    facts.package.installs = installs;
    if depth != Depth::BeforeInstall
        && let Ok(install) = facts.install().cloned()
    {
        Box::pin(of_install(cluster, &install, &mut facts, depth)).await;
    }
    facts
}

/// Reads around an install.
async fn of_install(cluster: &Cluster, install: &PackageInstall, facts: &mut Facts, depth: Depth) {
    let ((package, Leads { app, values }), registry) =
        join!(package::read(cluster, install, depth), stored::registry(cluster, install));
    facts.package = crate::check::Package { installs: facts.package.installs.clone(), ..package };
    facts.stored.registry = Some(registry);

    let namespace = workloads(&values, app.as_ref());
    let prometheus = Prometheus::behind(cluster.clone(), service(&namespace, &values));
    let ((workload, authority), (process, answers)) =
        join!(workload::read(cluster, namespace, depth), process::read(&prometheus, facts.role(), depth));
    facts.workload = workload;
    facts.process = process;
    facts.stored.answers = answers;
    facts.ways_in = ways_in::read(facts, install, &values, authority, depth).await;
}

/// The facts of a context that cannot be connected to: nothing, for the reason that the error gives.
pub(super) fn unreachable(context: String, error: &Error) -> Facts {
    none(context, &Unread::Failed(unread::root(error).to_owned()))
}

/// No facts at all.
fn none(context: String, unread: &Unread) -> Facts {
    Facts {
        context,
        now: now(),
        expected: None,
        receiver: None,
        api: api::none(unread),
        package: package::none(unread),
        workload: workload::none(DEFAULT_WORKLOADS.to_owned(), unread),
        process: process::none(unread),
        ways_in: ways_in::none(),
        stored: stored::none(unread),
        known: Known::default(),
    }
}
