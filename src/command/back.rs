//! Going back: `kubectl promfed rollback`, and what `agent leave` and `hub init --undo` share.

use tokio::time::Instant;

use super::apply::Stopped;
use super::backlog::spared_by_removal;
use super::change::Planned;
use super::conclude::{About, carry_through};
use super::shell::{End, Shell};
use super::site::{cluster_name, desired_role};
use super::verify::ClaimedRole;
use super::way::{Way, removal};
use super::write::{Written, write};
use crate::cli::{Rollback, Write};
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::history::{Conflict, History, Verb};
use crate::package::{Names, Values};
use crate::plan::{NoWayBack, Others};
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
        member: None,
        role: claimed(&planned.target.values),
        next: Some(Next {
            why: "What was before is kept too:".to_owned(),
            command: format!("kubectl promfed history --context {}", cluster.context()),
        }),
        also: None,
    };
    shell.finish(Box::pin(carry_through(shell, cluster, verb, how, deadline, plan, about)).await?)
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
    let config = values.config().map(|config| config.value().clone()).unwrap_or_default();
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
    (names, history, values): (&Names, &History, Option<&Values>),
    how: &Write,
    deadline: Instant,
) -> Result<End> {
    let spared = async {
        match values {
            Some(values) => spared_by_removal(shell, cluster, values, how).await,
            None => Ok(()),
        }
    };
    let (plan, spared) = futures::join!(removal(cluster, names, history), Box::pin(spared));
    let plan = plan?;
    spared?;
    let title = format!("Deleting what promfed installed on context {:?}", cluster.context());
    let written = write(shell, cluster, None, &title, &plan, how, deadline);
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
        also: None,
    })?;
    Ok(End::Done)
}
