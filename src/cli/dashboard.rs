//! `kubectl promfed dashboard`

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

/// Grafana dashboards for a hub that holds many clusters. No cluster is asked, nor Grafana.
#[derive(Debug, Subcommand)]
pub enum Dashboard {
    /// Make dashboards of one cluster show many: a variable to choose by, and the matcher in every query
    Rewrite(DashboardRewrite),
    /// A dashboard of what arrives at the hub, and of what does not
    Federation,
}

/// Make dashboards of one cluster show many: a variable to choose by, and the matcher in every query.
///
/// Each selector in panels, variables and annotations that asks Prometheus gets cluster=~"$cluster", and what is joined
/// is joined within a cluster. Everything else keeps its bytes. What cannot be rewritten for certain stays as it was and
/// is named on stderr, and the exit code is 1. A dashboard that was rewritten already stays as it is.
#[derive(Debug, Args)]
pub struct DashboardRewrite {
    /// Dashboards as Grafana exports them, JSON; - is stdin. One goes to stdout
    #[arg(value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub files: Vec<PathBuf>,
    /// Write the files
    #[arg(short = 'w', long, conflicts_with_all = ["output_dir", "diff"])]
    pub in_place: bool,
    /// Write files of the same names into this folder
    #[arg(long, value_name = "FOLDER", conflicts_with = "diff", value_hint = ValueHint::DirPath)]
    pub output_dir: Option<PathBuf>,
    /// Print what would change instead of the dashboard
    #[arg(long)]
    pub diff: bool,
    /// The label that tells clusters apart, and the name of the variable
    #[arg(long, value_name = "NAME", default_value = "cluster", value_parser = label)]
    pub label: String,
}

/// A name that stands in PromQL without quotes, and that Grafana takes for a variable.
fn label(text: &str) -> Result<String, String> {
    let is_one = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let is_own = text.starts_with("__");
    if is_one && !is_own { Ok(text.to_owned()) } else { Err("a label has letters, digits and _".to_owned()) }
}
