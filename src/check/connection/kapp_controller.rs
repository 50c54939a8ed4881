//! kapp-controller serves its APIs.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Served;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

const PACKAGING: &str = "packaging.carvel.dev/v1alpha1";
const PACKAGES: &str = "data.packaging.carvel.dev/v1alpha1";

pub(super) const CHECK: Check = Check {
    code: "PF102",
    category: Category::Connection,
    title: "kapp-controller serves its APIs",
    subject: Subject::Any,
    after: &["PF101"],
    page: Page {
        symptom: "`kubectl get packageinstalls` says that the server does not have such a resource, or `kubectl get packages` answers with 503 `the server is currently unable to handle the request`. Changes of values do nothing.",
        cause: "kapp-controller is not installed on the cluster, or it is and its pod does not run: it serves the list of packages itself.",
        detected: "The API server's own list of what it serves: `packaging.carvel.dev` are custom resources, `data.packaging.carvel.dev` is passed on to kapp-controller.",
        fix: "Install kapp-controller, or make its pod run: `kubectl get pods -A -l app=kapp-controller`.",
        versions: "all",
    },
    judge,
};

/// The same, asked before an install.
pub(super) const BEFORE_INSTALL: Check =
    Check { code: "PF106", subject: Subject::BeforeInstall, after: &["PF105"], ..CHECK };

fn judge(view: &View<'_>) -> Judged {
    let api = &view.facts.api;
    let packaging = api.packaging.as_ref().map_err(Clone::clone)?;
    match packaging {
        Served::No => return Ok(not_installed().into()),
        Served::Broken(words) => return Ok(down(view, PACKAGING, words).into()),
        Served::Yes => {}
    }
    Ok(match api.packages.as_ref().map_err(Clone::clone)? {
        Served::Yes => Judgement::Holds,
        Served::Broken(words) => down(view, PACKAGES, words).into(),
        Served::No => Finding::error(format!("the API server does not know {PACKAGES}"))
            .because("kapp-controller is installed in part: nothing is registered that serves packages")
            .fix(view.kubectl("get apiservice v1alpha1.data.packaging.carvel.dev"))
            .fix(Fix::hand("install kapp-controller again: its release.yml registers the API"))
            .into(),
    })
}

fn not_installed() -> Finding {
    Finding::error(format!("kapp-controller is not installed: the API server does not know {PACKAGING}"))
        .because("Prometheus comes as a Carvel package, which kapp-controller installs")
        .fix(Fix::hand(
            "install kapp-controller: https://carvel.dev/kapp-controller/docs/latest/install/ (on Tanzu it is there from the start)",
        ))
}

fn down(view: &View<'_>, api: &str, words: &str) -> Finding {
    Finding::error(format!("kapp-controller does not serve {api}: {words}"))
        .because("what runs goes on, and no change of the package or of its values gets through")
        .fix(view.kubectl("get pods -A -l app=kapp-controller"))
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Served, Unread};
    use crate::check::healthy::{codes, found, found_before, hub};

    #[test]
    fn a_cluster_without_it_is_told_and_not_its_missing_package() {
        let mut facts = hub();
        facts.api.packaging = Ok(Served::No);
        facts.api.packages = Ok(Served::No);
        facts.package.installs = Ok(Vec::new());
        assert_eq!(codes(&[facts.clone()])[0], "PF102");
        assert!(!codes(&[facts.clone()]).contains(&"PF201"));
        let findings = found_before("PF106", &facts);
        assert!(findings[0].causes[0].starts_with("kapp-controller is not installed"), "{findings:?}");
    }

    #[test]
    fn a_pod_that_is_down_is_told_by_what_it_does_not_serve() {
        let mut facts = hub();
        facts.api.packages = Ok(Served::Broken("503 Service Unavailable".into()));
        let findings = found("PF102", "admin@hub", &[facts]);
        assert_eq!(
            findings[0].causes[0],
            "kapp-controller does not serve data.packaging.carvel.dev/v1alpha1: 503 Service Unavailable"
        );
        assert!(findings[0].fixes[0].command.ends_with("get pods -A -l app=kapp-controller"));
    }

    #[test]
    fn what_could_not_be_read_is_no_finding() {
        let mut facts = hub();
        facts.api.packages = Err(Unread::Failed("no answer within 30s".into()));
        assert_eq!(found("PF102", "admin@hub", &[facts]), []);
    }
}
