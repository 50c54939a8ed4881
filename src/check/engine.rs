//! Judges every context by every check, and leaves out what another finding explains.

use std::collections::{BTreeMap, BTreeSet};

use super::check::{Check, Subject};
use super::facts::{Facts, Unread};
use super::judgement::{Finding, Judgement, Severity};
use super::view::View;
use crate::prometheus::Role;

/// What came out for one context, in the order of the list.
#[derive(Clone, Debug)]
pub struct Examined<'f> {
    pub facts: &'f Facts,
    pub outcomes: Vec<Outcome>,
}

/// What came out of one check.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub check: &'static Check,
    pub result: Result,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Result {
    Holds,
    Found(Vec<Finding>),
    /// It could not be judged: why.
    Skipped(String),
}

/// When a context is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A package is there, or should be.
    Installed,
    /// A package is to be installed.
    BeforeInstall,
}

/// Judges all contexts. Hubs come first, as what is wrong there explains what is wrong at their agents.
pub fn examine<'f>(checks: &'static [&'static Check], all: &'f [Facts], moment: Moment) -> Vec<Examined<'f>> {
    let mut order: Vec<_> = all.iter().collect();
    order.sort_by_key(|facts| facts.role() != Some(Role::Hub));
    let mut found: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut examined = Vec::new();
    for facts in order {
        let view = View::of(facts, all);
        let hub = view.hub.map(|hub| hub.context.as_str());
        let mut outcomes = Vec::new();
        for check in checks.iter().filter(|check| is_for(check, &view, moment)) {
            let cause = check.after.iter().find(|code| {
                let known = |context: &str| found.get(context).is_some_and(|codes| codes.contains(*code));
                known(&facts.context) || hub.is_some_and(known)
            });
            let result = match (cause, (check.judge)(&view)) {
                (_, Ok(Judgement::Moot) | Err(Unread::NotAsked)) => continue,
                (_, Ok(Judgement::Holds)) => Result::Holds,
                (Some(code), Ok(Judgement::Found(_)) | Err(_)) => Result::Skipped(format!("see {code}")),
                (None, Ok(Judgement::Found(findings))) => {
                    found.entry(&facts.context).or_default().insert(check.code);
                    Result::Found(findings)
                }
                (None, Err(Unread::Forbidden(what) | Unread::Failed(what))) => Result::Skipped(what),
            };
            outcomes.push(Outcome { check, result });
        }
        examined.push(Examined { facts, outcomes });
    }
    examined
}

fn is_for(check: &Check, view: &View<'_>, moment: Moment) -> bool {
    match (moment, check.subject) {
        (Moment::BeforeInstall, subject) => matches!(subject, Subject::BeforeInstall),
        (Moment::Installed, Subject::Any) => true,
        (Moment::Installed, Subject::Hub) => view.is_hub(),
        (Moment::Installed, Subject::Agent) => view.is_agent(),
        (Moment::Installed, Subject::BeforeInstall) => false,
    }
}

impl Examined<'_> {
    /// The findings, with the checks that made them, in causal order.
    pub fn findings(&self) -> impl Iterator<Item = (&'static Check, &Finding)> {
        self.outcomes.iter().flat_map(|outcome| match &outcome.result {
            Result::Found(findings) => findings.iter().map(|finding| (outcome.check, finding)).collect(),
            Result::Holds | Result::Skipped(_) => Vec::new(),
        })
    }

    /// How bad the worst of it is; `None` when nothing was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().map(|(_, finding)| finding.severity).max()
    }
}
