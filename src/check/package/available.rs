//! The package that the install asks for is offered.

use super::failure::Failure;
use super::{moves, pods};
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::package::{Available, KNOWN_NAMES, PackageInstall, State, choose, compare_versions};

/// How many of the offered versions are listed.
const LISTED: usize = 4;

pub(super) const CHECK: Check = Check {
    code: "PF202",
    category: Category::Package,
    title: "the package is available",
    subject: Subject::Any,
    after: &["PF101", "PF102", "PF201"],
    page: Page {
        symptom: "The install fails with `Package NAME not found`, or with `Expected to find at least one version, but did not (details: all=1 -> … -> after-constraints-filter=0)`.",
        cause: "The version is not offered, the package has another name (Prometheus was renamed with 2.53.4, from prometheus.tanzu.vmware.com to prometheus.kubernetes.vmware.com), its repository is missing or not fetched, or it wants another version of Kubernetes.",
        detected: "The numbers in the message: the first step that leaves none names the reason. And the packages that can be seen from the install's namespace.",
        fix: "Ask for a version that is offered: `kubectl promfed hub init --package-version VERSION`, or the same with `agent join`. Where none is offered, add the repository that has it.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let Some(Failure::NoVersion(steps)) = Failure::of(view)? else { return Ok(Judgement::Holds) };
    let install = view.install()?;
    let name = &install.spec.package_ref.ref_name;
    let wanted = install.spec.package_ref.version_selection.constraints.as_str();
    let emptied = steps.iter().find(|(_, left)| *left == 0).map_or("all", |(step, _)| step.as_str());
    let all = steps.first().map_or(0, |(_, left)| *left);
    let reason = match emptied {
        "all" => format!("no package {name} can be seen from {}", install.metadata.namespace),
        step if step.contains("prereleases") => {
            format!("all {all} versions of {name} are prereleases, and the install takes none")
        }
        step if step.contains("kapp-controller") => {
            format!("all {all} versions of {name} want another kapp-controller")
        }
        step if step.contains("kubernetes") => {
            format!("all {all} versions of {name} want another Kubernetes")
        }
        _ => format!("{name} {wanted} is not offered"),
    };
    let mut finding = Finding::error(reason).verdict(Verdict::Failed);
    let same = moves::offered(view);
    if let Some(listed) = listed(&same) {
        finding = finding.because(format!("offered: {listed}"));
    }
    for repository in view.facts.package.repositories.iter().flatten() {
        if let State::Failed(message) = repository.state() {
            let why = message.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default().trim();
            finding = finding.because(format!(
                "repository {} is not fetched, and may have it: {why}",
                repository.metadata.name
            ));
        }
    }
    let finding = pods::also_down(view, finding);
    let fix = nearest(&same, wanted).and_then(|version| moves::to(view, version));
    let fix = fix.or_else(|| other_name(view, install));
    let finding = match fix {
        Some(fix) => finding.fix(fix),
        None => finding.fix(Fix::hand(
            "let hub init or agent join add the PackageRepository that has it: --repository IMAGE",
        )),
    };
    Ok(finding.fix(view.kubectl("get packages -A")).into())
}

fn listed(offered: &[&Available]) -> Option<String> {
    let newest: Vec<_> =
        offered.iter().rev().take(LISTED).map(|package| package.spec.version.as_str()).collect();
    let more = offered.len().saturating_sub(LISTED);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    (!newest.is_empty()).then(|| newest.join(", ") + &more)
}

/// The next one above, or else the newest: going back is refused.
fn nearest<'f>(offered: &[&'f Available], wanted: &str) -> Option<&'f str> {
    let is_above = |package: &&&Available| compare_versions(&package.spec.version, wanted).is_gt();
    let nearest = offered.iter().find(is_above).or(offered.last());
    nearest.map(|package| package.spec.version.as_str())
}

