//! How a writing command runs to its end: write, prove what was written, and tell.

use tokio::time::Instant;

use super::backlog;
use super::change::{Planned, TRIES, carry_out};
use super::members::Membership;
use super::prometheus::Prometheus;
use super::shell::Shell;
use super::site::{service, workloads};
use super::take_back::take_back;
use super::verify::{Claim, ClaimedRole, Unproven, prove};
use crate::cli::Write;
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::history::Verb;
use crate::report::{Next, Outcome, Proof, StepView};

/// What is to be proven of a change, and what to do after it.
pub(super) struct About {
    pub(super) role: ClaimedRole,
    pub(super) next: Option<Next>,
    /// What else is worth a command, told after the next one.
    pub(super) also: Option<Next>,
    /// The place in the hub's list that the cluster takes.
    pub(super) member: Option<Membership>,
}

/// Carries a plan out, waits for the proof, unless it is not wanted, and tells the result with the command to type
/// next; `None` where the plan was only to be shown. Whoever writes over the change before it is proven makes it begin
/// anew, over what they wrote.
pub(super) async fn carry_through(
    shell: &Shell,
    cluster: &Cluster,
    verb: Verb,
    how: &Write,
    deadline: Instant,
    plan: impl AsyncFn() -> Result<Planned>,
    about: impl Fn(&Planned) -> About,
) -> Result<Option<Outcome>> {
    let plan = async || {
        let planned = plan().await?;
        Box::pin(backlog::spared(shell, cluster, &planned, how)).await?;
        Ok(planned)
    };
    for tries in 1.. {
        let Some(planned) = carry_out(shell, cluster, verb, how, deadline, &plan).await? else { break };
        let About { role, next, also, member } = about(&planned);
        if let Some(member) = member {
            member.enter(&shell.ui).await;
        }
        let mut outcome = Outcome { next, also, ..outcome(cluster, &planned, &role) };
        match proven(shell, cluster, &planned, role, how, deadline).await {
            Ok(verified) => outcome.verified = verified,
            Err(Unproven::WrittenOver(who)) if tries < TRIES => {
                shell.ui.warn(&format!("{who}, over what was just written: planning again over that"));
                continue;
            }
            Err(Unproven::WrittenOver(who)) => {
                return Err(Error::failed("the change was written over again and again")
                    .because(who)
                    .hint(format!("kubectl promfed history --context {}", cluster.context())));
            }
            Err(Unproven::Failed(error)) if how.rollback_on_failure && !planned.plan.is_empty() => {
                return Err(take_back(shell, cluster, &planned, how, error).await);
            }
            Err(Unproven::Failed(error)) => return Err(error),
        }
        return Ok(Some(outcome));
    }
    Ok(None)
}

/// The proof, or nothing where none is wanted.
async fn proven(
    shell: &Shell,
    cluster: &Cluster,
    planned: &Planned,
    role: ClaimedRole,
    how: &Write,
    deadline: Instant,
) -> Result<Vec<Proof>, Unproven> {
    let Planned { target, plan, .. } = planned;
    let workloads = workloads(&target.values, None);
    let prometheus = Prometheus::behind(cluster.clone(), service(&workloads, &target.values));
    let claim = Claim { cluster, target, plan, workloads: &workloads, prometheus: &prometheus, role };
    if !how.wait {
        return match claim.written_over().await {
            Some(who) => Err(Unproven::WrittenOver(who)),
            None => Ok(Vec::new()),
        };
    }
    prove(&claim, deadline, &shell.ui).await.map_err(|unproven| match unproven {
        Unproven::Failed(error) => Unproven::Failed(unproven_as(error, cluster, &claim.role)),
        other @ Unproven::WrittenOver(_) => other,
    })
}

fn unproven_as(error: Error, cluster: &Cluster, role: &ClaimedRole) -> Error {
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
fn outcome(cluster: &Cluster, planned: &Planned, role: &ClaimedRole) -> Outcome {
    let Planned { target, plan, .. } = planned;
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
        also: None,
    }
}
