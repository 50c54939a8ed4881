//! What a fleet file would change, asked of every cluster. Nothing is written.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use futures::StreamExt as _;
use futures::stream;

use super::member_shell;
use crate::cli::{AgentJoin, DryRunMode, HubInit, Write};
use crate::cluster::Cluster;
use crate::command::agent::join_plan;
use crate::command::change::Planned;
use crate::command::hub::init_plan;
use crate::command::shell::Shell;
use crate::command::site::cluster_uid;
use crate::error::{Error, Kind, Result};
use crate::fleet_file::{Declared, FleetFile};
use crate::prometheus::Role;
use crate::report::{Change, FleetPlanRow, StepView, hidden_error};

/// One cluster of a fleet, and what is to become of it.
pub(super) struct Member {
    pub(super) context: String,
    pub(super) cluster: Option<String>,
    pub(super) role: Role,
    pub(super) intended: Intended,
}

/// What is to become of a cluster.
pub(super) enum Intended {
    Planned(Box<Planned>),
    /// It answers, and can be planned when the hub, or a repository of packages, is as declared.
    Later(Error),
    Refused(Error),
    Unreachable(Error),
}

/// Plans the hub, then all agents, so many at the same time.
///
/// # Errors
///
/// The hub cannot be planned: then nothing can.
pub(super) async fn plan(
    shell: &Shell,
    file: &FleetFile,
    how: &Write,
    at_once: NonZeroUsize,
) -> Result<Vec<Member>> {
    // What a plan asks for on the way is only looked at.
    let how = &Write { dry_run: DryRunMode::Client, ..how.clone() };
    let mut members = Vec::new();
    let mut hub = HubNow::AsItIs;
    if let Some(declared) = &file.hub {
        shell.ui.progress().set("planning", declared.context());
        let planned = Box::pin(hub_plan(shell, declared, how)).await?;
        if !planned.plan.is_empty() {
            hub = HubNow::Changes;
        }
        let cluster = declared.args.cluster_name.as_ref().map(ToString::to_string);
        let intended = intended(planned, how);
        members.push(Member { context: declared.context().to_owned(), cluster, role: Role::Hub, intended });
    }
    let mut agents = BTreeMap::new();
    let mut under_way =
        stream::iter(file.agents.iter().enumerate())
            .map(|(number, declared)| async move {
                (number, Box::pin(agent_plan(shell, declared, how, hub)).await)
            })
            .buffer_unordered(at_once.get());
    while let Some((number, planned)) = under_way.next().await {
        agents.insert(number, planned);
        let done = agents.len();
        shell.ui.progress().redraw("planning", &format!("{done} of {} agents", file.agents.len()));
    }
    shell.ui.progress().clear();
    members.extend(each_cluster_once(file, agents.into_values()));
    Ok(members)
}

/// Whether the hub is already what agents are going to join.
#[derive(Clone, Copy, PartialEq, Eq)]
enum HubNow {
    AsItIs,
    Changes,
}

async fn hub_plan(shell: &Shell, declared: &Declared<HubInit>, how: &Write) -> Result<Planned> {
    let args = HubInit { write: how.clone(), ..declared.args.clone() };
    let planned = Box::pin(init_plan(&member_shell(shell, declared), &args)).await;
    let (_, planned) = planned.map_err(|error| {
        error.during(format!("nothing was changed: the hub on context {:?}", declared.context()))
    })?;
    Ok(planned)
}

/// The plan of an agent, with the UID of its cluster.
async fn agent_plan(
    shell: &Shell,
    declared: &Declared<AgentJoin>,
    how: &Write,
    hub: HubNow,
) -> (Intended, Option<String>) {
    let shell = member_shell(shell, declared);
    let args = AgentJoin { write: how.clone(), ..declared.args.clone() };
    let uid = async {
        let cluster = Cluster::connect(&shell.connection.agent_options()).await?;
        Ok::<_, Error>(cluster_uid(&cluster).await?)
    };
    let (planned, uid) = futures::join!(Box::pin(join_plan(&shell, &args)), uid);
    let can_come = hub == HubNow::Changes || args.package.repository.is_some();
    let intended = match (planned, &uid) {
        (Ok((_, planned)), _) => intended(planned, how),
        (Err(_), Err(away)) if away.kind == Kind::Unreachable => Intended::Unreachable(away.clone()),
        (Err(error), _) if error.kind == Kind::Failed && can_come => Intended::Later(error),
        (Err(error), _) if error.kind == Kind::Unreachable => Intended::Unreachable(error),
        (Err(error), _) => Intended::Refused(error),
    };
    (intended, uid.ok().flatten())
}

/// What another tool keeps as it wants it is not written.
fn intended(planned: Planned, how: &Write) -> Intended {
    match planned.owners.first().filter(|_| planned.plan.changes_existing() && !how.force) {
        Some(owner) => Intended::Refused(
            Error::failed(format!("{} is managed by {owner}", owner.object)).because(owner.advice()),
        ),
        None => Intended::Planned(Box::new(planned)),
    }
}

/// A cluster that two entries lead to would be renamed by the second.
fn each_cluster_once(
    file: &FleetFile,
    planned: impl Iterator<Item = (Intended, Option<String>)>,
) -> Vec<Member> {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    let mut members = Vec::new();
    for (declared, (intended, uid)) in file.agents.iter().zip(planned) {
        let other = uid.and_then(|uid| known.insert(uid, declared.context()));
        let twice = other.map(|other| {
            let same = format!("context {:?} leads to the same cluster as {other:?}", declared.context());
            Intended::Refused(Error::usage(same))
        });
        members.push(Member {
            context: declared.context().to_owned(),
            cluster: declared.args.cluster_name.as_ref().map(ToString::to_string),
            role: Role::Agent,
            intended: twice.unwrap_or(intended),
        });
    }
    members
}

impl Intended {
    /// What the plan warns of.
    pub(super) fn warnings(&self) -> &[String] {
        match self {
            Self::Planned(planned) => &planned.plan.warnings,
            _ => &[],
        }
    }
}

impl Member {
    /// As the summary tells it, credentials masked.
    pub(super) fn row(&self) -> FleetPlanRow {
        let (planned, change, error) = match &self.intended {
            Intended::Planned(planned) => (Some(planned), change(planned), None),
            Intended::Later(error) => (None, Change::Later, Some(error)),
            Intended::Refused(error) => (None, Change::Refused, Some(error)),
            Intended::Unreachable(error) => (None, Change::Unreachable, Some(error)),
        };
        FleetPlanRow {
            context: self.context.clone(),
            cluster: self.cluster.clone(),
            role: self.role,
            package: planned.map(|planned| planned.target.title()),
            change,
            steps: planned
                .map_or_else(Vec::new, |planned| planned.plan.steps.iter().map(StepView::from).collect()),
            warnings: self.intended.warnings().to_vec(),
            error: error.map(hidden_error),
        }
    }
}

fn change(planned: &Planned) -> Change {
    match (planned.plan.is_empty(), planned.target.is_new()) {
        (true, _) => Change::Unchanged,
        (false, true) => Change::Create,
        (false, false) => Change::Update,
    }
}
