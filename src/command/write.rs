//! What every writing command does between plan and verify: show, ask, write.

use tokio::time::Instant;

use super::agent::Admitting;
use super::apply::{Stopped, apply, manifests};
use super::shell::Shell;
use crate::cli::{DryRunMode, PackageArgs, Write};
use crate::cluster::{Cluster, DryRun};
use crate::error::{Error, Result};
use crate::package::{DEFAULT_INSTALL, ServiceAccountChoice};
use crate::plan::{Moves, PackageWish, Plan};
use crate::report::{self, Format};
use crate::ui::Answer;

/// What came of a plan.
pub(super) enum Written {
    /// It was only printed.
    Shown,
    /// It is in the cluster; `unchanged`, when there was nothing to write.
    Done,
}

impl From<Error> for Stopped {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Shows the plan, asks where it changes what is there, and writes it.
pub(super) async fn write(
    shell: &Shell,
    cluster: &Cluster,
    admitting: Option<&Admitting>,
    title: &str,
    plan: &Plan,
    how: &Write,
    deadline: Instant,
) -> Result<Written, Stopped> {
    if how.dry_run == DryRunMode::None && !plan.is_empty() {
        shell.ui.say(&format!("{title}\n\n{}", report::steps(plan)));
    }
    for warning in &plan.warnings {
        shell.ui.warn(warning);
    }
    if how.dry_run == DryRunMode::Server {
        apply(cluster, admitting, plan, DryRun::Server, &shell.ui, deadline).await?;
    }
    if how.dry_run != DryRunMode::None {
        show(shell, title, plan, how)?;
        return Ok(Written::Shown);
    }
    if plan.is_empty() {
        return Ok(Written::Done);
    }
    if how.diff || (plan.changes_existing() && !how.yes) {
        let diffs = report::diffs(plan, shell.ui.stderr_paint());
        let gap = if plan.warnings.is_empty() { "" } else { "\n" };
        if !diffs.is_empty() {
            shell.ui.say(&format!("{gap}{diffs}"));
        }
    }
    if plan.changes_existing() && !how.yes && shell.ui.confirm("Apply?").await? == Answer::No {
        return Err(Error::failed("nothing was changed").because("the answer was no").into());
    }
    apply(cluster, admitting, plan, DryRun::Off, &shell.ui, deadline).await?;
    Ok(Written::Done)
}

/// Prints what would be written, as the result.
fn show(shell: &Shell, title: &str, plan: &Plan, how: &Write) -> Result<()> {
    let manifests = manifests(plan);
    match shell.output.format {
        Format::Yaml => shell.ui.result(&report::yaml_stream(&manifests))?,
        Format::Json => shell.ui.result(&report::json_list(&manifests))?,
        Format::Name => {
            let mode = if how.dry_run == DryRunMode::Server { "server" } else { "client" };
            for step in &plan.steps {
                let (kind, name) = (step.object.kind.to_string().to_lowercase(), &step.object.name);
                shell.ui.result(&format!("{kind}/{name} {} ({mode} dry run)\n", step.action.verb()))?;
            }
        }
        _ if plan.is_empty() => {
            shell.ui.result(&format!("{title}: unchanged\n"))?;
        }
        _ => {
            shell.ui.result(&format!("{title}\n\n{}", report::steps(plan)))?;
            let diffs = report::diffs(plan, shell.ui.stdout_paint());
            if !diffs.is_empty() && (how.diff || plan.changes_existing()) {
                shell.ui.result(&format!("\n{diffs}"))?;
            }
        }
    }
    Ok(())
}

/// The text of `--values`.
pub(super) fn values_file(package: &PackageArgs) -> Result<Option<String>> {
    let Some(path) = &package.values else {
        return Ok(None);
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::usage(format!("--values {} cannot be read", path.display())).because(error.to_string())
    })?;
    match crate::yaml::read(&text) {
        Ok(serde_json::Value::Null | serde_json::Value::Object(_)) => Ok(Some(text)),
        Ok(_) => Err(Error::usage(format!("--values {} is not a mapping", path.display()))),
        Err(error) => {
            Err(Error::usage(format!("--values {} is not YAML", path.display())).because(error.to_string()))
        }
    }
}

/// Which package is meant, where.
pub(super) fn wish(package: &PackageArgs, namespace: &str) -> PackageWish {
    PackageWish {
        ref_name: package.package.clone(),
        version: package.package_version.clone(),
        install: package.name.clone().unwrap_or_else(|| DEFAULT_INSTALL.to_owned()),
        namespace: namespace.to_owned(),
        account: match &package.service_account_name {
            Some(name) => ServiceAccountChoice::Existing(name.clone()),
            None => ServiceAccountChoice::ClusterAdmin,
        },
        moves: if package.allow_downgrade { Moves::Anyway } else { Moves::UpOnly },
    }
}
