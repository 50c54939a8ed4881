//! The queue of an agent is set up to keep up, and to keep what waits.

use serde_json::Value;

use super::buffer::buffer;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::delivery::at_hub::seconds as in_seconds;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::metrics::Page as Metrics;
use crate::prometheus::{PromDuration, QueueDefaults};

/// What a hub takes of samples that are late, in seconds: more than that is lost in any case.
const HEAD: f64 = 3600.0;
/// Who can send so many times what comes in gets rid of what waited during an outage.
const SPARE: f64 = 1.5;
/// Of fewer seconds since its start an agent tells nothing.
const SETTLED: f64 = 300.0;

pub(super) const CHECK: Check = Check {
    code: "PF714",
    category: Category::Capacity,
    title: "the queue is set up to keep up",
    subject: Subject::Agent,
    after: &["PF101", "PF201", "PF206", "PF212", "PF310", "PF511", "PF701", "PF702"],
    page: Page {
        symptom: "After an outage of the hub, a cluster stays behind for hours; or the time of the outage is missing, although the buffer is longer.",
        cause: "`queue_config` was tuned for another hub. Few shards of small batches cannot send faster than samples come in, a `capacity` below one batch makes each wait for the one before, and `sample_age_limit` drops what waited longer.",
        detected: "`queue_config` of the loaded configuration; what all shards together can send by the mean time that a batch took, against what the agent scraped; and `sample_age_limit` against the buffer.",
        fix: "Take the field out of `queue_config`: the defaults since 2.44 are right for nearly all clusters, and `kubectl promfed agent join` writes them for older versions.",
        versions: "all; `sample_age_limit` since 2.50; 3.12 and later refuse more shards at least than at most",
    },
    judge,
};

/// The fields of one entry that matter here.
struct Queue {
    min_shards: f64,
    max_shards: f64,
    batch: f64,
    capacity: f64,
    age_limit: Option<PromDuration>,
}

impl Queue {
    fn of(entry: &Value, defaults: QueueDefaults) -> Self {
        let queue = &entry["queue_config"];
        let number = |name: &str, default: u32| queue[name].as_f64().unwrap_or(f64::from(default));
        let limit = queue["sample_age_limit"].as_str().and_then(|text| text.parse().ok());
        Self {
            min_shards: number("min_shards", 1),
            max_shards: number("max_shards", defaults.max_shards),
            batch: number("max_samples_per_send", defaults.max_samples_per_send),
            capacity: number("capacity", defaults.capacity),
            age_limit: limit.filter(|limit: &PromDuration| limit.milliseconds() > 0),
        }
    }
}

fn judge(view: &View<'_>) -> Judged {
    let config = view.facts.config()?;
    let entries = config["remote_write"].as_array().map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Ok(Judgement::Moot);
    }
    let defaults = view.capabilities()?.queue_defaults();
    // The page does not tell entries apart in every version.
    let speeds = if entries.len() == 1 { speeds(view) } else { None };
    let findings = entries.iter().flat_map(|entry| {
        let queue = Queue::of(entry, defaults);
        [contradiction(&queue), slow(&queue, speeds), cramped(&queue), forgetful(view, &queue)]
    });
    Ok(findings.flatten().collect::<Vec<_>>().into())
}

fn contradiction(queue: &Queue) -> Option<Finding> {
    let Queue { min_shards: min, max_shards: max, .. } = queue;
    (min > max).then(|| {
        Finding::warning(format!("queue_config wants at least {min:.0} shards, and at most {max:.0}"))
            .because("Prometheus 3.12 and later do not load that")
            .fix(Fix::hand("take queue_config.min_shards out of the agent's remote_write"))
    })
}

/// The samples per second that come in, and the seconds that a batch takes.
fn speeds(view: &View<'_>) -> Option<(f64, f64)> {
    let metrics: &Metrics = view.facts.process.metrics.as_ref().ok()?;
    let runs_for = view.facts.now - view.facts.process.runtime.as_ref().ok()?.started_at;
    let taken = metrics.sum("prometheus_agent_samples_appended_total")?;
    let of_batches =
        |part: &str| metrics.sum(&format!("prometheus_remote_storage_sent_batch_duration_seconds_{part}"));
    let (sum, count) = (of_batches("sum")?, of_batches("count")?);
    (runs_for > SETTLED && count > 0.0 && sum > 0.0).then(|| (taken / runs_for, sum / count))
}

