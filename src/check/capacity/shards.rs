//! An agent needs no more shards than it may have.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::delivery::at_hub::is_unread;
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::prometheus::QueueDefaults;
use crate::prometheus::promql::Question;

pub(super) const CHECK: Check = Check {
    code: "PF702",
    category: Category::Capacity,
    title: "shards are below their maximum",
    subject: Subject::Any,
    after: &[
        "PF101", "PF201", "PF206", "PF212", "PF301", "PF303", "PF310", "PF501", "PF502", "PF503", "PF504",
        "PF505", "PF508", "PF510",
    ],
    page: Page {
        symptom: "The lag of a cluster grows. The agent logs `Remote storage resharding` up to its maximum.",
        cause: "The agent would need more connections to the hub than `queue_config.max_shards` allows. Mostly each batch is too slow: the hub is busy, or far away.",
        detected: "`prometheus_remote_storage_shards_desired` against `_shards_max`. Of clusters that were not read: the same at the hub.",
        fix: "First make batches faster or larger (`max_samples_per_send`), then raise `max_shards`. Many more connections make a busy hub slower.",
        versions: "all; the default is 200 small shards before 2.44, and 50 large ones since",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    if view.is_hub() {
        return of_hub(view);
    }
    if !view.is_agent() {
        return Ok(Judgement::Moot);
    }
    let metrics = view.facts.process.metrics.as_ref().map_err(Clone::clone)?;
    let (Some(desired), Some(max)) = (
        metrics.max("prometheus_remote_storage_shards_desired"),
        metrics.max("prometheus_remote_storage_shards_max"),
    ) else {
        return Ok(Judgement::Moot);
    };
    if desired.is_nan() || desired <= max {
        return Ok(Judgement::Holds);
    }
    let finding = Finding::warning(format!("it needs {desired:.0} shards, and may have {max:.0}"))
        .because("it cannot send as fast as it scrapes")
        .verdict(Verdict::Saturated);
    let is_old = view.capabilities().is_ok_and(|version| version.queue_defaults() != QueueDefaults::TODAY);
    let config = view.facts.config().unwrap_or_default();
    let finding = if is_old && config["remote_write"][0]["queue_config"]["max_samples_per_send"].is_null() {
        finding.fix(view.again(""))
    } else {
        finding
    };
    Ok(finding
        .fix(Fix::hand("raise queue_config.max_samples_per_send at the agent, and max_shards after that"))
        .into())
}

fn of_hub(view: &View<'_>) -> Judged {
    let over = view.facts.stored.answer(Question::ShardsOverMaximum)?.iter().filter_map(|series| {
        let (cluster, over) = (series.label("cluster"), series.number()?);
        (over > 0.0 && is_unread(view, cluster)).then(|| {
            Finding::warning(format!("{cluster} needs {over:.0} shards more than it may have"))
                .about(cluster)
                .verdict(Verdict::Saturated)
                .fix(Fix::hand(
                    "raise queue_config.max_samples_per_send at its agent, and max_shards after that",
                ))
        })
    });
    Ok(over.collect::<Vec<_>>().into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::Verdict;
    use crate::prometheus::promql::Question;

    #[test]
    fn an_agent_that_wants_more_is_saturated() {
        let agent = agent().with_metric("prometheus_remote_storage_shards_desired 80.4");
        let findings = found("PF702", "admin@edge", &[agent]);
        assert_eq!(findings[0].causes[0], "it needs 80 shards, and may have 50");
        assert_eq!(findings[0].verdict, Some(Verdict::Saturated));
    }

    #[test]
    fn before_anything_was_sent_nothing_is_known() {
        let agent = agent().with_metric("prometheus_remote_storage_shards_desired NaN");
        assert_eq!(found("PF702", "admin@edge", &[agent]), []);
    }

    #[test]
    fn a_cluster_that_was_not_read_is_named_by_the_hub() {
        let over = vec![series(&[("cluster", "far")], "30"), series(&[("cluster", "edge")], "30")];
        let hub = hub().with_answer(Question::ShardsOverMaximum, over);
        let findings = found("PF702", "admin@hub", &[agent(), hub]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].causes[0], "far needs 30 shards more than it may have");
    }
}
