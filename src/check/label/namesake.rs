//! No two contexts write to a hub under one name.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::label::names::{hub_context, rename};
use crate::check::label::namesakes::{namesakes, twins};
use crate::check::label::variable::variable;
use crate::check::view::View;
use crate::prometheus::promql::Question;

pub(super) const CHECK: Check = Check {
    code: "PF405",
    category: Category::Label,
    title: "no two contexts share a cluster name",
    subject: Subject::Any,
    after: &[],
    page: Page {
        symptom: "Agents log `400 Bad Request: out of order sample` or `duplicate sample for timestamp`, and graphs of one cluster jump between two levels.",
        cause: "Two clusters write under one name. The package's targets are called the same everywhere, so their samples fall into the same series: the hub refuses those of one, and with each refused sample its whole batch. An out-of-order window hides that, and mixes both.",
        detected: "The cluster names in the configurations of all contexts that were read, the UIDs of their namespaces `kube-system`, and the clusters that joined the hub.",
        fix: "Give one of them another name: `kubectl promfed agent join --cluster-name NAME2`. Its series begin anew under that name.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let facts = view.facts;
    // A variable that nothing replaced is told as that.
    let name = facts.cluster_name().filter(|name| variable(name).is_none());
    let Some(name) = name else { return Ok(Judgement::Moot) };
    let same = namesakes(facts, view.all);
    let registered = view.hub.and_then(|hub| hub.stored.registry().ok()?.get(&name)?.as_deref());
    if same.is_empty() && registered.is_none() {
        return Ok(Judgement::Holds);
    }
    let own = facts.api.uid.as_deref().map_err(Clone::clone)?;
    let twins = twins(facts, view.all);
    if let Some(twin) = twins.first() {
        let finding = twins.iter().fold(None, |finding: Option<Finding>, twin| {
            let other = twin.api.uid.as_deref().unwrap_or_default();
            let cause = format!(
                "context {:?} writes as {name:?} too, and is another cluster (kube-system {}, here {})",
                twin.context,
                short(other),
                short(own)
            );
            Some(match finding {
                None => Finding::error(cause),
                Some(finding) => finding.because(cause),
            })
        });
        let Some(finding) = finding else { return Ok(Judgement::Holds) };
        return Ok(finding
            .because("the hub refuses the samples of one of them, or mixes both")
            .verdict(Verdict::Twins)
            .fix(rename(renamed(view, twin), view.all, "NAME2"))
            .into());
    }
    // All that are known are this cluster; of the rest nothing is known.
    if let Some(Err(unread)) = same.iter().map(|other| &other.api.uid).find(|uid| uid.is_err()) {
        return Err(unread.clone());
    }
    match registered {
        Some(joined) if joined != own => Ok(taken(view, &name, joined, own)),
        _ => Ok(Judgement::Holds),
    }
}

/// Another cluster joined under the name. It may be gone: one that was built anew has another UID.
fn taken(view: &View<'_>, name: &str, joined: &str, own: &str) -> Judgement {
    let cause = format!(
        "another cluster joined the hub as {name:?} (kube-system {}, here {})",
        short(joined),
        short(own)
    );
    let stored = |question| {
        let answer = view.hub.map(|hub| hub.stored.answer(question));
        matches!(answer, Some(Ok(answer)) if answer.iter().any(|series| series.label("cluster") == name))
    };
    if stored(Question::Identities) || stored(Question::IdentityChanges) {
        return Finding::error(cause)
            .because("and both write: the hub sees the identity under that name change")
            .verdict(Verdict::Twins)
            .fix(rename(view.facts, view.all, "NAME2"))
            .into();
    }
    Finding::warning(cause)
        .because("no harm if that one is gone, as when this cluster was built anew")
        .fix(Fix::hand(view.again("").command))
        .fix(rename(view.facts, view.all, "NAME2"))
        .into()
}

/// Of a hub and an agent, the agent gets the other name.
fn renamed<'f>(view: &View<'f>, twin: &'f Facts) -> &'f Facts {
    if hub_context(view.facts, view.all) == Some(&view.facts.context) { twin } else { view.facts }
}

fn short(uid: &str) -> &str {
    uid.get(..8).unwrap_or(uid)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;

    fn other(uid: &str) -> Facts {
        let mut facts = agent();
        facts.context = "admin@lab".into();
        facts.api.uid = Ok(uid.into());
        facts
    }

    #[test]
    fn both_are_told_of_each_other() {
        let all = [hub(), agent(), other("9f8e7d6c-5b4a")];
        for (context, told) in [("admin@edge", "admin@lab"), ("admin@lab", "admin@edge")] {
            let findings = found("PF405", context, &all);
            assert!(findings[0].causes[0].starts_with(&format!("context {told:?} writes as \"edge\" too")));
            assert_eq!(findings[0].verdict, Some(Verdict::Twins));
            assert_eq!(
                findings[0].fixes[0].command,
                format!(
                    "kubectl promfed agent join --context {context} --hub-context admin@hub --cluster-name NAME2"
                )
            );
        }
        assert!(
            found("PF405", "admin@edge", &all)[0].causes[0].contains("(kube-system 9f8e7d6c, here uid-of-e)")
        );
        assert!(found("PF405", "admin@hub", &all).is_empty());
    }

    #[test]
    fn an_agent_with_the_hub_s_name_gets_another_one() {
        let agent = agent().with_values(|text| text.replace("cluster: edge", "cluster: hub"));
        let findings = found("PF405", "admin@hub", &[hub(), agent]);
        assert!(findings[0].fixes[0].command.contains("--context admin@edge"), "{findings:?}");
    }

    #[test]
    fn two_contexts_of_one_cluster_are_no_twins() {
        assert!(found("PF405", "admin@edge", &[hub(), agent(), other("uid-of-edge")]).is_empty());
    }

    #[test]
    fn an_agent_of_another_hub_may_have_the_name() {
        let mut second = hub();
        second.context = "admin@hub2".into();
        second.api.uid = Ok("uid-of-hub2".into());
        second.ways_in.urls[0].url = "https://hub2.test/api/v1/write".into();
        let mut lab = other("uid-of-lab");
        lab.ways_in.urls[0].url = "https://hub2.test/api/v1/write".into();
        let all = [hub(), agent(), second, lab];
        assert!(found("PF405", "admin@edge", &all).is_empty());
    }

    #[test]
    fn a_name_that_another_cluster_joined_under_may_be_this_one_s_by_now() {
        let mut hub = hub();
        hub.stored.registry = Some(Ok(BTreeMap::from([("edge".to_owned(), Some("uid-of-old".to_owned()))])));
        let findings = found("PF405", "admin@edge", &[hub.clone(), agent()]);
        assert_eq!((findings[0].severity, findings[0].verdict), (Severity::Warning, None));
        let hub = hub.with_answer(Question::Identities, vec![series(&[("cluster", "edge")], "2")]);
        let findings = found("PF405", "admin@edge", &[hub, agent()]);
        assert_eq!((findings[0].severity, findings[0].verdict), (Severity::Error, Some(Verdict::Twins)));
    }
}
