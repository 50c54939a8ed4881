//! TBD

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[];
