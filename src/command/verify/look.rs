//! One round of questions to the running processes, all at once, and what the answers prove.

use futures::future::{join_all, join4, join5};
use serde_json::Value;

use super::{Claim, ClaimedRole};
use crate::cluster::{HTTP_PROXY, PACKAGE_INSTALL};
use crate::command::prometheus::{Answer, LastSample, now};
use crate::domain::{ClusterName, WriteUrl, seconds};
use crate::error::Error;
use crate::package::{Door, PackageInstall, State};
use crate::prometheus::Capabilities;
use crate::prometheus::config::{JobLabel, cluster_labels, external_cluster, jobs, remote_write_urls};
use crate::prometheus::flags::{Verdict, expectations, from_values};
use crate::prometheus::metrics::Delivery;
use crate::prometheus::write_probe::Outcome;
use crate::report::Proof;

/// What a round found.
pub(super) struct Seen {
    pub(super) proofs: Vec<Proof>,
    pub(super) state: Option<State>,
    /// Why Prometheus did not answer, if it did not.
    pub(super) silence: Option<Error>,
    pub(super) delivery: Option<Delivery>,
}

/// Asks everything. A sample at the hub counts from `since` on, in seconds since 1970 by the hub's clock; samples that
/// were refused count above `failed_before`.
pub(super) async fn look(claim: &Claim<'_>, since: Option<f64>, failed_before: Option<f64>) -> Seen {
    let prometheus = claim.prometheus;
    let answers =
        join5(prometheus.flags(), prometheus.version(), prometheus.config(), probe(claim), delivery(claim));
    let (install, (flags, version, config, probe, delivery), fresh, doors) =
        join4(install(claim), answers, freshness(claim), doors(claim)).await;

    let state = install.as_ref().map(PackageInstall::state);
    let mut proofs = vec![reconciled(state.as_ref())];
    let silence = match (&flags, &version) {
        (Ok(flags), Ok(version)) => {
            let args = claim.target.values.args().unwrap_or_default();
            let expected = match claim.role.role() {
                Some(role) => expectations(role, Capabilities::of(*version), &args),
                None => from_values(&args),
            };
            for expectation in expected {
                let actual = flags.get(&expectation.flag).map(String::as_str);
                let holds = expectation.expected.judge(actual) == Verdict::Ok;
                // Of the values' own flags the retention is told always, the others when they differ.
                if expectation.source != "values" || expectation.flag.contains("retention") || !holds {
                    let expected = expectation.expected.to_string();
                    proofs.push(Proof::new(
                        &expectation.flag,
                        &expected,
                        actual.unwrap_or("<unknown>"),
                        holds,
                    ));
                }
            }
            None
        }
        (Err(error), _) | (_, Err(error)) => {
            proofs.push(Proof::new("Prometheus", "answers", "silent", false));
            Some(Error::from(error.clone()).during("Prometheus does not answer"))
        }
    };
    let config = config.unwrap_or(Value::Null);
    match &claim.role {
        ClaimedRole::Hub { name } => {
            proofs.push(labelled(&config, name));
            proofs.push(accepts(probe));
            proofs.extend(doors);
        }
        ClaimedRole::Agent { name, url, .. } => {
            proofs.push(writes(&config, name, url));
            proofs.push(delivers(claim, delivery, failed_before));
        }
        ClaimedRole::Server => proofs.push(loaded(claim, &config)),
    }
    proofs.extend(fresh.map(|fresh| is_fresh(claim, fresh, since)));
    Seen { proofs, state, silence, delivery }
}

async fn install(claim: &Claim<'_>) -> Option<PackageInstall> {
    let names = &claim.target.names;
    claim.cluster.get(&PACKAGE_INSTALL, Some(&names.namespace), &names.install).await.ok().flatten()
}

/// The host names of a hub that lets agents in by certificates, as Contour sees them.
async fn doors(claim: &Claim<'_>) -> Vec<Proof> {
    let Some(door) = &claim.target.door else { return Vec::new() };
    let names = Door::PROXIES.map(|name| async move {
        let proxy: Option<Value> =
            claim.cluster.get(&HTTP_PROXY, Some(claim.workloads), name).await.ok().flatten();
        let proxy = proxy.unwrap_or_default();
        let status = proxy["status"]["currentStatus"].as_str().unwrap_or("<unknown>");
        let text = proxy["spec"].to_string();
        // The package's own refuses writes only once the overlay is part of it.
        let is_ours = !door.refuses(name) || text.contains(&format!("agents write to {}", door.url()));
        let actual = if is_ours { status } else { "not deployed" };
        Proof::new(&format!("ingress {name}"), "valid", actual, actual == "valid")
    });
    join_all(names).await
}

async fn probe(claim: &Claim<'_>) -> Option<Answer<Outcome>> {
    match claim.role {
        ClaimedRole::Hub { .. } => Some(claim.prometheus.probe().await),
        ClaimedRole::Agent { .. } | ClaimedRole::Server => None,
    }
}

