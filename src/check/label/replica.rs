//! One replica of Prometheus writes, and one stores.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::promql::Question;

pub(super) const CHECK: Check = Check {
    code: "PF411",
    category: Category::Label,
    title: "one replica writes",
    subject: Subject::Any,
    // A second one that crashes, as the first one has the volume, does not write; that tells of the replicas too.
    after: &["PF206"],
    page: Page {
        symptom: "Every series of a cluster is there twice, or its agent logs `out of order sample` and `duplicate sample for timestamp`. A hub with two replicas shows other numbers at every reload.",
        cause: "The Deployment has more than one replica. Each scrapes everything and sends it; a Prometheus hub keeps both or refuses one, as it does not know them to be copies. Replicas of a hub each store what happens to reach them.",
        detected: "`spec.replicas` of the Deployment; and at the hub, whether a cluster has several values of `replica` or `prometheus_replica`.",
        fix: "Set `prometheus.deployment.replicas` to 1 in the values.",
        versions: "all",
    },
    judge,
};

/// How many replicas the Deployment has; one where it says nothing, none where it is not there.
pub(super) fn replicas(facts: &Facts) -> Reading<i32> {
    let deployment = facts.workload.deployment.as_ref().map_err(Clone::clone)?;
    Ok(deployment
        .as_ref()
        .map_or(0, |deployment| deployment.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or(1)))
}

fn judge(view: &View<'_>) -> Judged {
    let count = replicas(view.facts);
    let mut findings = Vec::new();
    if let Ok(count @ 2..) = count {
        let harm = if view.is_hub() {
            "each stores only what happens to reach it"
        } else {
            "each sends everything, and the hub stores it twice or refuses it"
        };
        findings.push(
            Finding::error(format!("Deployment prometheus-server has {count} replicas"))
                .because(harm)
                .fix(Fix::hand("prometheus.deployment.replicas: 1 in the values")),
        );
    }
    if view.is_hub() {
        findings.extend(at_hub(view));
    }
    match (findings.is_empty(), count) {
        (true, Ok(0)) => Ok(Judgement::Moot),
        (true, Err(unread)) => Err(unread),
        _ => Ok(findings.into()),
    }
}

/// Replicas of clusters that nobody read, or that come from another Deployment.
fn at_hub<'f>(view: &View<'f>) -> impl Iterator<Item = Finding> + 'f {
    let all = view.all;
    let is_told = move |name: &str| {
        let mut of_name = all.iter().filter(|facts| facts.cluster_name().as_deref() == Some(name));
        of_name.any(|facts| replicas(facts).is_ok_and(|count| count > 1))
    };
    let answer = view.facts.stored.answer(Question::Replicas).unwrap_or_default();
    answer
        .iter()
        .filter(move |series| !series.label("cluster").is_empty() && !is_told(series.label("cluster")))
        .map(|series| {
            let (name, count) = (series.label("cluster"), series.number().unwrap_or_default());
            Finding::warning(format!("{count:.0} replicas write as {name:?}"))
                .because("the hub stores the series of each, so sums over the cluster are too high")
                .about(name)
                .fix(Fix::hand("let one replica write, or drop the others with write_relabel_configs"))
        })
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Crash, Facts};
    use crate::check::healthy::{agent, found, hub, series};
    use crate::prometheus::promql::Question;

    fn doubled(mut facts: Facts) -> Facts {
        let deployment =
            facts.workload.deployment.as_mut().expect("a reading").as_mut().expect("a Deployment");
        deployment.spec.as_mut().expect("a spec").replicas = Some(2);
        facts
    }

    #[test]
    fn two_replicas_are_found_where_they_are() {
        let seen = hub().with_answer(Question::Replicas, vec![series(&[("cluster", "edge")], "2")]);
        let all = [seen, doubled(agent())];
        let findings = found("PF411", "admin@edge", &all);
        assert_eq!(findings[0].causes[0], "Deployment prometheus-server has 2 replicas");
        assert!(found("PF411", "admin@hub", &all).is_empty());
        let findings = found("PF411", "admin@hub", &[doubled(hub())]);
        assert_eq!(findings[0].causes[1], "each stores only what happens to reach it");
    }

    #[test]
    fn a_second_one_that_does_not_get_the_volume_is_told_by_its_crash() {
        let mut facts = doubled(agent());
        facts.workload.crash = Ok(Some(Crash {
            pod: "prometheus-server-2".into(),
            exit_code: 1,
            last_line: Some("level=ERROR msg=\"Fatal error\" err=\"opening storage failed: lock DB directory: resource temporarily unavailable\"".into()),
        }));
        let all = [hub(), facts];
        assert_eq!(found("PF411", "admin@edge", &all), []);
        assert!(found("PF206", "admin@edge", &all)[0].causes[1].ends_with("has 2 replicas"));
    }

    #[test]
    fn replicas_that_only_the_hub_sees_are_told_there() {
        let hub = hub().with_answer(Question::Replicas, vec![series(&[("cluster", "lab")], "2")]);
        let findings = found("PF411", "admin@hub", &[hub, agent()]);
        assert_eq!(findings[0].causes[0], "2 replicas write as \"lab\"");
        assert_eq!(findings[0].cluster.as_deref(), Some("lab"));
    }
}
