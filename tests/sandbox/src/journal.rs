//! A log of the requests that a server got: what a test asks how many round trips a command took.
//!
//! Time is a count of events, not a clock: a request that arrived after another was answered came later for certain,
//! on a slow machine as on a fast one. All journals of a process count on the same one, so that what was asked of
//! several servers has an order.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The last event.
static EVENTS: AtomicU64 = AtomicU64::new(0);

/// What can be seen of a request before anything is done with it.
#[derive(Clone, Copy, Debug)]
pub struct Line<'l> {
    /// The HTTP method.
    pub method: &'l str,
    /// The path with its query.
    pub path: &'l str,
    /// The `User-Agent` header; empty without one.
    pub user_agent: &'l str,
}

impl Line<'_> {
    /// Not of the Prometheus that runs in the cluster.
    pub fn is_of_a_person(self) -> bool {
        !self.user_agent.starts_with("Prometheus/")
    }

    /// Whether it would change an object: no read, no dry run, no question that is asked by creating something, and
    /// nothing that is passed on to a pod.
    pub fn is_a_write(self) -> bool {
        let (path, query) = self.path.split_once('?').unwrap_or((self.path, ""));
        !["GET", "HEAD", "OPTIONS"].contains(&self.method)
            && !query.contains("dryRun=")
            && !path.ends_with("reviews")
            && !path.contains("/proxy")
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Counts up; unique within a journal.
    pub id: u64,
    /// The HTTP method.
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// Who asked, as far as it was found out.
    pub user: Option<String>,
    /// The `User-Agent` header; empty without one.
    pub user_agent: String,
    /// The status of the answer; `None` while there is none, or when the client gave up.
    pub status: Option<u16>,
    /// The event at which the request arrived.
    pub arrived: u64,
    /// The event at which its answer began, or at which the client gave up.
    pub ended: Option<u64>,
    /// The requests that were still without an answer when this one arrived.
    pub in_flight: Vec<u64>,
}

#[derive(Default)]
struct Inner {
    records: Vec<Record>,
    ids: u64,
    writes: u64,
}

/// The log of one API server. Cheap to clone: all clones are the same log.
#[derive(Clone, Default)]
pub struct Journal {
    inner: Arc<Mutex<Inner>>,
}

impl Journal {
    /// All requests since the last reset, in the order in which they arrived.
    pub fn records(&self) -> Vec<Record> {
        self.lock().records.clone()
    }

    /// The requests for which `wanted` holds.
    pub fn matching(&self, wanted: impl Fn(&Record) -> bool) -> Vec<Record> {
        self.lock().records.iter().filter(|record| wanted(record)).cloned().collect()
    }

    /// How many requests there were.
    pub fn count(&self) -> usize {
        self.lock().records.len()
    }

    /// How many requests changed an object (a dry run changes none).
    pub fn writes(&self) -> u64 {
        self.lock().writes
    }

    /// Forgets everything; requests in flight are no longer recorded.
    pub fn reset(&self) {
        let mut inner = self.lock();
        inner.records.clear();
        inner.writes = 0;
    }

    /// As [`rounds`], of what people asked here.
    pub fn rounds(&self) -> usize {
        rounds(&self.matching(Record::is_of_a_person))
    }

    /// A request arrived. Its record ends when the ticket is answered, or dropped.
    pub fn begin(&self, method: &str, path: &str, user_agent: &str) -> Ticket {
        let mut inner = self.lock();
        inner.ids += 1;
        let in_flight = inner.records.iter().filter(|r| r.ended.is_none()).map(|r| r.id).collect();
        let record = Record {
            id: inner.ids,
            method: method.to_owned(),
            path: path.to_owned(),
            user: None,
            user_agent: user_agent.to_owned(),
            status: None,
            arrived: event(),
            ended: None,
            in_flight,
        };
        let id = record.id;
        inner.records.push(record);
        Ticket { journal: self.clone(), id }
    }

