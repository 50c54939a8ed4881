//! Whether samples arrive at the hub. A 2xx proves nothing, and lag is blind to what is refused; so the judgement goes
//! by what the hub has, then by what failed, was sent again or dropped, and by lag last.

mod arrives;

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[&arrives::CHECK];
