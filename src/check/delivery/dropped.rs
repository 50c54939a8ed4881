//! Nothing is dropped before it is sent.

use std::collections::BTreeMap;

use super::at_hub::is_unread;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::prometheus::metrics::Page as Metrics;
use crate::prometheus::promql::Question;

/// What `write_relabel_configs` drops, because somebody wanted it.
pub(in crate::check) const WANTED: &str = "dropped_series";

pub(super) const CHECK: Check = Check {
    code: "PF511",
    category: Category::Delivery,
    title: "nothing is dropped",
    subject: Subject::Any,
    after: &["PF101", "PF201", "PF206", "PF212"],
    page: Page {
        symptom: "The hub has fewer series of a cluster than its agent scrapes, and nothing is logged as refused.",
        cause: "The agent itself drops samples: what `write_relabel_configs` takes out, what is older than `sample_age_limit`, histograms with custom buckets over remote write 1.0, or samples of series that it lost track of.",
        detected: "`prometheus_remote_storage_samples_dropped_total` by reason against all that the agent took in. What relabeling drops counts only above nine in ten. Of clusters that were not read: the same metric at the hub.",
        fix: "Look at `write_relabel_configs` and `queue_config.sample_age_limit` of the agent's `remote_write`.",
        versions: "all; by reason since 2.50",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    if view.is_agent() {
        return Ok(by_agent(view.facts.process.metrics.as_ref().map_err(Clone::clone)?).into());
    }
    if !view.is_hub() {
        return Ok(Judgement::Moot);
    }
    let dropped = view.facts.stored.answer(Question::Dropped)?.iter().filter_map(|series| {
        let (cluster, reason, rate) = (series.label("cluster"), series.label("reason"), series.number()?);
        (is_harm(reason) && rate > 0.0 && is_unread(view, cluster)).then(|| {
            Finding::error(format!("{rate:.1} samples/s of {cluster} are dropped: {}", meaning(reason)))
                .about(cluster)
                .verdict(Verdict::Losing)
                .fix(fix(reason))
        })
    });
    Ok(dropped.collect::<Vec<_>>().into())
}

fn by_agent(metrics: &Metrics) -> Vec<Finding> {
    let taken = ["prometheus_agent_samples_appended_total", "prometheus_remote_storage_samples_in_total"];
    let Some(taken) = taken.iter().find_map(|name| metrics.sum(name)).filter(|taken| *taken > 0.0) else {
        return Vec::new();
    };
    let mut by_reason: BTreeMap<String, f64> = BTreeMap::new();
    for sample in metrics.of("prometheus_remote_storage_samples_dropped_total") {
        let reason = sample.labels.get("reason").unwrap_or_default().to_owned();
        *by_reason.entry(reason).or_default() += sample.value;
    }
    let told = by_reason.into_iter().filter_map(|(reason, dropped)| {
        let percent = 100.0 * dropped / taken;
        let line = format!("{:.0} of 100 samples are dropped: {}", percent.min(100.0), meaning(&reason));
        if is_harm(&reason) && percent > 1.0 {
            Some(Finding::error(line).verdict(Verdict::Losing).fix(fix(&reason)))
        } else if !is_harm(&reason) && percent > 90.0 {
            Some(Finding::warning(line).fix(fix(&reason)))
        } else {
            None
        }
    });
    told.collect()
}

/// Before 2.50 there is no reason, and most of it is what somebody wanted.
fn is_harm(reason: &str) -> bool {
    !matches!(reason, "" | WANTED)
}

fn meaning(reason: &str) -> &str {
    match reason {
        "" | WANTED => "by write_relabel_configs",
        "too_old" => "older than sample_age_limit",
        "nhcb_in_rw1_not_supported" => "histograms with custom buckets, which remote write 1.0 cannot carry",
        "unintentionally_dropped_series" => {
            "of series that remote write does not know (a bug or a damaged WAL)"
        }
        other => other,
    }
}

fn fix(reason: &str) -> Fix {
    Fix::hand(match reason {
        "too_old" => "raise queue_config.sample_age_limit of the agent's remote_write, or take it out",
        "nhcb_in_rw1_not_supported" => {
            "set protobuf_message: io.prometheus.write.v2.Request where the hub is 2.54 or later"
        }
        "" | WANTED => "look at write_relabel_configs of the agent's remote_write: nearly nothing passes",
        _ => "kubectl promfed agent status --context CONTEXT",
    })
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;

    fn dropping(reason: &str, count: u32) -> Facts {
        agent()
            .with_metric("prometheus_agent_samples_appended_total{type=\"float\"} 100000")
            .with_metric(&format!("prometheus_remote_storage_samples_dropped_total{{{reason}}} {count}"))
    }

    #[test]
    fn what_is_too_old_is_lost() {
        let findings = found("PF511", "admin@edge", &[dropping("reason=\"too_old\"", 20_000)]);
        assert_eq!(findings[0].causes[0], "20 of 100 samples are dropped: older than sample_age_limit");
        assert_eq!(findings[0].verdict, Some(Verdict::Losing));
    }

    #[test]
    fn relabeling_may_drop_much_and_not_nearly_everything() {
        let half = dropping("reason=\"dropped_series\"", 50_000);
        assert_eq!(found("PF511", "admin@edge", &[half]), []);
        assert_eq!(found("PF511", "admin@edge", &[dropping("", 50_000)]), []);
        let all = dropping("reason=\"dropped_series\"", 95_000);
        assert_eq!(found("PF511", "admin@edge", &[all])[0].severity, Severity::Warning);
    }

    #[test]
    fn a_cluster_that_was_not_read_is_named_by_the_hub() {
        let answer = vec![
            series(&[("cluster", "far"), ("reason", "too_old")], "3"),
            series(&[("cluster", "far"), ("reason", "dropped_series")], "300"),
            series(&[("cluster", "edge"), ("reason", "too_old")], "3"),
        ];
        let findings = found("PF511", "admin@hub", &[agent(), hub().with_answer(Question::Dropped, answer)]);
        let causes: Vec<_> = findings.iter().map(|finding| finding.causes[0].as_str()).collect();
        assert_eq!(causes, ["3.0 samples/s of far are dropped: older than sample_age_limit"]);
    }
}
