//! watch: the changes of a list, as a stream of JSON documents.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::response::{IntoResponse, Response};
use futures::stream;
use http::{StatusCode, header};
use serde_json::{Value, json};
use tokio::sync::watch::Receiver;
use tokio::time::Instant;

use super::call::Call;
use super::kinds::Kind;
use super::negotiate::Form;
use super::read;
use super::selector::Selector;
use super::status::Failure;
use crate::store::{Change, Kind as Happened, Refused, Store};

/// How often a watch that wants bookmarks gets one without being asked.
const BOOKMARKS: Duration = Duration::from_secs(60);

/// How long before its end a watch gets its last bookmark.
const LAST: Duration = Duration::from_secs(2);

/// Which forms an event can take, and how it is filtered.
struct Events {
    kind: &'static Kind,
    namespace: Option<String>,
    selector: Selector,
    form: Form,
    include: String,
}

/// A watch in progress.
struct Watch {
    events: Events,
    store: Store,
    versions: Receiver<u64>,
    version: u64,
    /// The version that the client knows of.
    told: u64,
    queue: VecDeque<Value>,
    deadline: Option<Instant>,
    bookmark: Option<Instant>,
    /// The first event of a table carries the columns.
    began: bool,
    over: bool,
}

/// Starts a watch.
pub(super) fn watch(call: &Call) -> Result<Response, Failure> {
    let events = Events {
        kind: call.kind,
        namespace: call.namespace().map(str::to_owned),
        selector: Selector::of(call.kind, &call.params)?,
        form: call.form,
        include: call.include().to_owned(),
    };
    let versions = call.api.store.versions();
    let from = call.params.number("resourceVersion").unwrap_or(0);
    let wants_bookmarks = call.params.flag("allowWatchBookmarks");
    let initial = call.params.flag("sendInitialEvents");
    if initial && call.params.get("resourceVersionMatch") != Some("NotOlderThan") {
        let cause = super::status::Cause::forbidden(
            "resourceVersionMatch",
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        );
        return Err(Failure::invalid_of("meta.k8s.io", "ListOptions", "", &[cause]));
    }
    let mut queue = VecDeque::new();
    let mut version = from;
    if from == 0 || initial {
        let (objects, now) = read::matching(call, &events.selector);
        version = now;
        queue.extend(objects.into_iter().map(|object| event("ADDED", object)));
        if initial && wants_bookmarks {
            queue.push_back(events.bookmark(now, true));
        }
    }
    let deadline =
        call.params.number("timeoutSeconds").map(|time| Instant::now() + Duration::from_secs(time));
    let watch = Watch {
        events,
        store: call.api.store.clone(),
        versions,
        version,
        told: version,
        queue,
        deadline,
        bookmark: wants_bookmarks.then(|| next_bookmark(deadline)),
        began: false,
        over: false,
    };
    let body = stream::unfold(watch, |mut watch| async move {
        let document = watch.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(format!("{document}\n"))), watch))
    });
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], Body::from_stream(body))
        .into_response())
}

impl Watch {
    /// The next document; `None` when the watch is over.
    async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(self.dress(event));
            }
            if self.over {
                return None;
            }
            self.versions.mark_unchanged();
            match self.store.since(self.version) {
                Ok((changes, version)) => {
                    self.version = self.version.max(version);
                    for change in &changes {
                        if let Some(event) = self.events.of(change) {
                            self.told = change.version;
                            self.queue.push_back(event);
                        }
                    }
                }
                Err(Refused::TooOld) => {
                    let message = format!("too old resource version: {} ({})", self.version, self.oldest());
                    self.queue.push_back(event("ERROR", Failure::expired(message).status()));
                    self.over = true;
                }
                Err(_) => return None,
            }
            if self.queue.is_empty() && !self.wait().await {
                return None;
            }
        }
    }

    /// Waits for a change or for the time of a bookmark; false when the watch's time is up.
    async fn wait(&mut self) -> bool {
        let at = |time: Option<Instant>| async move {
            match time {
                Some(time) => tokio::time::sleep_until(time).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = self.versions.changed() => changed.is_ok(),
            () = at(self.bookmark) => {
                self.bookmark = Some(next_bookmark(self.deadline));
                // What the client knows already it need not be told.
                if self.version > self.told {
                    self.told = self.version;
                    self.queue.push_back(self.events.bookmark(self.version, false));
                }
                true
            }
            () = at(self.deadline) => false,
        }
    }

    fn oldest(&self) -> u64 {
        *self.versions.borrow()
    }

    /// Puts an event into the form that was asked for.
    fn dress(&mut self, mut event: Value) -> Value {
        if event["type"] != "ERROR" && event["type"] != "BOOKMARK" {
            let events = &self.events;
            event["object"] = events.form.object(events.kind, event["object"].take(), &events.include);
            if self.began && events.form == Form::Table {
                event["object"]["columnDefinitions"] = Value::Null;
            }
            self.began = true;
        }
        event
    }
}

impl Events {
    /// The event that a change is to a client that sees only some objects.
    fn of(&self, change: &Change) -> Option<Value> {
        let key = &change.key;
        if key.group != self.kind.group
            || key.resource != self.kind.plural
            || (self.namespace.is_some() && key.namespace != self.namespace)
        {
            return None;
        }
        let before = change.before.as_ref().is_some_and(|object| self.selector.matches(object));
        let after = change.kind != Happened::Deleted && self.selector.matches(&change.object);
        let name = match (before, after) {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            (false, false) => return None,
        };
        Some(event(name, change.object.clone()))
    }

    fn bookmark(&self, version: u64, initial_events_end: bool) -> Value {
        let mut meta = json!({"resourceVersion": version.to_string()});
        if initial_events_end {
            meta["annotations"] = json!({"k8s.io/initial-events-end": "true"});
        }
        let object = match self.form {
            Form::Table => {
                let row = json!({"cells": [], "object": {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta}});
                json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": meta, "columnDefinitions": null, "rows": [row]})
            }
            Form::Metadata => {
                json!({"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1", "metadata": meta})
            }
            Form::Whole(_) => {
                json!({"kind": self.kind.name, "apiVersion": self.kind.api_version(), "metadata": meta})
            }
        };
        event("BOOKMARK", object)
    }
}

/// From time to time, and a little before the watch ends.
fn next_bookmark(deadline: Option<Instant>) -> Instant {
    let now = Instant::now();
    let last = deadline.and_then(|end| end.checked_sub(LAST)).filter(|last| *last > now);
    last.map_or(now + BOOKMARKS, |last| last.min(now + BOOKMARKS))
}

fn event(name: &str, object: Value) -> Value {
    let mut event = json!({"type": name});
    event["object"] = object;
    event
}
