//! A change that would make an agent forget what it has not sent yet is not made.

use std::time::Duration;

use tokio::time::sleep;

use super::change::Planned;
use super::prometheus::Prometheus;
use super::shell::Shell;
use super::site::{service, workloads};
use crate::cli::{DryRunMode, Write};
use crate::cluster::Cluster;
use crate::domain::seconds;
use crate::error::{Error, Result};
use crate::package::Values;
use crate::plan::Forgets;
use crate::prometheus::config::remote_write_urls;
use crate::prometheus::{Backlog, ON_ITS_WAY};

/// An agent whose hub answers again has tried to send within this time: it waits for up to 5s between two tries.
const NEXT_TRY: Duration = Duration::from_secs(6);
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// Refuses a plan by which an agent would lose what waits there. One that cannot be asked is not held back: what is
/// broken has to be repaired.
pub(super) async fn spared(shell: &Shell, cluster: &Cluster, planned: &Planned, how: &Write) -> Result<()> {
    let before = planned.target.values.as_read();
    let Some(losing) = losing(shell, cluster, &before, &planned.plan.forgets).await else { return Ok(()) };
    // The hub answers, and the agent does not get through: the change may be what repairs it.
    if planned.plan.forgets.queue && planned.hub_answers && !losing.catches_up().await {
        shell.ui.warn(&format!(
            "{}, and gets no further by itself; that is lost, as the change gives it a new queue",
            losing.title()
        ));
        return Ok(());
    }
    losing.end(shell, &planned.plan.forgets, how)
}

/// Refuses to delete an agent that has something left to send.
pub(super) async fn spared_by_removal(
    shell: &Shell,
    cluster: &Cluster,
    values: &Values,
    how: &Write,
) -> Result<()> {
    let losing = losing(shell, cluster, values, &Forgets::PACKAGE).await;
    losing.map_or(Ok(()), |losing| losing.end(shell, &Forgets::PACKAGE, how))
}

/// An agent with a backlog that a change would make it forget.
struct Losing {
    context: String,
    prometheus: Prometheus,
    backlog: Backlog,
}

/// Asks the agent, where there is something to ask about.
async fn losing(shell: &Shell, cluster: &Cluster, before: &Values, forgets: &Forgets) -> Option<Losing> {
    let writes = before.config().is_ok_and(|config| remote_write_urls(config.value()).next().is_some());
    if !forgets.is_any() || !writes {
        return None;
    }
    let context = cluster.context().to_owned();
    let prometheus = Prometheus::behind(cluster.clone(), service(&workloads(before, None), before));
    match prometheus.metrics().await {
        Ok(page) => {
            let backlog = Backlog::of(&page).filter(Backlog::waits)?;
            Some(Losing { context, prometheus, backlog })
        }
        Err(error) => {
            shell.ui.warn(&format!(
                "the Prometheus of context {context:?} cannot be asked what it has not sent yet; if there is any, it is lost: {error}"
            ));
            None
        }
    }
}

impl Losing {
    /// `the agent on context "admin@edge" is 3m behind`
    fn title(&self) -> String {
        format!("the agent on context {:?} is {} behind", self.context, seconds(self.backlog.behind))
    }

    /// Whether it sends anything within the time of a try.
    async fn catches_up(&self) -> bool {
        let mut waited = Duration::ZERO;
        while waited < NEXT_TRY {
            sleep(LOOK_AGAIN).await;
            waited += LOOK_AGAIN;
            let now = self.prometheus.metrics().await.ok().and_then(|page| Backlog::of(&page));
            if now.is_some_and(|now| now.moves_on_from(&self.backlog)) {
                return true;
            }
        }
        false
    }

    fn end(self, shell: &Shell, forgets: &Forgets, how: &Write) -> Result<()> {
        let title = self.title();
        let Self { context, backlog: Backlog { behind, pending, sent, .. }, .. } = self;
        if how.force || how.dry_run != DryRunMode::None {
            shell.ui.warn(&format!("{title}; {}", forgets.reason()));
            return Ok(());
        }
        let waits = match sent {
            Some(_) => format!(
                "the newest sample that it sent is {} older than what it scrapes; {pending:.0} samples wait in its memory, the rest in its WAL",
                seconds(behind)
            ),
            None => format!(
                "it has sent nothing yet; {pending:.0} samples wait in its memory, the rest in its WAL"
            ),
        };
        Err(Error::failed(format!("nothing was written: {title}, and would lose that"))
            .because(waits)
            .because(forgets.reason())
            .hint(format!(
                "kubectl promfed agent status --context {context}   (wait until its lag is below {})",
                seconds(ON_ITS_WAY)
            ))
            .hint(format!("kubectl promfed check --contexts {context}   (why it does not get through)"))
            .hint("add --force to lose it"))
    }
}
