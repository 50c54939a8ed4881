//! `kubectl promfed version`

use futures::join;

use super::shell::{End, Shell};
use super::site::{Site, Wanted};
use crate::cli::VersionArgs;
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::report::{ServerVersions, VersionView};

/// Tells the versions. What cannot be asked is unknown, and said on stderr.
pub(super) async fn run(shell: &Shell, args: &VersionArgs) -> Result<End> {
    let promfed = env!("CARGO_PKG_VERSION");
    if args.client {
        shell.print(&VersionView { promfed, server: None })?;
        return Ok(End::Done);
    }
    let cluster = Cluster::connect(&shell.connection.options()).await?;
    let (kubernetes, site) = join!(cluster.server_version(), Site::read(&cluster, Wanted::default()));
    let mut unknown = Vec::new();
    let mut end = End::Done;
    let mut note = |what: &str, error: &Error| {
        unknown.push(format!("{what}: {}", error.what));
        end = if error.kind == crate::error::Kind::Unreachable { End::Unreachable } else { End::Failed };
    };
    let kubernetes = kubernetes.map_err(|failure| note("kubernetes", &failure.into())).ok();
    let site = site.map_err(|error| note("package", &error)).ok().flatten();
    let prometheus = match &site {
        Some(site) => site.prometheus.version().await.map_err(|error| note("prometheus", &error.into())).ok(),
        None => None,
    };
    let server = ServerVersions {
        context: cluster.context().to_owned(),
        kubernetes,
        package: site.as_ref().map(Site::title),
        prometheus: prometheus.map(|version| version.to_string()),
        unknown: unknown.clone(),
    };
    for line in &unknown {
        shell.ui.warn(line);
    }
    shell.print(&VersionView { promfed, server: Some(server) })?;
    Ok(end)
}
