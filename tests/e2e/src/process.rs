//! A part of a control plane: a process that writes its log into a file, and is killed when this is dropped.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::Stdio;

use tokio::process::{Child, Command};

/// A running program.
pub(crate) struct Process(Child);

impl Process {
    /// Starts a program with `--flag=value` arguments. Its environment is empty but for PATH.
    pub(crate) fn start(
        program: &Path,
        arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
        log: &Path,
    ) -> io::Result<Self> {
        let log = File::create(log)?;
        let child = Command::new(program)
            .args(arguments)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| io::Error::other(format!("{}: {error}", program.display())))?;
        Ok(Self(child))
    }

    /// Sends it a signal, by its name.
    pub(crate) async fn signal(&self, signal: &str) {
        if let Some(id) = self.0.id() {
            Command::new("kill").args(["-s", signal, &id.to_string()]).status().await.ok();
        }
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn wait(&mut self) {
        self.0.wait().await.ok();
    }

    /// Kills it, and waits until it is gone.
    pub(crate) async fn stop(&mut self) {
        self.0.kill().await.ok();
    }
}
