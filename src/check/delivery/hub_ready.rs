//! The hub has replayed its log and takes requests.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::prometheus::write_probe::Outcome;

pub(super) const CHECK: Check = Check {
    code: "PF501",
    category: Category::Delivery,
    title: "the hub is ready",
    subject: Subject::Hub,
    after: &["PF101", "PF201", "PF206", "PF212"],
    page: Page {
        symptom: "No cluster reports. Agents log `Failed to send batch, retrying` with `503 Service Unavailable`.",
        cause: "The hub starts or stops. After a crash it reads its whole write-ahead log again, which takes minutes where many series are stored.",
        detected: "What the write path answered to a request without samples, and the metric `prometheus_ready` (2.36 and later).",
        fix: "Wait: agents keep what they have and send it afterwards. Do not restart them meanwhile, as a restart loses what waits. If the hub runs out of memory at each start, give it more.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let process = &view.facts.process;
    let ready = process.metrics.as_ref().map(|page| page.max("prometheus_ready"));
    let cause = match (&process.probe, ready) {
        (Ok(Outcome::NotReady(status)), _) => format!("its write path answers {status}: it starts or stops"),
        (_, Ok(Some(ready))) if ready < 1.0 => "it starts or stops: prometheus_ready is 0".to_owned(),
        (Ok(_), _) | (_, Ok(_)) => return Ok(Judgement::Holds),
        (Err(unread), Err(_)) => return Err(unread.clone()),
    };
    let namespace = &view.facts.workload.namespace;
    Ok(Finding::error(cause)
        .because("agents keep what they have until it is; do not restart them")
        .verdict(Verdict::Down)
        .fix(view.kubectl(&format!("logs -n {namespace} deployment/prometheus-server -c prometheus-server")))
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Unread;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::prometheus::write_probe::Outcome;

    #[test]
    fn a_hub_that_replays_its_log_is_told_and_not_what_follows() {
        let mut hub = hub();
        hub.process.probe = Ok(Outcome::NotReady(503));
        let agent = agent()
            .with_metric("prometheus_remote_storage_samples_retried_total 100000")
            .with_metric("prometheus_remote_storage_queue_highest_sent_timestamp_seconds 1.7999e9");
        let all = [agent, hub];
        let causes = found("PF501", "admin@hub", &all).remove(0).causes;
        assert_eq!(causes[0], "its write path answers 503: it starts or stops");
        assert_eq!(codes(&all)[0], "PF501");
        assert!(!codes(&all).contains(&"PF510"), "{:?}", codes(&all));
    }

    #[test]
    fn a_version_without_the_metric_is_not_suspected() {
        let mut hub = hub().with_metric("prometheus_ready 0");
        assert_eq!(found("PF501", "admin@hub", &[hub.clone()]).len(), 1);
        hub.process.metrics = Err(Unread::NotAsked);
        assert_eq!(found("PF501", "admin@hub", &[hub]), []);
    }
}
