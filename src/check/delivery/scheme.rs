//! The agent's URL has the scheme that the hub speaks.

use super::at_hub::{AtHub, at_hub};
use super::cause::Cause;
use super::ingress::{proxies, written_to};
use super::refusal::{Refusal, is_stuck};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::domain::WriteUrl;
use crate::prometheus::write_probe::Outcome;

pub(super) const CHECK: Check = Check {
    code: "PF503",
    category: Category::Delivery,
    title: "the scheme of the URL is the hub's",
    subject: Subject::Agent,
    after: &["PF101", "PF201", "PF212", "PF301", "PF303", "PF310", "PF501", "PF502"],
    page: Page {
        symptom: "The agent logs `405 Method Not Allowed`, `400 Bad Request: Client sent an HTTP request to an HTTPS server.`, or `tls: first record does not look like a TLS handshake`.",
        cause: "The URL says http where the hub wants https, or the other way round. Contour redirects http to https, and Prometheus follows a redirect with GET: every sample is lost, while the lag stays at a second. The other way round nothing is lost until the agent's buffer ends.",
        detected: "The scheme of `remote_write.url`, the hub's HTTPProxy, what the URL answered from this machine, and the agent's log.",
        fix: "`kubectl promfed agent join` writes the hub's own URL.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    view.facts.config()?;
    let urls = written_to(view.facts);
    if urls.is_empty() {
        return Ok(Judgement::Moot);
    }
    let by_log = Refusal::current(view).filter(|refusal| {
        matches!(refusal.cause, Cause::HttpToTls | Cause::HttpsToPlain)
            || (refusal.cause == Cause::Redirected && urls.iter().any(|url| !url.is_https()))
    });
    if let Some(refusal) = by_log {
        let verdict = if refusal.cause == Cause::HttpsToPlain { Verdict::Blocked } else { Verdict::Losing };
        return Ok(told(view, refusal.words, refusal.cause, verdict).into());
    }
    if at_hub(view) == AtHub::Fresh && !is_stuck(view) {
        return Ok(Judgement::Holds);
    }
    for url in urls.iter().filter(|url| !url.is_https()) {
        if let Some((cause, meaning)) = plain(view, url) {
            return Ok(told(view, cause, meaning, Verdict::Losing).into());
        }
    }
    Ok(Judgement::Holds)
}

fn told(view: &View<'_>, cause: String, meaning: Cause, verdict: Verdict) -> Finding {
    let finding = Finding::error(cause).verdict(verdict);
    let finding = meaning.meaning().into_iter().fold(finding, Finding::because);
    meaning.fixes(view).into_iter().fold(finding, Finding::fix)
}

/// What is wrong with a URL that says http.
fn plain(view: &View<'_>, url: &WriteUrl) -> Option<(String, Cause)> {
    let way = view.facts.ways_in.urls.iter().find(|way| way.url == url.as_str());
    match way.map(|way| &way.probe) {
        Some(Ok(Outcome::Redirect(to))) if to.starts_with("https://") => {
            return Some((format!("{url} redirects to {to}"), Cause::Redirected));
        }
        Some(Ok(Outcome::NotPrometheus(400))) => {
            return Some((format!("{url} answers 400: it wants https"), Cause::HttpToTls));
        }
        _ => {}
    }
    let authority = url.as_str().strip_prefix("http://")?.split('/').next()?;
    let port = authority.strip_prefix(url.host())?;
    let hub = view.hub?;
    let proxies = proxies(hub).ok()?;
    let redirects =
        proxies.iter().any(|proxy| proxy.fqdn.eq_ignore_ascii_case(url.host()) && proxy.redirects_to_https());
    (redirects && matches!(port, "" | ":80"))
        .then(|| (format!("{url}: the hub's ingress redirects http to https"), Cause::Redirected))
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, found, hub};
    use crate::check::judgement::Verdict;
    use crate::prometheus::promql::Question;
    use crate::prometheus::write_probe::Outcome;

    fn plain() -> Facts {
        let mut agent = agent().with_values(|text| text.replace("url: https://", "url: http://"));
        agent.ways_in.urls[0].url = "http://prometheus.hub.test/api/v1/write".into();
        agent.ways_in.urls[0].probe = Ok(Outcome::Guarded(401));
        agent
    }

    fn silent() -> Facts {
        hub().with_answer(Question::LastSample, Vec::new())
    }

    #[test]
    fn http_against_the_hub_s_ingress_is_found_without_any_log() {
        let all = [plain(), silent()];
        let findings = found("PF503", "admin@edge", &all);
        assert!(findings[0].causes[0].ends_with("the hub's ingress redirects http to https"), "{findings:?}");
        assert_eq!(findings[0].verdict, Some(Verdict::Losing));
        assert_eq!(found("PF508", "admin@edge", &all), []);
    }

    #[test]
    fn http_is_right_where_samples_arrive_or_the_port_is_another() {
        assert_eq!(found("PF503", "admin@edge", &[plain(), hub()]), []);
        let other = plain().with_values(|text| text.replace("hub.test/", "hub.test:9090/"));
        assert_eq!(found("PF503", "admin@edge", &[other, silent()]), []);
    }

    #[test]
    fn a_probe_that_is_redirected_to_https_is_told_here() {
        let mut agent = plain();
        agent.ways_in.urls[0].probe =
            Ok(Outcome::Redirect("https://prometheus.hub.test/api/v1/write".into()));
        assert_eq!(found("PF502", "admin@edge", &[agent.clone()]), []);
        let findings = found("PF503", "admin@edge", &[agent]);
        assert!(findings[0].causes[0].contains("redirects to https://"), "{findings:?}");
    }

    #[test]
    fn https_to_a_plain_port_is_told_by_the_log() {
        let mut agent = agent().with_metric("prometheus_remote_storage_samples_retried_total 100000");
        agent.workload.log = Ok("msg=\"Failed to send batch, retrying\" err=\"Post \\\"https://h/w\\\": tls: first record does not look like a TLS handshake\"".into());
        let findings = found("PF503", "admin@edge", &[agent, silent()]);
        assert_eq!(findings[0].causes[0], "tls: first record does not look like a TLS handshake");
        assert_eq!(findings[0].verdict, Some(Verdict::Blocked));
    }
}
