//! The agent knows whom it writes to, and nobody can listen.

use serde_json::Value;

use super::address::{host, is_internal, is_private, without_user};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::config::is_unverified;

pub(super) const CHECK: Check = Check {
    code: "PF803",
    category: Category::Safety,
    title: "the hub's certificate is verified",
    subject: Subject::Agent,
    after: &["PF310", "PF503"],
    page: Page {
        symptom: "Nothing. Whoever stands between the agent and the hub can read what is sent, change it, and take the credentials.",
        cause: "`tls_config.insecure_skip_verify: true` in the remote write entry, often because the hub's certificate was signed by an authority of its own. Or the URL begins with `http://`.",
        detected: "The remote write entries of the loaded configuration. Hosts that lead no further than their own cluster do not count, and plain HTTP within a private network does not either.",
        fix: "`kubectl promfed agent join --hub-context HUB` gives the agent the hub's own authority; `--ca-file FILE` takes another one.",
        versions: "all; an authority in the configuration since 2.45, before that as a file that is mounted",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let config = view.facts.config()?;
    let entries = config["remote_write"].as_array().map_or(&[][..], Vec::as_slice);
    if entries.is_empty() {
        return Ok(Judgement::Moot);
    }
    let findings = entries.iter().filter_map(|entry| finding(view, entry));
    Ok(findings.collect::<Vec<_>>().into())
}

fn finding(view: &View<'_>, entry: &Value) -> Option<Finding> {
    let url = without_user(entry["url"].as_str()?);
    let host = host(&url);
    if is_internal(host) {
        return None;
    }
    if url.starts_with("http://") {
        return (!is_private(host)).then(|| {
            Finding::warning(format!("what is sent to {url} is not encrypted"))
                .because("anybody on the way can read and change it")
                .fix(Fix::hand("give the hub an https:// URL, and join again with --hub-url URL"))
        });
    }
    is_unverified(entry).then(|| {
        let finding = Finding::warning(format!("the certificate of {host} is not verified"))
            .because("anybody on the way can read and change what is sent");
        finding.fix(fix(view, &url))
    })
}

/// Joining again gives the agent the hub's own authority, where the hub is known to have one.
fn fix(view: &View<'_>, url: &str) -> Fix {
    let of_hub = view.hub.filter(|hub| hub.ways_in.urls.iter().any(|way| way.url == url));
    let has_authority = of_hub.is_some_and(|hub| {
        hub.workload.certificates.as_ref().is_ok_and(|all| {
            let mut above = all.iter().skip(1);
            above.any(|one| all.first().is_some_and(|served| served.issuer == one.subject))
        })
    });
    if has_authority { view.again("") } else { view.again("--ca-file FILE") }
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::By;
    use crate::domain::Certificate;

    fn writing(entry: &str) -> Facts {
        agent().with_config(&format!(
            "global: {{external_labels: {{cluster: edge}}}}\nremote_write: [{entry}]\n"
        ))
    }

    const TRUSTING: &str =
        "{url: 'https://prometheus.hub.test/api/v1/write', tls_config: {insecure_skip_verify: true}}";

    #[test]
    fn a_certificate_that_is_not_verified_is_told_with_the_way_out() {
        let mut hub = hub();
        let findings = found("PF803", "admin@edge", &[writing(TRUSTING), hub.clone()]);
        assert_eq!(findings[0].causes[0], "the certificate of prometheus.hub.test is not verified");
        assert!(findings[0].fixes[0].command.ends_with("--ca-file FILE"), "{findings:?}");
        hub.workload.certificates.as_mut().expect("certificates").push(Certificate {
            subject: "CN=prometheus-ca".into(),
            issuer: "CN=prometheus-ca".into(),
            not_after: 2_000_000_000,
            names: Vec::new(),
            ..Certificate::default()
        });
        let findings = found("PF803", "admin@edge", &[writing(TRUSTING), hub]);
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
    }

    #[test]
    fn plain_http_over_the_internet_is_told() {
        let findings =
            found("PF803", "admin@edge", &[writing("{url: 'http://me:x@hub.example.com/api/v1/write'}")]);
        assert_eq!(
            findings[0].causes[0],
            "what is sent to http://hub.example.com/api/v1/write is not encrypted"
        );
    }

    #[test]
    fn a_verified_hub_and_one_in_the_own_network_are_fine() {
        assert!(!codes(&[writing("{url: 'http://10.0.0.7:9090/api/v1/write'}")]).contains(&"PF803"));
        assert!(!codes(&[agent(), hub()]).contains(&"PF803"));
        // What is scraped is another matter: the kubelet's certificate is its own.
        let scraping = agent().with_values(|text| {
            text.replace(
                "      - job_name: prometheus\n",
                "      - job_name: prometheus\n        tls_config: {insecure_skip_verify: true}\n",
            )
        });
        assert_eq!(codes(&[scraping, hub()]), [""; 0]);
    }
}
