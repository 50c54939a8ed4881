//! `promfed-sandbox`: clusters to try things on, without a cluster.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use promfed_sandbox::{ClusterSpec, Sandbox};
use tokio::signal::unix::{SignalKind, signal};

/// Kubernetes clusters with Carvel packages and the real Prometheus, all in one process on this machine.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve clusters until interrupted; what to export is printed when they are ready.
    ///
    /// The names behind the clusters' ingresses (the hub's URL) exist only inside: this machine reaches them through
    /// the proxy that `HTTPS_PROXY` names, and the API servers, which are on 127.0.0.1, without it (`NO_PROXY`).
    Up {
        #[command(flatten)]
        clusters: Clusters,
        /// Also write the kubeconfig here.
        #[arg(long, value_name = "FILE")]
        kubeconfig: Option<PathBuf>,
    },
    /// Run a command that sees the clusters, and exit as it does.
    Run {
        #[command(flatten)]
        clusters: Clusters,
        /// The command with its arguments.
        #[arg(last = true, required = true)]
        command: Vec<OsString>,
    },
}

#[derive(Args)]
struct Clusters {
    /// A cluster; with VERSION (like 2.53), it offers no newer Prometheus package; with `none`, no package at all.
    #[arg(long = "cluster", value_name = "NAME[=VERSION]", required = true)]
    clusters: Vec<ClusterSpec>,
}

impl Clusters {
    fn start(self) -> io::Result<Sandbox> {
        self.clusters.into_iter().fold(Sandbox::builder(), promfed_sandbox::Builder::cluster).start()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Up { clusters, kubeconfig } => up(clusters, kubeconfig).await,
        Command::Run { clusters, command } => run(clusters, &command).await,
    };
    result.unwrap_or_else(|error| {
        writeln!(io::stderr(), "error: {error}").ok();
        ExitCode::FAILURE
    })
}

async fn up(clusters: Clusters, kubeconfig: Option<PathBuf>) -> io::Result<ExitCode> {
    let interrupted = interrupted()?;
    let sandbox = clusters.start()?;
    let mut environment = sandbox.environment();
    if let Some(path) = kubeconfig {
        std::fs::copy(sandbox.kubeconfig_path(), &path)?;
        environment[0].1 = std::path::absolute(path)?.display().to_string();
    }
    let mut out = io::stdout().lock();
    for (name, value) in environment {
        writeln!(out, "export {name}={value}")?;
    }
    out.flush()?;
    interrupted.await;
    Ok(ExitCode::SUCCESS)
}

async fn run(clusters: Clusters, command: &[OsString]) -> io::Result<ExitCode> {
    let interrupted = interrupted()?;
    let sandbox = clusters.start()?;
    let mut child = tokio::process::Command::new(&command[0])
        .args(&command[1..])
        .envs(sandbox.environment())
        .kill_on_drop(true)
        .spawn()?;
    // The command gets the interrupt from the terminal itself, and has the time that it takes to end.
    let mut interrupts = signal(SignalKind::interrupt())?;
    let status = tokio::select! {
        status = child.wait() => status?,
        () = interrupted => tokio::select! {
            status = child.wait() => status?,
            _ = interrupts.recv() => return Ok(ExitCode::from(130)),
        },
    };
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}

/// Ends with the first signal that asks this process to end.
fn interrupted() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}
