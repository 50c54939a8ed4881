//! The agent trusts the certificate that the hub's ingress serves, and it is for the host in the URL.

use serde_json::Value;

use super::at_hub::{AtHub, at_hub};
use super::cause::Cause;
use super::ingress::proxies;
use super::refusal::Refusal;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::domain::WriteUrl;
use crate::domain::{Certificate, certificates};

pub(super) const CHECK: Check = Check {
    code: "PF504",
    category: Category::Delivery,
    title: "the agent trusts the hub's certificate",
    subject: Subject::Agent,
    after: &["PF101", "PF201", "PF212", "PF301", "PF303", "PF310", "PF501", "PF502", "PF503"],
    page: Page {
        symptom: "The agent logs `Failed to send batch, retrying` with `x509: certificate signed by unknown authority`, `x509: certificate is valid for A, not B` or `certificate has expired`. Nothing arrives.",
        cause: "The package signs the certificate of its ingress with an authority of its own, which no agent knows by itself. It makes a new one when it is installed again. Or the URL has another host name, or an address, that the certificate is not for.",
        detected: "The agent's log; the certificates of the hub's ingress, held against the host of the URL and the authority in `tls_config.ca`, or in the file that promfed mounts.",
        fix: "`kubectl promfed agent join --hub-context HUB` reads the hub's authority and writes it into the agent's configuration. Nothing is lost until the agent's buffer ends or it is restarted.",
        versions: "all; an authority in the configuration itself since 2.45",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let config = view.facts.config()?;
    let entries = config["remote_write"].as_array().map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Ok(Judgement::Moot);
    }
    let by_log = Refusal::current(view).filter(|refusal| {
        matches!(refusal.cause, Cause::UnknownAuthority | Cause::WrongName | Cause::Expired | Cause::File)
    });
    let by_log = by_log.map(|refusal| (refusal.words, refusal.cause));
    let by_facts = || {
        let blind = at_hub(view) == AtHub::Fresh || view.hub.is_none();
        if blind { None } else { entries.iter().find_map(|entry| distrusted(view, entry)) }
    };
    let Some((words, cause)) = by_log.or_else(by_facts) else { return Ok(Judgement::Holds) };
    let finding = Finding::error(words).verdict(Verdict::Blocked);
    let finding = cause.meaning().into_iter().fold(finding, Finding::because);
    Ok(cause.fixes(view).into_iter().fold(finding, Finding::fix).into())
}

/// Why an entry cannot trust what the hub's ingress serves, as far as both sides show it.
fn distrusted(view: &View<'_>, entry: &Value) -> Option<(String, Cause)> {
    let hub = view.hub?;
    let url: WriteUrl = entry["url"].as_str()?.parse().ok()?;
    let tls = &entry["tls_config"];
    let is_of_the_ingress =
        proxies(hub).ok()?.iter().any(|proxy| proxy.fqdn.eq_ignore_ascii_case(url.host()));
    if !url.is_https() || tls["insecure_skip_verify"] == true || !is_of_the_ingress {
        return None;
    }
    let chain = hub.workload.certificates.as_deref().ok()?;
    let served = chain.first()?;
    let host = tls["server_name"].as_str().unwrap_or(url.host());
    // One that names no host is judged by its subject, in ways that differ between versions.
    if !served.names.is_empty() && !served.is_for(host) {
        return Some((
            format!("the certificate is for {}, and not for {host}", served.names.join(", ")),
            Cause::WrongName,
        ));
    }
    let known = certificates(view.facts.package.authorities(tls)?.as_bytes());
    let signs = |authority: &Certificate| {
        authority.subject == served.issuer
            || *authority == *served
            || chain.iter().any(|signed| signed.issuer == authority.subject)
    };
    if known.is_empty() || known.iter().any(signs) {
        return None;
    }
    Some((
        format!("the certificate is signed by {}, and the agent trusts {}", served.issuer, known[0].subject),
        Cause::UnknownAuthority,
    ))
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::Verdict;
    use crate::prometheus::promql::Question;

    fn silent() -> Facts {
        hub().with_answer(Question::LastSample, Vec::new())
    }

    #[test]
    fn an_unknown_authority_is_told_in_the_words_of_the_log() {
        let mut agent = agent().with_metric("prometheus_remote_storage_samples_retried_total 100000");
        agent.workload.log = Ok("level=warn msg=\"Failed to send batch, retrying\" err=\"Post \\\"https://h/w\\\": tls: failed to verify certificate: x509: certificate signed by unknown authority\"".into());
        let all = [agent, silent()];
        let findings = found("PF504", "admin@edge", &all);
        assert!(findings[0].causes[0].ends_with("x509: certificate signed by unknown authority"));
        assert_eq!(findings[0].verdict, Some(Verdict::Blocked));
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl promfed agent join --context admin@edge --hub-context admin@hub --cluster-name edge"
        );
        let codes = codes(&all);
        assert!(!codes.contains(&"PF510") && !codes.contains(&"PF508"), "{codes:?}");
    }

    #[test]
    fn a_certificate_for_another_host_is_seen_on_both_sides() {
        let mut hub = silent();
        hub.workload.certificates.as_mut().expect("certificates")[0].names = vec!["other.test".into()];
        let findings = found("PF504", "admin@edge", &[agent(), hub]);
        assert_eq!(
            findings[0].causes[0],
            "the certificate is for other.test, and not for prometheus.hub.test"
        );
    }

    #[test]
    fn what_is_not_verified_or_arrives_is_no_finding() {
        let mut hub = hub();
        hub.workload.certificates.as_mut().expect("certificates")[0].names = vec!["other.test".into()];
        assert_eq!(found("PF504", "admin@edge", &[agent(), hub.clone()]), []);
        let blind = agent().with_values(|text| {
            text.replace(
                "    name: promfed",
                "    name: promfed\n        tls_config: {insecure_skip_verify: true}",
            )
        });
        let hub = hub.with_answer(Question::LastSample, Vec::new());
        assert_eq!(found("PF504", "admin@edge", &[blind, hub]), []);
    }
}
