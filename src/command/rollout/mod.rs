//! `kubectl promfed apply`, and `diff` and `check` of the same file.
//!
//! `source` reads the file, `many` declares the same for contexts that are named on the command line, `planned` asks
//! every cluster what would change and writes nothing, `agents` changes many agents side by side and stops when too many
//! fail. Every cluster is changed by the very code of `hub init` and `agent join`, which begin from what is there: that
//! is why a rollout that was stopped, or killed, is finished by running it again.

mod agents;
mod diff;
mod many;
mod planned;
mod source;

use self::agents::join_all;
pub(super) use self::diff::{diff, diff_of_join};
use self::planned::{Member, plan};
pub(super) use self::source::contexts;
use super::hub;
use super::shell::{End, Shell};
use crate::cli::{AgentJoin, Apply, DryRunMode, HubInit, Pace, Write};
use crate::error::{Error, Kind, Result};
use crate::fleet_file::{Declared, FleetFile, schema};
use crate::prometheus::Role;
use crate::report::{Change, Done, FleetPlanView, FleetRow, FleetView, Next, Outcome, Verified, View};
use crate::ui::Answer;

/// So many hints for many clusters: what is wrong with one is often wrong with the next.
const HINTS: usize = 3;

/// Makes a hub and its agents what a file declares.
pub(super) async fn apply(shell: &Shell, args: &Apply) -> Result<End> {
    let Some(path) = args.file.as_deref().filter(|_| !args.schema) else {
        let schema = serde_json::to_string_pretty(&schema()).unwrap_or_default();
        shell.ui.result(&(schema + "\n"))?;
        return Ok(End::Done);
    };
    let file = source::read(path)?;
    let path = path.display();
    let words = Words {
        diff: format!("kubectl promfed diff -f {path}"),
        again: format!("kubectl promfed apply -f {path}"),
        check: format!("kubectl promfed check -f {path}"),
    };
    roll_out(shell, &file, args.pace, &args.write, &words).await
}

/// Makes many contexts agents of one hub.
pub(super) async fn join(shell: &Shell, args: &AgentJoin) -> Result<End> {
    let file = Box::pin(many::declared(shell, args)).await?;
    let contexts = args.contexts.join(",");
    let again = match (&args.hub.hub_context, &args.hub.hub_url) {
        (None, Some(url)) => format!("kubectl promfed agent join --contexts '{contexts}' --hub-url {url}"),
        (hub, _) => {
            let hub = hub.as_deref().unwrap_or_default();
            format!("kubectl promfed agent join --contexts '{contexts}' --hub-context {hub}")
        }
    };
    let words = Words {
        diff: again.replacen("agent join", "diff agent join", 1),
        again,
        check: format!("kubectl promfed check --contexts '{contexts}'"),
    };
    roll_out(shell, &file, args.pace, &args.write, &words).await
}

/// The commands about the same clusters.
struct Words {
    diff: String,
    again: String,
    check: String,
}

async fn roll_out(shell: &Shell, file: &FleetFile, pace: Pace, how: &Write, words: &Words) -> Result<End> {
    if how.dry_run == DryRunMode::Server {
        return Err(Error::usage("--dry-run=server validates the change of one cluster, not of many")
            .hint("kubectl promfed diff -f FILE   (every line that would change)"));
    }
    let members = Box::pin(plan(shell, file, how, pace.concurrency)).await?;
    let summary = FleetPlanView { items: members.iter().map(Member::row).collect() };
    if how.dry_run != DryRunMode::None {
        shell.print(&summary)?;
        return Ok(planned_end(&summary));
    }
    agreed(shell, how, words, &summary).await?;
    let allowed = pace.max_failures.of(file.agents.len());
    too_many(&summary, allowed)?;
    // The whole was agreed to.
    let how = &Write { yes: true, ..how.clone() };
    let mut rows = Vec::new();
    if let Some(hub) = &file.hub {
        // Nothing joins a hub that is not proven.
        let wait = how.wait || !file.agents.is_empty();
        rows.push(Box::pin(make_hub(shell, hub, &Write { wait, ..how.clone() })).await?);
    }
    let agents = members.iter().filter(|member| member.role == Role::Agent);
    let agents: Vec<_> = file.agents.iter().zip(agents.map(|member| &member.intended)).collect();
    rows.extend(Box::pin(join_all(shell, &agents, how, pace.concurrency, allowed)).await);
    warn(shell, rows.iter().map(|row| (row.context.as_str(), &row.warnings[..])));
    let view = FleetView { next: next(words, &rows), items: rows };
    shell.print(&view)?;
    Ok(end(&view))
}

/// Shows what would change, and asks once where that is anything.
async fn agreed(shell: &Shell, how: &Write, words: &Words, summary: &FleetPlanView) -> Result<()> {
    let paint = shell.ui.stderr_paint();
    if summary.items.iter().all(|row| row.change == Change::Unchanged) {
        return Ok(());
    }
    shell.ui.say(summary.text(crate::report::Columns::Usual, paint).trim_end());
    warn(shell, summary.items.iter().map(|row| (row.context.as_str(), &row.warnings[..])));
    let writes = |change| matches!(change, Change::Create | Change::Update | Change::Later);
    if how.yes || !summary.items.iter().any(|row| writes(row.change)) {
        return Ok(());
    }
    shell.ui.say(&format!("\nEvery line of it: {}", words.diff));
    match shell.ui.confirm("Apply?").await? {
        Answer::Yes => Ok(()),
        Answer::No => Err(Error::failed("nothing was changed").because("the answer was no")),
    }
}

