//! A cluster of which nothing is wrong and that has no package yet.

use super::hub;
use crate::check::engine::{Moment, Result, examine};
use crate::check::facts::{Facts, Stored, Unread};
use crate::check::judgement::Finding;

/// A context of which nothing is wrong and that has no package yet.
pub(in crate::check) fn empty() -> Facts {
    let mut facts = hub();
    facts.api.rights = Ok(vec![("create packageinstalls.packaging.carvel.dev in tkg-system".into(), true)]);
    facts.package.installs = Ok(Vec::new());
    facts.package.secrets = Vec::new();
    facts.package.values = Err(Unread::NotAsked);
    facts.workload.deployment = Ok(None);
    facts.workload.pods = Ok(Vec::new());
    facts.process.version = Err(Unread::NotAsked);
    facts.process.flags = Err(Unread::NotAsked);
    facts.process.config = Err(Unread::NotAsked);
    facts.process.metrics = Err(Unread::NotAsked);
    facts.stored = Stored::default();
    facts
}

/// What one check finds before a package is installed.
pub(in crate::check) fn found_before(code: &str, facts: &Facts) -> Vec<Finding> {
    let all = std::slice::from_ref(facts);
    let examined = examine(crate::check::all(), all, Moment::BeforeInstall);
    let findings = examined[0].findings().filter(|(check, _)| check.code == code);
    findings.map(|(_, finding)| finding.clone()).collect()
}

#[test]
fn nothing_is_found_before_an_install_where_nothing_is_wrong() {
    let all = [empty()];
    for outcome in &examine(crate::check::all(), &all, Moment::BeforeInstall)[0].outcomes {
        assert_eq!(outcome.result, Result::Holds, "{}", outcome.check.code);
    }
}
