//! What the running Prometheus says, asked through its API server.

use std::collections::BTreeMap;

use futures::join;

use super::{Depth, stored};
use crate::check::{Process, Reading, Unread};
use crate::command::prometheus::{Answer, Dated, Prometheus};
use crate::prometheus::api::{RuleGroup, Series, Target};
use crate::prometheus::flags::mode;
use crate::prometheus::metrics::Page;
use crate::prometheus::promql::Question;
use crate::prometheus::write_probe::Outcome;
use crate::prometheus::{Capabilities, Role, Version};

type Flags = BTreeMap<String, String>;

/// What the process says, and what it stores. What it is to be decides what else it is asked; where that is not known,
/// what it is.
pub(super) async fn read(
    prometheus: &Prometheus,
    role: Option<Role>,
    depth: Depth,
) -> (Process, BTreeMap<Question, Reading<Vec<Series>>>) {
    let (flags, version, config, runtime, of_role) = join!(
        prometheus.flags(),
        prometheus.version_and_clock(),
        prometheus.config(),
        prometheus.runtime_info(),
        OfRole::read(prometheus, role, depth)
    );
    let of_role = match role {
        Some(_) => of_role,
        None => OfRole::read(prometheus, runs_as(&flags, &version), depth).await,
    };
    let (version, clock_ahead) = match version {
        Ok(Dated { answer, clock_ahead }) => (Ok(answer), clock(clock_ahead)),
        Err(no_answer) => {
            let unread = Unread::from(no_answer);
            (Err(unread.clone()), Err(unread))
        }
    };
    let process = Process {
        version,
        flags: flags.map_err(Unread::from),
        config: config.map_err(Unread::from),
        runtime: runtime.map_err(Unread::from),
        metrics: of_role.metrics,
        targets: of_role.targets,
        rules: of_role.rules,
        probe: of_role.probe,
        clock_ahead,
    };
    (process, of_role.answers)
}

pub(super) fn none(unread: &Unread) -> Process {
    Process {
        version: Err(unread.clone()),
        flags: Err(unread.clone()),
        config: Err(unread.clone()),
        runtime: Err(unread.clone()),
        metrics: Err(unread.clone()),
        targets: Err(unread.clone()),
        rules: Err(unread.clone()),
        probe: Err(unread.clone()),
        clock_ahead: Err(unread.clone()),
    }
}

/// What an answer says of the clock beside it.
pub(super) fn clock(ahead: Option<f64>) -> Reading<f64> {
    ahead.ok_or_else(|| Unread::Failed("the answer does not tell the time".to_owned()))
}

fn runs_as(flags: &Answer<Flags>, version: &Answer<Dated<Version>>) -> Option<Role> {
    let (Ok(flags), Ok(version)) = (flags, version) else { return None };
    mode(Capabilities::of(version.answer), flags)
}

/// What is asked of one role only.
struct OfRole {
    metrics: Reading<Page>,
    targets: Reading<Vec<Target>>,
    rules: Reading<Vec<RuleGroup>>,
    probe: Reading<Outcome>,
    answers: BTreeMap<Question, Reading<Vec<Series>>>,
}

impl OfRole {
    async fn read(prometheus: &Prometheus, role: Option<Role>, depth: Depth) -> Self {
        let mut read = Self {
            metrics: Err(Unread::NotAsked),
            targets: Err(Unread::NotAsked),
            rules: Err(Unread::NotAsked),
            probe: Err(Unread::NotAsked),
            answers: BTreeMap::new(),
        };
        let metrics = async { prometheus.metrics().await.map_err(Unread::from) };
        match role {
            Some(Role::Agent) => {
                let targets = async { Ok(prometheus.targets().await?) };
                (read.metrics, read.targets) = join!(metrics, depth.in_check(targets));
            }
            Some(Role::Hub) => {
                let rules = async { Ok(prometheus.rules().await?) };
                let probe = async { prometheus.probe().await.map_err(Unread::from) };
                (read.metrics, read.rules, read.probe, read.answers) =
                    join!(metrics, depth.in_check(rules), probe, stored::answers(prometheus, depth));
            }
            None => {}
        }
        read
    }
}
