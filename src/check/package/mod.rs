//! Whether Carvel's part is done: the package is installed, its values are read, and kapp has made of them what they
//! say.

mod installed;

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[&installed::CHECK];