async fn delivery(claim: &Claim<'_>) -> Option<Delivery> {
    match claim.role {
        ClaimedRole::Hub { .. } | ClaimedRole::Server => None,
        ClaimedRole::Agent { .. } => claim.prometheus.delivery().await.ok().flatten(),
    }
}

/// The newest sample of the cluster at the hub. `None` where no hub can be asked.
async fn freshness(claim: &Claim<'_>) -> Option<Option<LastSample>> {
    let (hub, name) = (claim.hub()?, claim.role.name()?);
    Some(hub.last_sample_of(name).await.ok().flatten())
}

/// From when on a sample proves what runs now, by the hub's own clock, with which its samples are compared. The hub's
/// own samples do since it has this configuration; an agent's do from now on, as its clock may be another.
pub(super) async fn proving_from(claim: &Claim<'_>) -> f64 {
    if matches!(claim.role, ClaimedRole::Hub { .. })
        && let Ok(info) = claim.prometheus.runtime_info().await
    {
        return info.configured_at();
    }
    let Some(hub) = claim.hub() else { return 0.0 };
    let answer = hub.vector("vector(time())").await.ok();
    let time = answer.and_then(|series| series.first().and_then(crate::prometheus::api::Series::number));
    time.unwrap_or_else(now)
}

fn reconciled(state: Option<&State>) -> Proof {
    let actual = state.map_or_else(|| "<unknown>".to_owned(), ToString::to_string);
    Proof::new("package reconciled", "succeeded", actual, state == Some(&State::Succeeded))
}

fn accepts(probe: Option<Answer<Outcome>>) -> Proof {
    let (actual, holds) = match probe {
        Some(Ok(outcome)) => (outcome.to_string(), outcome == Outcome::Accepts),
        _ => ("<unknown>".to_owned(), false),
    };
    Proof::new("write path", "accepts", actual, holds)
}

fn labelled(config: &Value, name: &ClusterName) -> Proof {
    let labels = cluster_labels(config);
    let wanted = JobLabel::Always(name.to_string());
    let done = labels.iter().filter(|(_, label)| *label == wanted).count();
    let all = labels.len();
    let what = format!("cluster={name} on jobs");
    Proof::new(&what, &format!("{all} of {all}"), format!("{done} of {all}"), done == all && all > 0)
}

fn writes(config: &Value, name: &ClusterName, url: &WriteUrl) -> Proof {
    let holds = external_cluster(config) == Some(name.as_str())
        && remote_write_urls(config).any(|there| there == url.as_str());
    Proof::new("remote write to hub", "loaded", if holds { "loaded" } else { "not loaded" }, holds)
}

/// The process has read the configuration that the values hold, as far as jobs and remote writes tell.
fn loaded(claim: &Claim<'_>, config: &Value) -> Proof {
    let words = |config: &Value| {
        format!("{} jobs, {} remote writes", jobs(config).count(), remote_write_urls(config).count())
    };
    let wanted = claim.target.values.config().map(|config| config.value().clone()).unwrap_or_default();
    let names = |config: &Value| jobs(config).map(|(_, _, name)| name.to_owned()).collect::<Vec<_>>();
    let holds = names(&wanted) == names(config) && remote_write_urls(&wanted).eq(remote_write_urls(config));
    Proof::new("configuration", &words(&wanted), words(config), holds)
}

/// Samples that are on their way count as delivered until they fail, so one must be known to have been taken. Between
/// two batches nothing fails either: where no hub can be asked, what failed so far has to be next to nothing.
fn delivers(claim: &Claim<'_>, delivery: Option<Delivery>, failed_before: Option<f64>) -> Proof {
    let Some(delivery) = delivery else { return Proof::new("delivery", "delivering", "<unknown>", false) };
    let lag = delivery.lag.map_or_else(|| "never sent".to_owned(), |lag| format!("lag {}", seconds(lag)));
    let (delivered, failed, retried) = (delivery.delivered(), delivery.failed, delivery.retried);
    let actual = format!("{delivered} samples, {failed} failed, {retried} retried, {lag}");
    let arrives = claim.hub().is_some() || !delivery.is_losing();
    let holds =
        delivered > 0.0 && delivery.lag.is_some() && failed <= failed_before.unwrap_or(0.0) && arrives;
    Proof::new("delivery", "delivering", actual, holds)
}

fn is_fresh(claim: &Claim<'_>, fresh: Option<LastSample>, since: Option<f64>) -> Proof {
    let at = if matches!(claim.role, ClaimedRole::Hub { .. }) { "" } else { " at hub" };
    let name = claim.role.name().map_or("", ClusterName::as_str);
    let what = format!("up{{cluster=\"{name}\"}}{at}");
    let Some(fresh) = fresh else { return Proof::new(&what, "fresh", "no sample yet", false) };
    let ago = format!("{} ago", seconds(fresh.age()));
    Proof::new(&what, "fresh", ago, since.is_some_and(|since| fresh.sample >= since))
}