    /// An object was changed on request.
    pub fn wrote(&self) {
        self.lock().writes += 1;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request on its way.
pub struct Ticket {
    journal: Journal,
    id: u64,
}

impl Ticket {
    /// It was found out who asks.
    pub fn user(&self, name: &str) {
        self.change(|record, _| record.user = Some(name.to_owned()));
    }

    /// The answer began.
    pub fn answered(&self, status: u16) {
        self.change(|record, event| {
            record.status = Some(status);
            record.ended = Some(event);
        });
    }

    fn change(&self, change: impl FnOnce(&mut Record, u64)) {
        let mut inner = self.journal.lock();
        if let Some(record) = inner.records.iter_mut().rev().find(|record| record.id == self.id) {
            change(record, event());
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.change(|record, event| {
            record.ended.get_or_insert(event);
        });
    }
}

impl Record {
    /// What could be seen of it when it arrived.
    pub fn line(&self) -> Line<'_> {
        Line { method: &self.method, path: &self.path, user_agent: &self.user_agent }
    }

    /// Not of something that runs in the cluster, like a Prometheus that looks for its targets.
    pub fn is_of_a_person(&self) -> bool {
        !self.user.as_deref().is_some_and(|user| user.starts_with("system:serviceaccount:"))
    }
}

/// How often whoever made these requests had to wait for an answer before going on: the length of the longest chain
/// in which each request arrived after the one before was answered. No network is so fast in parallel that it takes
/// less.
///
/// Requests that were sent at once count once only if they met. Where answers come at once, they may not: let them
/// be slow while a chain is to be counted, as [`crate::Sandbox::rounds`] does.
pub fn rounds(records: &[Record]) -> usize {
    let mut spans: Vec<(u64, u64)> =
        records.iter().map(|record| (record.ended.unwrap_or(u64::MAX), record.arrived)).collect();
    // The longest chain always takes the one that ends first.
    spans.sort_unstable();
    let mut count = 0;
    let mut free = 0;
    for (ended, arrived) in spans {
        if arrived >= free {
            count += 1;
            free = ended;
        }
    }
    count
}

fn event() -> u64 {
    EVENTS.fetch_add(1, Ordering::SeqCst) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_requests_are_one_round_trip() {
        let journal = Journal::default();
        let first = journal.begin("GET", "/a", "t");
        let second = journal.begin("GET", "/b", "t");
        first.answered(200);
        second.answered(200);
        let third = journal.begin("GET", "/c", "t");
        third.answered(404);
        assert_eq!(journal.rounds(), 2);
        assert_eq!(journal.records()[1].in_flight, [1]);
        assert!(journal.records()[2].in_flight.is_empty());
    }

    #[test]
    fn a_dropped_ticket_ends_without_status() {
        let journal = Journal::default();
        drop(journal.begin("GET", "/a", "t"));
        let record = &journal.records()[0];
        assert_eq!(record.status, None);
        assert!(record.ended.is_some());
    }

    #[test]
    fn the_longest_chain_goes_by_what_was_answered_first() {
        let journal = Journal::default();
        let slow = journal.begin("GET", "/slow", "t");
        for path in ["/a", "/b", "/c"] {
            journal.begin("GET", path, "t").answered(200);
        }
        slow.answered(200);
        assert_eq!(journal.rounds(), 3);
    }

    #[test]
    fn requests_that_are_not_answered_yet_are_one_round_and_the_last() {
        let journal = Journal::default();
        journal.begin("GET", "/a", "t").answered(200);
        let _open = [journal.begin("GET", "/b", "t"), journal.begin("GET", "/c", "t")];
        assert_eq!(journal.rounds(), 2);
        assert_eq!(Journal::default().rounds(), 0);
    }

    #[test]
    fn what_runs_in_the_cluster_does_not_count() {
        let journal = Journal::default();
        let watch = journal.begin("GET", "/watch", "Prometheus/3.5.0");
        watch.user("system:serviceaccount:tanzu-system-monitoring:prometheus-server");
        watch.answered(200);
        journal.begin("GET", "/a", "t").answered(200);
        assert_eq!(journal.rounds(), 1);
    }

    #[test]
    fn a_chain_goes_over_several_journals() {
        let [hub, edge] = [Journal::default(), Journal::default()];
        hub.begin("GET", "/a", "t").answered(200);
        let first = edge.begin("GET", "/b", "t");
        let beside = hub.begin("GET", "/c", "t");
        first.answered(200);
        beside.answered(200);
        edge.begin("GET", "/d", "t").answered(200);
        assert_eq!((hub.rounds(), edge.rounds()), (2, 2));
        assert_eq!(rounds(&[hub.records(), edge.records()].concat()), 3);
    }
}
