//! A hub that is no cluster's: what it stores is all that it tells.

use super::{Depth, none, stored};
use crate::check::{Facts, Unread};
use crate::command::prometheus::Prometheus;
use crate::prometheus::promql::Question;
use crate::prometheus::{AtUrl, Role};

/// Reads what it stores.
pub(in crate::command) async fn of_receiver(at: AtUrl, prometheus: &Prometheus, depth: Depth) -> Facts {
    let mut facts = none(at.url.to_string(), &Unread::NotAsked);
    facts.expected = Some(Role::Hub);
    facts.receiver = Some(at);
    facts.stored.answers = stored::answers(prometheus, depth).await;
    if let Err(unread) = facts.stored.answer(Question::LastSample) {
        facts.process.version = Err(unread);
    }
    facts
}
