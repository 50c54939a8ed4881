//! The reloader can reload.

use super::container::beside;
use super::drift::differences;
use super::log_line::field;
use super::write_path::prefix;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::judgement::{Finding, Fix, Judged, Judgement};
use crate::check::safety::address::without_user;
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF313",
    category: Category::Flags,
    title: "the reloader can reload",
    subject: Subject::Any,
    after: &["PF212", "PF306", "PF307", "PF311"],
    page: Page {
        symptom: "A change of the configuration has no effect. The reloader logs `trigger reload: received non-200 response` or `Received response code 404 , expected 200`.",
        cause: "The reloader asks at another path than the one that Prometheus has with `--web.route-prefix` or `--web.external-url`, or is refused.",
        detected: "The last word about reloading in the reloader's log, its argument `--webhook-url`, and what the loaded configuration and the ConfigMap differ in.",
        fix: "Give the reloader the URL with the prefix (`prometheus.deployment.configmapReload.containers.args` in the values, `--webhook-url`), or take the prefix away.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let log = view.facts.workload.reloader_log.as_ref().map_err(Clone::clone)?;
    let Some(Word::Failed(failure)) = log.lines().rev().find_map(word) else { return Ok(Judgement::Holds) };
    let differences = differences(view).unwrap_or_default();
    let status = status(&failure);
    // Prometheus was starting, and read its configuration then; or the reload that failed has succeeded since.
    let is_over = matches!(status, None | Some(500..)) && differences.is_empty();
    if is_over {
        return Ok(Judgement::Holds);
    }
    let line = match status {
        Some(status) => format!("the reloader is answered {status}"),
        None => format!("the reloader cannot reload: {failure}"),
    };
    let finding = if differences.is_empty() {
        Finding::warning(line).because("the next change of the configuration will not be loaded")
    } else {
        differences.into_iter().fold(Finding::error(line), Finding::because)
    };
    let (finding, fix) = match (status, webhook(view), view.facts.process.flags.as_ref().map(prefix)) {
        (Some(404), Some(url), Ok(prefix)) if !url.contains(&format!("{prefix}/-/")) => (
            finding.because(format!("it asks {url}, and the paths of Prometheus begin with {prefix}/")),
            format!("give the reloader --webhook-url=http://127.0.0.1:9090{prefix}/-/reload in the values"),
        ),
        (_, Some(url), _) => {
            (finding.because(format!("it asks {url}")), "give the reloader a URL that it may ask".to_owned())
        }
        _ => (finding, "give the reloader a URL that it may ask".to_owned()),
    };
    Ok(finding.fix(Fix::hand(fix)).into())
}

/// What a line says about reloading.
enum Word {
    Worked,
    Failed(String),
}

fn word(line: &str) -> Option<Word> {
    let message = field(line, "msg").unwrap_or_default();
    if line.contains("successfully triggered reload") || message == "Reload triggered" {
        return Some(Word::Worked);
    }
    let is_failure = message.starts_with("Failed to trigger reload")
        || line.contains("received non-200 response")
        || line.contains("Received response code")
        || line.contains("Lifecycle API is not enabled");
    is_failure.then(|| Word::Failed(field(line, "err").unwrap_or_else(|| line.trim().to_owned())))
}

/// The status in a reloader's words, by the words that stand before it.
fn status(failure: &str) -> Option<u16> {
    let marks = ["response: ", "response code "];
    let rest = marks.iter().find_map(|mark| failure.split_once(mark))?.1;
    rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// The URL that the reloader asks.
fn webhook(view: &View<'_>) -> Option<String> {
    let deployment = view.facts.workload.deployment.as_ref().ok()?.as_ref()?;
    let mut args = beside(deployment).flat_map(|container| container.args.iter().flatten());
    args.find_map(|arg| {
        let (name, url) = arg.split_once('=')?;
        ["webhook-url", "reload-url"].contains(&name.trim_start_matches('-')).then(|| without_user(url))
    })
}

#[cfg(test)]
mod tests {
    use crate::check::facts::Facts;
    use crate::check::healthy::{codes, found, hub};
    use crate::check::judgement::Severity;

    fn with_log(facts: Facts, log: &str) -> Facts {
        let mut facts = facts;
        facts.workload.reloader_log = Ok(log.to_owned());
        let deployment =
            facts.workload.deployment.as_mut().ok().and_then(Option::as_mut).expect("a Deployment");
        let pod = deployment.spec.as_mut().and_then(|spec| spec.template.spec.as_mut()).expect("a pod");
        pod.containers.push(k8s_openapi::api::core::v1::Container {
            name: "prometheus-server-configmap-reload".into(),
            args: Some(vec!["--webhook-url=http://127.0.0.1:9090/-/reload".into()]),
            ..Default::default()
        });
        facts
    }

    const NOT_FOUND: &str = "2026/01/01 00:00:00 config map updated\n2026/01/01 00:00:00 error: Received response code 404 , expected 200\n2026/01/01 00:00:00 error: Webhook reload retries exhausted\n";

    #[test]
    fn a_prefix_that_the_reloader_does_not_know_is_named() {
        let facts = with_log(hub().with_flag("web.route-prefix", "/prometheus"), NOT_FOUND);
        let findings = found("PF313", "admin@hub", &[facts]);
        assert_eq!(findings[0].severity, Severity::Warning);
        assert_eq!(findings[0].causes[0], "the reloader is answered 404");
        assert_eq!(
            findings[0].causes[2],
            "it asks http://127.0.0.1:9090/-/reload, and the paths of Prometheus begin with /prometheus/"
        );
    }

    #[test]
    fn a_change_that_waits_is_an_error_and_told_once() {
        let facts = with_log(hub().with_flag("web.route-prefix", "/prometheus"), NOT_FOUND)
            .with_config("scrape_configs: [{job_name: old}]\n");
        let all = [facts];
        assert_eq!(found("PF313", "admin@hub", &all)[0].severity, Severity::Error);
        assert!(found("PF308", "admin@hub", &all).is_empty());
    }

    #[test]
    fn what_failed_and_then_worked_is_over() {
        for log in [
            &format!("{NOT_FOUND}2026/01/01 00:01:00 successfully triggered reload\n"),
            "level=error msg=\"Failed to trigger reload. Retrying.\" err=\"trigger reload: received non-200 response: 503 Service Unavailable\"\n",
            "level=error msg=\"Failed to trigger reload. Retrying.\" err=\"trigger reload: dial tcp: connect: connection refused\"\n",
        ] {
            assert_eq!(codes(&[with_log(hub(), log)]), [""; 0], "{log}");
        }
    }

    #[test]
    fn a_lifecycle_that_is_off_is_told_once() {
        let log = "level=error msg=\"Failed to trigger reload. Retrying.\" err=\"trigger reload: received non-200 response: 403 Forbidden; have you set `--web.enable-lifecycle` Prometheus flag?\"\n";
        let facts = with_log(hub().with_flag("web.enable-lifecycle", "false"), log);
        assert_eq!(codes(&[facts]), ["PF306"]);
    }
}
