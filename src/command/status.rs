//! `kubectl promfed status`

use futures::future::join_all;
use futures::{FutureExt, join};

use super::agent::delivery_words;
use super::prometheus::Prometheus;
use super::shell::{End, Shell};
use super::site::{Site, Wanted, cluster_uid};
use crate::cli::{Contexts, Status};
use crate::cluster::{Cluster, contexts};
use crate::error::{Error, Result};
use crate::package::State;
use crate::prometheus::flags::{Verdict, expectations};
use crate::prometheus::metrics::Delivery;
use crate::prometheus::{Capabilities, Role, promql};
use crate::report::{Proof, StatusRow, StatusView};

/// Reads every context at once, and prints one row each.
pub(super) async fn run(shell: &Shell, args: &Status) -> Result<End> {
    let clusters = clusters(shell, &args.contexts).await?;
    let read = join_all(clusters.into_iter().map(|(name, cluster)| async move {
        match cluster {
            Ok(cluster) => Reading::of(name, &cluster).await,
            Err(error) => Reading::failed(name, &error),
        }
    }))
    .await;
    let mut rows = rows(read).await;
    rows.sort_by(|a, b| {
        (a.verdict == "OK").cmp(&(b.verdict == "OK")).then_with(|| a.context.cmp(&b.context))
    });
    let end = if rows.iter().any(|row| row.verdict == "UNREACHABLE") {
        End::Unreachable
    } else if rows.iter().all(|row| matches!(row.verdict.as_str(), "OK" | "NONE")) {
        End::Done
    } else {
        End::Failed
    };
    shell.print(&StatusView { items: rows })?;
    Ok(end)
}

/// The clusters that a command reads: those that were named, all, or the current one.
pub(super) async fn clusters(shell: &Shell, wanted: &Contexts) -> Result<Vec<(String, Result<Cluster>)>> {
    let options = shell.connection.options();
    let names = if wanted.all_contexts {
        contexts(&options)?.names
    } else if wanted.contexts.is_empty() {
        let cluster = Cluster::connect(&options).await?;
        return Ok(vec![(cluster.context().to_owned(), Ok(cluster))]);
    } else {
        wanted.contexts.clone()
    };
    let mut clusters = Vec::new();
    for name in names {
        let cluster = Cluster::connect(&shell.connection.options_for(&name)).await;
        match cluster {
            // A name that is not in the kubeconfig is a typing error, not a cluster that is away.
            Err(error) if !wanted.all_contexts => return Err(error),
            cluster => clusters.push((name, cluster)),
        }
    }
    Ok(clusters)
}

/// What one context answered.
struct Reading {
    row: StatusRow,
    role: Option<Role>,
    prometheus: Option<Prometheus>,
    delivery: Option<Delivery>,
}

impl Reading {
    async fn of(context: String, cluster: &Cluster) -> Self {
        let (uid, site) = join!(cluster_uid(cluster), Site::read(cluster, Wanted::default()));
        let site = match site {
            Ok(Some(site)) => site,
            Ok(None) => {
                let row = StatusRow {
                    context,
                    verdict: "NONE".into(),
                    reason: Some("no Prometheus package".into()),
                    ..StatusRow::default()
                };
                return Self { row, role: None, prometheus: None, delivery: None };
            }
            Err(error) => return Self::failed(context, &error),
        };
        let install = &site.installed.install;
        let state = install.state();
        let agent = site.desired_role() == Some(Role::Agent);
        let delivery = async { if agent { site.prometheus.delivery().await.ok().flatten() } else { None } };
        let (flags, version, delivery) = join!(site.prometheus.flags(), site.prometheus.version(), delivery);
        let role = match (&flags, &version) {
            (Ok(flags), Ok(version)) => crate::prometheus::flags::mode(Capabilities::of(*version), flags),
            _ => site.desired_role(),
        };
        let mut row = StatusRow {
            context,
            cluster: site.cluster_name(),
            role: Some(role.map_or_else(|| "server".to_owned(), |role| role.to_string())),
            prometheus: version.as_ref().ok().map(ToString::to_string),
            package_version: Some(install.version().to_owned()),
            package: Some(state.to_string()),
            delivery: delivery.map(delivery_words),
            uid: uid.ok().flatten(),
            ..StatusRow::default()
        };
        let wrong = match (&state, &flags) {
            (State::Failed(message), _) => {
                Some(("FAILED", message.lines().next().unwrap_or_default().to_owned()))
            }
            (State::Paused, _) => Some(("PAUSED", "kapp-controller does nothing with it".to_owned())),
            (_, Err(error)) => Some(("DOWN", Error::from(error.clone()).what)),
            _ if delivery.is_some_and(Delivery::is_losing) => {
                Some(("LOSING", "the hub refuses samples".to_owned()))
            }
            _ => None,
        };
        row.verdict = wrong.as_ref().map_or("OK", |(verdict, _)| verdict).into();
        row.reason = wrong.map(|(_, reason)| reason);
        Self { row, role, prometheus: Some(site.prometheus), delivery }
    }

