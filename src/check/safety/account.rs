//! The account that deploys the package may do no more than that.

use serde_json::Value;

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::package::Names;

pub(super) const CHECK: Check = Check {
    code: "PF806",
    category: Category::Safety,
    title: "the package's account may not do everything",
    subject: Subject::Any,
    after: &[],
    page: Page {
        symptom: "Nothing, until somebody takes the account for something else: whoever may use it, or may write what kapp-controller deploys with it, may do everything on the cluster.",
        cause: "kapp-controller deploys a package with the rights of a ServiceAccount. `kctrl`, `tanzu package` and promfed make one that has every verb on everything, unless one is named.",
        detected: "The ClusterRole that these tools make for an install has a rule of every verb on every resource, and the PackageInstall uses the account that they make with it. Accounts of other names are not looked at.",
        fix: "Make a ServiceAccount with the rights that the package needs, and name it in `spec.serviceAccountName` of the PackageInstall; then delete the ClusterRole and its binding. For a new install, `--service-account-name NAME` does without them from the beginning.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let install = view.install()?;
    let names = Names::new(&install.metadata.name, &install.metadata.namespace);
    let account = &install.spec.service_account_name;
    if *account != names.service_account() {
        return Ok(Judgement::Holds);
    }
    let rules = view.facts.package.account.as_ref().map_err(Clone::clone)?;
    if !rules.iter().any(is_everything) {
        return Ok(Judgement::Holds);
    }
    let namespace = &names.namespace;
    let finding = Finding::warning(format!("ServiceAccount {account} in {namespace} may do everything on the cluster"))
        .because(format!("ClusterRole {} gives it every verb on everything", names.cluster_role()))
        .fix(Fix::hand(format!(
            "make an account with the package's own rights, and name it in spec.serviceAccountName of PackageInstall {}",
            install.title()
        )));
    Ok(finding.into())
}

fn is_everything(rule: &Value) -> bool {
    let has_star = |field: &str| rule[field].as_array().is_some_and(|all| all.iter().any(|one| one == "*"));
    ["apiGroups", "resources", "verbs"].into_iter().all(has_star)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::healthy::{codes, found, hub};
    use crate::check::judgement::Severity;

    #[test]
    fn an_account_of_kctrl_s_may_do_everything() {
        let mut facts = hub();
        facts.package.account = Ok(vec![json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})]);
        let found = found("PF806", "admin@hub", &[facts.clone()]);
        assert_eq!(found[0].severity, Severity::Warning);
        assert_eq!(
            found[0].causes[0],
            "ServiceAccount prometheus-tkg-system-sa in tkg-system may do everything on the cluster"
        );
        // A role of that name that was left behind is nobody's any more.
        let mut install = facts.install().expect("an install").clone();
        install.spec.service_account_name = "mine".into();
        facts.package.installs = Ok(vec![install]);
        assert!(!codes(&[facts]).contains(&"PF806"));
    }

    #[test]
    fn a_role_that_was_made_narrower_is_right() {
        let mut facts = hub();
        facts.package.account =
            Ok(vec![json!({"apiGroups": ["*"], "resources": ["deployments"], "verbs": ["*"]})]);
        assert!(!codes(&[facts]).contains(&"PF806"));
    }
}
