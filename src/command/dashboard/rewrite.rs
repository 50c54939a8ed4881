//! `kubectl promfed dashboard rewrite`

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::file::replace;
use crate::cli::DashboardRewrite;
use crate::command::input::{is_stdin, read};
use crate::command::shell::{End, Shell};
use crate::dashboard::{Done, Left, rewrite};
use crate::error::{Error, Result};
use crate::report::{DashboardRow, DashboardsView};

/// Rewrites dashboards to stdout or to files. All are rewritten before one is written.
pub(super) fn run(shell: &Shell, args: &DashboardRewrite) -> Result<End> {
    let targets = targets(shell, args)?;
    let mut done = Vec::new();
    let mut end = End::Done;
    for (file, target) in args.files.iter().zip(targets) {
        let old = read(file)?;
        match rewrite(&old, &args.label) {
            Ok(new) => {
                if !new.left.is_empty() {
                    end = End::Failed;
                }
                tell(shell, file, &new.left);
                done.push((file, target, old, new));
            }
            Err(why) => {
                let error = Error::failed(format!("{} is left as it was", name(file))).because(why);
                // One of many does not keep the others from being rewritten.
                if args.files.len() == 1 {
                    return Err(error);
                }
                shell.ui.error(&error);
                end = End::Failed;
            }
        }
    }
    let mut items = Vec::new();
    for (file, target, old, new) in done {
        match target {
            Some(target) => items.push(written(file, &target, &old, new)?),
            None if args.diff => shell.ui.result(&diff(file, &old, &new.text))?,
            None => shell.ui.result(&new.text)?,
        }
    }
    if args.in_place || args.output_dir.is_some() {
        shell.print(&DashboardsView { items })?;
    }
    Ok(end)
}

/// The file that each is written to, or stdout.
fn targets(shell: &Shell, args: &DashboardRewrite) -> Result<Vec<Option<PathBuf>>> {
    let to_files = args.in_place || args.output_dir.is_some();
    if !to_files && !shell.output.format.is_a_table() {
        return Err(Error::usage(format!("-o {} tells what was written", shell.output.format))
            .because("without --in-place or --output-dir, stdout holds the dashboard")
            .hint("kubectl promfed dashboard rewrite dashboard.json --in-place -o json"));
    }
    if !to_files && !args.diff && args.files.len() > 1 {
        return Err(Error::usage("stdout holds one dashboard, and there are several")
            .hint("kubectl promfed dashboard rewrite a.json b.json --in-place"));
    }
    if to_files && args.files.iter().any(|file| is_stdin(file)) {
        return Err(Error::usage("what comes from stdin has no file to be written to")
            .hint("kubectl promfed dashboard rewrite -"));
    }
    let Some(folder) = &args.output_dir else {
        return Ok(args.files.iter().map(|file| args.in_place.then(|| file.clone())).collect());
    };
    let mut names = BTreeSet::new();
    let targets = args.files.iter().map(|file| {
        let name = file.file_name().ok_or_else(|| Error::usage(format!("{} is no file", file.display())))?;
        if !names.insert(name) {
            return Err(Error::usage(format!("two files are called {}", name.display())));
        }
        Ok(Some(folder.join(name)))
    });
    let targets = targets.collect::<Result<_>>()?;
    fs::create_dir_all(folder).map_err(|error| {
        Error::failed(format!("{} cannot be made", folder.display())).because(error.to_string())
    })?;
    Ok(targets)
}

fn written(file: &Path, target: &Path, old: &str, new: Done) -> Result<DashboardRow> {
    let is_new = file != target || old != new.text;
    if is_new {
        replace(target, &new.text)?;
    }
    let Done { variable, change, rewritten, unchanged, left, .. } = new;
    let file = target.display().to_string();
    Ok(DashboardRow { file, written: is_new, variable, change, rewritten, unchanged, left })
}

/// What stays as it was, each with the reason.
fn tell(shell: &Shell, file: &Path, left: &[Left]) {
    for Left { place, ref_id, expression, why } in left {
        let query = ref_id.as_ref().map(|id| format!(", query {id}")).unwrap_or_default();
        let expression =
            if expression.is_empty() { String::new() } else { format!("\n  {}", one_line(expression)) };
        shell.ui.warn(&format!("{}: {place}{query} is left as it was: {why}{expression}", name(file)));
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn name(file: &Path) -> String {
    if is_stdin(file) { "stdin".to_owned() } else { file.display().to_string() }
}

/// As `diff -u` has it.
fn diff(file: &Path, old: &str, new: &str) -> String {
    let name = name(file);
    TextDiff::from_lines(old, new).unified_diff().header(&name, &name).to_string()
}
