//! Every cluster that joined reports to the hub.

use super::at_hub::age;
use super::ingress;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::domain::seconds;

/// Above this age of the newest sample, in seconds, a cluster is silent.
pub(in crate::check) const SILENT: f64 = 600.0;

pub(super) const CHECK: Check = Check {
    code: "PF509",
    category: Category::Delivery,
    title: "every joined cluster reports",
    subject: Subject::Hub,
    after: &["PF101", "PF201", "PF206", "PF212", "PF301", "PF303", "PF501", "PF502"],
    page: Page {
        symptom: "A cluster is missing in dashboards, and no alert fires: a cluster that is gone has no `up` that could be 0.",
        cause: "Its agent does not run, cannot reach the hub, or is refused; or the cluster was deleted and never left.",
        detected: "The clusters that joined by promfed, held against the newest sample of `up` of each at the hub: none in a week, or none in ten minutes.",
        fix: "`kubectl promfed agent status` on the cluster says what holds it up. `kubectl promfed agent leave` takes it out of the list.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let registry = view.facts.stored.registry()?;
    let own = view.facts.cluster_name();
    let mut findings = Vec::new();
    // Whose own context was read says it there, with the cause.
    let is_read = |name: &String| view.others().any(|facts| facts.cluster_name().as_ref() == Some(name));
    for name in registry.keys().filter(|name| own.as_ref() != Some(*name) && !is_read(name)) {
        let (cause, verdict) = match age(view.facts, name)? {
            None => (format!("{name} joined, and the hub has no sample of it in a week"), Verdict::Never),
            Some(age) if age > SILENT => {
                (format!("the newest sample of {name} is from {} ago", seconds(age)), Verdict::Silent)
            }
            Some(_) => continue,
        };
        let hub = &view.facts.context;
        let fix = Fix::hand(format!("kubectl promfed check --context CONTEXT --hub-context {hub}"));
        findings.push(Finding::error(cause).about(name).verdict(verdict).fix(fix));
    }
    if !findings.is_empty() {
        ingress::explains(view)?;
    }
    Ok(Judgement::from(findings))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::Verdict;
    use crate::prometheus::promql::Question;

    fn joined(names: &[&str]) -> Facts {
        let mut hub = hub();
        let registry: BTreeMap<_, _> = names.iter().map(|name| ((*name).to_owned(), None)).collect();
        hub.stored.registry = Some(Ok(registry));
        hub
    }

    #[test]
    fn who_never_reported_and_who_fell_silent_are_told_apart() {
        let hub = joined(&["edge", "hub", "new"])
            .with_answer(Question::LastSample, vec![series(&[("cluster", "edge")], "1799990000")]);
        let findings = found("PF509", "admin@hub", std::slice::from_ref(&hub));
        let told: Vec<_> = findings
            .iter()
            .map(|one| (one.cluster.as_deref(), one.verdict, one.causes[0].as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (Some("edge"), Some(Verdict::Silent), "the newest sample of edge is from 166m ago"),
                (Some("new"), Some(Verdict::Never), "new joined, and the hub has no sample of it in a week"),
            ]
        );
        // A context that was read speaks for itself.
        let findings = found("PF509", "admin@hub", &[agent(), hub]);
        assert_eq!(findings.iter().filter_map(|one| one.cluster.as_deref()).collect::<Vec<_>>(), ["new"]);
    }

    #[test]
    fn five_minutes_are_no_silence() {
        let hub = joined(&["edge"])
            .with_answer(Question::LastSample, vec![series(&[("cluster", "edge")], "1799999700")]);
        assert_eq!(found("PF509", "admin@hub", &[hub]), []);
    }
}
