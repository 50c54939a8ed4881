//! The hub's volume holds what the hub is to keep.

use super::volume::{claimed, size};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::delivery::at_hub::seconds as in_seconds;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::domain::seconds;
use crate::prometheus::PromDuration;
use crate::prometheus::metrics::Page as Metrics;
use crate::prometheus::promql::Question;

/// What a sample takes in a block, its index included: 1 to 2 bytes.
const BYTES_PER_SAMPLE: f64 = 1.5;
/// The shares of the volume above which it is nearly full, and full.
pub(in crate::check) const NEARLY: f64 = 0.85;
const FULL: f64 = 0.95;

pub(super) const CHECK: Check = Check {
    code: "PF706",
    category: Category::Capacity,
    title: "the hub's volume holds its retention",
    subject: Subject::Hub,
    after: &["PF101", "PF201", "PF206", "PF212"],
    page: Page {
        symptom: "The hub crashes with `no space left on device`, and no cluster can write any more.",
        cause: "The hub keeps samples for a time and not up to a size, and with every cluster that joins that time needs more room.",
        detected: "Samples per second times the retention, at one and a half bytes each, with the WAL, against the capacity of the claim under `storage.tsdb.path`; and what the blocks take now.",
        fix: "`--storage.tsdb.retention.size` of four fifths of the volume ends it for good. Else `kubectl promfed hub init --retention TIME` keeps less, `--storage SIZE` asks for more.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let metrics = view.facts.process.metrics.as_ref().map_err(Clone::clone)?;
    let Some(volume) = claimed(view.facts, "storage.tsdb.path") else { return Ok(Judgement::Moot) };
    let used = used(metrics);
    let (time, has_limit) = limits(view, metrics);
    let ingest = view.facts.stored.answer(Question::Ingest).ok().and_then(|answer| answer.first()?.number());
    let finding = if used > NEARLY * volume {
        let line = format!("{} of {} are used", size(used), size(volume));
        if used > FULL * volume { Finding::error(line) } else { Finding::warning(line) }
    } else {
        let (Some(time), Some(ingest), false) = (time, ingest, has_limit) else {
            return Ok(Judgement::Holds);
        };
        let per_second = ingest * BYTES_PER_SAMPLE;
        let needed = per_second * in_seconds(time) + aside(metrics);
        if needed <= volume {
            return Ok(Judgement::Holds);
        }
        let left = (volume - used).max(0.0) / per_second;
        Finding::warning(format!(
            "{time} of samples need about {}, and the volume has {}",
            size(needed),
            size(volume)
        ))
        .because(format!("{ingest:.0} samples/s come in; the volume is full in about {}", seconds(left)))
    };
    let finding = if has_limit {
        finding
    } else {
        let limit = 0.8 * volume / 1024.0 / 1024.0;
        finding.fix(Fix::hand(format!(
            "add --storage.tsdb.retention.size={limit:.0}MB to prometheus.deployment.containers.args"
        )))
    };
    Ok(finding.fix(view.again("--retention TIME")).fix(view.again("--storage SIZE")).into())
}

/// What lies on the volume.
fn used(metrics: &Metrics) -> f64 {
    metrics.sum("prometheus_tsdb_storage_blocks_bytes").unwrap_or_default() + aside(metrics)
}

/// What lies there beside the blocks.
fn aside(metrics: &Metrics) -> f64 {
    ["prometheus_tsdb_wal_storage_size_bytes", "prometheus_tsdb_head_chunks_storage_size_bytes"]
        .into_iter()
        .filter_map(|name| metrics.sum(name))
        .sum()
}

/// How long samples are kept, and whether their size is limited too: `15d or 10GiB`.
fn limits(view: &View<'_>, metrics: &Metrics) -> (Option<PromDuration>, bool) {
    let retention = view.facts.process.runtime.as_ref().map_or("", |run| run.retention.as_str());
    let (mut time, mut has_limit) = (None, false);
    for part in retention.split(" or ").filter(|part| !part.is_empty()) {
        match part.parse() {
            Ok(duration) => time = Some(duration),
            Err(_) => has_limit = true,
        }
    }
    let by_metric = metrics.max("prometheus_tsdb_retention_limit_bytes").is_some_and(|limit| limit > 0.0);
    (time, has_limit || by_metric)
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{found, hub, series};
    use crate::check::judgement::Severity;
    use crate::prometheus::promql::Question;

    #[test]
    fn a_retention_that_does_not_fit_is_told_before_the_volume_is_full() {
        let hub = hub().with_answer(Question::Ingest, vec![series(&[], "60000")]);
        let findings = found("PF706", "admin@hub", &[hub]);
        assert_eq!(findings[0].causes[0], "6w of samples need about 304.3Gi, and the volume has 150Gi");
        assert_eq!(findings[0].causes[1], "60000 samples/s come in; the volume is full in about 20d");
        assert_eq!(
            findings[0].fixes[0].command,
            "add --storage.tsdb.retention.size=122880MB to prometheus.deployment.containers.args"
        );
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn a_limit_of_size_makes_the_estimate_needless() {
        let mut hub = hub().with_answer(Question::Ingest, vec![series(&[], "60000")]);
        hub.process.runtime.as_mut().expect("its run").retention = "6w or 100GiB".into();
        assert_eq!(found("PF706", "admin@hub", &[hub]), []);
    }

    #[test]
    fn a_volume_that_is_nearly_full_is_told_by_what_is_used() {
        let nearly = hub().with_metric("prometheus_tsdb_storage_blocks_bytes 1.4e11");
        let findings = found("PF706", "admin@hub", &[nearly]);
        assert_eq!(findings[0].causes[0], "130.6Gi of 150Gi are used");
        assert_eq!(findings[0].severity, Severity::Warning);
        let full = hub().with_metric("prometheus_tsdb_storage_blocks_bytes 1.58e11");
        assert_eq!(found("PF706", "admin@hub", &[full])[0].severity, Severity::Error);
    }
}
