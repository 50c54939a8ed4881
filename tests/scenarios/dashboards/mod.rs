//! Dashboards: what the files become, and what Prometheus makes of it.

mod data;
mod files;
mod meaning;
mod process;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The dashboards that are rewritten here.
const ALL: [&str; 4] = ["compute", "node", "apiserver", "rows"];

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/dashboards").join(format!("{name}.json"))
}

/// The plugin where there is no cluster at all.
fn promfed(args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubectl-promfed"));
    let command = command.args(args).env_clear().env("HOME", "/nonexistent").stdin(Stdio::null());
    command.output().expect("the plugin")
}

/// A dashboard after it was rewritten, and what was said about it.
fn rewritten(name: &str) -> (String, String) {
    let ran = promfed(&["dashboard", "rewrite", &path(name).display().to_string()]);
    (text(&ran.stdout), text(&ran.stderr))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}