/// The same version under another of the names that Prometheus has had, or else the newest.
fn other_name(view: &View<'_>, install: &PackageInstall) -> Option<Fix> {
    let available = view.facts.package.available.as_ref().ok()?;
    let reference = &install.spec.package_ref;
    let names = KNOWN_NAMES.into_iter().filter(|name| *name != reference.ref_name);
    let exact = |name| choose(available, Some(name), Some(&reference.version_selection.constraints)).ok();
    let newest = |name| choose(available, Some(name), None).ok();
    let other = names.clone().find_map(exact).or_else(|| names.clone().find_map(newest))?;
    let (name, version) = (&other.spec.ref_name, &other.spec.version);
    let meta = &install.metadata;
    Some(view.kubectl(&format!(
        "-n {} patch packageinstall {} --type merge -p '{{\"spec\":{{\"packageRef\":{{\"refName\":\"{name}\",\"versionSelection\":{{\"constraints\":\"{version}\"}}}}}}}}'",
        meta.namespace, meta.name
    )))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::check::facts::Facts;
    use crate::check::healthy::{codes, failed, found, hub};

    fn asking(constraints: &str, message: &str) -> Facts {
        let mut facts = failed(hub(), message);
        let install = &mut facts.package.installs.as_mut().expect("installs")[0];
        install.spec.package_ref.version_selection.constraints = constraints.into();
        facts
    }

    const NONE_FITS: &str = "Expected to find at least one version, but did not (details: all=1 -> after-prereleases-filter=1 -> after-kapp-controller-version-check=1 -> after-constraints-filter=0)";

    #[test]
    fn the_nearest_version_is_offered_instead() {
        let facts = [asking("3.4.0+vmware.1-vks.1", NONE_FITS)];
        assert_eq!(codes(&facts)[0], "PF202");
        assert!(!codes(&facts).contains(&"PF207"));
        let findings = found("PF202", "admin@hub", &facts);
        assert_eq!(
            findings[0].causes,
            [
                "prometheus.kubernetes.vmware.com 3.4.0+vmware.1-vks.1 is not offered",
                "offered: 3.5.3+vmware.1-vks.1"
            ]
        );
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl promfed hub init --context admin@hub --cluster-name hub --package-version 3.5.3+vmware.1-vks.1"
        );
    }

    #[test]
    fn another_name_of_the_package_is_found() {
        let mut facts = asking("3.5.3", "Package prometheus.tanzu.vmware.com not found");
        let install = &mut facts.package.installs.as_mut().expect("installs")[0];
        install.spec.package_ref.ref_name = "prometheus.tanzu.vmware.com".into();
        let findings = found("PF202", "admin@hub", &[facts]);
        assert_eq!(
            findings[0].causes[0],
            "no package prometheus.tanzu.vmware.com can be seen from tkg-system"
        );
        assert!(
            findings[0].fixes[0].command.contains("\"refName\":\"prometheus.kubernetes.vmware.com\""),
            "{findings:?}"
        );
    }

    #[test]
    fn the_step_that_leaves_none_names_the_reason() {
        let message = "Expected to find at least one version, but did not (details: all=2 -> after-prereleases-filter=2 -> after-kubernetes-version-check=0 -> after-constraints-filter=0)";
        let findings = found("PF202", "admin@hub", &[asking("3.5.3", message)]);
        assert!(findings[0].causes[0].ends_with("want another Kubernetes"), "{findings:?}");
    }

    #[test]
    fn a_repository_that_failed_is_named_with_it() {
        let mut facts = asking("3.5.3", "Package x not found");
        facts.package.available = Ok(Vec::new());
        facts.package.repositories = Ok(vec![
            serde_json::from_value(json!({
                "metadata": {"name": "standard", "generation": 1},
                "status": {"observedGeneration": 1, "usefulErrorMessage": "vendir: Error:\n  no such image",
                           "conditions": [{"type": "ReconcileFailed", "status": "True"}]}
            }))
            .expect("a repository"),
        ]);
        let findings = found("PF202", "admin@hub", &[facts]);
        assert_eq!(
            findings[0].causes[1],
            "repository standard is not fetched, and may have it: no such image"
        );
    }

    #[test]
    fn another_failure_is_another_check_s() {
        assert_eq!(found("PF202", "admin@hub", &[asking("3.5.3", "kapp: Error: x")]), []);
    }
}
