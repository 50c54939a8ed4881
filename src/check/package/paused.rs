//! Nobody holds the package back.

use super::pods;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Reading;
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;
use crate::package::Pause;

pub(super) const CHECK: Check = Check {
    code: "PF203",
    category: Category::Package,
    title: "the package is not paused",
    subject: Subject::Any,
    after: &["PF101", "PF201"],
    page: Page {
        symptom: "Changes of the values do nothing. `kubectl get packageinstall` says `Canceled/paused`.",
        cause: "Somebody paused or canceled the PackageInstall, or promfed did in the middle of a move to another version and was interrupted.",
        detected: "`spec.paused` and `spec.canceled` of the PackageInstall, and the annotation `promfed.dev/paused` that says whose pause it is.",
        fix: "After a pause of promfed's, run the same command again: it goes on where it stopped. Otherwise ask who paused it and why, and take the field away.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let install = view.install()?;
    let finding = match (install.pause(), install.spec.canceled) {
        (Pause::None, false) => return Ok(Judgement::Holds),
        (Pause::Ours, _) => {
            Finding::error("promfed paused it for a move to another version, and did not finish")
                .because("the values may be those of the other version already")
                .fix(Fix::hand("run the same promfed command again: it goes on where it stopped"))
                .fix(view.again(""))
        }
        (Pause::Theirs, _) => {
            Finding::error("somebody paused it: changes of the package and its values do nothing")
                .fix(resume(view, "paused")?)
        }
        (Pause::None, true) => {
            Finding::error("somebody canceled it: changes of the package and its values do nothing")
                .fix(resume(view, "canceled")?)
        }
    };
    let finding = pods::also_down(view, finding);
    Ok(finding.verdict(Verdict::Paused).into())
}

fn resume(view: &View<'_>, field: &str) -> Reading<Fix> {
    let meta = &view.install()?.metadata;
    Ok(view.kubectl(&format!(
        "-n {} patch packageinstall {} --type merge -p '{{\"spec\":{{\"{field}\":false}}}}'",
        meta.namespace, meta.name
    )))
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Facts, Unread};
    use crate::check::healthy::{codes, found, hub};
    use crate::package::PAUSED;

    fn paused() -> Facts {
        let mut facts = hub();
        facts.package.installs.as_mut().expect("installs")[0].spec.paused = true;
        facts
    }

    #[test]
    fn a_pause_of_somebody_s_can_be_ended() {
        let findings = found("PF203", "admin@hub", &[paused()]);
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl --context admin@hub -n tkg-system patch packageinstall prometheus --type merge -p '{\"spec\":{\"paused\":false}}'"
        );
    }

    #[test]
    fn a_pause_of_promfed_s_asks_for_the_same_command() {
        let mut facts = paused();
        let install = &mut facts.package.installs.as_mut().expect("installs")[0];
        install.metadata.ownership.annotations.insert(PAUSED.into(), "until …".into());
        let findings = found("PF203", "admin@hub", &[facts]);
        assert!(findings[0].causes[0].contains("did not finish"), "{findings:?}");
        assert!(findings[0].fixes[0].command.starts_with("run the same promfed command again"));
    }

    #[test]
    fn a_prometheus_that_is_down_meanwhile_is_told_with_it() {
        let mut facts = paused();
        facts.process.version = Err(Unread::Failed("no pod behind the Service is ready".into()));
        let findings = found("PF203", "admin@hub", &[facts.clone()]);
        assert!(findings[0].causes[1].ends_with("no pod behind the Service is ready"));
        assert!(!codes(&[facts]).contains(&"PF212"));
    }
}
