//! What goes wrong on request: faults that are put before an API server's answers.
//!
//! A fault says which requests it meets (method, path, reads or writes of people), from which on, how often, and what
//! happens to them. Delays add up; of the other effects the one that was injected first wins.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::api::status::Failure;
use crate::journal::Line;

/// How often a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// The next so many requests that match.
    Next(u32),
    /// Every request that matches, until the fault is removed.
    All,
}

/// What happens to a request.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It is answered with this failure, and goes no further.
    Answer(Failure),
    /// It waits, then goes on.
    Delay(Duration),
    /// It is answered with a redirect (307) to this location.
    Redirect(String),
    /// It is carried out, but only so many bytes of the answer's body are sent, as if they were all.
    Truncate(usize),
    /// It is carried out, but the connection is reset after so many bytes of the answer's body.
    ResetAfter(usize),
    /// The connection is reset; the request is not carried out.
    Reset,
    /// No answer ever comes; the request is not carried out. Ends when the client gives up.
    Hang,
    /// It is carried out, and no answer ever comes. Ends when the client gives up.
    Unanswered,
    /// The connection is reset, the request is not carried out, and from now on nobody listens.
    Refuse,
    /// From now on this token is worthless; then the request goes on, and whoever shows it gets a 401.
    Revoke(String),
}

/// A fault: which requests, how often, what.
#[derive(Clone, Debug)]
pub struct Fault {
    method: Option<String>,
    of_people: Option<Share>,
    pattern: String,
    /// So many requests that match are let pass before the first one is struck.
    spared: u32,
    times: Times,
    effect: Effect,
}

/// Which of the requests of people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// All of them.
    All,
    /// Those that change nothing: reads, dry runs, reviews, and whatever goes on to a pod.
    Reads,
    /// Those that change an object.
    Writes,
}

impl Fault {
    /// A fault for every request whose path with query matches: a pattern with `*` has to match the whole of it,
    /// any other has to occur in it.
    pub fn on(pattern: &str, effect: Effect) -> Self {
        let pattern = pattern.to_owned();
        Self { method: None, of_people: None, pattern, spared: 0, times: Times::All, effect }
    }

    /// Only requests of people and their commands: not those of what runs in the cluster.
    #[must_use]
    pub fn of_people(mut self, share: Share) -> Self {
        self.of_people = Some(share);
        self
    }

    /// Lets so many matching requests pass first.
    #[must_use]
    pub fn after(mut self, spared: u32) -> Self {
        self.spared = spared;
        self
    }

    /// Only requests with this method.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_ascii_uppercase());
        self
    }

    /// Only the next so many matching requests.
    #[must_use]
    pub fn next(mut self, count: u32) -> Self {
        self.times = Times::Next(count);
        self
    }

    fn meets(&self, line: Line<'_>) -> bool {
        let is_in = |share| {
            line.is_of_a_person()
                && match share {
                    Share::All => true,
                    Share::Reads => !line.is_a_write(),
                    Share::Writes => line.is_a_write(),
                }
        };
        self.method.as_deref().is_none_or(|wanted| wanted == line.method)
            && self.of_people.is_none_or(is_in)
            && matches(&self.pattern, line.path)
    }
}

/// Whether anything listens on the API server's port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listening {
    /// Connections are accepted.
    Yes,
    /// Connections are refused, and those that were open are cut.
    No,
}

/// Names an injected fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FaultId(u64);

#[derive(Default)]
struct Inner {
    faults: Vec<(FaultId, Fault)>,
    ids: u64,
}

/// The faults of one API server. Cheap to clone: all clones are the same faults.
#[derive(Clone)]
pub struct Faults {
    inner: Arc<Mutex<Inner>>,
    listening: Arc<watch::Sender<Listening>>,
    held: Arc<AtomicUsize>,
}

