//! Judges every context by every check, and leaves out what another finding explains: one that is as bad at least.

use std::collections::BTreeMap;

use super::check::{Category, Check, Subject};
use super::facts::{Facts, Unread};
use super::judgement::{Finding, Judgement, Severity, Verdict};
use super::list::by_code;
use super::view::{View, identify};
use crate::prometheus::Role;

/// What came out for one context, in the order of the list.
#[derive(Clone, Debug)]
pub struct Examined<'f> {
    pub facts: &'f Facts,
    /// The hub that it writes to, where that was read too.
    pub hub: Option<&'f Facts>,
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
    /// What was found is explained by the finding of another check.
    Explained {
        by: &'static str,
        findings: Vec<Finding>,
    },
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
    identify(all);
    let mut order: Vec<_> = all.iter().collect();
    order.sort_by_key(|facts| facts.role() != Some(Role::Hub));
    let mut found = Found::default();
    let mut examined = Vec::new();
    for facts in order {
        let view = View::of(facts, all);
        let mut outcomes = Vec::new();
        for check in checks.iter().filter(|check| is_for(check, &view, moment)) {
            let cause = found.cause_of(check, &view);
            let explains =
                |findings: &[Finding]| cause.filter(|(_, severity)| worst(findings) <= Some(*severity));
            let result = match (check.judge)(&view) {
                Ok(Judgement::Moot) | Err(Unread::NotAsked) => continue,
                Ok(Judgement::Holds) => Result::Holds,
                Ok(Judgement::Found(findings)) => {
                    // What follows from a consequence follows from its cause.
                    let by = explains(&findings).map(|(by, _)| by);
                    found.note(&facts.context, check.code, &findings, by);
                    match by {
                        Some(by) => Result::Explained { by, findings },
                        None => Result::Found(findings),
                    }
                }
                Err(Unread::Forbidden(what) | Unread::Failed(what)) => {
                    Result::Skipped(cause.map_or(what, |(code, _)| format!("see {code}")))
                }
            };
            outcomes.push(Outcome { check, result });
        }
        examined.push(Examined { facts, hub: view.hub, outcomes });
    }
    examined
}

/// What was found so far, by context and code.
#[derive(Default)]
struct Found<'f>(BTreeMap<&'f str, BTreeMap<&'static str, Vec<Known>>>);

/// One finding, as far as it explains others.
struct Known {
    severity: Severity,
    about: Option<String>,
    /// The check to be named for it: its own, or the one that explains it.
    by: &'static str,
}

impl<'f> Found<'f> {
    fn note(&mut self, context: &'f str, code: &'static str, findings: &[Finding], by: Option<&'static str>) {
        let known = findings.iter().map(|finding| Known {
            severity: finding.severity,
            about: finding.cluster.clone(),
            by: by.unwrap_or(code),
        });
        self.0.entry(context).or_default().entry(code).or_default().extend(known);
    }

    /// The worst of what explains a check: found in its own context, or at its hub. What is true of any context
    /// explains the other end only where it is about what goes between both.
    fn cause_of(&self, check: &Check, view: &View<'_>) -> Option<(&'static str, Severity)> {
        let [own, hub] = [Some(view.facts), view.hub].map(|facts| self.0.get(facts?.context.as_str()));
        // Nothing explains anything where all is well.
        if own.is_none() && hub.is_none() {
            return None;
        }
        let named = |known: &Known| (known.by, known.severity);
        let name = view.facts.cluster_name();
        let causes = check.after.iter().filter_map(|code| {
            let own = own.and_then(|found| found.get(code)).map(Vec::as_slice).unwrap_or_default();
            let own = own.iter().max_by_key(|known| known.severity).map(named);
            let cause = by_code(code)?;
            let reaches = check.category == Category::Delivery || cause.subject == Subject::Hub;
            let hub = hub.filter(|_| reaches).and_then(|found| found.get(code));
            let hub = hub.map(Vec::as_slice).unwrap_or_default();
            // What a hub says of one cluster explains nothing of another; but one clock that is fast harms them all.
            let is_of_it = |known: &&Known| {
                known.about.is_none() || known.about == name || cause.category == Category::Time
            };
            own.or_else(|| hub.iter().filter(is_of_it).max_by_key(|known| known.severity).map(named))
        });
        // The first of the worst.
        causes.rev().max_by_key(|(_, severity)| *severity)
    }
}

fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.severity).max()
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
            Result::Holds | Result::Explained { .. } | Result::Skipped(_) => Vec::new(),
        })
    }

    /// Every finding with a verdict, explained ones too, with the code of what explains it.
    fn verdicts(&self) -> impl Iterator<Item = (Verdict, &'static str, &Finding)> {
        self.outcomes.iter().flat_map(|outcome| {
            let (code, findings) = match &outcome.result {
                Result::Found(findings) => (outcome.check.code, findings.as_slice()),
                Result::Explained { by, findings } => (*by, findings.as_slice()),
                Result::Holds | Result::Skipped(_) => (outcome.check.code, &[][..]),
            };
            findings.iter().filter_map(move |finding| Some((finding.verdict?, code, finding)))
        })
    }

    /// The worst verdict over the context's own cluster, the code that explains it, and the finding.
    pub fn verdict(&self) -> Option<(Verdict, &'static str, &Finding)> {
        let own = self.facts.cluster_name();
        let is_own = |finding: &Finding| finding.cluster.is_none() || finding.cluster == own;
        self.verdicts().filter(|(_, _, finding)| is_own(finding)).min_by_key(|(verdict, _, _)| *verdict)
    }

    /// The worst verdict of a hub over a cluster name, and the code that explains it.
    pub fn verdict_of(&self, cluster: &str) -> Option<(Verdict, &'static str)> {
        let worst = if self.facts.cluster_name().as_deref() == Some(cluster) {
            self.verdict()
        } else {
            let is_its = |finding: &Finding| finding.cluster.as_deref() == Some(cluster);
            self.verdicts().filter(|(_, _, finding)| is_its(finding)).min_by_key(|(verdict, _, _)| *verdict)
        };
        worst.map(|(verdict, code, _)| (verdict, code))
    }

    /// Whether nothing is wrong with it now: what may go wrong does not count.
    pub fn is_well(&self) -> bool {
        self.worst() != Some(Severity::Error)
    }

    /// How bad the worst of it is; `None` when nothing was found.
    pub fn worst(&self) -> Option<Severity> {
        self.findings().map(|(_, finding)| finding.severity).max()
    }
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Unread;
    use crate::check::healthy::{agent, codes, failed, hub};
    use crate::prometheus::promql::Question;
    use crate::prometheus::write_probe::Outcome;

    #[test]
    fn what_follows_from_a_consequence_is_told_by_its_cause_alone() {
        let words = "kapp: Error: waiting on reconcile deployment/prometheus-server (apps/v1) namespace: x:\n  Finished unsuccessfully (Deployment is not progressing: ProgressDeadlineExceeded)";
        let mut hub = failed(hub(), words).with_answer(Question::LastSample, Vec::new());
        hub.process.version = Err(Unread::Failed("no pod behind the Service is ready".into()));
        hub.process.probe = Err(Unread::Failed("no pod behind the Service is ready".into()));
        hub.ways_in.urls[0].probe = Ok(Outcome::NotReady(503));
        let mut agent = agent().with_metric("prometheus_remote_storage_samples_retried_total 100000");
        agent.ways_in.urls[0].probe = Ok(Outcome::NotReady(503));
        assert_eq!(codes(&[agent, hub]), ["PF207"]);
    }

    #[test]
    fn what_a_hub_says_of_one_cluster_hides_nothing_of_another() {
        let mut astray = agent();
        astray.ways_in.urls[0].url = "https://prometheus.hub.test/wrong".into();
        astray.ways_in.urls[0].probe = Ok(Outcome::WrongPath);
        let mut west = agent().with_values(|text| {
            text.replace("cluster: edge", "cluster: west").replace("replacement: edge", "replacement: west")
        });
        west.context = "admin@west".into();
        west.api.uid = Ok("uid-of-west".into());
        west.ways_in.urls[0].probe = Ok(Outcome::NotPrometheus(200));
        assert_eq!(codes(&[astray, west, hub()]), ["PF312", "PF502"]);
    }
}
