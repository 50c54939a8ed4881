//! The authority that the agent trusts is valid for three weeks more.

use serde_json::Value;

use super::address::{host, without_user};
use super::expiry::{left, told};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Fix, Judged, Judgement};
use crate::check::view::View;
use crate::domain::{Certificate, certificates};

pub(super) const CHECK: Check = Check {
    code: "PF805",
    category: Category::Safety,
    title: "the authority that the agent trusts is valid for three weeks more",
    subject: Subject::Agent,
    after: &["PF310", "PF503", "PF504"],
    page: Page {
        symptom: "One day all agents log `x509: certificate has expired or is not yet valid`, although the hub's certificate is new.",
        cause: "`agent join` wrote the hub's authority into the agent's configuration, as it was then. When that ends, or the hub gets a new one, the agent does not know: nobody renews what is written there.",
        detected: "The certificates in `tls_config.ca` of each remote write entry, or in the file that promfed mounts, by this machine's clock; the one that is valid longest counts. Where the hub was read and has the same authority, it is told there.",
        fix: "`kubectl promfed agent join --hub-context HUB` writes the hub's authority of today; `--ca-file FILE` takes another one. Where the hub's own ends, renew that first.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let config = view.facts.config()?;
    let entries = config["remote_write"].as_array().map_or(&[][..], Vec::as_slice);
    let trusted: Vec<_> =
        entries.iter().filter_map(|entry| Some((entry, longest(view, &entry["tls_config"])?))).collect();
    if trusted.is_empty() {
        return Ok(Judgement::Moot);
    }
    let findings = trusted.into_iter().filter(|(_, authority)| !is_the_hub_s(view, authority)).filter_map(
        |(entry, authority)| {
            let finding = told(&authority, view.facts.now)?;
            let url = without_user(entry["url"].as_str().unwrap_or_default());
            let finding = finding.because(format!("the agent trusts no other one at {}", host(&url)));
            Some(finding.fix(fix(view, &authority)))
        },
    );
    Ok(findings.collect::<Vec<_>>().into())
}

/// The authority in an entry that is valid longest: old ones may stand beside it.
fn longest(view: &View<'_>, tls: &Value) -> Option<Certificate> {
    let trusted = view.facts.package.authorities(tls).filter(|_| tls["insecure_skip_verify"] != true)?;
    let all = certificates(trusted.as_bytes());
    all.into_iter().max_by_key(|certificate| certificate.not_after)
}

fn chain<'f>(view: &View<'f>) -> &'f [Certificate] {
    view.hub.and_then(|hub| hub.workload.certificates.as_deref().ok()).unwrap_or_default()
}

/// Joining again would bring the same one.
fn is_the_hub_s(view: &View<'_>, authority: &Certificate) -> bool {
    chain(view).contains(authority)
}

fn fix(view: &View<'_>, authority: &Certificate) -> Fix {
    let is_newer = |other: &Certificate| {
        left(other, view.facts.now) > left(authority, view.facts.now) && other.subject == other.issuer
    };
    if chain(view).iter().any(is_newer) { view.again("") } else { view.again("--ca-file FILE") }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::{By, Severity};
    use crate::domain::certificates;
    use crate::package::{Mounted, MountedFile};

    /// An authority that ends at midnight of a day in January 2027, in which the tests are on the 15th.
    fn authority(day: u8) -> String {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "prometheus-ca");
        params.not_after = date_time_ymd(2027, 1, day);
        let key = KeyPair::generate().expect("a key");
        params.self_signed(&key).expect("a certificate").pem()
    }

    fn trusting(pem: &str) -> Facts {
        let config = serde_json::json!({
            "global": {"external_labels": {"cluster": "edge"}},
            "remote_write": [{"url": "https://me:s3cr3t@prometheus.hub.test/api/v1/write", "tls_config": {"ca": pem}}],
        });
        agent().with_config(&config.to_string())
    }

    #[test]
    fn an_authority_that_ends_soon_is_told_before_and_after() {
        let findings = found("PF805", "admin@edge", &[trusting(&authority(25))]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].causes[0].contains("CN=prometheus-ca ends in 9d"), "{findings:?}");
        assert_eq!(findings[0].causes[1], "the agent trusts no other one at prometheus.hub.test");
        let findings = found("PF805", "admin@edge", &[trusting(&authority(10))]);
        assert_eq!(findings[0].severity, Severity::Error);
        assert!(findings[0].fixes[0].command.ends_with("--ca-file FILE"), "{findings:?}");
    }

    #[test]
    fn an_authority_that_is_mounted_is_looked_at_too() {
        let path = MountedFile::Authority.path();
        let config = trusting("x").process.config.expect("one").to_string();
        let mut facts =
            agent().with_config(&config.replace("\"ca\":\"x\"", &format!("\"ca_file\":\"{path}\"")));
        let mut mounted = Mounted::default();
        mounted.set(MountedFile::Authority, authority(25));
        facts.package.mounted = Ok(mounted);
        assert_eq!(found("PF805", "admin@edge", &[facts]).len(), 1);
    }

    #[test]
    fn the_longest_of_several_counts() {
        let far = authority(31).replace('\r', "");
        let both = format!("{}{}", authority(10), far);
        let findings = found("PF805", "admin@edge", &[trusting(&both)]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn what_the_hub_has_too_is_told_at_the_hub() {
        let pem = authority(20);
        let mut hub = hub();
        let own = certificates(pem.as_bytes());
        hub.workload.certificates.as_mut().expect("certificates").extend(own.clone());
        let all = [trusting(&pem), hub.clone()];
        assert_eq!(found("PF805", "admin@edge", &all), []);
        assert!(codes(&all).contains(&"PF804"));

        // A new one of the hub's comes by joining again.
        let chain = hub.workload.certificates.as_mut().expect("certificates");
        chain.last_mut().expect("an authority").not_after = 2_000_000_000;
        let findings = found("PF805", "admin@edge", &[trusting(&pem), hub]);
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
        assert!(findings[0].fixes[0].command.ends_with("--cluster-name edge"), "{findings:?}");
    }

    #[test]
    fn an_agent_that_trusts_the_system_s_authorities_is_not_judged() {
        assert!(!codes(&[agent(), hub()]).contains(&"PF805"));
    }
}
