//! The certificates of the ingress are valid for three weeks more.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged, Judgement};
use crate::check::view::View;
use crate::domain::Certificate;
use crate::domain::seconds;

const DAY: f64 = 86_400.0;
/// So many days before its end, somebody should know.
const SOON: f64 = 21.0 * DAY;

pub(super) const CHECK: Check = Check {
    code: "PF804",
    category: Category::Safety,
    title: "certificates are valid for three weeks more",
    subject: Subject::Any,
    after: &[],
    page: Page {
        symptom: "Agents log `x509: certificate has expired or is not yet valid`, and send again and again, until their buffers end.",
        cause: "Nobody renewed the certificate of the hub's ingress, or the authority that signed it. cert-manager renews those that it made itself; one that was given in the values stays as it is.",
        detected: "The end of the served certificate and of those that signed it, from the Secret that the HTTPProxy names, by this machine's clock.",
        fix: "Look at what cert-manager says of its Certificate; give another one in the values (`ingress.tlsCertificate`) where it came from there. After a new authority, `kubectl promfed agent join` brings it to the agents.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let certificates = view.facts.workload.certificates.as_ref().map_err(Clone::clone)?;
    if certificates.is_empty() {
        return Ok(Judgement::Moot);
    }
    let namespace = &view.facts.workload.namespace;
    let findings = certificates.iter().enumerate().filter_map(|(index, certificate)| {
        let finding = told(certificate, view.facts.now)?;
        let finding =
            if index == 0 { finding } else { finding.because("it signed the one that the ingress serves") };
        Some(finding.fix(view.kubectl(&format!("describe certificates.cert-manager.io -n {namespace}"))))
    });
    Ok(findings.collect::<Vec<_>>().into())
}

/// The seconds that a certificate is still valid.
// Seconds since 1970 are far below what a number of this kind holds exactly.
#[expect(clippy::cast_precision_loss, reason = "a time is")]
pub(super) fn left(certificate: &Certificate, now: f64) -> f64 {
    certificate.not_after as f64 - now
}

/// What is to be told of the end of a certificate; nothing where it is far.
pub(super) fn told(certificate: &Certificate, now: f64) -> Option<Finding> {
    let left = left(certificate, now);
    let Certificate { subject, .. } = certificate;
    if left <= 0.0 {
        Some(Finding::error(format!("the certificate {subject} ended {} ago", seconds(-left))))
    } else if left < SOON {
        Some(Finding::warning(format!("the certificate {subject} ends in {}", seconds(left))))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{NOW, codes, found, hub};
    use crate::check::judgement::Severity;

    fn ending(days: f64) -> Facts {
        let mut facts = hub();
        let certificates = facts.workload.certificates.as_mut().expect("certificates");
        #[expect(clippy::cast_possible_truncation, reason = "a time of a test")]
        let end = (NOW + days * 86_400.0) as i64;
        certificates[0].not_after = end;
        facts
    }

    #[test]
    fn a_certificate_that_ends_soon_or_has_ended_is_told() {
        let findings = found("PF804", "admin@hub", &[ending(9.0)]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(findings[0].causes[0], "the certificate CN=prometheus.hub.test ends in 9d");
        let findings = found("PF804", "admin@hub", &[ending(-3.0)]);
        assert_eq!(findings[0].severity, Severity::Error);
        assert_eq!(findings[0].causes[0], "the certificate CN=prometheus.hub.test ended 3d ago");
    }

    #[test]
    fn the_authority_is_looked_at_too() {
        let mut facts = ending(300.0);
        let certificates = facts.workload.certificates.as_mut().expect("certificates");
        let mut authority = certificates[0].clone();
        authority.subject = "CN=prometheus-ca".into();
        authority.not_after = 1_800_100_000;
        certificates.push(authority);
        let findings = found("PF804", "admin@hub", &[facts]);
        assert_eq!(findings[0].causes[1], "it signed the one that the ingress serves");
    }

    #[test]
    fn three_weeks_and_more_are_enough() {
        assert!(!codes(&[ending(22.0)]).contains(&"PF804"));
    }
}
