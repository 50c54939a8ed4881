//! Waiting until an object is as it should be.

use std::ops::ControlFlow;
use std::pin::pin;
use std::time::Duration;

use futures::TryStreamExt;
use http::Request;
use kube::core::WatchEvent;
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::address;
use super::connect::Cluster;
use super::failure::Failure;
use super::read::Selector;
use super::resource::Resource;
use super::retry::jitter;

/// A watch is begun anew after this time, so that a connection that died in silence is noticed.
const RENEW: Duration = Duration::from_secs(30);

/// Between two looks where watching is not possible: at first, and at most.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(5);

/// How waiting ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waited<T> {
    /// What the look made of the object.
    Done(T),
    /// The deadline passed.
    TimedOut {
        /// Why the object could not be seen at the end, if it could not.
        trouble: Option<Failure>,
    },
}

/// How one watch ended.
enum Ended<T> {
    Done(T),
    /// It must be begun anew: that is its nature.
    Expired,
    /// There is no watch to be had.
    Refused,
}

impl Cluster {
    /// Calls `look` with the object now and again after every change, until it breaks with a value or the deadline
    /// passes. `None` is that the object is not there. Where the user may not watch, the object is read every few seconds
    /// instead. A server that does not answer for a while is waited for too.
    ///
    /// # Errors
    ///
    /// What waiting does not heal: the user may not read the object, or the server has no such kind.
    pub async fn wait_for<T>(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        name: &str,
        deadline: Instant,
        mut look: impl FnMut(Option<Value>) -> ControlFlow<T>,
    ) -> Result<Waited<T>, Failure> {
        let mut trouble = None;
        let mut pause = FIRST;
        let mut watching = true;
        loop {
            match timeout_at(deadline, self.see(resource, namespace, name)).await {
                Err(_) => return Ok(Waited::TimedOut { trouble }),
                Ok(Err(failure)) if failure.is_transient() => trouble = Some(failure),
                Ok(Err(failure)) => return Err(failure),
                Ok(Ok((object, version))) => {
                    trouble = None;
                    if let ControlFlow::Break(done) = look(object) {
                        return Ok(Waited::Done(done));
                    }
                    if let Some(version) = version.filter(|_| watching) {
                        match self.watch(resource, namespace, name, &version, deadline, &mut look).await {
                            Ended::Done(done) => return Ok(Waited::Done(done)),
                            Ended::Expired => pause = FIRST,
                            Ended::Refused => watching = false,
                        }
                    }
                }
            }
            if Instant::now() >= deadline {
                return Ok(Waited::TimedOut { trouble });
            }
            sleep_until((Instant::now() + pause + jitter()).min(deadline)).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// The object, and the version to watch from. A user who may only get has no version to watch from.
    async fn see(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        name: &str,
    ) -> Result<(Option<Value>, Option<String>), Failure> {
        match self.page(resource, namespace, &only(name), &[]).await {
            Ok(page) => {
                let version = page.metadata.resource_version.clone();
                Ok((page.into_items(resource).next(), Some(version).filter(|version| !version.is_empty())))
            }
            Err(failure) if failure.is_forbidden() => Ok((self.get(resource, namespace, name).await?, None)),
            Err(failure) => Err(failure),
        }
    }

    async fn watch<T>(
        &self,
        resource: &Resource,
        namespace: Option<&str>,
        name: &str,
        version: &str,
        deadline: Instant,
        look: &mut impl FnMut(Option<Value>) -> ControlFlow<T>,
    ) -> Ended<T> {
        let until = deadline.min(Instant::now() + RENEW);
        let seconds = RENEW.as_secs().to_string();
        let selector = only(name);
        let mut query = selector.query();
        query.extend([("watch", "true"), ("resourceVersion", version), ("timeoutSeconds", &seconds)]);
        let url = address::with_query(&address::collection(resource, namespace), &query);
        tracing::debug!("GET {}{url} begins to watch", self.server());
        let (Ok(client), Ok(request)) = (self.client().await, Request::get(url).body(Vec::new())) else {
            return Ended::Refused;
        };
        let events = match timeout_at(until, client.request_events::<Value>(request)).await {
            Ok(Ok(events)) => events,
            Ok(Err(kube::Error::Api(status)))
                if status.code < 500 && status.code != 429 && status.code != 410 =>
            {
                return Ended::Refused;
            }
            _ => return Ended::Expired,
        };
        let mut events = pin!(events);
        while let Ok(Ok(Some(event))) = timeout_at(until, events.try_next()).await {
            let object = match event {
                WatchEvent::Added(object) | WatchEvent::Modified(object) => Some(object),
                WatchEvent::Deleted(_) => None,
                WatchEvent::Bookmark(_) => continue,
                WatchEvent::Error(_) => break,
            };
            if let ControlFlow::Break(done) = look(object) {
                return Ended::Done(done);
            }
        }
        Ended::Expired
    }
}

fn only(name: &str) -> Selector {
    Selector::fields(format!("metadata.name={name}"))
}
