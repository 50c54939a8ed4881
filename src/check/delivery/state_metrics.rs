//! kube-state-metrics reports once for each cluster.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged};
use crate::check::view::View;
use crate::prometheus::promql::Question;

pub(super) const CHECK: Check = Check {
    code: "PF515",
    category: Category::Delivery,
    title: "kube-state-metrics reports once for each cluster",
    subject: Subject::Hub,
    after: &["PF101", "PF201", "PF206", "PF212", "PF406"],
    page: Page {
        symptom: "Numbers of pods, nodes or requests of one cluster are twice what they should be.",
        cause: "Two jobs scrape kube-state-metrics, or two of it run: the package brings one, and somebody else installed another. Each gives every `kube_*` series once more.",
        detected: "How many series of `kube_node_info` a node has, by cluster.",
        fix: "Take one of the jobs out of `scrape_configs`, or one of the two away. A cluster without any is no finding.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let own = view.facts.cluster_name();
    let findings: Vec<_> = view
        .facts
        .stored
        .answer(Question::StateMetricsCopies)?
        .iter()
        .filter_map(|series| {
            let (cluster, copies) = (series.label("cluster"), series.number()?);
            (copies > 1.0).then(|| {
                let more = view.facts.to_read();
                let named = if cluster.is_empty() { "series without a cluster" } else { cluster };
                let finding = Finding::warning(format!(
                    "kube-state-metrics of {named} is stored {copies:.0} times: sums over kube_* are {copies:.0} times too high"
                ))
                .fix(Fix::hand(format!(
                    "kubectl promfed query 'count by (job, instance) (kube_node_info{{cluster=\"{cluster}\"}})' {more}"
                )));
                if own.as_deref() == Some(cluster) || cluster.is_empty() { finding } else { finding.about(cluster) }
            })
        })
        .collect();
    Ok(findings.into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{found, hub, series};
    use crate::prometheus::promql::Question;

    #[test]
    fn a_cluster_with_two_is_named() {
        let copies = vec![series(&[("cluster", "edge")], "2"), series(&[("cluster", "hub")], "1")];
        let hub = hub().with_answer(Question::StateMetricsCopies, copies);
        let findings = found("PF515", "admin@hub", &[hub]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].cluster.as_deref(), Some("edge"));
        assert!(findings[0].causes[0].contains("2 times too high"));
    }

    #[test]
    fn a_cluster_without_any_is_no_finding() {
        let hub = hub()
            .with_answer(Question::StateMetricsCopies, Vec::new())
            .with_answer(Question::Pods, Vec::new());
        assert_eq!(found("PF515", "admin@hub", &[hub]), []);
    }
}
