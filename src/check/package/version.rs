//! The version runs that was asked for.

use super::pods;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::package::State;
use crate::prometheus::Version;

pub(super) const CHECK: Check = Check {
    code: "PF208",
    category: Category::Package,
    title: "the version that was asked for runs",
    subject: Subject::Any,
    after: &["PF101", "PF102", "PF201", "PF202", "PF203", "PF206", "PF207"],
    page: Page {
        symptom: "The package was moved to another version, and Prometheus does what the old one does: flags and fields of the new version are not known.",
        cause: "The old pod still runs, an overlay or somebody's edit of the Deployment puts another image in, or kapp-controller has not looked at the change.",
        detected: "The version in the PackageInstall's spec, the one in its status, and the one that Prometheus says of itself. The package's version begins with that of its Prometheus.",
        fix: "See what image the Deployment has. Where nobody changed it, the next reconcile rolls it out.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let install = view.install()?;
    // On its way it may be anywhere between.
    if matches!(install.state(), State::Reconciling | State::Deleting) {
        return Ok(Judgement::Moot);
    }
    let package = install.status.version.as_str();
    let wanted = install.spec.package_ref.version_selection.constraints.as_str();
    let is_exact = wanted.starts_with(|c: char| c.is_ascii_digit()) && !wanted.contains([' ', '*', 'x', '|']);
    let (Some(brought), asked) = (Version::parse(package), Version::parse(wanted)) else {
        return Ok(Judgement::Moot);
    };
    // What builders append does not count: `2.43.0` asks for any build of it.
    if let Some(asked) = asked.filter(|asked| is_exact && *asked != brought) {
        return Ok(Finding::warning(format!("{asked} is asked for, and the package is at {package}"))
            .because("kapp-controller has not taken the change")
            .fix(view.kubectl("get pods -A -l app=kapp-controller"))
            .into());
    }
    let runs = *view.facts.process.version.as_ref().map_err(Clone::clone)?;
    // A rebuild may patch what it packs; what a version understands changes with its minor only.
    if (runs.major, runs.minor) == (brought.major, brought.minor) {
        return Ok(Judgement::Holds);
    }
    let workload = &view.facts.workload;
    let deployment = workload.deployment.as_ref().ok().and_then(Option::as_ref);
    let image = deployment.and_then(|deployment| pods::container(deployment)?.image.as_deref());
    let finding =
        Finding::warning(format!("Prometheus {runs} runs, and the package {package} brings {brought}"));
    let finding = match image {
        Some(image) => finding.because(format!("the Deployment has the image {image}")),
        None => finding,
    };
    Ok(finding
        .fix(view.kubectl(&format!("-n {} rollout status deployment/prometheus-server", workload.namespace)))
        .fix(Fix::hand("take the overlay or the edit away that puts another image in"))
        .into())
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{found, hub};
    use crate::prometheus::Version;

    #[test]
    fn another_version_that_runs_is_told_with_both() {
        let mut facts = hub();
        facts.process.version = Ok(Version::new(2, 53, 4));
        let findings = found("PF208", "admin@hub", &[facts]);
        assert_eq!(
            findings[0].causes[0],
            "Prometheus 2.53.4 runs, and the package 3.5.3+vmware.1-vks.1 brings 3.5.3"
        );
    }

    #[test]
    fn a_package_that_did_not_move_is_told() {
        let mut facts = hub();
        let install = &mut facts.package.installs.as_mut().expect("installs")[0];
        install.spec.package_ref.version_selection.constraints = "3.6.0+vmware.1-vks.1".into();
        let findings = found("PF208", "admin@hub", &[facts]);
        assert_eq!(findings[0].causes[0], "3.6.0 is asked for, and the package is at 3.5.3+vmware.1-vks.1");
    }

    #[test]
    fn a_range_or_another_build_is_what_was_asked_for() {
        for constraints in [">=3.4.0", "3.5.3", "3.5.3+vmware.2-vks.1", ""] {
            let mut facts = hub();
            let install = &mut facts.package.installs.as_mut().expect("installs")[0];
            install.spec.package_ref.version_selection.constraints = constraints.into();
            assert_eq!(found("PF208", "admin@hub", &[facts]), [], "{constraints}");
        }
    }
}
