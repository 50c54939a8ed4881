//! A Prometheus package is offered, before one is installed.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::package::{State, choose};
use crate::prometheus::Role;

pub(super) const CHECK: Check = Check {
    code: "PF214",
    category: Category::Package,
    title: "a Prometheus package is offered",
    subject: Subject::BeforeInstall,
    after: &["PF105", "PF106"],
    page: Page {
        symptom: "`hub init` and `agent join` end with `no package`: there is nothing to install.",
        cause: "No PackageRepository with Prometheus is visible from the namespace of the install, or the one that is there could not be fetched.",
        detected: "The packages that can be seen from the namespace, under the three names that Prometheus has had, and the repositories there.",
        fix: "Add the repository: `--repository IMAGE` with `hub init` or `agent join` does it along with the install.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let available = view.facts.package.available.as_ref().map_err(Clone::clone)?;
    if choose(available, None, None).is_ok() {
        return Ok(Judgement::Holds);
    }
    let mut finding = Finding::error("no Prometheus package can be seen from the namespace of the install");
    for repository in view.facts.package.repositories.iter().flatten() {
        if let State::Failed(message) = repository.state() {
            let words = message.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
            finding =
                finding.because(format!("repository {} is not fetched: {words}", repository.metadata.name));
        }
    }
    let context = &view.facts.context;
    let command = match view.facts.expected {
        Some(Role::Agent) => format!(
            "kubectl promfed agent join --context {context} --hub-context HUB --cluster-name NAME --repository IMAGE"
        ),
        _ => format!("kubectl promfed hub init --context {context} --cluster-name NAME --repository IMAGE"),
    };
    Ok(finding.fix(Fix::hand(command)).fix(view.kubectl("get packages -A")).into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{empty, found_before};

    #[test]
    fn nothing_to_install_is_told_ahead() {
        let mut facts = empty();
        facts.package.available = Ok(Vec::new());
        let findings = found_before("PF214", &facts);
        assert!(findings[0].causes[0].starts_with("no Prometheus package can be seen"), "{findings:?}");
        assert!(findings[0].fixes[0].command.ends_with("--repository IMAGE"));
    }

    #[test]
    fn one_under_any_of_its_names_will_do() {
        let mut facts = empty();
        let available = facts.package.available.as_mut().expect("packages");
        available[0].spec.ref_name = "prometheus.community.tanzu.vmware.com".into();
        assert_eq!(found_before("PF214", &facts), []);
    }
}
