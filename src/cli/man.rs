//! `kubectl promfed man`

use std::path::PathBuf;

/// A page for man of each command.
#[derive(Debug, clap::Args)]
pub struct ManArgs {
    /// The folder to write them to: the man1 of a folder where man looks
    #[arg(value_name = "FOLDER")]
    pub dir: PathBuf,
}
