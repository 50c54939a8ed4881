//! The certificates by which agents are let in are valid for three weeks more.

use std::collections::BTreeMap;

use super::expiry::told;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Reading;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::domain::{Certificate, NOBODY, certificates};
use crate::package::MountedFile;

pub(super) const CHECK: Check = Check {
    code: "PF806",
    category: Category::Safety,
    title: "the certificates by which agents are let in are valid for three weeks more",
    subject: Subject::Any,
    after: &[],
    page: Page {
        symptom: "One day an agent logs `remote error: tls: expired certificate`, and sends again and again, until its buffer ends.",
        cause: "`agent join` and `hub credentials` make certificates that are valid for a year. Nobody renews them but who runs that again.",
        detected: "At an agent, the certificate that promfed's overlay mounts; at a hub with `--auth mtls`, the newest certificate of each cluster that it lets in and that is not read itself. By this machine's clock.",
        fix: "`kubectl promfed agent join` again makes a new one in the last 30 days, and nothing is lost meanwhile: the hub lets the cluster in by both. For a cluster that joined by a file, `kubectl promfed hub credentials rotate NAME --join-file FILE`, and `agent join --from FILE` there.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let findings = if view.is_agent() { of_agent(view)? } else { of_hub(view)? };
    let Some(findings) = findings else { return Ok(Judgement::Moot) };
    Ok(findings.into())
}

fn of_agent(view: &View<'_>) -> Reading<Option<Vec<Finding>>> {
    let mounted = view.facts.package.mounted.as_ref().map_err(Clone::clone)?;
    let Some(pem) = mounted.get(MountedFile::Certificate) else { return Ok(None) };
    let shown = certificates(pem.as_bytes()).into_iter().next();
    let finding = shown.and_then(|certificate| told(&certificate, view.facts.now));
    let finding = finding.map(|finding| finding.because("the agent shows it to the hub").fix(view.again("")));
    Ok(Some(finding.into_iter().collect()))
}

fn of_hub(view: &View<'_>) -> Reading<Option<Vec<Finding>>> {
    let Some(door) = view.facts.package.door.as_ref().map_err(Clone::clone)? else { return Ok(None) };
    let tells_itself = |name: &str| {
        view.others().any(|other| {
            other.package.mounted.as_ref().is_ok_and(|mounted| !mounted.is_empty())
                && other.cluster_name().as_deref() == Some(name)
        })
    };
    // The newest stands last.
    let newest: BTreeMap<String, Certificate> = certificates(door.clients.as_bytes())
        .into_iter()
        .filter(|one| one.common_name != NOBODY && !tells_itself(&one.common_name))
        .map(|one| (one.common_name.clone(), one))
        .collect();
    let finding = |(name, certificate): (&String, &Certificate)| {
        let finding = told(certificate, view.facts.now)?;
        let finding = finding.because(format!("{name} is let in by no newer one"));
        Some(finding.fix(Fix::hand(format!(
            "kubectl promfed hub credentials rotate {name} --context {} --join-file FILE",
            view.facts.context
        ))))
    };
    Ok(Some(newest.iter().filter_map(finding).collect()))
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};

    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::{By, Severity};
    use crate::domain::NOBODY;
    use crate::package::{Door, Mounted, MountedFile, Public, Shown};

    /// A certificate that ends at midnight of a day in January 2027, in which the tests are on the 15th.
    fn certificate(name: &str, day: u8) -> String {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_after = date_time_ymd(2027, 1, day);
        let key = KeyPair::generate().expect("a key");
        params.self_signed(&key).expect("a certificate").pem()
    }

    fn showing(pem: &str) -> Facts {
        let mut facts = agent();
        let mut mounted = Mounted::default();
        mounted.set(MountedFile::Certificate, pem);
        facts.package.mounted = Ok(mounted);
        facts
    }

    fn letting_in(clients: String) -> Facts {
        let mut facts = hub();
        facts.package.door = Ok(Some(Door {
            host: "prometheus-write.hub.test".parse().expect("a name"),
            path: "/api/v1/write".into(),
            clients,
            port: 80,
            shown: Shown::Issued,
            public: Public::Open,
        }));
        facts
    }

    #[test]
    fn an_agent_tells_the_end_of_what_it_shows_and_joining_again_mends_it() {
        let all = [showing(&certificate("edge", 24)), letting_in(certificate("edge", 24))];
        let findings = found("PF806", "admin@edge", &all);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(findings[0].causes[0], "the certificate CN=edge ends in 8d");
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
        assert_eq!(codes(&all).iter().filter(|code| **code == "PF806").count(), 1);
    }

    #[test]
    fn a_hub_tells_it_of_those_that_are_not_read() {
        let clients = [("far", 10), ("far", 31), ("west", 10), (NOBODY, 1)];
        let clients = clients.iter().map(|(name, day)| certificate(name, *day)).collect();
        let findings = found("PF806", "admin@hub", &[letting_in(clients)]);
        let told: Vec<_> =
            findings.iter().map(|finding| (finding.severity, &finding.causes[1][..])).collect();
        let words = ["far is let in by no newer one", "west is let in by no newer one"];
        assert_eq!(told, [(Severity::Warning, words[0]), (Severity::Error, words[1])]);
        assert!(findings[1].fixes[0].command.contains("credentials rotate west"), "{findings:?}");
    }

    #[test]
    fn who_shows_none_and_lets_nobody_in_is_not_judged() {
        assert!(!codes(&[agent(), hub()]).contains(&"PF806"));
    }
}
