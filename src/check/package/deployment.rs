//! The Deployment has the arguments that the values give.

use super::pods;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::package::{ARGS, OVERLAY as OWN, State};

/// With it the install's templates are changed by somebody's own, and the Deployment is what those make of it.
const OVERLAY: &str = "ext.packaging.carvel.dev/ytt-paths-from-secret-name";

pub(super) const CHECK: Check = Check {
    code: "PF209",
    category: Category::Package,
    title: "the Deployment is as the values say",
    subject: Subject::Any,
    after: &["PF101", "PF102", "PF201", "PF202", "PF203", "PF204", "PF205", "PF206", "PF207"],
    page: Page {
        symptom: "A flag that was added with `kubectl edit deployment` is gone some minutes later. Or the values are changed, and the flags stay as they were.",
        cause: "kapp makes the Deployment again from the values, at the latest every ten minutes: edits of it do not last. Where they do, the App is not managed any more (`ext.packaging.carvel.dev/manually-controlled`), or the install takes its values from another Secret than the one that was changed.",
        detected: "The arguments of the container prometheus-server against those in the values; their order does not matter. An install with overlays of somebody's own is left out.",
        fix: "Make the change in the values.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let install = view.install()?;
    // promfed's own changes no argument.
    let is_somebody_s = |key: &String| key.starts_with(OVERLAY) && key != OWN;
    let has_overlay = install.metadata.ownership.annotations.keys().any(is_somebody_s);
    if has_overlay || install.state() != State::Succeeded {
        return Ok(Judgement::Moot);
    }
    let values = view.facts.values()?;
    if values.get(&ARGS).is_none() {
        return Ok(Judgement::Moot);
    }
    let desired = view.facts.desired_args()?;
    let deployment = view.facts.workload.deployment.as_ref().map_err(Clone::clone)?;
    let Some(container) = deployment.as_ref().and_then(pods::container) else { return Ok(Judgement::Moot) };
    let actual = container.args.as_deref().unwrap_or_default();
    let extra = beyond(actual, desired.as_slice());
    let missing = beyond(desired.as_slice(), actual);
    if extra.is_empty() && missing.is_empty() {
        return Ok(Judgement::Holds);
    }
    let mut lines = Vec::new();
    if !extra.is_empty() {
        lines.push(format!("the Deployment has, and the values do not: {}", extra.join(" ")));
    }
    if !missing.is_empty() {
        lines.push(format!("the values have, and the Deployment does not: {}", missing.join(" ")));
    }
    lines.push(
        "kapp makes it as the values say, at the latest in ten minutes, and restarts Prometheus".to_owned(),
    );
    let finding = Finding { causes: lines, ..Finding::warning("") };
    Ok(finding
        .fix(Fix::hand(
            "make the change in prometheus.deployment.containers.args of the values, not in the Deployment",
        ))
        .fix(
            view.kubectl(&format!(
                "-n {} get app {} -o yaml",
                install.metadata.namespace, install.metadata.name
            )),
        )
        .into())
}

/// What is in the one and not in the other; an argument that is there twice has to be there twice.
fn beyond<'a>(one: &'a [String], other: &[String]) -> Vec<&'a str> {
    let mut rest: Vec<_> = other.iter().collect();
    let mut beyond = Vec::new();
    for arg in one {
        match rest.iter().position(|known| *known == arg) {
            Some(at) => drop(rest.swap_remove(at)),
            None => beyond.push(arg.as_str()),
        }
    }
    beyond
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{found, hub};

    fn with_args(edit: impl Fn(&mut Vec<String>)) -> Facts {
        let mut facts = hub();
        let deployment = facts.workload.deployment.as_mut().expect("a reading").as_mut();
        let spec = deployment.and_then(|one| one.spec.as_mut()).expect("a spec");
        let container = &mut spec.template.spec.as_mut().expect("a pod").containers[0];
        edit(container.args.as_mut().expect("arguments"));
        facts
    }

    #[test]
    fn an_edit_of_the_deployment_is_told_both_ways() {
        let facts = with_args(|args| args[0] = "--storage.tsdb.retention.time=1d".into());
        let findings = found("PF209", "admin@hub", &[facts]);
        assert_eq!(
            findings[0].causes[..2],
            [
                "the Deployment has, and the values do not: --storage.tsdb.retention.time=1d",
                "the values have, and the Deployment does not: --storage.tsdb.retention.time=42d"
            ]
        );
    }

    #[test]
    fn order_does_not_matter() {
        assert_eq!(found("PF209", "admin@hub", &[with_args(|args| args.reverse())]), []);
    }

    #[test]
    fn overlays_may_change_it() {
        let mut facts = with_args(Vec::clear);
        let install = &mut facts.package.installs.as_mut().expect("installs")[0];
        install.metadata.ownership.annotations.insert(format!("{}.0", super::OVERLAY), "mine".into());
        assert_eq!(found("PF209", "admin@hub", &[facts]), []);
    }

    #[test]
    fn promfed_s_own_overlay_changes_no_argument() {
        let mut facts = with_args(Vec::clear);
        let install = &mut facts.package.installs.as_mut().expect("installs")[0];
        install.metadata.ownership.annotations.insert(super::OWN.into(), "promfed-overlay".into());
        assert_eq!(found("PF209", "admin@hub", &[facts]).len(), 1);
    }

    #[test]
    fn one_that_is_on_its_way_is_not_judged() {
        let mut facts = with_args(Vec::clear);
        facts.package.installs.as_mut().expect("installs")[0].metadata.generation = 2;
        assert_eq!(found("PF209", "admin@hub", &[facts]), []);
    }
}
