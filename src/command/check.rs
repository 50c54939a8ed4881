//! `kubectl promfed check`

mod fix;

use std::time::Duration;

use tokio::time::Instant;

use super::facts::Depth;
use super::fleet::Fleet;
use super::receiver::Receiver;
use super::rollout;
use super::shell::{End, Shell};
use super::status::is_away;
use crate::check::{self, Facts, Moment, Severity};
use crate::cli::{CheckArgs, FailOn, FleetArgs};
use crate::error::{Error, Result};
use crate::report::CheckView;

/// How long to wait before looking again.
const PAUSE: Duration = Duration::from_secs(2);

/// Looks for everything that can be wrong, and tells it.
pub(super) async fn run(shell: &Shell, args: &CheckArgs) -> Result<End> {
    if args.fix && !shell.output.format.is_a_table() {
        return Err(Error::usage("--fix asks and tells as it goes, which no document can")
            .hint("kubectl promfed check --fix"));
    }
    let deadline = Instant::now() + args.wait.unwrap_or_default();
    let receiver = Receiver::of(&args.at).await?;
    let fleet = match &args.file {
        Some(file) => {
            let contexts = rollout::contexts(file)?;
            Fleet::of(shell, &FleetArgs { contexts, ..args.contexts.clone() }).await?
        }
        None => Fleet::of(shell, &args.contexts).await?,
    };
    let fleet = match &args.hub_context {
        Some(hub) => fleet.with_hub(shell, hub).await?,
        None => fleet.with_receiver(receiver),
    };
    let fleet = if args.wait.is_some() { fleet.again() } else { fleet };
    let (view, end) = loop {
        let (view, end) = look(shell, args, &fleet).await;
        if end == End::Done || Instant::now() + PAUSE > deadline {
            break (view, end);
        }
        let counts = |severity| severity == Severity::Error || args.fail_on == FailOn::Warning;
        let first = view.findings().find_map(|(context, check, finding)| {
            counts(finding.severity).then_some(())?;
            Some((context.context.clone(), format!("{} {}", check.code, finding.causes.first()?)))
        });
        if let Some((context, line)) = first {
            shell.ui.progress().set(&format!("checking {context}"), &line);
        }
        tokio::time::sleep(PAUSE).await;
    };
    shell.ui.progress().clear();
    shell.print(&view)?;
    if args.fix { fix::carry_out(shell, args, &view).await } else { Ok(end) }
}

async fn look(shell: &Shell, args: &CheckArgs, fleet: &Fleet) -> (CheckView, End) {
    let (depth, moment) = if args.pre {
        (Depth::BeforeInstall, Moment::BeforeInstall)
    } else {
        (Depth::Check, Moment::Installed)
    };
    let all = fleet.facts(shell, depth).await;
    let examined = check::examine(check::all(), &all, moment);
    let view = CheckView::of(&examined, shell.ui.marks(), |check| args.chooses(check));
    let end = end(args.fail_on, &view, &all);
    (view, end)
}

fn end(fail_on: FailOn, view: &CheckView, all: &[Facts]) -> End {
    let summary = view.summary;
    if all.iter().any(is_away) {
        End::Unreachable
    } else if summary.failed > 0 || (fail_on == FailOn::Warning && summary.warnings > 0) {
        End::Failed
    } else {
        End::Done
    }
}
