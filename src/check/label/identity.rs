//! One cluster writes under each name, as far as the hub can see.

use std::collections::BTreeSet;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Verdict};
use crate::check::label::namesakes::names_of_twins;
use crate::check::label::replica::replicas;
use crate::check::view::View;
use crate::domain::seconds;
use crate::prometheus::promql::Question;

/// One change of identity is a cluster that was built anew.
pub(in crate::check) const CHANGES: f64 = 2.0;
/// The time over which [`Question::Restarts`] looks back, in seconds.
const HALF_AN_HOUR: f64 = 1800.0;

pub(super) const CHECK: Check = Check {
    code: "PF406",
    category: Category::Label,
    title: "one cluster writes under each name",
    subject: Subject::Hub,
    after: &["PF212", "PF405"],
    page: Page {
        symptom: "Agents log `400 Bad Request: out of order sample` or `duplicate sample for timestamp`. Counters of one cluster go up and down as if it restarted all the time.",
        cause: "Two clusters write under one name, and one of them may be none of the contexts that were read: a clone of a cluster with its values, or a test that nobody took down.",
        detected: "At the hub, for every name: when the namespace `kube-system` was created (kube-state-metrics tells; it is constant in one cluster), how many agents report themselves, and, as the weakest sign, how often Prometheus seems to have started.",
        fix: "Find the other cluster with `kubectl promfed status --all-contexts`, and join it under another name.",
        versions: "all; from kube-state-metrics where it runs, agents themselves since 2.32",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let told = [Question::IdentityChanges, Question::Identities, Question::Agents, Question::Restarts];
    let answers = told.map(|question| view.facts.stored.answer(question));
    if let [Err(unread), Err(_), Err(_), Err(_)] = &answers {
        return Err(unread.clone());
    }
    let explained = names_of_twins(view.all);
    let names: BTreeSet<&str> =
        answers.iter().flatten().copied().flatten().map(|series| series.label("cluster")).collect();
    let findings: Vec<_> = names
        .into_iter()
        .filter(|name| !name.is_empty() && !explained.iter().any(|explained| explained == name))
        .filter_map(|name| of_name(view, name))
        .collect();
    Ok(findings.into())
}

fn of_name(view: &View<'_>, name: &str) -> Option<Finding> {
    let number = |question| number(view.facts, question, name);
    let contexts: Vec<_> =
        view.all.iter().filter(|facts| facts.cluster_name().as_deref() == Some(name)).collect();
    let finding = if let Some(identities) = number(Question::Identities).filter(|count| *count > 1.0) {
        let finding = Finding::error(format!("{identities:.0} clusters report as {name:?}"))
            .because("kube-state-metrics tells that many times at which kube-system was created");
        finding.verdict(Verdict::Twins)
    } else if let Some(changes) = number(Question::IdentityChanges).filter(|changes| *changes >= CHANGES) {
        Finding::error(format!(
            "what reports as {name:?} became another cluster {changes:.0} times within an hour"
        ))
        .because("the time at which kube-system was created changes to and fro")
        .verdict(Verdict::Twins)
    } else if let Some(agents) = agents(view, name, &contexts) {
        Finding::warning(format!("{agents:.0} agents report as {name:?}"))
            .because("two clusters, or one agent that two of its own jobs scrape")
            .verdict(Verdict::Twins)
    } else {
        let starts = number(Question::Restarts).filter(|starts| *starts > 3.0)?;
        of_starts(name, starts, &contexts)?
    };
    let more = view.facts.to_join(None);
    Some(
        finding.about(name).fix(Fix::hand("find the other one: kubectl promfed status --all-contexts")).fix(
            Fix::hand(format!("kubectl promfed agent join --context CONTEXT {more} --cluster-name NAME2")),
        ),
    )
}

/// More than one agent, where kube-state-metrics does not tell better, and where it is no matter of replicas.
fn agents(view: &View<'_>, name: &str, contexts: &[&Facts]) -> Option<f64> {
    let agents = number(view.facts, Question::Agents, name).filter(|agents| *agents > 1.0)?;
    let is_told = number(view.facts, Question::Pods, name).is_some();
    let is_replicated = contexts.iter().any(|facts| replicas(facts).is_ok_and(|count| count > 1));
    (!is_told && !is_replicated).then_some(agents)
}

/// A Prometheus that starts again and again looks like two that take turns.
fn of_starts(name: &str, starts: f64, contexts: &[&Facts]) -> Option<Finding> {
    let cause = format!("Prometheus of {name:?} seems to have started {starts:.0} times within half an hour");
    let Some(facts) = contexts.first() else {
        return Some(Finding::warning(cause).because(
            "either two clusters write under that name, or one Prometheus crashes again and again",
        ));
    };
    let runs = facts.now - facts.process.runtime.as_ref().ok()?.started_at;
    // One that started lately is in trouble of its own.
    (runs > HALF_AN_HOUR).then(|| {
        Finding::error(cause)
            .because(format!(
                "the one on context {:?} has run for {}, so there is another",
                facts.context,
                seconds(runs)
            ))
            .verdict(Verdict::Twins)
    })
}

fn number(hub: &Facts, question: Question, name: &str) -> Option<f64> {
    let answer = hub.stored.answer(question).ok()?;
    answer.iter().find(|series| series.label("cluster") == name)?.number()
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub, series};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;

    fn with(question: Question, value: &str) -> Facts {
        hub().with_answer(question, vec![series(&[("cluster", "edge")], value)])
    }

    #[test]
    fn an_identity_that_changes_is_of_two_clusters() {
        let findings = found("PF406", "admin@hub", &[with(Question::IdentityChanges, "11"), agent()]);
        assert_eq!(
            findings[0].causes[0],
            "what reports as \"edge\" became another cluster 11 times within an hour"
        );
        assert_eq!(findings[0].cluster.as_deref(), Some("edge"));
        assert_eq!(findings[0].verdict, Some(Verdict::Twins));
        assert!(found("PF406", "admin@hub", &[with(Question::IdentityChanges, "1"), agent()]).is_empty());
        assert_eq!(found("PF406", "admin@hub", &[with(Question::Identities, "2"), agent()]).len(), 1);
    }

    #[test]
    fn contexts_that_share_the_name_explain_it() {
        let mut lab = agent();
        lab.context = "admin@lab".into();
        lab.api.uid = Ok("uid-of-lab".into());
        let all = [with(Question::IdentityChanges, "11"), agent(), lab];
        assert_eq!(codes(&all), ["PF405", "PF405"]);
    }

    #[test]
    fn agents_are_counted_where_nothing_tells_better() {
        let hub = with(Question::Agents, "2");
        assert!(found("PF406", "admin@hub", &[hub.clone(), agent()]).is_empty());
        let hub = hub.with_answer(Question::Pods, Vec::new());
        let findings = found("PF406", "admin@hub", &[hub, agent()]);
        assert_eq!(findings[0].causes[0], "2 agents report as \"edge\"");
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn starts_are_of_another_one_only_where_this_one_runs() {
        let hub = with(Question::Restarts, "12");
        let findings = found("PF406", "admin@hub", &[hub.clone(), agent()]);
        assert!(findings[0].causes[1].contains("has run for 27h"), "{findings:?}");
        assert_eq!(found("PF406", "admin@hub", std::slice::from_ref(&hub))[0].verdict, None);
        let mut crashing = agent();
        crashing.process.runtime.as_mut().expect("a runtime").started_at = crashing.now - 60.0;
        assert!(found("PF406", "admin@hub", &[hub, crashing]).is_empty());
    }
}
