//! There is one Prometheus install.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::package::PackageInstall;
use crate::prometheus::Role;

pub(super) const CHECK: Check = Check {
    code: "PF201",
    category: Category::Package,
    title: "a Prometheus package is installed",
    subject: Subject::Any,
    after: &["PF101", "PF102"],
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
    Ok(match installs.as_slice() {
        [_] => Judgement::Holds,
        [] => fixes(view)
            .into_iter()
            .fold(Finding::error("no PackageInstall of a Prometheus package"), Finding::fix)
            .into(),
        several => {
            let titles: Vec<_> = several.iter().map(PackageInstall::title).collect();
            let finding = Finding::error(format!("{} of them: {}", titles.len(), titles.join(", ")))
                .because("they fight for the same cluster-wide objects");
            // Which of them to keep is for a person to say; the first one is what everything else here is about.
            let others = several.iter().skip(1).map(|other| {
                let meta = &other.metadata;
                view.kubectl(&format!("-n {} delete packageinstall {}", meta.namespace, meta.name))
            });
            others.fold(finding, Finding::fix).into()
        }
    })
}

fn fixes(view: &View<'_>) -> Vec<Fix> {
    let context = &view.facts.context;
    let hub = view.hub.map_or("HUB", |hub| hub.context.as_str());
    let join = Fix::hand(format!(
        "kubectl promfed agent join --context {context} --hub-context {hub} --cluster-name NAME"
    ));
    let init =
        Fix::hand(format!("kubectl promfed hub init --context {context} --cluster-name NAME --fqdn HOST"));
    match view.facts.expected {
        Some(Role::Agent) => vec![join],
        Some(Role::Hub) => vec![init],
        None => vec![join, init],
    }
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, found, hub};
    use crate::prometheus::Role;

    #[test]
    fn none_is_found() {
        let mut facts = hub();
        facts.package.installs = Ok(Vec::new());
        let findings = found("PF201", "admin@hub", &[facts]);
        assert_eq!(findings[0].causes, ["no PackageInstall of a Prometheus package"]);
    }

    #[test]
    fn an_agent_that_is_missing_is_told_its_hub() {
        let mut facts = agent();
        facts.package.installs = Ok(Vec::new());
        facts.expected = Some(Role::Agent);
        let findings = found("PF201", "admin@edge", &[facts, hub()]);
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl promfed agent join --context admin@edge --hub-context admin@hub --cluster-name NAME"
        );
        assert_eq!(findings[0].fixes.len(), 1);
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
        assert_eq!(
            findings[0].fixes[0].command,
            "kubectl --context admin@hub -n monitoring delete packageinstall prometheus"
        );
    }
}
