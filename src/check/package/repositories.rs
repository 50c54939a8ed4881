//! The package repositories are fetched.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Judged};
use crate::check::view::View;
use crate::package::{PackageRepository, State};

pub(super) const CHECK: Check = Check {
    code: "PF211",
    category: Category::Package,
    title: "the package repositories are fetched",
    subject: Subject::Any,
    after: &["PF101", "PF102", "PF202"],
    page: Page {
        symptom: "New versions of the package do not appear in `kubectl get packages`, while the registry has them.",
        cause: "A PackageRepository cannot fetch its bundle: the address is wrong or out of reach, its credentials are no longer valid, or the registry's certificate is not trusted.",
        detected: "The state of the PackageRepositories in the install's namespace.",
        fix: "Correct the repository's image or its credentials. What is installed goes on; it can only not be moved to what is not offered.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let repositories = view.facts.package.repositories.as_ref().map_err(Clone::clone)?;
    let findings: Vec<_> = repositories.iter().filter_map(|repository| of(view, repository)).collect();
    Ok(findings.into())
}

fn of(view: &View<'_>, repository: &PackageRepository) -> Option<Finding> {
    let State::Failed(message) = repository.state() else { return None };
    let name = &repository.metadata.name;
    let words = message.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or("it says no reason");
    let namespace = &repository.metadata.namespace;
    Some(
        Finding::warning(format!("repository {name} is not fetched: {words}"))
            .because("its new versions are not offered; what is installed goes on")
            .fix(view.kubectl(&format!("-n {namespace} get packagerepository {name} -o yaml"))),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::facts::Facts;
    use crate::check::healthy::{found, hub};

    fn with(kind: &str, observed: i64) -> Facts {
        let mut facts = hub();
        let repository = json!({
            "metadata": {"name": "standard", "namespace": "tkg-system", "generation": 2},
            "status": {"observedGeneration": observed,
                       "usefulErrorMessage": "vendir: Error: Syncing directory '0':\n  Fetching image:\n    GET https://r/v2/: UNAUTHORIZED\n",
                       "conditions": [{"type": kind, "status": "True"}]}
        });
        facts.package.repositories = Ok(vec![serde_json::from_value(repository).expect("a repository")]);
        facts
    }

    #[test]
    fn the_innermost_words_are_told() {
        let findings = found("PF211", "admin@hub", &[with("ReconcileFailed", 2)]);
        assert_eq!(
            findings[0].causes[0],
            "repository standard is not fetched: GET https://r/v2/: UNAUTHORIZED"
        );
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl --context admin@hub -n tkg-system get packagerepository standard -o yaml"
        );
    }

    #[test]
    fn one_that_is_at_work_or_done_is_no_finding() {
        assert_eq!(found("PF211", "admin@hub", &[with("Reconciling", 2)]), []);
        assert_eq!(found("PF211", "admin@hub", &[with("ReconcileFailed", 1)]), []);
    }
}
