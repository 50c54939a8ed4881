//! A new configuration can be loaded without a restart.

use super::drift::differences;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::prometheus::capability::known_feature;

pub(super) const CHECK: Check = Check {
    code: "PF306",
    category: Category::Flags,
    title: "a new configuration can be loaded",
    subject: Subject::Any,
    after: &["PF209", "PF212", "PF304"],
    page: Page {
        symptom: "A change of the values has no effect until the pod is started again. The reloader logs 403, `Lifecycle API is not enabled.`",
        cause: "The list of arguments in the values has no `--web.enable-lifecycle`, so Prometheus refuses to reload. The package's own list has it, and the list in the values takes its place.",
        detected: "The runtime flags `web.enable-lifecycle` and `config.auto-reload`, the feature `auto-reload-config`, and what the loaded configuration and the ConfigMap differ in.",
        fix: "Add `--web.enable-lifecycle` to `prometheus.deployment.containers.args` in the values; the pod starts again, and loads what is there.",
        versions: "all; from 3.0 on Prometheus can look for changes itself",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let is_on = view.facts.flag("web.enable-lifecycle")?.is_none_or(|value| value == "true");
    if is_on || looks_by_itself(view)? {
        return Ok(Judgement::Holds);
    }
    let refuses = "Prometheus refuses to reload: --web.enable-lifecycle is not among its arguments";
    let finding = match differences(view) {
        Ok(differences) if !differences.is_empty() => {
            let finding = Finding::error("a new configuration is there, and is not loaded").because(refuses);
            differences.into_iter().fold(finding, Finding::because)
        }
        _ => Finding::warning(refuses).because("the next change of the configuration waits for a restart"),
    };
    let fix = "in the values, prometheus.deployment.containers.args: --web.enable-lifecycle";
    Ok(finding.fix(Fix::hand(fix)).into())
}

/// From 3.0 on Prometheus can look for a new configuration itself.
fn looks_by_itself(view: &View<'_>) -> Result<bool, crate::check::facts::Unread> {
    let features = view.facts.flag("enable-feature")?.unwrap_or_default();
    let version = view.capabilities()?.version();
    let name = "auto-reload-config";
    let by_name = features.split(',').any(|feature| feature == name)
        && known_feature(name).is_some_and(|feature| feature.span.holds(version));
    Ok(by_name || view.facts.flag("config.auto-reload")? == Some("true"))
}

#[cfg(test)]
mod tests {
    use crate::check::healthy::{agent, codes, found, hub};
    use crate::check::judgement::Severity;

    #[test]
    fn without_the_flag_the_next_change_waits() {
        let hub = hub().with_flag("web.enable-lifecycle", "false");
        let findings = found("PF306", "admin@hub", &[hub]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert!(findings[0].causes[0].contains("--web.enable-lifecycle is not among"), "{findings:?}");
    }

    #[test]
    fn a_change_that_waits_already_is_an_error_and_told_once() {
        let agent = agent().with_flag("web.enable-lifecycle", "false").with_config(
            "global: {external_labels: {cluster: edge}}\nremote_write: [{url: 'https://old/api/v1/write'}]\n",
        );
        let all = [agent];
        let findings = found("PF306", "admin@edge", &all);
        assert_eq!(findings[0].severity, Severity::Error);
        assert_eq!(
            findings[0].causes[2],
            "the ConfigMap writes to https://prometheus.hub.test/api/v1/write, and the process does not"
        );
        assert!(found("PF308", "admin@edge", &all).is_empty());
    }

    #[test]
    fn a_process_that_looks_by_itself_needs_no_flag() {
        let by_name = hub()
            .with_flag("web.enable-lifecycle", "false")
            .with_flag("enable-feature", "auto-reload-config");
        let by_flag = hub()
            .with_version("3.12.0")
            .with_flag("web.enable-lifecycle", "false")
            .with_flag("config.auto-reload", "true");
        assert_eq!(codes(&[by_name]), [""; 0]);
        assert!(found("PF306", "admin@hub", &[by_flag]).is_empty());
    }
}
