//! Whether the process runs with the flags and the configuration that its role needs, in the dialect of its version.

mod receiver;

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[&receiver::CHECK];
