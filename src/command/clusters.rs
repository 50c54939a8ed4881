//! `kubectl promfed clusters`

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Depth, facts};
use super::prometheus::Prometheus;
use super::receiver::Receiver;
use super::shell::{End, Shell};
use super::site::{Site, Wanted};
use crate::check::{self, Examined, Facts, Moment};
use crate::cli::Clusters;
use crate::cluster::Cluster;
use crate::error::{Error, Result};
use crate::prometheus::Role;
use crate::prometheus::api::Series;
use crate::prometheus::promql::Question;
use crate::report::{ClusterRow, ClustersView, NamespacePods};

/// Lists the cluster names that the hub has samples of, and those that joined and never reported.
pub(super) async fn run(shell: &Shell, args: &Clusters) -> Result<End> {
    let (title, prometheus, facts) = match Receiver::of(&args.at).await? {
        Some(receiver) => {
            let facts = receiver.facts(Depth::Status).await;
            (format!("the hub at {}", receiver.at.url), receiver.prometheus, facts)
        }
        None => on_context(shell, args).await?,
    };
    if facts.stored.answer(Question::LastSample).is_err() {
        // Only asking again tells why in full.
        let again = prometheus.answer_to(Question::LastSample).await;
        again.map_err(|error| Error::from(error).during(format!("{title} cannot be asked")))?;
    }
    let items = rows(&facts);
    let end = if items.iter().all(|row| row.verdict == "OK") { End::Done } else { End::Failed };
    shell.print(&ClustersView { hub: facts.context, items })?;
    Ok(end)
}

/// A hub of the kubeconfig, and what was read of it.
async fn on_context(shell: &Shell, args: &Clusters) -> Result<(String, Prometheus, Facts)> {
    let options = match &args.hub_context {
        Some(context) => shell.connection.options_for(context),
        None => shell.connection.options(),
    };
    let cluster = Cluster::connect(&options).await?;
    let (site, facts) =
        futures::join!(hub_site(&cluster), Box::pin(facts(&cluster, Some(Role::Hub), Depth::Status)));
    Ok((format!("the hub on context {:?}", cluster.context()), site?.prometheus, facts))
}

/// The hub that a reading command is about. An agent cannot be queried.
pub(super) async fn hub(shell: &Shell, context: Option<&str>) -> Result<(Cluster, Site)> {
    let options = match context {
        Some(context) => shell.connection.options_for(context),
        None => shell.connection.options(),
    };
    let cluster = Cluster::connect(&options).await?;
    let site = hub_site(&cluster).await?;
    Ok((cluster, site))
}

async fn hub_site(cluster: &Cluster) -> Result<Site> {
    let site = Site::require(cluster, Wanted::default()).await?;
    if site.desired_role() == Some(Role::Agent) {
        return Err(Error::usage(format!(
            "context {:?} is an agent, which stores nothing to ask for",
            cluster.context()
        ))
        .hint("name the hub's context with --hub-context"));
    }
    Ok(site)
}

/// Who reports to a hub, and who should: by cluster name, what is wrong first.
pub(super) fn rows(facts: &Facts) -> Vec<ClusterRow> {
    let examined = check::examine(check::all(), std::slice::from_ref(facts), Moment::Installed);
    let newest = facts.stored.answer(Question::LastSample).unwrap_or_default();
    let joined = facts.stored.registry().ok();
    let joined = joined.iter().flat_map(|joined| joined.keys()).map(String::as_str);
    let names: BTreeSet<&str> = newest.iter().map(|series| series.label("cluster")).chain(joined).collect();
    let answers = Answers::of(facts);
    let mut rows: Vec<_> = names.into_iter().map(|name| row(&answers, name, examined.first())).collect();
    rows.sort_by(|a: &ClusterRow, b| {
        (a.verdict == "OK").cmp(&(b.verdict == "OK")).then_with(|| a.cluster.cmp(&b.cluster))
    });
    rows
}

/// What the hub answered, by cluster: a hub of many has many of everything.
struct Answers<'f> {
    newest: ByCluster<'f>,
    series: ByCluster<'f>,
    pods: ByCluster<'f>,
}

type ByCluster<'f> = BTreeMap<&'f str, Vec<&'f Series>>;

impl<'f> Answers<'f> {
    fn of(facts: &'f Facts) -> Self {
        let by_cluster = |question| {
            let mut all = ByCluster::new();
            for series in facts.stored.answer(question).unwrap_or_default() {
                all.entry(series.label("cluster")).or_default().push(series);
            }
            all
        };
        Self {
            newest: by_cluster(Question::LastSample),
            series: by_cluster(Question::SeriesByCluster),
            pods: by_cluster(Question::Pods),
        }
    }
}

fn row(answers: &Answers<'_>, name: &str, examined: Option<&Examined<'_>>) -> ClusterRow {
    let newest = answers.newest.get(name).and_then(|all| all.first());
    let age = newest.and_then(|one| Some((one.value.as_ref()?.0 - one.number()?).max(0.0)));
    let pods = answers.pods.get(name).into_iter().flatten();
    let mut pods: Vec<_> = pods
        .map(|pods| NamespacePods {
            namespace: pods.label("namespace").to_owned(),
            pods: whole(pods.number()),
        })
        .collect();
    pods.sort_by(|a, b| a.namespace.cmp(&b.namespace));
    let found = examined.and_then(|one| one.verdict_of(name));
    let (verdict, code) = match found {
        Some((verdict, code)) => (verdict.to_string(), Some(code)),
        None => (by_age(name, age).to_owned(), None),
    };
    ClusterRow {
        cluster: name.to_owned(),
        last_sample_seconds: age,
        series: answers.series.get(name).and_then(|all| Some(whole(all.first()?.number()))),
        pods,
        verdict,
        code,
    }
}

/// Of a cluster that nothing was found of. Fresh is within five minutes: what an instant query still sees.
fn by_age(cluster: &str, age: Option<f64>) -> &'static str {
    match age {
        _ if cluster.is_empty() => "UNLABELLED",
        Some(age) if age <= 300.0 => "OK",
        _ => "SILENT",
    }
}

/// A count, which PromQL gives as a float.
fn whole(number: Option<f64>) -> u64 {
    let number = number.unwrap_or(0.0).max(0.0).round();
    format!("{number:.0}").parse().unwrap_or(u64::MAX)
}
