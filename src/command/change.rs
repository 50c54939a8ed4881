//! A change of an install from what is there to what is written, begun anew when somebody else was faster.

use std::rc::Rc;

use serde_json::Value;
use tokio::time::Instant;

use super::agent::Admitting;
use super::apply::{Stopped, manifests, resource};
use super::author::author;
use super::shell::Shell;
use super::write::{Written, write};
use crate::cli::{DryRunMode, Write};
use crate::cluster::{Cluster, Failure};
use crate::error::{Error, Result};
use crate::history::{History, Verb};
use crate::package::{ObjectKind, Owner};
use crate::plan::{Action, Keep, Observed, Plan, Step, Target};
use crate::report::{self, Format};

/// How often a change is planned: once more, and once more, when somebody else wrote meanwhile.
pub(super) const TRIES: usize = 3;

/// A plan, and what it is about.
pub(super) struct Planned {
    pub(in crate::command) title: String,
    pub(super) target: Target,
    pub(super) plan: Plan,
    pub(super) history: History,
    /// The tools that keep what would be changed as they want it.
    pub(super) owners: Vec<Owner>,
    /// Whether the hub was seen to take samples.
    pub(super) hub_answers: bool,
    /// Who is let in at the hub, where that is a step of the plan.
    pub(super) admitting: Option<Rc<Admitting>>,
}

impl Planned {
    /// A plan, with what it was made from.
    pub(super) fn new(title: String, (target, plan): (Target, Plan), observed: Observed) -> Self {
        let owners = observed.installed.map_or_else(Vec::new, |installed| installed.owners);
        Self { title, target, plan, history: observed.history, owners, hub_answers: false, admitting: None }
    }

    /// The revision that keeps what was there before this plan.
    pub(super) fn revision(&self) -> Option<u32> {
        let kept = self.plan.steps.first().filter(|step| step.object.kind == ObjectKind::Revision);
        match kept {
            Some(_) => Some(self.history.next()),
            None => self.history.records.last().map(|record| record.revision),
        }
    }
}

/// Observes and plans, keeps what is there, shows, asks and writes. `None` when the plan was only to be shown.
pub(super) async fn carry_out(
    shell: &Shell,
    cluster: &Cluster,
    verb: Verb,
    how: &Write,
    deadline: Instant,
    plan: &impl AsyncFn() -> Result<Planned>,
) -> Result<Option<Planned>> {
    let (author, first) = futures::join!(author(cluster), plan());
    let mut planned = first?;
    planned.history.known()?;
    let mut tries = 1;
    loop {
        let keep =
            Keep { history: &planned.history, names: &planned.target.names, verb, author: author.clone() };
        planned.plan = planned.plan.kept(&keep);
        owned(shell, &planned, how)?;
        match write(
            shell,
            cluster,
            planned.admitting.as_deref(),
            &planned.title,
            &planned.plan,
            how,
            deadline,
        )
        .await
        {
            Ok(Written::Shown) => return Ok(None),
            Ok(Written::Done) => return Ok(Some(planned)),
            Err(Stopped::Failed(error)) => return Err(error),
            Err(Stopped::Meanwhile(failure)) => {
                let who = who_wrote(cluster, &planned.plan, &failure).await;
                if tries == TRIES {
                    return Err(Stopped::Meanwhile(failure).error(&who));
                }
                shell.ui.warn(&format!("{who} meanwhile: planning again over what is there now"));
                tries += 1;
                planned = plan().await?;
            }
            Err(crowded @ Stopped::Crowded(_)) => return Err(crowded.error("others joined the hub")),
        }
    }
}

/// What another tool keeps as it wants it is not written: it would be changed back. What to put into that tool's
/// repository is printed instead.
fn owned(shell: &Shell, planned: &Planned, how: &Write) -> Result<()> {
    let Planned { plan, owners, .. } = planned;
    if owners.is_empty() || !plan.changes_existing() {
        return Ok(());
    }
    if how.force || how.dry_run != DryRunMode::None {
        for owner in owners {
            shell.ui.warn(&format!("{owner} will change this back. {}", owner.advice()));
        }
        return Ok(());
    }
    let manifests = manifests(plan);
    shell.ui.result(&match shell.output.format {
        Format::Json => report::json_list(&manifests),
        _ => report::yaml_stream(&manifests),
    })?;
    let managed =
        Error::failed(format!("nothing was written: {} is managed by {}", owners[0].object, owners[0]));
    let managed = owners.iter().fold(managed, |error, owner| error.because(owner.advice()));
    Err(managed.hint("the change is on stdout, for the repository; --force writes it here all the same"))
}

/// Who changed what the plan would have changed, as far as the objects tell.
async fn who_wrote(cluster: &Cluster, plan: &Plan, failure: &Failure) -> String {
    let is_about = |step: &&Step| match &step.action {
        Action::Update { .. } => failure.is_conflict(),
        Action::Create { .. } => failure.is_already_exists(),
        Action::Delete { .. } | Action::Unchanged => false,
    };
    let mut newest: Option<(String, String, String)> = None;
    for step in plan.steps.iter().filter(is_about) {
        let object = &step.object;
        let found: std::result::Result<Option<Value>, _> =
            cluster.get(resource(object.kind), object.namespace.as_deref(), &object.name).await;
        let Ok(Some(found)) = found else { continue };
        for entry in found["metadata"]["managedFields"].as_array().into_iter().flatten() {
            let text = |field: &str| entry[field].as_str().unwrap_or_default().to_owned();
            let one = (text("time"), text("manager"), format!("{} {}", object.kind, object.name));
            // Who only writes a status changes nothing of anybody's.
            if text("subresource").is_empty() && newest.as_ref().is_none_or(|newest| one.0 > newest.0) {
                newest = Some(one);
            }
        }
    }
    match newest {
        Some((time, manager, object)) => format!("{manager} changed {object} ({time})"),
        None => "somebody else changed it".to_owned(),
    }
}
