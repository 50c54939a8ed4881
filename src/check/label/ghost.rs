//! Every cluster name at the hub belongs to a cluster that joined it.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::delivery::at_hub::{PATIENCE, age};
use crate::check::facts::Facts;
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::label::brought::brought;
use crate::check::label::few;
use crate::check::label::names::{fresh, own};
use crate::check::view::View;
use crate::domain::seconds;

pub(super) const CHECK: Check = Check {
    code: "PF408",
    category: Category::Label,
    title: "every cluster name at the hub is known",
    subject: Subject::Hub,
    after: &["PF212", "PF301"],
    page: Page {
        symptom: "The hub shows a cluster that nobody joined: `mimir`, `kafka`, an old name, or a test.",
        cause: "Series brought a label `cluster` of their own, which wins over the external one; or a cluster was renamed by hand, or writes without having joined by promfed.",
        detected: "The names of `up` of the last ten minutes at the hub, against the clusters that joined, the contexts that were read and the hub's own name. Where nobody joined by promfed, nothing is judged.",
        fix: "`kubectl promfed query 'count by (job, instance) (up{cluster=\"NAME\"})'` shows where it comes from. `kubectl promfed agent join` makes a cluster known, and labels its jobs so that nothing else wins.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let registry = view.facts.stored.registry()?;
    if registry.is_empty() {
        return Ok(Judgement::Moot);
    }
    let fresh = fresh(view.facts)?;
    let mut known = own(view.facts);
    known.extend(registry.keys().cloned());
    known.extend(view.all.iter().filter_map(Facts::cluster_name));
    // What pods bring in is told where the pods are.
    known.extend(view.all.iter().filter_map(|facts| brought(facts).ok()).flat_map(BTreeMap::into_keys));
    let silent: BTreeSet<_> = registry.keys().filter(|name| !fresh.contains(name.as_str())).collect();
    let silent: Vec<_> = silent.into_iter().map(|name| format!("{name:?}")).collect();
    let more = view.facts.to_join(None);
    let ghosts = fresh.into_iter().filter(|name| !known.contains(*name)).map(|name| {
        let finding = match age(view.facts, name) {
            Ok(Some(age)) if age > PATIENCE => Finding::warning(format!(
                "somebody wrote as {name:?} until {} ago, and no cluster of that name joined",
                seconds(age)
            )),
            _ => Finding::warning(format!("somebody writes as {name:?}, and no cluster of that name joined")),
        };
        let finding = match silent.as_slice() {
            [] => finding,
            silent => finding.because(format!("{} is silent: perhaps it was renamed", few(silent))),
        };
        finding
            .about(name)
            .verdict(Verdict::Ghost)
            .fix(Fix::hand(format!(
                "where it comes from: kubectl promfed query 'count by (job, instance) (up{{cluster=\"{name}\"}})' {more}",
                more = view.facts.to_read()
            )))
            .fix(Fix::hand(format!(
                "kubectl promfed agent join --context CONTEXT {more} --cluster-name {name}"
            )))
    });
    Ok(ghosts.collect::<Vec<_>>().into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::Verdict;
    use crate::prometheus::promql::Question;

    fn with(names: &[(&str, &str)]) -> Facts {
        let newest = names.iter().map(|(name, at)| series(&[("cluster", name)], at)).collect();
        hub().with_answer(Question::LastSample, newest)
    }

    #[test]
    fn a_name_that_nobody_joined_under_is_a_ghost() {
        let hub = with(&[
            ("edge", "1799999990"),
            ("hub", "1799999990"),
            ("mimir", "1799999990"),
            ("", "1799999990"),
        ]);
        let findings = found("PF408", "admin@hub", &[hub, agent()]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].causes, ["somebody writes as \"mimir\", and no cluster of that name joined"]);
        assert_eq!(
            (findings[0].cluster.as_deref(), findings[0].verdict),
            (Some("mimir"), Some(Verdict::Ghost))
        );
    }

    #[test]
    fn one_that_no_longer_writes_is_told_as_such() {
        let hub = with(&[("edge", "1799999990"), ("mimir", "1799999700")]);
        assert_eq!(
            found("PF408", "admin@hub", &[hub])[0].causes,
            ["somebody wrote as \"mimir\" until 5m ago, and no cluster of that name joined"]
        );
    }

    #[test]
    fn one_that_is_silent_may_have_been_renamed() {
        let hub = with(&[("edge", "1799990000"), ("hub", "1799999990"), ("edge-1", "1799999990")]);
        let findings = found("PF408", "admin@hub", &[hub]);
        assert_eq!(findings[0].causes[1], "\"edge\" is silent: perhaps it was renamed");
    }

    #[test]
    fn old_names_and_hubs_that_nobody_joined_by_promfed_have_no_ghosts() {
        assert!(found("PF408", "admin@hub", &[with(&[("gone", "1799990000")])]).is_empty());
        let mut hub = with(&[("mimir", "1799999990")]);
        hub.stored.registry = Some(Ok(BTreeMap::new()));
        assert!(found("PF408", "admin@hub", &[hub]).is_empty());
    }
}
