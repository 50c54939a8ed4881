//! `kubectl promfed diff`

use super::agent::join_plan;
use super::back::rollback_plan;
use super::hub::init_plan;
use super::rollout;
use super::shell::{End, Shell};
use crate::cli::{Diff, DiffAgent, DiffArgs, DiffHub};
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::report::DiffView;

/// Shows what a command would change, and ends with 1 where that is something.
pub(super) async fn run(shell: &Shell, args: &DiffArgs) -> Result<End> {
    let what = match args {
        DiffArgs { what: Some(what), .. } => what,
        DiffArgs { file: Some(file), .. } => return Box::pin(rollout::diff(shell, file)).await,
        _ => return Err(Error::usage("what is to be compared?").hint("kubectl promfed diff -f FILE")),
    };
    if let Diff::Agent(DiffAgent::Join(args)) = what
        && !args.contexts.is_empty()
    {
        return Box::pin(rollout::diff_of_join(shell, args)).await;
    }
    let (cluster, planned) = match what {
        Diff::Hub(DiffHub::Init(args)) => init_plan(shell, args).await?,
        Diff::Agent(DiffAgent::Join(args)) => join_plan(shell, args).await?,
        Diff::Rollback(args) => {
            let cluster = Cluster::connect(&shell.connection.options()).await?;
            let planned = rollback_plan(&cluster, args).await?;
            (cluster, planned)
        }
    };
    for warning in &planned.plan.warnings {
        shell.ui.warn(warning);
    }
    shell.print(&DiffView::of(cluster.context(), &planned.title, &planned.plan))?;
    Ok(if planned.plan.is_empty() { End::Done } else { End::Failed })
}
