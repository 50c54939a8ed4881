//! How far the clocks of contexts are ahead of this machine's, and whether it is this machine's that is wrong.

use crate::check::facts::{Facts, Reading};

/// More than this, in seconds, is no matter of measuring.
pub(super) const AHEAD: f64 = 30.0;
/// Within this, in seconds, clocks are the same.
const SAME: f64 = 10.0;

/// How far the clock of a context's Prometheus is ahead; of a hub that does not answer through its API server, what
/// answers at its ingress.
pub(super) fn ahead(facts: &Facts) -> Reading<f64> {
    let measured = facts.process.clock_ahead.clone();
    if measured.is_err() && facts.role() == Some(crate::prometheus::Role::Hub) {
        let by_ingress = facts.ways_in.urls.iter().find_map(|way| way.clock_ahead.as_ref().ok());
        return by_ingress.copied().map_or(measured, Ok);
    }
    measured
}

/// What most of the contexts are ahead by, where that is so much that this machine must be behind; and the context
/// that tells of it.
pub(super) fn machine(all: &[Facts]) -> Option<(f64, &Facts)> {
    let measured: Vec<_> = all.iter().filter_map(|facts| Some((ahead(facts).ok()?, facts))).collect();
    let (amount, first) = *measured.iter().find(|(amount, _)| {
        // Among many contexts few are this far ahead: only those are held against all.
        let same = || measured.iter().filter(|(other, _)| (other - amount).abs() <= SAME).count();
        amount.abs() > AHEAD && (measured.len() / 2).max(1) < same()
    })?;
    Some((amount, first))
}

/// How far a context's clock is ahead of those that are right.
pub(super) fn skew(facts: &Facts, all: &[Facts]) -> Reading<f64> {
    Ok(ahead(facts)? - machine(all).map_or(0.0, |(amount, _)| amount))
}
