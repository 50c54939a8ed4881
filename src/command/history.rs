//! `kubectl promfed history`

use super::observe::{history, names};
use super::shell::{End, Shell};
use super::site::{Wanted, find_install};
use crate::cli::HistoryArgs;
use crate::cluster::Cluster;
use crate::error::Result;
use crate::report::HistoryView;

/// Lists the writes so far.
pub(super) async fn run(shell: &Shell, args: &HistoryArgs) -> Result<End> {
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let name = args.name.as_deref();
    let install = find_install(&cluster, Wanted { name, ref_name: None }).await?;
    let names = names(&cluster, install.as_ref(), name);
    let history = history(&cluster, &names).await?;
    for one in &history.unreadable {
        shell.ui.warn(&format!("Secret {} cannot be read as a revision: {}", one.name, one.why));
    }
    shell.print(&HistoryView::of(cluster.context(), &names, &history, jiff::Timestamp::now()))?;
    Ok(End::Done)
}