/// A request that gets no answer, for as long as its client waits.
pub struct Held(Arc<AtomicUsize>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Default for Faults {
    fn default() -> Self {
        let listening = Arc::new(watch::Sender::new(Listening::Yes));
        Self { inner: Arc::default(), listening, held: Arc::default() }
    }
}

impl Faults {
    /// Lets a fault strike from now on.
    pub fn inject(&self, fault: Fault) -> FaultId {
        let mut inner = self.lock();
        inner.ids += 1;
        let id = FaultId(inner.ids);
        inner.faults.push((id, fault));
        id
    }

    /// Takes one fault away.
    pub fn remove(&self, id: FaultId) {
        self.lock().faults.retain(|(other, _)| *other != id);
    }

    /// Takes all faults away, and listens again.
    pub fn clear(&self) {
        self.lock().faults.clear();
        self.listen(Listening::Yes);
    }

    /// Opens or closes the port. The same port is used again.
    pub fn listen(&self, listening: Listening) {
        self.listening.send_replace(listening);
    }

    /// Tells when the port is to be opened or closed.
    pub fn listening(&self) -> watch::Receiver<Listening> {
        self.listening.subscribe()
    }

    /// How many requests are without an answer now because of a fault. What was to be carried out, was.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::SeqCst)
    }

    /// A request begins to get no answer.
    pub fn hold(&self) -> Held {
        self.held.fetch_add(1, Ordering::SeqCst);
        Held(Arc::clone(&self.held))
    }

    /// How long a request has to wait, and what then happens to it; counts down the faults that strike.
    pub fn strike(&self, line: Line<'_>) -> (Duration, Option<Effect>) {
        let mut inner = self.lock();
        let mut delay = Duration::ZERO;
        let mut effect = None;
        for (_, fault) in &mut inner.faults {
            let is_delay = matches!(fault.effect, Effect::Delay(_));
            if !fault.meets(line) || (effect.is_some() && !is_delay) {
                continue;
            }
            if fault.spared > 0 {
                fault.spared -= 1;
                continue;
            }
            if let Times::Next(count) = &mut fault.times {
                *count = count.saturating_sub(1);
            }
            match &fault.effect {
                Effect::Delay(time) => delay += *time,
                other => effect = Some(other.clone()),
            }
        }
        inner.faults.retain(|(_, fault)| fault.times != Times::Next(0));
        (delay, effect)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn matches(pattern: &str, path: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return path.contains(pattern) };
    let Some(mut left) = path.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        assert!(matches("/secrets", "/api/v1/namespaces/a/secrets/b?x=y"));
        assert!(matches("/api/*/secrets/*", "/api/v1/namespaces/a/secrets/b"));
        assert!(matches("*proxy/*query?query=*", "/api/v1/x/proxy/api/v1/query?query=up"));
        assert!(!matches("/apis/*", "/api/v1/pods"));
        assert!(!matches("*/secrets", "/secrets/x"));
        assert!(!matches("a*ba", "aba-"));
    }

    fn line<'l>(method: &'l str, path: &'l str) -> Line<'l> {
        Line { method, path, user_agent: "" }
    }

    #[test]
    fn a_fault_can_be_of_the_third_write_of_a_person() {
        let faults = Faults::default();
        faults.inject(Fault::on("*", Effect::Hang).of_people(Share::Writes).after(2).next(1));
        let struck = |line| faults.strike(line).1.is_some();
        assert!(!struck(line("POST", "/a")) && !struck(line("GET", "/a")) && !struck(line("PATCH", "/a")));
        assert!(!struck(Line { user_agent: "Prometheus/3.5.3", ..line("POST", "/a") }));
        assert!(!struck(line("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews")));
        assert!(!struck(line("PATCH", "/a?dryRun=All")));
        assert!(struck(line("DELETE", "/a")) && !struck(line("DELETE", "/a")));
    }

    #[test]
    fn a_fault_wears_off() {
        let faults = Faults::default();
        faults.inject(Fault::on("/x", Effect::Hang).method("get").next(1));
        faults.inject(Fault::on("/x", Effect::Delay(Duration::from_secs(1))));
        assert!(matches!(faults.strike(line("POST", "/x")), (_, None)));
        let (delay, effect) = faults.strike(line("GET", "/x"));
        assert_eq!(delay, Duration::from_secs(1));
        assert!(matches!(effect, Some(Effect::Hang)));
        assert!(matches!(faults.strike(line("GET", "/x")), (_, None)));
    }
}