    fn failed(context: String, error: &Error) -> Self {
        let is_away = error.kind == crate::error::Kind::Unreachable;
        let reason = error.causes.first().unwrap_or(&error.what).clone();
        let verdict = if is_away { "UNREACHABLE" } else { "UNKNOWN" };
        let row =
            StatusRow { context, verdict: verdict.into(), reason: Some(reason), ..StatusRow::default() };
        Self { row, role: None, prometheus: None, delivery: None }
    }
}

/// Freshness is asked of the hubs among the contexts; an agent whose hub is not among them has none to show.
async fn rows(readings: Vec<Reading>) -> Vec<StatusRow> {
    let hubs =
        readings.iter().filter(|one| one.role == Some(Role::Hub)).filter_map(|one| one.prometheus.clone());
    let newest = promql::last_sample_by_cluster();
    let seen = join_all(hubs.map(|hub| {
        let newest = newest.clone();
        async move { hub.vector(&newest).map(Result::unwrap_or_default).await }
    }))
    .await;
    let asked = !seen.is_empty();
    let seen: Vec<_> = seen.into_iter().flatten().collect();
    readings
        .into_iter()
        .map(|reading| {
            let mut row = reading.row;
            let Some(cluster) = row.cluster.clone().filter(|_| asked) else {
                return row;
            };
            let ages = seen
                .iter()
                .filter(|series| series.label("cluster") == cluster)
                .filter_map(|series| Some((series.value.as_ref()?.0 - series.number()?).max(0.0)));
            row.at_hub_seconds = ages.min_by(f64::total_cmp);
            let delivers = reading.delivery.is_some_and(|delivery| delivery.delivered() > 0.0);
            let doubt = match row.at_hub_seconds {
                Some(age) if age <= 300.0 => None,
                Some(_) => Some(("SILENT", "no sample at the hub for five minutes")),
                None if delivers => Some(("NEVER", "delivers, but not to a hub among these contexts")),
                None => Some(("NEVER", "the hub has no sample of it")),
            };
            // What is known of the process itself comes first.
            if let Some((verdict, reason)) = doubt.filter(|_| row.verdict == "OK") {
                verdict.clone_into(&mut row.verdict);
                row.reason = Some(reason.to_owned());
            }
            row
        })
        .collect()
}

/// What role, package and flags say of one Prometheus.
pub(super) async fn role_facts(site: &Site, role: Role) -> Vec<Proof> {
    let state = site.installed.install.state();
    let reconciled = match &state {
        State::Failed(message) => format!("failed: {}", message.lines().next().unwrap_or_default()),
        other => other.to_string(),
    };
    // kapp-controller looks again every ten minutes; that it is looking is no fault.
    let holds = matches!(state, State::Succeeded | State::Reconciling);
    let mut facts = vec![Proof::new("package reconciled", "succeeded", reconciled, holds)];
    let (flags, version) = join!(site.prometheus.flags(), site.prometheus.version());
    match (flags, version) {
        (Ok(flags), Ok(version)) => {
            facts.push(Proof::new("Prometheus", "answers", version.to_string(), true));
            let Ok(args) = site.values.args() else {
                return facts;
            };
            for expectation in expectations(role, Capabilities::of(version), &args) {
                let actual = flags.get(&expectation.flag).map(String::as_str);
                let holds = expectation.expected.judge(actual) == Verdict::Ok;
                if expectation.source != "values" || !holds {
                    let actual = actual.unwrap_or("<unknown>");
                    facts.push(Proof::new(
                        &expectation.flag,
                        &expectation.expected.to_string(),
                        actual,
                        holds,
                    ));
                }
            }
        }
        (Err(error), _) | (_, Err(error)) => {
            facts.push(Proof::new("Prometheus", "answers", Error::from(error).what, false));
        }
    }
    facts
}