fn slow(queue: &Queue, speeds: Option<(f64, f64)>) -> Option<Finding> {
    let (comes_in, batch_takes) = speeds?;
    let goes_out = queue.max_shards * queue.batch / batch_takes;
    let Queue { max_shards: shards, batch, .. } = queue;
    (goes_out < SPARE * comes_in).then(|| {
        Finding::warning(format!("it can send {goes_out:.0} samples/s at most, and scrapes {comes_in:.0}"))
            .because(format!("max_shards is {shards:.0}, max_samples_per_send {batch:.0}, and a batch takes {batch_takes:.2}s"))
            .because("what waits after an outage of the hub is hardly ever caught up")
            .fix(Fix::hand("raise queue_config.max_samples_per_send to 2000, and max_shards after that"))
    })
}

fn cramped(queue: &Queue) -> Option<Finding> {
    let Queue { capacity, batch, .. } = queue;
    (capacity < batch).then(|| {
        Finding::warning(format!(
            "queue_config.capacity is {capacity:.0}, and one batch has {batch:.0} samples"
        ))
        .because("a shard holds one batch only, and what comes after it waits until that is sent")
        .fix(Fix::hand(format!(
            "raise queue_config.capacity to {:.0} to {:.0}: three to ten batches",
            3.0 * batch,
            10.0 * batch
        )))
    })
}

fn forgetful(view: &View<'_>, queue: &Queue) -> Option<Finding> {
    let limit = queue.age_limit?;
    let buffer = buffer(view.facts).ok()?;
    (in_seconds(limit) < HEAD.min(in_seconds(buffer))).then(|| {
        Finding::warning(format!(
            "what waits for longer than {limit} is dropped (queue_config.sample_age_limit)"
        ))
        .because(format!("the agent keeps it for {buffer}, and the hub would still take the last hour of it"))
        .fix(Fix::hand("raise queue_config.sample_age_limit of the agent's remote_write, or take it out"))
    })
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::Severity;

    fn with(queue: &str) -> Facts {
        agent().with_config(&format!(
            "global: {{external_labels: {{cluster: edge}}}}\nremote_write: [{{url: 'https://prometheus.hub.test/api/v1/write', queue_config: {{{queue}}}}}]\n"
        ))
    }

    /// Some samples since its start 100000 seconds ago, and batches of a tenth of a second.
    fn scraping(facts: Facts, samples: &str) -> Facts {
        facts
            .with_metric(&format!("prometheus_agent_samples_appended_total {samples}"))
            .with_metric("prometheus_remote_storage_sent_batch_duration_seconds_sum 100")
            .with_metric("prometheus_remote_storage_sent_batch_duration_seconds_count 1000")
    }

    fn first(facts: Facts) -> String {
        let findings = found("PF714", "admin@edge", &[facts]);
        findings.first().map(|finding| finding.causes[0].clone()).unwrap_or_default()
    }

    #[test]
    fn one_shard_is_told_where_it_is_too_slow_and_not_where_it_is_enough() {
        let one = || with("max_shards: 1, max_samples_per_send: 100, capacity: 1000");
        assert_eq!(first(scraping(one(), "9e7")), "it can send 1000 samples/s at most, and scrapes 900");
        assert_eq!(first(scraping(one(), "1e7")), "");
        assert_eq!(first(one()), "");
    }

    #[test]
    fn a_capacity_below_a_batch_is_told_with_a_better_one() {
        let findings = found("PF714", "admin@edge", &[with("capacity: 500")]);
        assert_eq!(findings[0].causes[0], "queue_config.capacity is 500, and one batch has 2000 samples");
        assert!(findings[0].fixes[0].command.contains("to 6000 to 20000"), "{findings:?}");
        // The batches of before 2.44 are smaller.
        let old = with("capacity: 500").with_version("2.43.0").with_flag("enable-feature", "agent");
        assert_eq!(first(old), "");
    }

    #[test]
    fn an_age_limit_below_what_buffer_and_hub_would_save_is_told() {
        let findings = found("PF714", "admin@edge", &[with("sample_age_limit: 10m")]);
        assert!(
            findings[0].causes[0].starts_with("what waits for longer than 10m is dropped"),
            "{findings:?}"
        );
        assert_eq!(findings[0].severity, Severity::Warning);
        for fine in ["sample_age_limit: 0s", "sample_age_limit: 2h"] {
            assert_eq!(first(with(fine)), "", "{fine}");
        }
        let short = with("sample_age_limit: 10m").with_flag("storage.agent.wal-truncate-frequency", "5m");
        assert_eq!(first(short), "");
    }

    #[test]
    fn more_shards_at_least_than_at_most_are_told() {
        assert_eq!(
            first(with("min_shards: 10, max_shards: 2")),
            "queue_config wants at least 10 shards, and at most 2"
        );
    }

    #[test]
    fn defaults_and_what_promfed_writes_are_no_finding() {
        assert_eq!(first(with("max_shards: 50, max_samples_per_send: 2000, capacity: 10000")), "");
        assert!(!codes(&[scraping(agent(), "1e8"), hub()]).contains(&"PF714"));
    }
}
