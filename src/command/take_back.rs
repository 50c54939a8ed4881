//! `--rollback-on-failure`: a change that could not be proven is taken back.

use tokio::time::Instant;

use super::change::{Planned, carry_out};
use super::shell::Shell;
use super::way::{Way, removal};
use super::write::write;
use crate::cli::Write;
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::history::Verb;
use crate::plan::Others;

/// Takes the change back, and gives the error that it failed with, with what came of going back.
pub(super) async fn take_back(
    shell: &Shell,
    cluster: &Cluster,
    before: &Planned,
    how: &Write,
    error: Error,
) -> Error {
    shell.ui.warn(&format!("{error}: going back to what was before"));
    match go(shell, cluster, before, how).await {
        Ok(()) => error.because("what was there before is back (--rollback-on-failure)"),
        Err(failed) => {
            let hint = format!("kubectl promfed history --context {}", cluster.context());
            let error = error.because(format!("and what was there before is not back: {failed}"));
            failed.causes.into_iter().fold(error, Error::because).hint(hint)
        }
    }
}

async fn go(shell: &Shell, cluster: &Cluster, before: &Planned, how: &Write) -> Result<()> {
    let deadline = Instant::now() + how.timeout;
    // Whoever asked for this has said yes.
    let how = Write { yes: true, ..how.clone() };
    let names = &before.target.names;
    if before.target.is_new() {
        let history = super::observe::history(cluster, names).await?;
        let plan = removal(cluster, names, &history).await?;
        let title = format!("Deleting what was installed on context {:?}", cluster.context());
        let written = write(shell, cluster, None, &title, &plan, &how, deadline).await;
        return written.map(drop).map_err(|stopped| stopped.error("somebody else changed it"));
    }
    let revision = before.revision().ok_or_else(|| Error::failed("nothing was kept"))?;
    let way = Way { install: names.install.clone(), revision };
    let plan = async || Ok(way.plan(cluster, Others::Keep).await?);
    carry_out(shell, cluster, Verb::Rollback, &how, deadline, &plan).await.map(drop)
}
