//! How a writing command ends: prove what was written, and tell.

use tokio::time::Instant;

use super::prometheus::Prometheus;
use super::shell::{End, Shell};
use super::site::{service, workloads};
use super::verify::{Claim, ClaimedRole, prove};
use crate::cli::Write;
use crate::cluster::Cluster;
use crate::domain::ClusterName;
use crate::error::{Error, Result};
use crate::plan::{Plan, Target};
use crate::prometheus::Role;
use crate::report::{Next, Outcome, StepView};

/// What was written, and where.
pub(super) struct Change<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) name: &'a ClusterName,
    pub(super) target: &'a Target,
    pub(super) plan: &'a Plan,
}

/// Waits for the proof, unless it is not wanted, and prints the result with the command to type next.
pub(super) async fn conclude(
    shell: &Shell,
    change: &Change<'_>,
    role: ClaimedRole<'_>,
    next: Next,
    how: &Write,
    deadline: Instant,
) -> Result<End> {
    let mut outcome = Outcome { next: Some(next), ..outcome(change, role.role()) };
    if how.wait {
        let Change { cluster, name, target, plan } = *change;
        let workloads = workloads(&target.values, None);
        let prometheus = Prometheus::behind(cluster.clone(), service(&workloads, &target.values));
        let claim =
            Claim { cluster, target, plan, workloads: &workloads, prometheus: &prometheus, name, role };
        let unproven = |error: Error| match claim.role.role() {
            Role::Hub => error.during(format!("context {:?} is not a proven hub", cluster.context())),
            Role::Agent => {
                error.during(format!("samples of {:?} are not proven to arrive at the hub", name.as_str()))
            }
        };
        outcome.verified = prove(&claim, deadline, &shell.ui).await.map_err(unproven)?;
    }
    shell.print(&outcome)?;
    Ok(End::Done)
}

/// The result as far as it is known before anything was proven.
fn outcome(change: &Change<'_>, role: Role) -> Outcome {
    let Change { cluster, name, target, plan } = change;
    Outcome {
        context: cluster.context().to_owned(),
        cluster_name: name.to_string(),
        role,
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
