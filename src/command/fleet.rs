//! The clusters that a command reads: which, how many at the same time, and for how long.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use tokio::time::timeout;

use super::facts::{Depth, facts, unreachable};
use super::receiver::Receiver;
use super::shell::Shell;
use crate::check::Facts;
use crate::cli::FleetArgs;
use crate::cluster::Cluster;
use crate::domain::seconds;
use crate::error::{Error, Result};
use crate::prometheus::Role;

/// Some contexts of the kubeconfig.
pub(super) struct Fleet {
    members: Vec<Member>,
    at_once: NonZeroUsize,
    /// The time that each of several may take; one alone takes what its requests may.
    limit: Duration,
    /// A hub that no context leads to.
    receiver: Option<Receiver>,
    looks: Looks,
}

/// How often the facts are read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Looks {
    Once,
    Again,
}

/// One of them.
struct Member {
    context: String,
    /// The role that it was named in.
    expected: Option<Role>,
    /// The way to it, or why it cannot be used.
    cluster: Result<Cluster>,
}

impl Fleet {
    /// Those that were named, all, or the current one.
    pub(super) async fn of(shell: &Shell, wanted: &FleetArgs) -> Result<Self> {
        let clusters = if let Some(choice) = wanted.choice() {
            Cluster::connect_each(&shell.connection.options_for_any(), choice).await?
        } else {
            let cluster = Cluster::connect(&shell.connection.options()).await?;
            vec![(cluster.context().to_owned(), Ok(cluster))]
        };
        let member = |(context, cluster)| Member { context, expected: None, cluster };
        let members = clusters.into_iter().map(member).collect();
        Ok(Self {
            members,
            at_once: wanted.concurrency,
            limit: wanted.context_timeout,
            receiver: None,
            looks: Looks::Once,
        })
    }

    /// The same, one of which is a hub: one more, if it is not among them.
    pub(super) async fn with_hub(mut self, shell: &Shell, hub: &str) -> Result<Self> {
        if let Some(member) = self.members.iter_mut().find(|member| member.context == hub) {
            member.expected = Some(Role::Hub);
        } else {
            let cluster = Cluster::connect(&shell.connection.options_for(hub)).await?;
            let expected = Some(Role::Hub);
            self.members.push(Member { context: hub.to_owned(), expected, cluster: Ok(cluster) });
        }
        Ok(self)
    }

    /// The same, with a hub that no context leads to, where there is one.
    pub(super) fn with_receiver(self, receiver: Option<Receiver>) -> Self {
        Self { receiver, ..self }
    }

    /// The same, whose facts are read more than once: connections and logins are kept.
    pub(super) fn again(self) -> Self {
        Self { looks: Looks::Again, ..self }
    }

    pub(super) fn is_one(&self) -> bool {
        self.members.len() == 1
    }

    /// Reads the facts of every cluster. One that two contexts lead to comes once, and that is said.
    pub(super) async fn facts(&self, shell: &Shell, depth: Depth) -> Vec<Facts> {
        let read = async |cluster: &Cluster, member: &Member| {
            let facts = Box::pin(facts(cluster, member.expected, depth)).await;
            if self.looks == Looks::Once {
                cluster.hang_up();
            }
            Ok(facts)
        };
        let at_url = async {
            match &self.receiver {
                Some(receiver) => Some(receiver.facts(depth).await),
                None => None,
            }
        };
        let (all, at_url) = futures::join!(self.each(shell, read), at_url);
        let all = all.into_iter().map(|(context, read)| {
            let facts = read.unwrap_or_else(|error| unreachable(context.to_owned(), &error));
            (context, facts.api.uid.as_ref().ok().cloned(), facts)
        });
        once(shell, all.collect()).into_iter().map(|(_, facts)| facts).chain(at_url).collect()
    }

    /// Asks every cluster, in the order in which they were named. One that two contexts lead to comes once.
    pub(super) async fn ask<T>(
        &self,
        shell: &Shell,
        question: impl AsyncFn(&Cluster) -> Result<T>,
        uid: impl AsyncFn(&Cluster) -> Option<String>,
    ) -> Vec<(&str, Result<T>)> {
        let read = async |cluster: &Cluster, _: &Member| {
            if self.is_one() {
                return Ok((question(cluster).await, None));
            }
            Ok(futures::join!(question(cluster), uid(cluster)))
        };
        let all = self.each(shell, read).await.into_iter().map(|(context, read)| {
            let (answer, uid) = read.unwrap_or_else(|error| (Err(error), None));
            (context, uid, answer)
        });
        once(shell, all.collect())
    }

    /// Reads so many at the same time as may be.
    async fn each<T>(
        &self,
        shell: &Shell,
        read: impl AsyncFn(&Cluster, &Member) -> Result<T>,
    ) -> Vec<(&str, Result<T>)> {
        let one = async |number: usize, member: &Member| {
            let answer = match &member.cluster {
                Err(error) => Err(error.clone()),
                Ok(cluster) if self.is_one() => read(cluster, member).await,
                Ok(cluster) => timeout(self.limit, read(cluster, member)).await.unwrap_or_else(|_| {
                    let limit = seconds(self.limit.as_secs_f64());
                    Err(Error::unreachable(format!(
                        "context {:?} did not answer within {limit}",
                        member.context
                    )))
                }),
            };
            (number, answer)
        };
        let one = &one;
        let mut under_way = stream::iter(self.members.iter().enumerate())
            .map(|(number, member)| one(number, member))
            .buffer_unordered(self.at_once.get());
        let mut all: BTreeMap<usize, Result<T>> = BTreeMap::new();
        loop {
            let mut missing = self.members.iter().enumerate().filter(|(number, _)| !all.contains_key(number));
            if let Some((_, first)) = missing.next() {
                let others = match missing.count() {
                    0 => String::new(),
                    count => format!(" and {count} more"),
                };
                let line = format!("waiting for {}{others}", first.context);
                shell.ui.progress().redraw("reading", &line);
            }
            let Some((number, answer)) = under_way.next().await else { break };
            all.insert(number, answer);
        }
        shell.ui.progress().clear();
        let names = self.members.iter().map(|member| member.context.as_str());
        names.zip(all.into_values()).collect()
    }
}

/// What was read of each cluster once: contexts with the UIDs of their clusters. Which were left out is said.
fn once<'a, T>(shell: &Shell, all: Vec<(&'a str, Option<String>, T)>) -> Vec<(&'a str, T)> {
    let mut once: Vec<(&str, T)> = Vec::new();
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for (context, uid, read) in all {
        match uid.and_then(|uid| known.insert(uid.clone(), context).map(|first| (uid, first))) {
            Some((uid, first)) => {
                let same = format!("context {context:?} leads to the same cluster as {first:?}");
                shell.ui.say(&format!("note: {same}, and is left out"));
                known.insert(uid, first);
            }
            None => once.push((context, read)),
        }
    }
    once
}
