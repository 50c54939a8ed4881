//! No job makes new series without end.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged};
use crate::check::view::View;
use crate::prometheus::promql::Question;

/// New series at one scrape of all targets of a job.
const MANY: f64 = 10_000.0;

pub(super) const CHECK: Check = Check {
    code: "PF712",
    category: Category::Capacity,
    title: "no job makes series without end",
    subject: Subject::Hub,
    after: &["PF101", "PF201", "PF206", "PF212"],
    page: Page {
        symptom: "The hub's memory grows with every day or every rollout, although no cluster was added.",
        cause: "A label has a new value all the time: an identifier, a timestamp, or pod labels such as `pod_template_hash`, which the package's own job for pods copies by `labelmap`.",
        detected: "`scrape_series_added` by cluster and job: more than ten thousand new series at each of three scrapes or more within ten minutes.",
        fix: "Drop the label by `metric_relabel_configs` or a `labeldrop` in `relabel_configs` at the cluster.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let own = view.facts.cluster_name();
    let more = view.facts.to_read();
    let found = view.facts.stored.answer(Question::Churn)?.iter().filter_map(|series| {
        let (cluster, job, added) = (series.label("cluster"), series.label("job"), series.number()?);
        if added <= MANY {
            return None;
        }
        let finding = Finding::warning(format!("job {job} makes {added:.0} new series at every scrape, or more"))
            .because("each of them stays in the hub's memory for two hours or more")
            .fix(Fix::hand(format!(
                "kubectl promfed query 'topk(10, count by (__name__) ({{cluster=\"{cluster}\",job=\"{job}\"}}))' {more}"
            )));
        let is_own = own.as_deref() == Some(cluster) || cluster.is_empty();
        Some(if is_own { finding } else { finding.about(cluster) })
    });
    Ok(found.collect::<Vec<_>>().into())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, series};
    use crate::prometheus::promql::Question;

    fn churning(added: &str) -> Facts {
        hub().with_answer(Question::Churn, vec![series(&[("cluster", "edge"), ("job", "pods")], added)])
    }

    #[test]
    fn the_job_is_named_with_its_cluster() {
        let findings = found("PF712", "admin@hub", &[agent(), churning("25000")]);
        assert_eq!(findings[0].causes[0], "job pods makes 25000 new series at every scrape, or more");
        assert_eq!(findings[0].cluster.as_deref(), Some("edge"));
    }

    #[test]
    fn a_few_are_no_finding() {
        assert_eq!(found("PF712", "admin@hub", &[agent(), churning("900")]), []);
    }
}
