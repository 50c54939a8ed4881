//! `kubectl promfed man`: a page for each command, as `man` reads them.

use std::fs;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;

use super::shell::{End, Shell};
use crate::cli::{Cli, ManArgs};
use crate::error::{Error, Result};

/// Prints the names of the files.
pub(super) fn run(shell: &Shell, args: &ManArgs) -> Result<End> {
    let mut command = Cli::command();
    command.build();
    let mut files = Vec::new();
    let written = fs::create_dir_all(&args.dir).and_then(|()| write(&command, &args.dir, &mut files));
    written.map_err(|error| {
        Error::failed(format!("the pages cannot be written to {}", args.dir.display()))
            .because(error.to_string())
    })?;
    shell.ui.result(&files.concat())?;
    Ok(End::Done)
}

/// The page of a command, and those of the commands below it.
fn write(command: &Command, folder: &Path, files: &mut Vec<String>) -> std::io::Result<()> {
    let page = Man::new(command.clone()).source(concat!("promfed ", env!("CARGO_PKG_VERSION")));
    let file = page.generate_to(folder)?;
    files.push(format!("{}\n", file.display()));
    let mut below = command.get_subcommands().filter(|below| !below.is_hide_set());
    below.try_for_each(|below| write(below, folder, files))
}
