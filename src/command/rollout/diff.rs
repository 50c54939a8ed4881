//! `kubectl promfed diff -f`: every line that `apply` would change.

use std::num::NonZeroUsize;
use std::path::Path;

use super::planned::{Intended, Member, plan};
use super::{many::declared, source};
use crate::cli::{AgentJoin, Write};
use crate::command::shell::{End, Shell};
use crate::error::Result;
use crate::fleet_file::FleetFile;
use crate::report::{DiffView, FleetDiffView, hidden_error};

/// So many clusters are asked at the same time.
const AT_ONCE: NonZeroUsize = NonZeroUsize::new(50).expect("not zero");

/// Shows what would change, cluster by cluster, and ends with 1 where that is something.
pub(in crate::command) async fn diff(shell: &Shell, path: &Path) -> Result<End> {
    of_file(shell, &source::read(path)?, &Write::default(), AT_ONCE).await
}

/// The same for many contexts that would join one hub.
pub(in crate::command) async fn diff_of_join(shell: &Shell, args: &AgentJoin) -> Result<End> {
    let file = Box::pin(declared(shell, args)).await?;
    of_file(shell, &file, &args.write, args.pace.concurrency).await
}

async fn of_file(shell: &Shell, file: &FleetFile, how: &Write, at_once: NonZeroUsize) -> Result<End> {
    let members = Box::pin(plan(shell, file, how, at_once)).await?;
    let mut view = FleetDiffView::default();
    let mut end = End::Done;
    for Member { context, intended, .. } in &members {
        match intended {
            Intended::Planned(planned) => {
                for warning in &planned.plan.warnings {
                    shell.ui.warn(&format!("{context}: {warning}"));
                }
                if !planned.plan.is_empty() && end == End::Done {
                    end = End::Failed;
                }
                view.items.push(DiffView::of(context, &planned.title, &planned.plan));
            }
            Intended::Later(error) | Intended::Refused(error) | Intended::Unreachable(error) => {
                end = End::Unreachable;
                view.unknown.push((context.clone(), hidden_error(error)).into());
            }
        }
    }
    shell.print(&view)?;
    Ok(end)
}
