//! The hub refuses nobody: neither by what it answers, nor by what clusters that were not read say of themselves.

use super::at_hub::is_unread;
use super::refusal::{age, is_stuck};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading};
use crate::check::judgement::{Finding, Fix, Judged, Severity, Verdict};
use crate::check::view::View;
use crate::prometheus::Role;
use crate::prometheus::api::Series;
use crate::prometheus::metrics::Page as Metrics;
use crate::prometheus::promql::Question;

/// Fewer refusals than this in five minutes may be anybody's.
pub(in crate::check) const FEW: f64 = 20.0;
/// The time over which [`Question::WriteRequests`] looks back, in seconds.
const FIVE_MINUTES: f64 = 300.0;
/// What a hub logs of a request whose body is empty: each probe of promfed's is one, and is refused.
const PROBE: &str = "snappy: corrupt input";
/// The share of write requests that may fail.
pub(in crate::check) const SHARE: f64 = 0.01;

pub(super) const CHECK: Check = Check {
    code: "PF513",
    category: Category::Delivery,
    title: "the hub refuses nobody",
    subject: Subject::Hub,
    after: &["PF101", "PF201", "PF206", "PF212", "PF301", "PF303", "PF406", "PF501", "PF506"],
    page: Page {
        symptom: "Some clusters have holes or fall behind. The hub logs `Out of order sample from remote write` or `Error on ingesting samples`.",
        cause: "The hub answers write requests with 4xx, which loses them, or with 5xx, which has them sent again. What its ingress refuses, and credentials that are wrong, are not counted here.",
        detected: "`prometheus_http_requests_total` of the write path by code, over five minutes; and what clusters whose contexts were not read tell of themselves: `prometheus_remote_storage_samples_failed_total` and `_retried_total`.",
        fix: "Read the agents too, as with `kubectl promfed status --all-contexts`: their logs say why. The hub's log names the series.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let mut findings = by_code(view)?;
    for (question, severity, what, verdict) in [
        (Question::Failed, Severity::Error, "are refused, and lost", Some(Verdict::Losing)),
        // It tells this by samples that got through.
        (Question::Retried, Severity::Warning, "are sent again", None),
    ] {
        for series in view.facts.stored.answer(question)? {
            let (cluster, Some(rate)) = (series.label("cluster"), series.number()) else { continue };
            if rate > 0.0 && is_unread(view, cluster) {
                let mut finding = Finding::warning(format!("{rate:.1} samples/s of {cluster} {what}"))
                    .about(cluster)
                    .fix(Fix::hand("kubectl promfed agent status --context CONTEXT"));
                (finding.severity, finding.verdict) = (severity, verdict);
                findings.push(finding);
            }
        }
    }
    Ok(findings.into())
}

/// What the hub answered; nothing where an agent that was read can tell why.
fn by_code(view: &View<'_>) -> Reading<Vec<Finding>> {
    let answers = view.facts.stored.answer(Question::WriteRequests)?;
    let agents: Vec<_> = view.others().filter(|facts| facts.role() == Some(Role::Agent)).collect();
    let is_refused = |facts: &&Facts| {
        let delivery = facts.process.metrics.as_ref().ok().and_then(Metrics::delivery);
        delivery.is_some_and(|delivery| delivery.failed > 0.0)
    };
    let mut findings = Vec::new();
    if !agents.iter().any(is_refused) {
        let refused =
            answered(answers, '4', probes(view.facts), "were refused, and what was in them is lost");
        findings.extend(refused.map(Finding::error));
    }
    if !agents.iter().any(|facts| is_stuck(&View::of(facts, view.all))) {
        findings.extend(answered(answers, '5', 0.0, "failed, and are sent again").map(Finding::warning));
    }
    let namespace = &view.facts.workload.namespace;
    let log = format!("logs -n {namespace} deployment/prometheus-server -c prometheus-server");
    Ok(findings.into_iter().map(|finding| finding.fix(view.kubectl(&log))).collect())
}

/// How many probes the hub has logged within those five minutes.
fn probes(hub: &Facts) -> f64 {
    let log = hub.workload.log.as_deref().unwrap_or_default();
    let is_of_now = |line: &&str| age(hub, line).is_none_or(|age| age <= FIVE_MINUTES);
    log.lines().filter(|line| line.contains(PROBE)).filter(is_of_now).map(|_| 1.0).sum()
}

/// How many requests were answered with codes of a class, where they are more than a few beside those of promfed.
fn answered(answers: &[Series], class: char, own: f64, what: &str) -> Option<String> {
    let all: f64 = answers.iter().filter_map(Series::number).sum();
    let of_it = || answers.iter().filter(|series| series.label("code").starts_with(class));
    let count: f64 = of_it().filter_map(Series::number).sum();
    // What a counter grew by is estimated, and mostly too high.
    let others = count - 1.2 * own;
    if others < FEW || others <= SHARE * all {
        return None;
    }
    let of_any = |series: &&Series| series.number().is_some_and(|number| number >= 1.0);
    let codes: Vec<_> = of_it().filter(of_any).map(|series| series.label("code")).collect();
    Some(format!("{count:.0} of {all:.0} write requests in 5m {what}: {}", codes.join(", ")))
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, found, hub, series};
    use crate::check::judgement::{Severity, Verdict};
    use crate::prometheus::promql::Question;

    fn refusing(count: &str) -> crate::check::facts::Facts {
        let answer = vec![series(&[("code", "204")], "800"), series(&[("code", "400")], count)];
        hub().with_answer(Question::WriteRequests, answer)
    }

    #[test]
    fn what_the_hub_refuses_is_counted() {
        let findings = found("PF513", "admin@hub", &[refusing("200")]);
        assert_eq!(
            findings[0].causes[0],
            "200 of 1000 write requests in 5m were refused, and what was in them is lost: 400"
        );
        assert_eq!(findings[0].severity, Severity::Error);
    }

    #[test]
    fn a_probe_or_an_agent_that_tells_it_itself_is_no_finding() {
        assert_eq!(found("PF513", "admin@hub", &[refusing("8")]), []);
        let agent = agent().with_metric("prometheus_remote_storage_samples_failed_total 20000");
        assert_eq!(found("PF513", "admin@hub", &[agent, refusing("200")]), []);
    }

    #[test]
    fn many_probes_are_no_finding() {
        let line = "time=2027-01-15T07:59:00Z level=ERROR msg=\"Error decoding remote write request\" component=web err=\"snappy: corrupt input\"\n";
        let logged = |count: &str, log: String| {
            let mut hub = refusing(count);
            hub.workload.log = Ok(log);
            found("PF513", "admin@hub", &[hub])
        };
        assert_eq!(logged("120", line.repeat(110)), []);
        assert_eq!(logged("200", line.repeat(110)).len(), 1);
        assert_eq!(logged("120", line.replace("07:59", "07:00").repeat(110)).len(), 1);
    }

    #[test]
    fn a_cluster_that_was_not_read_is_named() {
        let failed = vec![series(&[("cluster", "edge")], "3"), series(&[("cluster", "far")], "12.34")];
        let hub = hub().with_answer(Question::Failed, failed);
        let findings = found("PF513", "admin@hub", &[agent(), hub]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].causes[0], "12.3 samples/s of far are refused, and lost");
        assert_eq!(
            (findings[0].cluster.as_deref(), findings[0].verdict),
            (Some("far"), Some(Verdict::Losing))
        );
    }
}
