//! What goes wrong on request: faults that are put before an API server's answers.
//!
//! A fault says which requests it meets (method, path), how often, and what happens to them. Delays add up; of the
//! other effects the one that was injected first wins.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::api::status::Failure;

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
}

/// A fault: which requests, how often, what.
#[derive(Clone, Debug)]
pub struct Fault {
    method: Option<String>,
    pattern: String,
    times: Times,
    effect: Effect,
}

impl Fault {
    /// A fault for every request whose path with query matches: a pattern with `*` has to match the whole of it,
    /// any other has to occur in it.
    pub fn on(pattern: &str, effect: Effect) -> Self {
        Self { method: None, pattern: pattern.to_owned(), times: Times::All, effect }
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

    fn meets(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted == method) && matches(&self.pattern, path)
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
}

impl Default for Faults {
    fn default() -> Self {
        Self { inner: Arc::default(), listening: Arc::new(watch::Sender::new(Listening::Yes)) }
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

    /// How long a request has to wait, and what then happens to it; counts down the faults that strike.
    pub fn strike(&self, method: &str, path: &str) -> (Duration, Option<Effect>) {
        let mut inner = self.lock();
        let mut delay = Duration::ZERO;
        let mut effect = None;
        for (_, fault) in &mut inner.faults {
            let is_delay = matches!(fault.effect, Effect::Delay(_));
            if !fault.meets(method, path) || (effect.is_some() && !is_delay) {
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

    #[test]
    fn a_fault_wears_off() {
        let faults = Faults::default();
        faults.inject(Fault::on("/x", Effect::Hang).method("get").next(1));
        faults.inject(Fault::on("/x", Effect::Delay(Duration::from_secs(1))));
        assert!(matches!(faults.strike("POST", "/x"), (_, None)));
        let (delay, effect) = faults.strike("GET", "/x");
        assert_eq!(delay, Duration::from_secs(1));
        assert!(matches!(effect, Some(Effect::Hang)));
        assert!(matches!(faults.strike("GET", "/x"), (_, None)));
    }
}
