//! Reads what `check` judges: every reading for itself, as many at once as possible, and nothing written.
//!
//! What is read depends on what was found before, so there are three rounds: who is there; how it is installed; what
//! runs, what it says, and the ways in from outside. `check` looks in the first for what runs where it usually does, and
//! in the second for the log and the certificate there; where it runs elsewhere, that takes two rounds more. `api`, `package`, `workload`,
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
use self::stored::Registry;
use self::workload::Running;
use super::prometheus::{Prometheus, now};
use super::site::{Wanted, installs, service, workloads};
use crate::check::{Facts, Known, Package, Reading, Unread};
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
    let (api, offer, (installs, found), usual) = join!(
        api::read(cluster, depth),
        package::offer_before_install(cluster, depth),
        Box::pin(around_install(cluster, depth)),
        Box::pin(usual_workload(cluster, depth))
    );
    facts.api = api;
    (facts.package.available, facts.package.repositories) = offer;
    if let Some(found) = found {
        Box::pin(of_install(cluster, found, usual, &mut facts, depth)).await;
    }
    facts.package.installs = installs;
    facts
}

/// An install, and what is around it.
struct Found {
    install: PackageInstall,
    package: Package,
    leads: Leads,
    registry: Reading<Registry>,
}

/// The installs of a context, and what is around the one, where that matters.
async fn around_install(cluster: &Cluster, depth: Depth) -> (Reading<Vec<PackageInstall>>, Option<Found>) {
    let installs = installs(cluster, Wanted::default()).await.map_err(Unread::from);
    let one = installs.as_ref().ok().and_then(|installs| installs.first());
    let Some(install) = one.filter(|_| depth != Depth::BeforeInstall).cloned() else {
        return (installs, None);
    };
    let ((package, leads), registry) =
        join!(package::read(cluster, &install, depth), stored::registry(cluster, &install));
    (installs, Some(Found { install, package, leads, registry }))
}

/// What runs where the package deploys to unless somebody says otherwise: read before that is known, as the logs and the
/// certificate there are a round more.
async fn usual_workload(cluster: &Cluster, depth: Depth) -> Option<Running> {
    match depth {
        Depth::Check => Some(workload::read(cluster, DEFAULT_WORKLOADS.to_owned(), depth).await),
        Depth::Status | Depth::BeforeInstall => None,
    }
}

/// Reads what runs of an install.
async fn of_install(
    cluster: &Cluster,
    found: Found,
    usual: Option<Running>,
    facts: &mut Facts,
    depth: Depth,
) {
    let Found { install, package, leads: Leads { app, values }, registry } = found;
    facts.package = package;
    facts.stored.registry = Some(registry);

    let namespace = workloads(&values, app.as_ref());
    let prometheus = Prometheus::behind(cluster.clone(), service(&namespace, &values));
    let usual = usual.filter(|(workload, _)| workload.namespace == namespace);
    let early = match depth {
        Depth::Check => {
            let signer = usual.as_ref().and_then(|(_, signer)| signer.clone());
            ways_in::ways(facts, &install, &values, signer)
        }
        Depth::Status | Depth::BeforeInstall => Vec::new(),
    };
    let ((workload, authority), (process, answers), asked) = join!(
        async {
            match usual {
                Some(usual) => usual,
                None => workload::read(cluster, namespace, depth).await,
            }
        },
        process::read(&prometheus, facts.role(), depth),
        ways_in::ask(early, &[], depth)
    );
    facts.workload = workload;
    facts.process = process;
    facts.stored.answers = answers;
    // What runs may write elsewhere than the values say.
    let ways = ways_in::ways(facts, &install, &values, authority);
    facts.ways_in = ways_in::told(ways_in::ask(ways, &asked, depth).await);
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
