//! Running a program: how long it took, and how much memory it needed at most.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use promfed_sandbox::Sandbox;
use tempfile::TempDir;

/// Where programs run: with an environment of its own, in which kubectl keeps what it discovered.
pub(crate) struct Place {
    environment: Vec<(&'static str, String)>,
    home: TempDir,
}

/// What a program needed.
pub(crate) struct Needed {
    /// The most memory that it had at a time, in KiB.
    pub(crate) memory: u64,
    /// The time that a processor worked for it.
    pub(crate) processor: f64,
}

impl Place {
    /// Somewhere without a cluster.
    pub(crate) fn nowhere() -> io::Result<Self> {
        Ok(Self { environment: Vec::new(), home: tempfile::tempdir()? })
    }

    /// Beside the clusters of a sandbox.
    pub(crate) fn beside(sandbox: &Sandbox) -> io::Result<Self> {
        Ok(Self { environment: sandbox.environment(), home: tempfile::tempdir()? })
    }

    /// A file here.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Runs a program. That what was looked at is not well (1) is no failure.
    pub(crate) fn run(&self, program: impl AsRef<OsStr>, args: &[&str]) -> io::Result<Output> {
        let output = self.command(program.as_ref()).args(args).output()?;
        if matches!(output.status.code(), Some(0 | 1)) {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(io::Error::other(format!("{} {args:?}: {said}", program.as_ref().display())))
    }

    /// Runs a program that has to succeed.
    pub(crate) fn succeed(&self, program: impl AsRef<OsStr>, args: &[&str]) -> io::Result<String> {
        let output = self.run(program.as_ref(), args)?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            return Err(io::Error::other(format!("{} {args:?}: {said}", program.as_ref().display())));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// How long a program takes.
    pub(crate) fn time(&self, program: impl AsRef<OsStr>, args: &[&str]) -> io::Result<Duration> {
        let begun = Instant::now();
        self.run(program, args)?;
        Ok(begun.elapsed())
    }

    /// What a program needs, by GNU time: a child of this process would be charged with what this process has.
    pub(crate) fn needed(&self, program: impl AsRef<OsStr>, args: &[&str]) -> io::Result<Needed> {
        let told = self.file("needed");
        let told_path = told.display().to_string();
        let program = program.as_ref().display().to_string();
        let time = ["--quiet", "--format=%M %U %S", "--output", &told_path, &program];
        self.run("/usr/bin/time", &[&time[..], args].concat())?;
        let told = fs::read_to_string(told)?;
        let numbers: Vec<f64> = told.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let [_, user, system] = numbers[..] else { return Err(io::Error::other(told)) };
        let memory = told.split_whitespace().next().and_then(|word| word.parse().ok());
        Ok(Needed { memory: memory.unwrap_or_default(), processor: user + system })
    }

    fn command(&self, program: &OsStr) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("HOME", self.home.path());
        command.stdin(Stdio::null());
        command
    }
}

/// Memory, for the table.
pub(crate) fn mebibytes(kibibytes: u64) -> String {
    format!("{} MiB", kibibytes.div_ceil(1024))
}
