//! `promfed-e2e`: real clusters to try things on. Run it with `run.sh`.

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use promfed_e2e::Real;
use promfed_sandbox::ClusterSpec;

/// Real clusters in namespaces of this machine, and a command that sees them.
#[derive(Parser)]
struct Cli {
    /// A cluster; with VERSION (like 2.53), it offers no newer Prometheus package; with `none`, no package at all.
    #[arg(long = "cluster", value_name = "NAME[=VERSION]", required = true)]
    clusters: Vec<ClusterSpec>,
    /// The command with its arguments.
    #[arg(last = true, required = true)]
    command: Vec<OsString>,
}

fn main() -> ExitCode {
    run(&Cli::parse()).unwrap_or_else(|error| {
        writeln!(io::stderr(), "error: {error}").ok();
        ExitCode::FAILURE
    })
}

fn run(cli: &Cli) -> io::Result<ExitCode> {
    let real = Real::start(&cli.clusters)?;
    let status = real.command(&cli.command[0]).args(&cli.command[1..]).envs(real.environment()).status()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(ExitCode::from(code))
}
