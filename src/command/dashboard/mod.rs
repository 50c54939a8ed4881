//! `kubectl promfed dashboard`: files in, files out. No cluster is asked.
//!
//! `rewrite` is for dashboards that somebody has, and `file` reads and writes them; what is printed here is promfed's own.

mod file;
mod rewrite;

use super::shell::{End, Shell};
use crate::cli::Dashboard;
use crate::dashboard::{FEDERATION, federation};
use crate::error::Result;
use crate::report::Format;
use crate::yaml::write::to_yaml;

pub(super) fn run(shell: &Shell, what: &Dashboard) -> Result<End> {
    match what {
        Dashboard::Rewrite(args) => rewrite::run(shell, args),
        Dashboard::Federation => print(shell),
    }
}

/// Prints the dashboard as Grafana reads it.
fn print(shell: &Shell) -> Result<End> {
    let text = federation()?;
    shell.ui.result(&match shell.output.format {
        Format::Name => format!("{FEDERATION}\n"),
        Format::Yaml => to_yaml(&serde_json::from_str(&text).unwrap_or_default()),
        _ => text,
    })?;
    Ok(End::Done)
}