/// Each warning once, with the contexts that it is about.
fn warn<'w>(shell: &Shell, rows: impl Iterator<Item = (&'w str, &'w [String])>) {
    let mut all: Vec<(&str, Vec<&str>)> = Vec::new();
    for (context, warnings) in rows {
        for warning in warnings {
            match all.iter_mut().find(|(known, _)| known == warning) {
                Some((_, contexts)) => contexts.push(context),
                None => all.push((warning, vec![context])),
            }
        }
    }
    let named = |contexts: &[&str]| match contexts {
        [first, second, third, more @ ..] if more.len() > 1 => {
            format!("{first}, {second}, {third} and {} more", more.len())
        }
        few => few.join(", "),
    };
    for (warning, contexts) in all {
        shell.ui.warn(&format!("{}: {warning}", named(&contexts)));
    }
}

/// A rollout that would fail for too many is not begun.
fn too_many(summary: &FleetPlanView, allowed: usize) -> Result<()> {
    let refused: Vec<_> = summary.items.iter().filter(|row| row.change == Change::Refused).collect();
    if refused.len() <= allowed {
        return Ok(());
    }
    let count = refused.len();
    let clusters = if count == 1 { "one cluster".to_owned() } else { format!("{count} clusters") };
    let error = Error::failed(format!("nothing was changed: {clusters} cannot be what is declared"));
    let told = refused.iter().filter_map(|row| Some((row, row.error.as_ref()?)));
    let error = told.fold(error, |error, (row, why)| {
        let told: Vec<_> = std::iter::once(&why.what).chain(&why.causes).map(String::as_str).collect();
        let error = error.because(format!("{}: {}", row.context, told.join(": ")));
        match why.hints.iter().find(|hint| !error.hints.contains(hint)) {
            Some(hint) if error.hints.len() < HINTS => error.hint(hint.clone()),
            _ => error,
        }
    });
    Err(error.hint("mend these, or let them be with --max-failures"))
}

/// The hub comes first.
async fn make_hub(shell: &Shell, declared: &Declared<HubInit>, how: &Write) -> Result<FleetRow> {
    let hub_shell = member_shell(shell, declared);
    let context = declared.context();
    shell.ui.progress().set("making the hub", &format!("on {context}"));
    let args = HubInit { write: how.clone(), ..declared.args.clone() };
    let made = match &args.cluster_name {
        Some(name) => Box::pin(hub::made(&hub_shell, &args, name)).await,
        None => Ok(None),
    };
    shell.ui.progress().clear();
    let outcome = made.map_err(|error| {
        error.during(format!("the hub on context {context:?} is not as declared, and no agent was changed"))
    })?;
    let name = declared.args.cluster_name.as_ref();
    Ok(row(context, name.map(ToString::to_string), Role::Hub, Ok(outcome)))
}

/// What one of many commands has at hand: nobody hears it, its result is told by the whole.
fn member_shell<T>(shell: &Shell, declared: &Declared<T>) -> Shell {
    Shell {
        connection: shell.connection.declared(&declared.connection),
        output: shell.output,
        ui: shell.ui.silent(),
    }
}

fn row(context: &str, cluster: Option<String>, role: Role, came: Result<Option<Outcome>>) -> FleetRow {
    let (result, verified, error) = match came {
        Ok(Some(outcome)) => {
            let held = outcome.verified.iter().filter(|proof| proof.holds).count();
            let verified = Verified { held, all: outcome.verified.len() };
            let result = match outcome.result {
                "created" => Done::Created,
                "unchanged" => Done::Unchanged,
                _ => Done::Configured,
            };
            (result, Some(verified).filter(|verified| verified.all > 0), None)
        }
        Ok(None) => (Done::Unchanged, None, None),
        Err(error) if error.kind == Kind::Unreachable => (Done::Unreachable, None, Some(error)),
        Err(error) => (Done::Failed, None, Some(error)),
    };
    FleetRow { context: context.to_owned(), cluster, role, result, verified, warnings: Vec::new(), error }
}

/// What is worth typing now.
fn next(words: &Words, rows: &[FleetRow]) -> Next {
    let bad = |row: &&FleetRow| matches!(row.result, Done::Failed | Done::Unreachable | Done::Skipped);
    match rows.iter().find(bad) {
        Some(row) if row.result == Done::Failed => Next {
            why: "What is wrong with the first of them, and what to do:".to_owned(),
            command: format!("kubectl promfed check --context {}", row.context),
        },
        Some(_) => {
            Next { why: "Run it again for those that are missing:".to_owned(), command: words.again.clone() }
        }
        None => Next {
            why: "All is as declared. To see that it stays so:".to_owned(),
            command: words.check.clone(),
        },
    }
}

fn end(view: &FleetView) -> End {
    let is = |result| view.items.iter().any(|row| row.result == result);
    if is(Done::Failed) || is(Done::Skipped) {
        End::Failed
    } else if is(Done::Unreachable) {
        End::Unreachable
    } else {
        End::Done
    }
}

fn planned_end(view: &FleetPlanView) -> End {
    let is = |change| view.items.iter().any(|row| row.change == change);
    if is(Change::Refused) {
        End::Failed
    } else if is(Change::Unreachable) {
        End::Unreachable
    } else {
        End::Done
    }
}
