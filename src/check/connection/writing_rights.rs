//! The user may install a package.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

/// What only the account of the install's own needs.
const OF_THE_ACCOUNT: [&str; 3] = ["serviceaccounts", "clusterroles", "clusterrolebindings"];

pub(super) const CHECK: Check = Check {
    code: "PF104",
    category: Category::Connection,
    title: "the user may install a package",
    subject: Subject::BeforeInstall,
    after: &["PF105"],
    page: Page {
        symptom: "An install stops in the middle with `forbidden`, and leaves some of its objects behind.",
        cause: "A package needs a PackageInstall, a Secret with its values and an account with rights of its own; the user may not create all of them. Nobody can give an account rights that he does not have himself.",
        detected: "The API server was asked for each right on its own, without writing anything.",
        fix: "Ask for the rights that are missing: `kubectl promfed rbac hub --user NAME` prints them, or `rbac agent`. With `--service-account-name` an account is used that is there already, so that none has to be created.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let rights = view.facts.api.rights.as_ref().map_err(Clone::clone)?;
    let missing: Vec<_> = rights.iter().filter(|(_, may)| !may).map(|(what, _)| what.as_str()).collect();
    if missing.is_empty() {
        return Ok(Judgement::Holds);
    }
    let mut finding = Finding::error(format!("the user may not {}", missing[0]));
    for what in &missing[1..] {
        finding = finding.because(format!("nor {what}"));
    }
    let is_of_the_account = |what: &&str| {
        let resource = what.split_whitespace().nth(1).unwrap_or_default();
        let resource = resource.split('.').next().unwrap_or_default();
        OF_THE_ACCOUNT.contains(&resource)
    };
    if missing.iter().all(is_of_the_account) {
        finding = finding
            .fix(Fix::hand("install with an account that is there already: --service-account-name NAME"));
    }
    Ok(finding
        .fix(Fix::hand(
            "kubectl promfed rbac hub --user NAME   (or rbac agent, for whoever administers the cluster)",
        ))
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{empty, found_before};

    fn missing(all: &[&str]) -> Vec<crate::check::judgement::Finding> {
        let mut facts = empty();
        let rights = facts.api.rights.as_mut().expect("rights");
        rights.extend(all.iter().map(|what| ((*what).to_owned(), false)));
        found_before("PF104", &facts)
    }

    #[test]
    fn what_is_missing_is_listed() {
        let findings =
            missing(&["create secrets in tkg-system", "create clusterroles.rbac.authorization.k8s.io"]);
        assert_eq!(
            findings[0].causes,
            [
                "the user may not create secrets in tkg-system",
                "nor create clusterroles.rbac.authorization.k8s.io"
            ]
        );
        assert_eq!(findings[0].fixes.len(), 1);
    }

    #[test]
    fn rights_that_only_a_new_account_needs_can_be_gone_around() {
        let findings = missing(&["create clusterroles.rbac.authorization.k8s.io"]);
        assert!(findings[0].fixes[0].command.contains("--service-account-name"), "{findings:?}");
    }

    #[test]
    fn a_user_who_may_all_is_not_told() {
        assert_eq!(missing(&[]), []);
    }
}
