//! Whether Carvel's part is done: the package is installed, its values are read, and kapp has made of them what they
//! say.

mod answers;
mod available;
mod deployment;
mod failure;
mod installed;
mod known_bugs;
mod last_words;
mod moves;
mod offered;
mod owned;
mod paused;
mod pods;
mod readable;
mod reconciled;
mod repositories;
mod running;
mod secrets;
mod version;
mod volume;
mod ytt;

use super::check::Check;

/// In causal order: what keeps values from being read comes before what comes of values that are.
pub(super) const CHECKS: &[&Check] = &[
    &installed::CHECK,
    &available::CHECK,
    &paused::CHECK,
    &secrets::CHECK,
    &readable::CHECK,
    &running::CHECK,
    &reconciled::CHECK,
    &version::CHECK,
    &deployment::CHECK,
    &volume::CHECK,
    &repositories::CHECK,
    &answers::CHECK,
    &known_bugs::CHECK,
    &offered::CHECK,
    &owned::CHECK,
];

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, hub};

    #[test]
    fn no_version_is_at_fault_by_being_what_it_is() {
        for (major, minor) in (25..=55).map(|minor| (2, minor)).chain((0..=14).map(|minor| (3, minor))) {
            let version = format!("{major}.{minor}.9");
            let mut all = vec![hub().with_version(&version)];
            if (major, minor) >= (2, 32) {
                all.push(agent().with_version(&version));
            }
            let found = codes(&all);
            let package: Vec<_> = found.iter().filter(|code| code.starts_with("PF2")).collect();
            assert!(package.iter().all(|code| **code == "PF213"), "{version}: {package:?}");
        }
    }
}
