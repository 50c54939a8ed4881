//! Going back: `kubectl promfed rollback`, and what `agent leave` and `hub init --undo` share.

use tokio::time::Instant;

use super::apply::Stopped;
use super::change::Planned;
use super::conclude::{About, carry_through};
use super::observe::{around, history, installed, names};
use super::shell::{End, Shell};
use super::site::{Wanted, cluster_name, desired_role, find_install, no_install};
use super::verify::ClaimedRole;
use super::write::{Written, write};
use crate::cli::{Rollback, Write};
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::history::{Conflict, History, Verb};
use crate::package::{Names, PackageInstall, ServiceAccountChoice, Values};
use crate::plan::{Moves, NoWayBack, Observed, Others, PackageWish, Plan, plan_back, plan_removal};
use crate::prometheus::Role;
use crate::prometheus::config::remote_write_urls;
use crate::report::{Next, Outcome, StepView};
use crate::ui::Answer;

/// Goes back over the last write, or over all since the one that was named.
pub(super) async fn rollback(shell: &Shell, args: &Rollback) -> Result<End> {
    let deadline = Instant::now() + args.write.timeout;
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let way = Way::of_rollback(&cluster, args).await?;
    back(shell, &cluster, Verb::Rollback, &args.write, deadline, way).await
}

/// What rollback would change.
pub(super) async fn rollback_plan(cluster: &Cluster, args: &Rollback) -> Result<Planned> {
    let way = Way::of_rollback(cluster, args).await?;
    Ok(way.plan(cluster, others(&args.write)).await?)
}

/// What becomes of others' changes.
pub(super) fn others(how: &Write) -> Others {
    if how.force { Others::WriteOver } else { Others::Keep }
}

/// Where going back leads: found out once, so that beginning anew leads to the same place.
pub(super) struct Way {
    pub(super) install: String,
    pub(super) revision: u32,
}

impl Way {
    async fn of_rollback(cluster: &Cluster, args: &Rollback) -> Result<Self> {
        let context = cluster.context();
        let (names, observed) = seen(cluster, args.name.as_deref()).await?;
        let history = &observed.history;
        let newest = history.records.last().ok_or_else(|| {
            Error::failed(format!("promfed keeps no values of context {context:?} to go back to"))
                .because("it has written none, or they are gone")
        })?;
        let revision = args.revision.unwrap_or(newest.revision);
        let record = history.find(revision).ok_or_else(|| {
            Error::usage(format!("there is no revision {revision}"))
                .hint(format!("kubectl promfed history --context {context}"))
        })?;
        if record.installed() {
            let error = Error::usage(format!("before revision {revision} there was no package"))
                .because("going back to that is to delete what promfed installed");
            return Err(match record.verb {
                Verb::AgentJoin => error.hint(format!("kubectl promfed agent leave --context {context}")),
                _ => error.hint(format!("kubectl promfed hub init --undo --context {context}")),
            });
        }
        Ok(Self { install: names.install, revision })
    }

    /// The plan that leads there from what is there now.
    pub(super) async fn plan(&self, cluster: &Cluster, others: Others) -> Result<Planned, NoWayBack> {
        let (_, observed) = seen(cluster, Some(&self.install)).await?;
        let back = plan_back(&as_it_is(&observed), &observed, self.revision, others)?;
        let context = cluster.context();
        let title = format!(
            "Taking context {context:?} back to before revision {}: {}",
            self.revision,
            back.0.title()
        );
        Ok(Planned::new(title, back, observed))
    }
}

/// The install with its history.
async fn seen(cluster: &Cluster, name: Option<&str>) -> Result<(Names, Observed)> {
    let install = find_install(cluster, Wanted { name, ref_name: None }).await?;
    let install = install.ok_or_else(|| no_install(cluster))?;
    let names = names(cluster, Some(&install), None);
    let observed = observe(cluster, &names, install).await?;
    Ok((names, observed))
}

pub(super) async fn observe(cluster: &Cluster, names: &Names, install: PackageInstall) -> Result<Observed> {
    let (installed, history) = futures::join!(installed(cluster, install), history(cluster, names));
    let (installed, packages) = installed?;
    Ok(Observed {
        installed: Some(installed),
        packages,
        leftover: Vec::new(),
        around: Vec::new(),
        history: history?,
    })
}

