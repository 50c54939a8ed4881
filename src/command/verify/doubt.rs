//! What stands in the way of a proof, and whether waiting helps.

use super::Claim;
use super::look::Seen;
use crate::command::crash::{crash_error, remote_write_words};
use crate::error::Error;
use crate::package::State;
use crate::prometheus::metrics::Delivery;
use crate::report::Proof;

/// Why something does not hold.
pub(super) enum Doubt {
    /// It may pass.
    Passing(Error),
    /// It will not pass by waiting.
    Final(Error),
}

impl Doubt {
    /// The most telling reason, if there is one: a crash before what kapp makes of it, and both before silence.
    pub(super) async fn of(claim: &Claim<'_>, seen: Seen) -> Option<Self> {
        if seen.proofs.iter().all(|proof| proof.holds) {
            return None;
        }
        let is_hiccup = seen.state.as_ref().is_some_and(State::is_a_hiccup);
        let has_failed = matches!(seen.state, Some(State::Failed(_))) && !is_hiccup;
        if (seen.silence.is_some() || has_failed)
            && let Some(error) = crash_error(claim.cluster, claim.workloads).await
        {
            return Some(Self::Final(error));
        }
        match seen.state {
            Some(State::Failed(message)) if is_hiccup => {
                return Some(Self::Passing(unreconciled(claim, message)));
            }
            Some(State::Failed(message)) => return Some(Self::Final(unreconciled(claim, message))),
            Some(State::Paused) => return Some(Self::Final(paused(claim))),
            _ => {}
        }
        if let Some(silence) = seen.silence {
            return Some(Self::Passing(silence));
        }
        match seen.delivery.filter(is_blocked) {
            // What is refused is lost, and nobody but the hub can change that.
            Some(delivery) if delivery.failed > 0.0 && delivery.delivered() == 0.0 => {
                Some(Self::Final(undelivered(claim, delivery).await))
            }
            Some(delivery) => Some(Self::Passing(undelivered(claim, delivery).await)),
            None => unloaded(claim, &seen.proofs).map(Self::Passing),
        }
    }

    pub(super) fn into_error(self) -> Error {
        let (Self::Passing(error) | Self::Final(error)) = self;
        error
    }

    /// The reason in a line, for who waits: what is wrong, and the root of it.
    pub(super) fn line(&self) -> String {
        let (Self::Passing(error) | Self::Final(error)) = self;
        let root = error.causes.last().and_then(|cause| cause.lines().next());
        root.map_or_else(|| error.what.clone(), |root| format!("{}: {root}", error.what))
    }
}

fn unreconciled(claim: &Claim<'_>, message: String) -> Error {
    let names = &claim.target.names;
    let title = format!("{}/{}", names.namespace, names.install);
    Error::failed(format!("PackageInstall {title} does not reconcile")).because(message).hint(format!(
        "kubectl get packageinstall --context {} -n {} {} -o yaml",
        claim.cluster.context(),
        names.namespace,
        names.install
    ))
}

fn paused(claim: &Claim<'_>) -> Error {
    let names = &claim.target.names;
    Error::failed(format!("PackageInstall {}/{} is paused", names.namespace, names.install))
        .because("kapp-controller does nothing with it until somebody resumes it")
        .hint(format!(
            "kubectl patch packageinstall --context {} -n {} {} --type merge -p '{{\"spec\":{{\"paused\":false}}}}'",
            claim.cluster.context(),
            names.namespace,
            names.install
        ))
}

fn is_blocked(delivery: &Delivery) -> bool {
    delivery.failed > 0.0 || (delivery.retried > 0.0 && delivery.lag.is_none())
}

/// A refusal loses samples; anything else is tried again until the WAL is cut.
async fn undelivered(claim: &Claim<'_>, delivery: Delivery) -> Error {
    let what = if delivery.failed > 0.0 { "the hub refuses samples" } else { "samples do not reach the hub" };
    let said = remote_write_words(claim.cluster, claim.workloads).await;
    let counted = || format!("{} failed, {} retried", delivery.failed, delivery.retried);
    Error::failed(what)
        .because(said.unwrap_or_else(counted))
        .hint(format!("kubectl promfed agent status --context {}", claim.cluster.context()))
}

/// The process runs with its new flags and an old configuration: nobody told it to load the new one.
fn unloaded(claim: &Claim<'_>, proofs: &[Proof]) -> Option<Error> {
    proofs
        .iter()
        .find(|proof| !proof.holds && (proof.actual == "not loaded" || proof.what.ends_with("on jobs")))?;
    let args = claim.target.values.args().ok()?;
    let can_reload = args.value("web.enable-lifecycle") == Some("true");
    let why = if can_reload {
        "kubelet and the reloader bring a new configuration within two minutes"
    } else {
        "it runs without --web.enable-lifecycle, so that only a restart loads a configuration"
    };
    let error = Error::failed("Prometheus has not loaded the new configuration").because(why);
    let restart = format!(
        "kubectl rollout restart deployment prometheus-server --context {} -n {}",
        claim.cluster.context(),
        claim.workloads
    );
    Some(if can_reload { error } else { error.hint(restart) })
}
