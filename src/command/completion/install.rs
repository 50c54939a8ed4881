//! `kubectl promfed completion install`: the program gets the name by which kubectl asks it.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use crate::cli::CompletionInstall;
use crate::command::shell::{End, Shell};
use crate::error::{Error, Result};

/// What kubectl looks for on the PATH.
pub(super) const NAME: &str = "kubectl_complete-promfed";

/// The name of the program itself.
const PROGRAM: &str = "kubectl-promfed";

pub(super) fn install(shell: &Shell, args: &CompletionInstall) -> Result<End> {
    let program = program()?;
    let folder = args.dir.clone().or_else(|| program.parent().map(Path::to_owned));
    let folder = folder.ok_or_else(|| Error::failed("kubectl-promfed is in no folder"))?;
    let link = folder.join(format!("{NAME}{}", env::consts::EXE_SUFFIX));
    let target = if folder == program.parent().unwrap_or(&folder) {
        PathBuf::from(program.file_name().unwrap_or_default())
    } else {
        program.clone()
    };
    if is_ours(&link, &program) {
        shell.ui.result(&format!("{} is there already\n", link.display()))?;
        return Ok(End::Done);
    }
    placed(&program, &target, &link).map_err(|error| {
        let error = match error.kind() {
            io::ErrorKind::AlreadyExists => {
                Error::failed(format!("{} is there, and is something else", link.display()))
            }
            _ => Error::failed(format!("{} cannot be made", link.display())).because(error.to_string()),
        };
        error.hint("name another folder of the PATH: kubectl promfed completion install --dir FOLDER")
    })?;
    shell.ui.result(&format!("{}\n", link.display()))?;
    let is_on_path = env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|one| one == folder));
    if !is_on_path {
        shell.ui.warn(&format!("{} is not on the PATH, where kubectl looks for it", folder.display()));
    }
    Ok(End::Done)
}

/// The program as the PATH has it: krew leaves a link there that leads to whatever version is installed.
fn program() -> Result<PathBuf> {
    let file = format!("{PROGRAM}{}", env::consts::EXE_SUFFIX);
    let on_path = env::var_os("PATH").and_then(|path| {
        env::split_paths(&path).map(|folder| folder.join(&file)).find(|program| program.is_file())
    });
    match on_path {
        Some(program) => Ok(program),
        None => env::current_exe()
            .map_err(|error| Error::failed("promfed does not know where it is").because(error.to_string())),
    }
}

/// Whether it leads to the program already.
fn is_ours(link: &Path, program: &Path) -> bool {
    match (fs::canonicalize(link), fs::canonicalize(program)) {
        (Ok(link), Ok(program)) => link == program,
        _ => false,
    }
}

/// A link, so that what is installed later is what answers.
#[cfg(unix)]
fn placed(_program: &Path, target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

/// Links need rights of their own there.
#[cfg(not(unix))]
fn placed(program: &Path, _target: &Path, link: &Path) -> io::Result<()> {
    if link.exists() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::copy(program, link).map(drop)
}
