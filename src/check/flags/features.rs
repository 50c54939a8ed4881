//! Every feature name that the process was given has an effect.

use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged};
use crate::check::view::View;
use crate::prometheus::capability::{Became, Feature, known_feature};
use crate::prometheus::{Capabilities, Role};

pub(super) const CHECK: Check = Check {
    code: "PF302",
    category: Category::Flags,
    title: "every feature name and flag has an effect",
    subject: Subject::Any,
    after: &["PF212"],
    page: Page {
        symptom: "Prometheus logs `Unknown option for --enable-feature` at its start, and starts all the same.",
        cause: "The version does not know the name: not yet, or not any more. What it stood for is off, or on for everybody, or switched on in another way.",
        detected: "The names in the runtime flag `enable-feature`, against those that the version knows. The names of agent mode and of the receiver are told by PF303 and PF301 where they do harm.",
        fix: "`kubectl promfed hub init` and `kubectl promfed agent join` take away the names that are not needed any more, and write the flags that stand for them.",
        versions: "most names went with 3.0; native-histograms with 3.9",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let given = view.facts.flag("enable-feature")?.unwrap_or_default();
    let capabilities = view.capabilities()?;
    let names = given.split(',').filter(|name| !is_told_elsewhere(view, name));
    let dead: Vec<_> = names
        .filter_map(known_feature)
        .filter(|feature| !feature.span.holds(capabilities.version()))
        .collect();
    let mut lines = dead.iter().map(|feature| line(view, feature, capabilities));
    let Some(first) = lines.next() else { return Ok(Vec::new().into()) };
    let finding = lines.fold(Finding::warning(first), Finding::because);
    let is_rewritten = |feature: &&Feature| {
        matches!(feature.became, Became::Always | Became::Flag(_))
            && feature.span.is_over(capabilities.version())
    };
    let fix = if view.role().is_some() && dead.iter().all(is_rewritten) {
        view.again("")
    } else {
        let names: Vec<_> = dead.iter().map(|feature| feature.name).collect();
        Fix::hand(format!("take {} out of --enable-feature in the values", names.join(", ")))
    };
    Ok(finding.fix(fix).into())
}

/// What agent mode or the receiver lacks is the cause of a finding of its own.
fn is_told_elsewhere(view: &View<'_>, name: &str) -> bool {
    match name {
        "agent" => view.is_agent() && view.facts.runs_as() != Some(Role::Agent),
        "remote-write-receiver" => view.is_hub() && view.facts.runs_as() != Some(Role::Hub),
        _ => false,
    }
}

fn line(view: &View<'_>, feature: &Feature, capabilities: Capabilities) -> String {
    let version = capabilities.version();
    let now = match feature.became {
        _ if feature.span.is_to_come(version) => String::new(),
        Became::Nothing => String::new(),
        Became::Always => ": it is always so".to_owned(),
        Became::Field(field) => format!(": the configuration says it now, by {field}"),
        Became::Flag(flag) => match view.facts.flag(flag) {
            Ok(Some("true")) => format!(": --{flag} is on anyway"),
            Ok(Some("false")) => format!(": it is off, and --{flag} is the flag for it"),
            _ => format!(": --{flag} is the flag for it"),
        },
    };
    format!("{} does nothing in Prometheus {version} ({}){now}", feature.name, feature.span)
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, found, hub};
    use crate::check::judgement::{By, Severity};

    #[test]
    fn names_that_are_not_needed_any_more_are_told() {
        let hub = hub()
            .with_flag(
                "enable-feature",
                "promql-at-modifier,remote-write-receiver,otlp-write-receiver,exemplar-storage",
            )
            .with_flag("web.enable-otlp-receiver", "false");
        let findings = found("PF302", "admin@hub", &[hub]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(
            findings[0].causes,
            [
                "promql-at-modifier does nothing in Prometheus 3.5.3 (known from 2.25 to 2.55): it is always so",
                "remote-write-receiver does nothing in Prometheus 3.5.3 (known from 2.25 to 2.55): --web.enable-remote-write-receiver is on anyway",
                "otlp-write-receiver does nothing in Prometheus 3.5.3 (known from 2.47 to 2.55): it is off, and --web.enable-otlp-receiver is the flag for it",
            ]
        );
        assert_eq!(findings[0].fixes[0].by, By::Promfed);
    }

    #[test]
    fn a_name_of_a_later_version_is_told() {
        let hub = hub().with_version("2.53.3").with_flag("enable-feature", "old-ui");
        let findings = found("PF302", "admin@hub", &[hub]);
        assert_eq!(findings[0].causes, ["old-ui does nothing in Prometheus 2.53.3 (known since 3.0)"]);
        assert_eq!(findings[0].fixes[0].by, By::Hand);
    }

    #[test]
    fn names_that_work_and_names_that_nobody_knows_are_left_alone() {
        let agent = agent().with_flag("enable-feature", "exemplar-storage,of-our-own-build");
        assert!(found("PF302", "admin@edge", &[agent]).is_empty());
    }

    #[test]
    fn the_cause_of_another_finding_is_not_told_twice() {
        let agent = agent().with_flag("agent", "false").with_flag("enable-feature", "agent");
        assert!(found("PF302", "admin@edge", &[agent]).is_empty());
    }
}
