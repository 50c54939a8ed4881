//! Waits until the running processes prove what was written, or say why they cannot.
//!
//! The package's own state is reported as what it is and not waited for: kapp-controller looks again when it looks
//! again, while the process may long be running as wanted. `look` asks one round of questions, `doubt` says what
//! stands in the way.

mod doubt;
mod look;
mod overwritten;

use std::time::Duration;

use tokio::time::Instant;

use self::doubt::Doubt;
use self::look::{look, proving_from};
use super::prometheus::Prometheus;
use crate::cluster::Cluster;
use crate::domain::{ClusterName, WriteUrl};
use crate::error::Error;
use crate::plan::{Plan, Target};
use crate::prometheus::Role;
use crate::report::Proof;
use crate::ui::Ui;

/// How often the processes are asked.
const PAUSE: Duration = Duration::from_millis(400);
/// How long a failure that is seen may still pass by itself: it is from before a change, or from a first moment.
const STALE: Duration = Duration::from_secs(15);

/// What is to be proven about which install.
pub(super) struct Claim<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) target: &'a Target,
    pub(super) plan: &'a Plan,
    pub(super) workloads: &'a str,
    pub(super) prometheus: &'a Prometheus,
    pub(super) role: ClaimedRole,
}

/// What the role adds.
pub(super) enum ClaimedRole {
    Hub {
        name: ClusterName,
    },
    Agent {
        name: ClusterName,
        url: WriteUrl,
        hub: Option<Prometheus>,
    },
    /// None of both: it runs as its values say.
    Server,
}

/// Why there is no proof.
pub(super) enum Unproven {
    Failed(Error),
    /// What was to be proven is not there any more: who wrote over it.
    WrittenOver(String),
}

/// Asks until everything holds, until it is clear that it will not, or until the deadline. The error is why it does
/// not hold.
pub(super) async fn prove(claim: &Claim<'_>, deadline: Instant, ui: &Ui) -> Result<Vec<Proof>, Unproven> {
    // A failure may be from before the change, and an agent's first words may find a hub that is not listening yet.
    let is_agent = matches!(claim.role, ClaimedRole::Agent { .. });
    let patience = if is_agent || claim.plan.changes_existing() { STALE } else { Duration::ZERO };
    let believed_from = Instant::now() + patience;
    // Only a sample from after the process was seen to be right proves anything; where nothing was changed, any fresh one
    // is of this process.
    let mut since = claim.plan.is_empty().then_some(0.0);
    // What was refused before is over: only what is refused now speaks against a proof.
    let mut failed_before = None;
    loop {
        let (mut seen, over) =
            futures::join!(Box::pin(look(claim, since, failed_before)), claim.written_over());
        if let Some(who) = over {
            ui.progress().clear();
            return Err(Unproven::WrittenOver(who));
        }
        failed_before = failed_before.or(seen.delivery.map(|delivery| delivery.failed));
        if since.is_none() && seen.proofs.iter().all(|proof| proof.is_freshness() || proof.is_enough()) {
            since = Some(proving_from(claim).await);
            seen = Box::pin(look(claim, since, failed_before)).await;
        }
        if since.is_some() && seen.proofs.iter().all(Proof::is_enough) {
            ui.progress().clear();
            return Ok(seen.proofs.into_iter().map(Proof::told_as_enough).collect());
        }
        let missing = missing(&seen.proofs);
        let doubt = Doubt::of(claim, seen).await;
        let now = Instant::now();
        match doubt {
            Some(Doubt::Final(error)) if now >= believed_from => {
                ui.progress().clear();
                return Err(Unproven::Failed(error));
            }
            doubt if now >= deadline => {
                ui.progress().clear();
                let error =
                    doubt.map_or_else(|| Error::failed(format!("not proven: {missing}")), Doubt::into_error);
                return Err(Unproven::Failed(error.when_time_ran_out()));
            }
            doubt => {
                let line = doubt.map_or_else(
                    || format!("waiting for {missing}"),
                    |doubt| format!("not yet: {}", doubt.line()),
                );
                ui.progress().set(&format!("proving {}", claim.cluster.context()), &line);
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn missing(proofs: &[Proof]) -> String {
    let missing: Vec<_> =
        proofs.iter().filter(|proof| !proof.is_enough()).map(|proof| proof.what.as_str()).collect();
    missing.join(", ")
}

impl Claim<'_> {
    /// The Prometheus that must have a fresh sample, if it can be asked.
    fn hub(&self) -> Option<&Prometheus> {
        match &self.role {
            ClaimedRole::Hub { .. } => Some(self.prometheus),
            ClaimedRole::Agent { hub, .. } => hub.as_ref(),
            ClaimedRole::Server => None,
        }
    }
}

impl ClaimedRole {
    pub(super) fn role(&self) -> Option<Role> {
        match self {
            Self::Hub { .. } => Some(Role::Hub),
            Self::Agent { .. } => Some(Role::Agent),
            Self::Server => None,
        }
    }

    /// The name that its series carry; a plain server's carry none.
    pub(super) fn name(&self) -> Option<&ClusterName> {
        match self {
            Self::Hub { name } | Self::Agent { name, .. } => Some(name),
            Self::Server => None,
        }
    }
}
