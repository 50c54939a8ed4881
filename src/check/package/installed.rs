//! There is one Prometheus install.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF201",
    category: Category::Package,
    title: "a Prometheus package is installed",
    subject: Subject::Any,
    after: &["PF101"],
    page: Page {
        symptom: "A context has no Prometheus package, or more than one.",
        cause: "Nobody has installed it, it was deleted, or a second one was installed under another name; two of them fight for the same cluster-wide objects.",
        detected: "The PackageInstalls whose package is one of the three names under which Prometheus is packaged.",
        fix: "`kubectl promfed hub init` or `kubectl promfed agent join` installs one; `kubectl delete packageinstall` takes the one away that nobody needs.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let installs = view.facts.package.installs.as_ref().map_err(Clone::clone)?;
    let context = &view.facts.context;
    Ok(match installs.as_slice() {
        [_] => Judgement::Holds,
        [] => Finding::error("no PackageInstall of a Prometheus package")
            .fix(Fix::hand(format!(
                "kubectl promfed agent join --context {context} --hub-context HUB --cluster-name NAME"
            )))
            .fix(Fix::hand(format!(
                "kubectl promfed hub init --context {context} --cluster-name NAME --fqdn HOST"
            )))
            .into(),
        several => {
            let titles: Vec<_> = several.iter().map(|install| install.title()).collect();
            Finding::error(format!("{} of them: {}", titles.len(), titles.join(", ")))
                .because("they fight for the same cluster-wide objects")
                .fix(view.kubectl("delete packageinstall -n NAMESPACE NAME"))
                .into()
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{found, hub};

    #[test]
    fn none_is_found() {
        let mut facts = hub();
        facts.package.installs = Ok(Vec::new());
        let findings = found("PF201", "admin@hub", &[facts]);
        assert_eq!(findings[0].causes, ["no PackageInstall of a Prometheus package"]);
    }

    #[test]
    fn two_are_found() {
        let mut facts = hub();
        let installs = facts.package.installs.as_mut().expect("installs");
        let mut other = installs[0].clone();
        other.metadata.namespace = "monitoring".into();
        installs.push(other);
        let findings = found("PF201", "admin@hub", &[facts]);
        assert_eq!(findings[0].causes[0], "2 of them: tkg-system/prometheus, monitoring/prometheus");
    }
}
