//! How a writing command ends: prove what was written, and tell.

use tokio::time::Instant;

use super::change::Planned;
use super::prometheus::Prometheus;
use super::shell::{End, Shell};
use super::site::{service, workloads};
use super::take_back::take_back;
use super::verify::{Claim, ClaimedRole, prove};
use crate::cli::Write;
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::report::{Next, Outcome, StepView};

/// What was written, and where.
pub(super) struct Change<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) planned: &'a Planned,
}

/// Waits for the proof, unless it is not wanted, and prints the result with the command to type next.
pub(super) async fn conclude(
    shell: &Shell,
    change: &Change<'_>,
    role: ClaimedRole<'_>,
    next: Option<Next>,
    how: &Write,
    deadline: Instant,
) -> Result<End> {
    let mut outcome = Outcome { next, ..outcome(change, &role) };
    if how.wait {
        let Change { cluster, planned: Planned { target, plan, .. } } = *change;
        let workloads = workloads(&target.values, None);
        let prometheus = Prometheus::behind(cluster.clone(), service(&workloads, &target.values));
        let claim = Claim { cluster, target, plan, workloads: &workloads, prometheus: &prometheus, role };
        match prove(&claim, deadline, &shell.ui).await {
            Ok(verified) => outcome.verified = verified,
            Err(error) => {
                let error = unproven(error, cluster, &role);
                if how.rollback_on_failure && !plan.is_empty() {
                    return Err(take_back(shell, change, how, error).await);
                }
                return Err(error);
            }
        }
    }
    shell.print(&outcome)?;
    Ok(End::Done)
}

fn unproven(error: Error, cluster: &Cluster, role: &ClaimedRole<'_>) -> Error {
    let context = cluster.context();
    error.during(match role {
        ClaimedRole::Hub { .. } => format!("context {context:?} is not a proven hub"),
        ClaimedRole::Agent { name, .. } => {
            format!("samples of {:?} are not proven to arrive at the hub", name.as_str())
        }
        ClaimedRole::Server => format!("context {context:?} is not proven to run as its values say"),
    })
}

/// The result as far as it is known before anything was proven.
fn outcome(change: &Change<'_>, role: &ClaimedRole<'_>) -> Outcome {
    let Change { cluster, planned: Planned { target, plan, .. } } = change;
    Outcome {
        context: cluster.context().to_owned(),
        cluster_name: role.name().map(ToString::to_string),
        role: role.role(),
        package: target.title(),
        result: match (plan.is_empty(), target.is_new()) {
            (true, _) => "unchanged",
            (false, true) => "created",
            (false, false) => "configured",
        },
        steps: plan.steps.iter().map(StepView::from).collect(),
        warnings: plan.warnings.clone(),
        verified: Vec::new(),
        next: None,
    }
}
