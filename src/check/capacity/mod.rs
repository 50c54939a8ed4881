//! Whether there is room: in the queues of agents, in their buffers, on volumes, in memory, and on the way.
//!
//! `buffer` says how long an agent keeps what it could not send, `volume` how large the volume is under a path.

mod buffer;
mod churn;
mod connections;
mod grace;
mod memory;
mod patience;
mod queue;
mod queue_config;
pub(in crate::check) mod retained;
mod retention;
mod shards;
mod time_left;
mod volume;
mod wal;

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[
    &shards::CHECK,
    &queue::CHECK,
    &queue_config::CHECK,
    &patience::CHECK,
    &connections::CHECK,
    &time_left::CHECK,
    &retention::CHECK,
    &wal::CHECK,
    &retained::CHECK,
    &memory::CHECK,
    &churn::CHECK,
    &grace::CHECK,
];
