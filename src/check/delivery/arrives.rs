//! The hub has fresh samples of the agent's cluster.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::domain::seconds;
use crate::prometheus::promql::Question;

/// Above this age, in seconds, a cluster is silent: two scrapes of a minute, a batch, and the time to evaluate.
const SILENT: f64 = 150.0;

pub(super) const CHECK: Check = Check {
    code: "PF508",
    category: Category::Delivery,
    title: "samples arrive at the hub",
    subject: Subject::Agent,
    after: &["PF212", "PF301"],
    page: Page {
        symptom: "Dashboards are empty for one cluster, while its Prometheus looks well.",
        cause: "What it sends goes elsewhere: to a login page or another backend that answers with 200, to another hub, or under another cluster name.",
        detected: "The newest sample of `up` with the cluster's name at the hub.",
        fix: "`kubectl promfed agent join` writes the hub's own URL and waits until a sample arrives.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let Some(hub) = view.hub else { return Ok(Judgement::Moot) };
    let Some(name) = view.facts.cluster_name() else { return Ok(Judgement::Moot) };
    let newest =
        hub.stored.answer(Question::LastSample)?.iter().find(|series| series.label("cluster") == name);
    let Some(newest) = newest else {
        return Ok(Finding::error(format!("the hub on context {:?} has no sample of {name:?}", hub.context))
            .verdict(Verdict::Never)
            .fix(view.again(""))
            .into());
    };
    let asked_at = newest.value.as_ref().map_or(hub.now, |point| point.0);
    let age = asked_at - newest.number().unwrap_or_default();
    if age <= SILENT {
        return Ok(Judgement::Holds);
    }
    Ok(Finding::error(format!("the newest sample at the hub is from {} ago", seconds(age)))
        .verdict(Verdict::Silent)
        .fix(view.again(""))
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::Verdict;
    use crate::prometheus::promql::Question;

    #[test]
    fn a_cluster_that_the_hub_does_not_know_never_reported() {
        let hub = hub().with_answer(Question::LastSample, Vec::new());
        let findings = found("PF508", "admin@edge", &[agent(), hub]);
        assert_eq!(findings[0].verdict, Some(Verdict::Never));
    }

    #[test]
    fn a_cluster_whose_newest_sample_is_old_is_silent() {
        let old = vec![series(&[("cluster", "edge")], "1799990000")];
        let findings = found("PF508", "admin@edge", &[agent(), hub().with_answer(Question::LastSample, old)]);
        assert_eq!(findings[0].causes, ["the newest sample at the hub is from 166m ago"]);
    }
}
