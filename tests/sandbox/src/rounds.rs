//! How many round trips a command takes: what it costs on a network on which every one takes long.

use std::time::Duration;

use crate::Sandbox;
use crate::faults::{Effect, Fault};
use crate::journal::{Record, rounds};

/// How long an answer takes while rounds are counted: requests that are sent at once meet, on a busy machine too.
const SLOW: Duration = Duration::from_millis(300);

impl Sandbox {
    /// How many round trips a command takes, one after the other: of what it asks of API servers, and of the
    /// connections that it makes to names behind an ingress.
    pub fn rounds<T>(&self, command: impl FnOnce() -> T) -> (usize, T) {
        let slow: Vec<_> = self.clusters().iter().map(|cluster| &cluster.api.faults).collect();
        let ids: Vec<_> =
            slow.iter().map(|faults| faults.inject(Fault::on("*", Effect::Delay(SLOW)))).collect();
        let journals = || self.clusters().iter().map(|cluster| &cluster.api.journal).chain([self.outside()]);
        for journal in journals() {
            journal.reset();
        }
        let result = command();
        let records: Vec<_> =
            journals().flat_map(|journal| journal.matching(Record::is_of_a_person)).collect();
        for (faults, id) in slow.into_iter().zip(ids) {
            faults.remove(id);
        }
        (rounds(&records), result)
    }
}
