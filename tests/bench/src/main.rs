//! `promfed-bench`: what the plugin costs, beside stock kubectl doing the same on the same API server.
//!
//! Every figure is a count, or a ratio of two things that were done in turn in this run. An absolute time says more of
//! the machine than of the plugin; where one is printed, it stands beside.

mod clusters;
mod copies;
mod diff;
mod fleet;
mod measure;
mod one;
mod page;
mod program;
mod prometheus;
mod relay;
mod start;
mod stored;
mod table;
mod wire;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::table::Table;

/// A part of the table.
type Part = fn(&Plugin, &mut Table) -> io::Result<()>;

const PARTS: [(&str, Part); 7] = [
    ("start", start::measure),
    ("one-cluster", one::measure),
    ("fleet", fleet::measure),
    ("clusters", clusters::measure),
    ("diff", diff::measure),
    ("wire", wire::measure),
    ("stored", stored::measure),
];

/// The plugin that is looked at.
struct Plugin {
    path: PathBuf,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            writeln!(io::stderr(), "error: {error}").ok();
            ExitCode::FAILURE
        }
    }
}

/// `promfed-bench PLUGIN [PART…]`: all parts, or these.
fn run() -> io::Result<()> {
    let mut args = std::env::args().skip(1);
    let path = args.next().ok_or_else(|| io::Error::other("promfed-bench PLUGIN [PART...]"))?;
    let plugin = Plugin { path: std::path::absolute(path)? };
    let wanted: Vec<String> = args.collect();
    let mut table = Table::default();
    for (name, part) in PARTS {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            writeln!(io::stderr(), "measuring {name}")?;
            part(&plugin, &mut table)?;
        }
    }
    write!(io::stdout(), "{table}")
}