/// No other package and no other version than what is there.
pub(super) fn as_it_is(observed: &Observed) -> PackageWish {
    let install = observed.installed.as_ref().map(|installed| &installed.install.metadata);
    PackageWish {
        ref_name: None,
        version: None,
        install: install.map_or("prometheus", |install| &install.name).to_owned(),
        namespace: install.map(|install| install.namespace.clone()).unwrap_or_default(),
        account: ServiceAccountChoice::ClusterAdmin,
        moves: Moves::Anyway,
    }
}

/// Carries a plan that goes back out, and proves whatever role the package has then.
pub(super) async fn back(
    shell: &Shell,
    cluster: &Cluster,
    verb: Verb,
    how: &Write,
    deadline: Instant,
    way: Way,
) -> Result<End> {
    let others = match way.plan(cluster, others(how)).await {
        Ok(_) => others(how),
        Err(NoWayBack::Conflict(conflict)) => decided(shell, conflict).await?,
        Err(NoWayBack::Failed(error)) => return Err(error),
    };
    let plan = async || Ok(way.plan(cluster, others).await?);
    let about = |planned: &Planned| About {
        role: claimed(&planned.target.values),
        next: Some(Next {
            why: "What was before is kept too:".to_owned(),
            command: format!("kubectl promfed history --context {}", cluster.context()),
        }),
    };
    Box::pin(carry_through(shell, cluster, verb, how, deadline, plan, about)).await
}

/// Where somebody else's change meets the one that goes back, a person has to decide; without one, nothing is done.
async fn decided(shell: &Shell, conflict: Box<Conflict>) -> Result<Others> {
    let error = Error::from(NoWayBack::Conflict(conflict));
    let told = error.causes.iter().fold(error.what.clone(), |told, cause| format!("{told}\n{cause}"));
    if !shell.ui.can_ask() {
        return Err(error);
    }
    shell.ui.say(&told);
    match shell.ui.confirm("Take the values as they were kept, and the other change back with them?").await? {
        Answer::Yes => Ok(Others::WriteOver),
        Answer::No => Err(Error::failed("nothing was changed").because("the answer was no")),
    }
}

/// What the values of a package claim to be.
fn claimed(values: &Values) -> ClaimedRole {
    let name = cluster_name(values).and_then(|name| name.parse().ok());
    let config = values.config().map(|(_, config)| config).unwrap_or_default();
    let url = remote_write_urls(&config).find_map(|url| url.parse().ok());
    match (desired_role(values), name, url) {
        (Some(Role::Hub), Some(name), _) => ClaimedRole::Hub { name },
        (Some(Role::Agent), Some(name), Some(url)) => ClaimedRole::Agent { name, url, hub: None },
        _ => ClaimedRole::Server,
    }
}

/// Deletes what promfed installed: shown, asked for, and waited for.
pub(super) async fn remove(
    shell: &Shell,
    cluster: &Cluster,
    names: &Names,
    history: &History,
    how: &Write,
    deadline: Instant,
) -> Result<End> {
    let plan = removal(cluster, names, history).await?;
    let title = format!("Deleting what promfed installed on context {:?}", cluster.context());
    let written = write(shell, cluster, &title, &plan, how, deadline);
    match written.await.map_err(|stopped: Stopped| stopped.error("somebody else changed it"))? {
        Written::Shown => return Ok(End::Done),
        Written::Done => {}
    }
    shell.print(&Outcome {
        context: cluster.context().to_owned(),
        cluster_name: None,
        role: None,
        package: names.install.clone(),
        result: "deleted",
        steps: plan.steps.iter().map(StepView::from).collect(),
        warnings: plan.warnings,
        verified: Vec::new(),
        next: Some(Next {
            why: format!(
                "Context {:?} has no Prometheus package any more. To begin anew:",
                cluster.context()
            ),
            command: format!(
                "kubectl promfed agent join --context {} --hub-context HUB --cluster-name NAME",
                cluster.context()
            ),
        }),
    })?;
    Ok(End::Done)
}

/// What deleting would take away.
pub(super) async fn removal(cluster: &Cluster, names: &Names, history: &History) -> Result<Plan> {
    Ok(plan_removal(names, &around(cluster, names).await?, history))
}
