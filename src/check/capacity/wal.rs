//! The agent's WAL fits its volume.

use super::volume::{claimed, size};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement};
use crate::check::view::View;

/// The share of the volume that the WAL may have.
const FULL: f64 = 0.8;

pub(super) const CHECK: Check = Check {
    code: "PF705",
    category: Category::Capacity,
    title: "the buffer fits its volume",
    subject: Subject::Agent,
    after: &["PF101", "PF201", "PF206", "PF212"],
    page: Page {
        symptom: "The agent logs `no space left on device` and scrapes nothing any more; its WAL may have to be deleted by hand.",
        cause: "While the hub is away the WAL grows until it is truncated, and the volume is smaller than that.",
        detected: "`prometheus_tsdb_wal_storage_size_bytes` against the capacity of the claim that is mounted under `storage.agent.path`.",
        fix: "A larger volume: `kubectl promfed agent join --storage SIZE`. What is there is lost when the class of the volume cannot grow it.",
        versions: "2.43 and later, which tell the size of the WAL",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let metrics = view.facts.process.metrics.as_ref().map_err(Clone::clone)?;
    let wal = metrics.sum("prometheus_tsdb_wal_storage_size_bytes");
    let (Some(wal), Some(volume)) = (wal, claimed(view.facts, "storage.agent.path")) else {
        return Ok(Judgement::Moot);
    };
    if wal <= FULL * volume {
        return Ok(Judgement::Holds);
    }
    Ok(Finding::warning(format!("the WAL has {}, and its volume {}", size(wal), size(volume)))
        .because("when the volume is full, the agent scrapes nothing any more")
        .fix(view.again("--storage SIZE"))
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, found};

    #[test]
    fn a_wal_that_nearly_fills_its_volume_is_told() {
        let agent = agent().with_metric("prometheus_tsdb_wal_storage_size_bytes 1.8e10");
        let findings = found("PF705", "admin@edge", &[agent]);
        assert_eq!(findings[0].causes[0], "the WAL has 16.8Gi, and its volume 20Gi");
    }

    #[test]
    fn half_of_it_is_no_finding() {
        let agent = agent().with_metric("prometheus_tsdb_wal_storage_size_bytes 1e10");
        assert_eq!(found("PF705", "admin@edge", &[agent]), []);
    }
}
