//! What role, package and flags say of one Prometheus: `hub status` and `agent status`.

use futures::join;

use super::site::Site;
use crate::error::Error;
use crate::package::State;
use crate::prometheus::flags::{Verdict, expectations};
use crate::prometheus::{Capabilities, Role};
use crate::report::Proof;

/// What role, package and flags say of one Prometheus.
pub(super) async fn role_facts(site: &Site, role: Role) -> Vec<Proof> {
    let state = site.installed.install.state();
    let reconciled = match &state {
        State::Failed(message) => format!("failed: {}", message.lines().next().unwrap_or_default()),
        other => other.to_string(),
    };
    // kapp-controller looks again every ten minutes; that it is looking is no fault.
    let holds = matches!(state, State::Succeeded | State::Reconciling);
    let mut facts = vec![Proof::new("package reconciled", "succeeded", reconciled, holds)];
    let (flags, version) = join!(site.prometheus.flags(), site.prometheus.version());
    match (flags, version) {
        (Ok(flags), Ok(version)) => {
            facts.push(Proof::new("Prometheus", "answers", version.to_string(), true));
            let Ok(args) = site.values.args() else {
                return facts;
            };
            for expectation in expectations(role, Capabilities::of(version), &args) {
                let actual = flags.get(&expectation.flag).map(String::as_str);
                let holds = expectation.expected.judge(actual) == Verdict::Ok;
                if expectation.source != "values" || !holds {
                    let actual = actual.unwrap_or("<unknown>");
                    facts.push(Proof::new(
                        &expectation.flag,
                        &expectation.expected.to_string(),
                        actual,
                        holds,
                    ));
                }
            }
        }
        (Err(error), _) | (_, Err(error)) => {
            facts.push(Proof::new("Prometheus", "answers", Error::from(error).what, false));
        }
    }
    facts
}
