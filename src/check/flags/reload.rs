//! The last attempt to load a configuration succeeded.

use super::fitting::cannot_be_loaded;
use super::log_line::field;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::Unread;
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::view::View;
use crate::domain::seconds;

pub(super) const CHECK: Check = Check {
    code: "PF307",
    category: Category::Flags,
    title: "the last reload succeeded",
    subject: Subject::Any,
    after: &["PF212"],
    page: Page {
        symptom: "A change of the configuration has no effect, while the pod stays ready. Prometheus logs `Error reloading config` once, and the reloader gets 500.",
        cause: "The new configuration cannot be loaded: a mistake in it, a field that the version does not know, or a file that is not there. The old one runs on until the process ends, and then nothing starts.",
        detected: "`reloadConfigSuccess` of the runtime information, the metric `prometheus_config_last_reload_successful`, and the reason in Prometheus's log.",
        fix: "Mend the configuration in the values; `kubectl promfed rollback` brings the values from before the last write of promfed's.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let process = &view.facts.process;
    let metric = process
        .metrics
        .as_ref()
        .map(|page| page.max("prometheus_config_last_reload_successful").is_none_or(|value| value > 0.0));
    let succeeded = match (&process.runtime, metric) {
        (Ok(runtime), Ok(by_metric)) => runtime.reload_succeeded && by_metric,
        (Ok(runtime), Err(_)) => runtime.reload_succeeded,
        (Err(_), Ok(by_metric)) => by_metric,
        (Err(unread), Err(_)) => return Err(unread.clone()),
    };
    if succeeded {
        return Ok(Judgement::Holds);
    }
    if cannot_be_loaded(view) {
        return Err(Unread::Failed("see PF309".to_owned()));
    }
    let reason = view.facts.workload.log.as_deref().ok().and_then(reason);
    let finding = match &reason {
        Some(reason) => Finding::error(format!("the new configuration cannot be loaded: {reason}")),
        // The log is read beside the rest, and may have been read a moment too early.
        None if view.facts.workload.log.is_ok() => Finding::error(
            "the new configuration cannot be loaded; why is not in what was read of the log: look again, or read all of it",
        ),
        None => Finding::error("the new configuration cannot be loaded; the log says why, and was not read"),
    };
    let runs_on = match &process.runtime {
        Ok(runtime) => {
            let age = seconds(view.facts.now - runtime.configured_at());
            format!("Prometheus runs on with the one from {age} ago, and will not start again with this one")
        }
        Err(_) => "Prometheus runs on with the old one, and will not start again with this one".to_owned(),
    };
    let finding = finding.because(runs_on);
    let finding = if reason.is_some() {
        finding
    } else {
        let namespace = &view.facts.workload.namespace;
        finding.fix(view.kubectl(&format!(
            "logs -n {namespace} deploy/prometheus-server -c prometheus-server | grep -i config"
        )))
    };
    Ok(finding.fix(Fix::hand("mend prometheus.config.prometheus_yml in the values")).into())
}

/// Why the last attempt failed. Where several parts of Prometheus refuse it, each has a line of its own, and the line
/// that ends the attempt only says so.
fn reason(log: &str) -> Option<String> {
    let failed = |line: &&str| {
        field(line, "msg").is_some_and(|message| {
            ["Error reloading config", "Failed to apply configuration"].contains(&message.as_str())
        })
    };
    let mut reasons = log.lines().rev().filter(failed).filter_map(|line| field(line, "err"));
    let reason = reasons.find(|reason| !reason.starts_with("one or more errors occurred"))?;
    // What stands before is the name of the file, which is always the same.
    let short = reason.strip_prefix("couldn't load configuration (--config.file=").unwrap_or(&reason);
    let short =
        short.split_once("): ").filter(|_| short.len() < reason.len()).map_or(short, |(_, rest)| rest);
    Some(short.to_owned())
}

#[cfg(test)]
mod tests {
    use crate::check::facts::{Facts, Unread};
    use crate::check::healthy::{agent, found, hub};

    fn failed(log: &str) -> Facts {
        let mut facts = hub().with_metric("prometheus_config_last_reload_successful 0");
        facts.process.runtime.as_mut().expect("runtime information").reload_succeeded = false;
        facts.workload.log = Ok(log.to_owned());
        facts
    }

    #[test]
    fn the_reason_is_that_of_the_log() {
        let log = r#"level=info msg=ready
ts=2026-01-01T00:00:00Z caller=main.go:9 level=error msg="Error reloading config" err="couldn't load configuration (--config.file=\"/etc/config/prometheus.yml\"): parsing YAML file /etc/config/prometheus.yml: yaml: unmarshal errors:\n  line 3: field foo not found in type config.plain"
"#;
        let findings = found("PF307", "admin@hub", &[failed(log)]);
        assert_eq!(
            findings[0].causes,
            [
                "the new configuration cannot be loaded: parsing YAML file /etc/config/prometheus.yml: yaml: unmarshal errors: line 3: field foo not found in type config.plain",
                "Prometheus runs on with the one from 27h ago, and will not start again with this one",
            ]
        );
    }

    #[test]
    fn of_several_lines_the_one_that_tells_is_taken() {
        let log = r#"time=2026-01-01T00:00:00Z level=ERROR msg="Failed to apply configuration" err="unable to read CA cert: open /x: no such file or directory"
time=2026-01-01T00:00:00Z level=ERROR msg="Error reloading config" err="one or more errors occurred while applying the new configuration (--config.file=\"/etc/config/prometheus.yml\")"
"#;
        let findings = found("PF307", "admin@hub", &[failed(log)]);
        assert!(findings[0].causes[0].ends_with("open /x: no such file or directory"), "{findings:?}");
    }

    #[test]
    fn without_a_log_the_way_to_it_is_told() {
        let mut facts = failed("");
        let findings = found("PF307", "admin@hub", &[facts.clone()]);
        assert!(findings[0].causes[0].ends_with("look again, or read all of it"), "{findings:?}");
        facts.workload.log = Err(Unread::NotAsked);
        let findings = found("PF307", "admin@hub", &[facts]);
        assert!(findings[0].causes[0].ends_with("the log says why, and was not read"), "{findings:?}");
        assert!(findings[0].fixes[0].command.contains("logs -n tanzu-system-monitoring"), "{findings:?}");
    }

    #[test]
    fn one_that_failed_before_the_last_one_is_over() {
        let mut facts = agent();
        facts.workload.log = Ok("level=error msg=\"Error reloading config\" err=x\n".into());
        assert!(found("PF307", "admin@edge", &[facts]).is_empty());
    }

    #[test]
    fn a_field_that_the_version_does_not_know_is_told_once() {
        let mut facts = failed("").with_version("3.2.0").with_values(|text| {
            text.replace("      global:", "      otlp: {convert_histograms_to_nhcb: true}\n      global:")
        });
        facts.process.config = hub().process.config;
        let all = [facts];
        assert!(found("PF307", "admin@hub", &all).is_empty());
        assert_eq!(found("PF309", "admin@hub", &all).len(), 1);
    }
}
