//! Contour and cert-manager are there for an ingress.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Reading, Served};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::Role;

pub(super) const CHECK: Check = Check {
    code: "PF107",
    category: Category::Connection,
    title: "Contour and cert-manager are there for --fqdn",
    subject: Subject::BeforeInstall,
    after: &["PF105"],
    page: Page {
        symptom: "With `ingress.enabled` the package does not reconcile: `Expected to find kind 'projectcontour.io/v1/HTTPProxy', but did not`.",
        cause: "The package's ingress is an HTTPProxy of Contour, with certificates of cert-manager. Neither comes with the package.",
        detected: "Whether the API server serves `projectcontour.io/v1` and `cert-manager.io/v1`.",
        fix: "Install the Contour and cert-manager packages before `hub init --fqdn HOST`. A hub that is reached in another way needs neither: `hub init --write-url URL`.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    // Nobody writes to an agent from outside.
    if view.facts.expected == Some(Role::Agent) {
        return Ok(Judgement::Moot);
    }
    let api = &view.facts.api;
    let missing: Vec<_> = [("Contour", &api.contour), ("cert-manager", &api.cert_manager)]
        .into_iter()
        .filter_map(|(name, served)| missing(name, served).transpose())
        .collect::<Result<_, _>>()?;
    let Some((first, rest)) = missing.split_first() else { return Ok(Judgement::Holds) };
    let finding = rest.iter().fold(Finding::warning(first.clone()), Finding::because);
    Ok(finding
        .because("only --fqdn needs them: the package's ingress")
        .fix(Fix::hand("install the Contour and cert-manager packages before hub init --fqdn HOST"))
        .fix(Fix::hand(format!(
            "kubectl promfed hub init --context {} --cluster-name NAME --write-url URL",
            view.facts.context
        )))
        .into())
}

fn missing(name: &str, served: &Reading<Served>) -> Reading<Option<String>> {
    Ok(match served.as_ref().map_err(Clone::clone)? {
        Served::Yes => None,
        Served::No => Some(format!("{name} is not installed")),
        Served::Broken(words) => Some(format!("{name} does not serve its API: {words}")),
    })
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Served;
    use crate::check::healthy::{empty, found_before};
    use crate::check::judgement::Severity;
    use crate::prometheus::Role;

    #[test]
    fn what_an_ingress_lacks_is_told_ahead() {
        let mut facts = empty();
        facts.api.contour = Ok(Served::No);
        let findings = found_before("PF107", &facts);
        assert_eq!(findings[0].causes[0], "Contour is not installed");
        assert_eq!(findings[0].severity, Severity::Warning);
    }

    #[test]
    fn an_agent_has_no_ingress() {
        let mut facts = empty();
        facts.api.contour = Ok(Served::No);
        facts.expected = Some(Role::Agent);
        assert_eq!(found_before("PF107", &facts), []);
    }
}
