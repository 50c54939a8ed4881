//! Whether samples come at their time: clocks agree, nothing is of the future, nothing comes too late, and rules wait
//! for what is on its way. `ahead` is how far the clocks are from this machine's.

mod ahead;
mod clock;
pub(in crate::check) mod future;
mod late;
mod offset;

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[&clock::CHECK, &future::CHECK, &late::CHECK, &offset::CHECK];
