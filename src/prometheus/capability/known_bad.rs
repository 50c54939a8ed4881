//! Bugs that lose or block samples, and the release that fixed each.

use super::Version;
use crate::prometheus::Role;

/// A bug that a release fixed.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownBad {
    pub role: Role,
    pub since: Version,
    /// The first version without it.
    pub fixed: Version,
    pub harm: Harm,
    pub what: &'static str,
    /// The change that fixed it, in the Prometheus repository.
    pub source: &'static str,
}

/// What a bug does harm to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Harm {
    /// Samples are lost, or held up for ever.
    Samples,
    /// It costs memory, and everything arrives.
    Memory,
}

use Role::{Agent, Hub};

/// The most telling of each role first.
pub(super) const KNOWN_BAD: &[KnownBad] = &[
    bad(Agent, (2, 45, 0), (2, 48, 1), "remote write of an agent slows down", "#13223"),
    bad(Agent, (2, 51, 0), (2, 53, 1), "samples are dropped while catching up", "#14446"),
    bad(Agent, (3, 9, 0), (3, 9, 1), "an agent crashes shortly after its start", "#17802"),
    bad(Agent, (3, 7, 0), (3, 7, 3), "resharding can deadlock", "#17412"),
    bad(Agent, (2, 33, 0), (2, 33, 5), "remote write queues can deadlock", "#10395"),
    bad(Agent, (2, 32, 0), (2, 35, 0), "a batch that is flushed can deadlock its queue", "#10608"),
    bad(Agent, (2, 32, 0), (2, 39, 0), "the WAL of an agent grows while the hub is away", "#9876"),
    bad(Agent, (2, 32, 0), (2, 35, 0), "series can swap identities after a restart", "#10587"),
    KnownBad {
        harm: Harm::Memory,
        ..bad(Agent, (2, 32, 0), (3, 11, 0), "an agent's memory grows with series that come back", "#17538")
    },
    bad(Hub, (3, 8, 0), (3, 8, 1), "senders log failures that are none", "#17683"),
    bad(
        Hub,
        (2, 25, 0),
        (2, 54, 0),
        "one sender whose clock is an hour fast makes the hub refuse everybody",
        "#14304",
    ),
];

const fn bad(
    role: Role,
    since: (u32, u32, u32),
    fixed: (u32, u32, u32),
    what: &'static str,
    source: &'static str,
) -> KnownBad {
    KnownBad {
        role,
        harm: Harm::Samples,
        since: Version::new(since.0, since.1, since.2),
        fixed: Version::new(fixed.0, fixed.1, fixed.2),
        what,
        source,
    }
}
