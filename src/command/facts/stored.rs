//! What a hub stores, and which clusters joined it.

use std::collections::BTreeMap;

use futures::future::join_all;

use super::Depth;
use crate::check::{Reading, Stored, Unread};
use crate::cluster::Cluster;
use crate::command::members;
use crate::command::prometheus::Prometheus;
use crate::package::{InstallMeta, PackageInstall};
use crate::prometheus::api::Series;
use crate::prometheus::promql::Question;

/// The questions whose answers decide what is said of a cluster.
const DECISIVE: [Question; 14] = [
    Question::LastSample,
    Question::Pods,
    Question::SeriesByCluster,
    Question::UpWithoutCluster,
    Question::IdentityChanges,
    Question::Identities,
    Question::Agents,
    Question::HeadAhead,
    Question::Failed,
    Question::FailedLately,
    Question::Retried,
    Question::Dropped,
    Question::Lag,
    Question::ShardsOverMaximum,
];

/// The names of the clusters that joined, and the UIDs that they had.
pub(super) type Registry = BTreeMap<String, Option<String>>;

/// Asks a hub, all at once.
pub(super) async fn answers(
    prometheus: &Prometheus,
    depth: Depth,
) -> BTreeMap<Question, Reading<Vec<Series>>> {
    let questions = if depth == Depth::Status { &DECISIVE[..] } else { &Question::ALL[..] };
    let asked = questions
        .iter()
        .filter(|question| prometheus.can_tell(**question))
        .map(|question| async { (*question, prometheus.answer_to(*question).await.map_err(Unread::from)) });
    join_all(asked).await.into_iter().collect()
}

/// The clusters that joined the hub of an install; none where nobody noted any.
pub(super) async fn registry(cluster: &Cluster, install: &PackageInstall) -> Reading<Registry> {
    let InstallMeta { name, namespace, .. } = &install.metadata;
    let (_, members) = members::read(cluster, namespace, name).await?;
    Ok(members.into_iter().map(|(name, member)| (name, member.uid)).collect())
}

pub(super) fn none(unread: &Unread) -> Stored {
    match unread {
        Unread::NotAsked => Stored::default(),
        unread => Stored {
            answers: Question::ALL.into_iter().map(|question| (question, Err(unread.clone()))).collect(),
            registry: Some(Err(unread.clone())),
        },
    }
}
