//! `kubectl promfed status`

use super::agent::delivery_words;
use super::facts::Depth;
use super::fleet::Fleet;
use super::receiver::Receiver;
use super::shell::{End, Shell};
use super::watch::watch;
use crate::check::{self, Examined, Facts, Moment, Unread};
use crate::cli::Status;
use crate::error::Result;
use crate::prometheus::promql::Question;
use crate::prometheus::{AtUrl, Role};
use crate::report::{StatusRow, StatusView, hidden};

/// Reads every context at once, and prints one row each: the worst first.
pub(super) async fn run(shell: &Shell, args: &Status) -> Result<End> {
    let receiver = Receiver::of(&args.at).await?;
    let fleet = Fleet::of(shell, &args.contexts).await?.with_receiver(receiver);
    if args.watch {
        return Box::pin(watch(shell, fleet, args.interval)).await;
    }
    let all = fleet.facts(shell, Depth::Status).await;
    let items: Vec<_> = rows(&all).into_iter().map(|(row, _)| row).collect();
    let is = |verdict: &str| items.iter().any(|row| row.verdict == verdict);
    let end = if is("UNREACHABLE") {
        End::Unreachable
    } else if items.iter().all(|row| matches!(row.verdict.as_str(), "OK" | "NONE")) {
        End::Done
    } else {
        End::Failed
    };
    shell.print(&StatusView { items })?;
    Ok(end)
}

/// A row for each context, with what it was made of.
pub(super) fn rows(all: &[Facts]) -> Vec<(StatusRow, &Facts)> {
    let examined = check::examine(check::all(), all, Moment::Installed);
    let mut rows: Vec<_> = examined.iter().map(|one| (rank(one), row(one), one.facts)).collect();
    rows.sort_by(|(rank, row, _), (other, another, _)| {
        rank.cmp(other).then_with(|| row.context.cmp(&another.context))
    });
    rows.into_iter().map(|(_, row, facts)| (row, facts)).collect()
}

/// What comes first in the list: what loses samples, then what cannot be told, then what is well.
fn rank(one: &Examined<'_>) -> u8 {
    match one.verdict() {
        Some((verdict, _, _)) => verdict as u8,
        None if !one.is_well() => 100,
        None => 101,
    }
}

fn row(one: &Examined<'_>) -> StatusRow {
    let facts = one.facts;
    let install = facts.install().ok();
    let (verdict, code, reason) = verdict(one);
    let delivery = (facts.role() == Some(Role::Agent)).then_some(facts.process.metrics.as_ref());
    let delivery = delivery.and_then(|page| page.ok()?.delivery());
    let role = facts.runs_as().or_else(|| facts.role());
    StatusRow {
        context: facts.context.clone(),
        cluster: facts.cluster_name(),
        role: match (install, &facts.receiver) {
            (None, None) => None,
            _ => Some(role.map_or_else(|| "server".to_owned(), |role| role.to_string())),
        },
        hub_type: facts.receiver.as_ref().map(|receiver| receiver.hub_type.name()),
        read_by: facts.receiver.as_ref().map(AtUrl::to_read),
        prometheus: facts.process.version.as_ref().ok().map(ToString::to_string),
        package_version: install.map(|install| install.version().to_owned()),
        package: install.map(|install| install.state().to_string()),
        delivery: delivery.map(delivery_words),
        at_hub_seconds: at_hub(one),
        verdict,
        code,
        reason: reason.as_deref().map(hidden),
        uid: facts.api.uid.as_ref().ok().cloned(),
        hub: one.hub.map(|hub| hub.context.clone()),
    }
}

/// The verdict, the code that explains it, and what is wrong in a sentence.
fn verdict(one: &Examined<'_>) -> (String, Option<&'static str>, Option<String>) {
    let facts = one.facts;
    if let (Some(_), Err(Unread::Failed(why))) = (&facts.receiver, &facts.process.version) {
        return ("UNREACHABLE".to_owned(), None, Some(why.clone()));
    }
    if facts.package.installs.as_ref().is_ok_and(Vec::is_empty) {
        return ("NONE".to_owned(), None, Some("no Prometheus package".to_owned()));
    }
    if let (Err(unread), None) = (&facts.package.installs, &facts.receiver) {
        let (verdict, why) = match unread {
            Unread::Forbidden(what) => ("UNKNOWN", what.clone()),
            Unread::Failed(why) if is_away(facts) => ("UNREACHABLE", why.clone()),
            Unread::Failed(why) => ("UNKNOWN", why.clone()),
            Unread::NotAsked => ("UNKNOWN", "nobody asked".to_owned()),
        };
        return (verdict.to_owned(), None, Some(why));
    }
    if let Some((verdict, code, finding)) = one.verdict() {
        return (verdict.to_string(), Some(code), finding.causes.first().cloned());
    }
    // That was asked for, and is not forgotten.
    let unverified = one.findings().find(|(check, _)| check.code == check::UNVERIFIED);
    let cause = unverified.and_then(|(_, finding)| finding.causes.first().cloned());
    let error = one.findings().find(|(_, finding)| finding.severity == check::Severity::Error);
    match error {
        Some((check, finding)) => ("WRONG".to_owned(), Some(check.code), finding.causes.first().cloned()),
        // What may not be read may be wrong.
        None => match one.findings().find(|(check, _)| check.code == check::READING_RIGHTS) {
            Some((check, finding)) => {
                ("UNKNOWN".to_owned(), Some(check.code), Some(finding.causes.join(" ")))
            }
            None => ("OK".to_owned(), unverified.map(|(check, _)| check.code), cause),
        },
    }
}

/// Nothing of the cluster can be read.
pub(super) fn is_away(facts: &Facts) -> bool {
    match &facts.receiver {
        Some(_) => matches!(facts.process.version, Err(Unread::Failed(_))),
        None => {
            matches!((&facts.api.uid, &facts.api.packaging), (Err(Unread::Failed(_)), Err(Unread::Failed(_))))
        }
    }
}

/// How old the newest sample is, by the hub's own clock. An agent whose hub was not read has none to show.
fn at_hub(one: &Examined<'_>) -> Option<f64> {
    let hub = if one.facts.role() == Some(Role::Hub) { one.facts } else { one.hub? };
    let name = one.facts.cluster_name()?;
    let newest = hub.stored.answer(Question::LastSample).ok()?;
    let newest = newest.iter().find(|series| series.label("cluster") == name)?;
    Some((newest.value.as_ref()?.0 - newest.number()?).max(0.0))
}
