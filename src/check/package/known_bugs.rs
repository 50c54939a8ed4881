//! The version has no known bug that loses samples in its role.

use super::moves;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::{Capabilities, Harm, KnownBad, Role, Version};

pub(super) const CHECK: Check = Check {
    code: "PF213",
    category: Category::Package,
    title: "no known bug of this version loses samples",
    subject: Subject::Any,
    after: &["PF101", "PF201"],
    page: Page {
        symptom: "Samples are lost or stand still now and then, and nothing in the configuration is wrong.",
        cause: "Some versions of Prometheus have bugs in remote write, as sender or as receiver, that a later release fixed.",
        detected: "The version that runs, in the role that it has, against a list of such bugs.",
        fix: "Move the package to a version without the bug: `--package-version`, the hub first.",
        versions: "hub: up to 2.53, and 3.8.0; agent: up to 2.38, 2.45.0 to 2.48.0, 2.51.0 to 2.53.0, 3.7.0 to 3.7.2, 3.9.0",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let capabilities = view.capabilities()?;
    let Some(role) = view.role() else { return Ok(Judgement::Moot) };
    let bugs: Vec<_> = harmful(capabilities, role).collect();
    let Some(first) = bugs.first() else { return Ok(Judgement::Holds) };
    let version = capabilities.version();
    let line = |bug: &KnownBad| format!("{} {version}: {} (fixed in {})", role, bug.what, bug.fixed);
    let finding = Finding::warning(line(first));
    let finding = bugs[1..].iter().fold(finding, |finding, bug| finding.because(line(bug)));
    let is_sound = |version| harmful(Capabilities::of(version), role).next().is_none();
    let target = moves::up(view, is_sound);
    let Some((target, fix)) = target.and_then(|target| Some((target, moves::to(view, target)?))) else {
        let fixed = bugs.iter().map(|bug| bug.fixed).max().unwrap_or(first.fixed);
        return Ok(finding
            .because("no version without it is offered here")
            .fix(Fix::hand(format!(
                "add a PackageRepository that offers Prometheus {fixed} or newer, and move with --package-version VERSION"
            )))
            .into());
    };
    Ok(hub_first(view, target).into_iter().fold(finding, Finding::fix).fix(fix).into())
}

fn harmful(capabilities: Capabilities, role: Role) -> impl Iterator<Item = &'static KnownBad> {
    capabilities.known_bad(role).filter(|bug| bug.harm == Harm::Samples)
}

/// An agent does not move before its hub.
fn hub_first(view: &View<'_>, target: &str) -> Option<Fix> {
    let hub = view.hub?;
    let is_older = hub.capabilities().is_ok_and(|hub| Version::parse(target) > Some(hub.version()));
    let hub = View { facts: hub, hub: None, all: view.all };
    let offers = moves::offered(&hub).iter().any(|package| package.spec.version == target);
    if !is_older {
        return None;
    }
    if offers {
        moves::to(&hub, target)
    } else {
        Some(Fix::hand(format!("move the hub on context {} to {target} or newer first", hub.facts.context)))
    }
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::{By, Severity};

    fn offering(mut facts: Facts, versions: &[&str]) -> Facts {
        let available = facts.package.available.as_mut().expect("packages");
        let one = available[0].clone();
        available.clear();
        for version in versions {
            let mut package = one.clone();
            package.spec.version = (*version).to_owned();
            available.push(package);
        }
        facts
    }

    #[test]
    fn a_bug_is_warned_of_with_the_version_that_is_offered_without_it() {
        let offered = ["2.48.1", "2.52.0", "2.53.0", "2.54.1"];
        let agent = offering(agent().with_version("2.45.0"), &offered);
        let findings = found("PF213", "admin@edge", &[agent, hub()]);
        assert_eq!(
            findings[0].causes,
            ["agent 2.45.0: remote write of an agent slows down (fixed in 2.48.1)"]
        );
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].fixes[0].command.ends_with("--package-version 2.48.1"), "{findings:?}");
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
    }

    #[test]
    fn a_version_with_another_bug_is_no_way_out() {
        let agent = offering(agent().with_version("2.45.0"), &["2.52.0", "2.54.1"]);
        let findings = found("PF213", "admin@edge", &[agent, hub()]);
        assert!(findings[0].fixes[0].command.ends_with("--package-version 2.54.1"), "{findings:?}");
    }

    #[test]
    fn the_hub_moves_first() {
        let hub = offering(hub().with_version("2.54.0"), &["2.54.0", "3.5.3"]);
        let agent = offering(agent().with_version("2.52.0"), &["3.5.3"]);
        let findings = found("PF213", "admin@edge", &[agent, hub]);
        let commands: Vec<_> = findings[0].fixes.iter().map(|fix| fix.command.as_str()).collect();
        assert!(commands[0].starts_with("kubectl promfed hub init --context admin@hub"), "{commands:?}");
        assert!(commands[1].starts_with("kubectl promfed agent join --context admin@edge"));
    }

    #[test]
    fn where_none_is_offered_the_release_is_named() {
        let findings = found("PF213", "admin@hub", &[hub().with_version("2.53.4")]);
        assert_eq!(findings[0].causes[1], "no version without it is offered here");
        assert!(findings[0].fixes[0].command.contains("Prometheus 2.54.0 or newer"), "{findings:?}");
    }

    #[test]
    fn memory_is_another_matter() {
        assert!(!codes(&[agent().with_version("3.10.0"), hub()]).contains(&"PF213"));
    }
}
