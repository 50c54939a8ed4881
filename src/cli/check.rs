//! The commands that look for what is wrong.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::connection::{FleetArgs, duration};
use super::read_at::ReadAt;

/// Everything that can be wrong, each with its fix.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub contexts: FleetArgs,
    /// The contexts that a fleet file declares; - is stdin
    #[arg(short = 'f', long = "filename", value_name = "FILE", conflicts_with_all = ["contexts", "all_contexts", "hub_context"])]
    pub file: Option<PathBuf>,
    /// Also the hub on this context, to see both ends
    #[arg(long, value_name = "NAME", conflicts_with = "query_url")]
    pub hub_context: Option<String>,
    #[command(flatten)]
    pub at: ReadAt,
    /// What can be asked before a package is installed
    #[arg(long, conflicts_with_all = ["hub_context", "query_url", "wait"])]
    pub pre: bool,
    /// Look again until nothing fails, for at most this long
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub wait: Option<Duration>,
    /// Only these codes or categories, by commas
    #[arg(long, value_name = "CODE,…", value_delimiter = ',', value_parser = chosen)]
    pub only: Vec<Chosen>,
    /// Not these codes or categories, by commas
    #[arg(long, value_name = "CODE,…", value_delimiter = ',', value_parser = chosen)]
    pub skip: Vec<Chosen>,
    /// From which findings on the exit code is 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value = "error")]
    pub fail_on: FailOn,
    /// Carry out the fixes that promfed can make, each shown and asked for
    #[arg(long)]
    pub fix: bool,
    /// Do not ask before a fix changes what is there
    #[arg(short, long, requires = "fix")]
    pub yes: bool,
}

/// How bad a finding has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    Warning,
    Error,
}

/// A part of the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Chosen {
    Code(&'static str),
    Category(crate::check::Category),
}

/// What a code means, what is behind it, and what to do. No cluster is asked.
#[derive(Debug, Args)]
pub struct Explain {
    /// Like PF301; without one, all of them are listed
    #[arg(value_name = "CODE")]
    pub code: Option<String>,
}

fn chosen(text: &str) -> Result<Chosen, String> {
    use crate::check::{Category, by_code};
    if let Some(check) = by_code(text) {
        return Ok(Chosen::Code(check.code));
    }
    let category = Category::ALL.into_iter().find(|category| category.name() == text);
    category.map(Chosen::Category).ok_or_else(|| {
        let all = Category::ALL.map(Category::name).join(", ");
        format!("neither a code (kubectl promfed explain) nor one of {all}")
    })
}

impl CheckArgs {
    /// Whether a check is among those that are wanted.
    pub fn chooses(&self, check: &crate::check::Check) -> bool {
        let meets = |chosen: &Chosen| match chosen {
            Chosen::Code(code) => *code == check.code,
            Chosen::Category(category) => *category == check.category,
        };
        (self.only.is_empty() || self.only.iter().any(meets)) && !self.skip.iter().any(meets)
    }
}
