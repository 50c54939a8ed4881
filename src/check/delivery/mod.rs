//! Whether samples arrive at the hub. A 2xx proves nothing, and lag is blind to what is refused; so the judgement goes
//! by what the hub has, then by what failed, was sent again or dropped, and by lag last.
//!
//! The checks that name a cause come before those that tell what follows from it. `at_hub` says how fresh a cluster is
//! at the hub, `refusal` what the agent's log says of its last failed batch, `cause` what those words mean, and
//! `remedy` what to do.

mod arrives;
pub(in crate::check) mod at_hub;
pub(in crate::check) mod cause;
pub(in crate::check) mod dropped;
mod first_attempt;
mod format;
mod hub_ready;
pub(in crate::check) mod ingress;
pub(in crate::check) mod joined;
pub(in crate::check) mod keeps_up;
pub(in crate::check) mod refusal;
mod refused;
mod remedy;
pub(in crate::check) mod requests;
mod scheme;
mod state_metrics;
mod targets;
mod trust;
mod ways_in;
mod window;

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[
    &hub_ready::CHECK,
    &ingress::CHECK,
    &ways_in::CHECK,
    &scheme::CHECK,
    &trust::CHECK,
    &format::CHECK,
    &window::CHECK,
    &refused::CHECK,
    &first_attempt::CHECK,
    &arrives::CHECK,
    &joined::CHECK,
    &requests::CHECK,
    &dropped::CHECK,
    &keeps_up::CHECK,
    &targets::CHECK,
    &state_metrics::CHECK,
];

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, hub};
    use crate::prometheus::Version;

    #[test]
    fn no_version_is_a_finding_by_itself() {
        let of_delivery_or_capacity = |code: &&str| code.starts_with("PF5") || code.starts_with("PF7");
        for version in (32..56)
            .map(|minor| Version::new(2, minor, 0))
            .chain((0..15).map(|minor| Version::new(3, minor, 0)))
        {
            let version = version.to_string();
            let all = [agent().with_version(&version), hub().with_version(&version)];
            assert_eq!(codes(&all).into_iter().find(of_delivery_or_capacity), None, "{version}");
        }
    }
}
