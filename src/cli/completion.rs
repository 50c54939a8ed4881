//! `kubectl promfed completion`

use std::path::PathBuf;

use clap::Subcommand;

/// What makes a shell complete promfed's commands.
///
/// kubectl completes its plugins itself, in whatever shell: run `kubectl promfed completion install` once. The scripts
/// are for kubectl-promfed typed as a command of its own.
#[derive(Debug, Subcommand)]
pub enum Completion {
    /// Let kubectl complete promfed (1.26 and newer): puts kubectl_complete-promfed beside kubectl-promfed
    Install(CompletionInstall),
    /// A script for bash: source <(kubectl-promfed completion bash)
    Bash,
    /// A script for zsh: source <(kubectl-promfed completion zsh)
    Zsh,
    /// A script for fish: kubectl-promfed completion fish | source
    Fish,
    /// A script for PowerShell: kubectl-promfed completion powershell | Out-String | Invoke-Expression
    Powershell,
}

/// Let kubectl complete promfed.
#[derive(Debug, clap::Args)]
pub struct CompletionInstall {
    /// The folder to put it in, which has to be on the PATH [default: where kubectl-promfed is found on the PATH]
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
}
