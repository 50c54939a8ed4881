//! Probes and reloads get through Prometheus's own web configuration.

use k8s_openapi::api::core::v1::{Container, Probe};

use super::container;
use crate::check::check::{Category, Check, Page, Subject};
use crate::check::facts::{Facts, Reading};
use crate::check::judgement::{Finding, Fix, Judged, Judgement, Verdict};
use crate::check::view::View;

pub(super) const CHECK: Check = Check {
    code: "PF311",
    category: Category::Flags,
    title: "probes and reloads get through the web configuration",
    subject: Subject::Any,
    after: &["PF207", "PF209", "PF212"],
    page: Page {
        symptom: "The pod is never ready and starts again and again, with 401 or `400 Client sent an HTTP request to an HTTPS server` in its events. Reloads fail in the same way.",
        cause: "`--web.config.file` asks everybody for TLS or a password. The package's probes and its reloader speak plain HTTP and have no password, and no value of the package changes that.",
        detected: "The flag `web.config.file`, the probes of the container, whether a pod is ready, and the reloader's log.",
        fix: "Let the ingress ask for credentials instead, and take the flag away; or change probes and reloader with a ytt overlay.",
        versions: "all",
    },
    judge,
};

fn judge(view: &View<'_>) -> Judged {
    let Some(file) = web_config(view.facts)? else { return Ok(Judgement::Holds) };
    let deployment = view.facts.workload.deployment.as_ref().map_err(Clone::clone)?;
    let container = deployment.as_ref().and_then(container::of);
    let plain: Vec<_> = container.into_iter().flat_map(plain_probes).collect();
    let mut lines = Vec::new();
    if !plain.is_empty() && has_container(view.facts, Ready::No) && !has_container(view.facts, Ready::Yes) {
        lines.push(format!(
            "no pod is ready: its {} ask over plain HTTP, without credentials",
            plain.join(" and ")
        ));
    }
    let is_reload_refused = view.facts.workload.reloader_log.as_ref().is_ok_and(|log| {
        let last = log.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        last.contains("401") || last.contains("HTTPS server")
    });
    if is_reload_refused {
        lines.push("the reloader is refused: it asks over plain HTTP, without credentials".to_owned());
    }
    let mut lines = lines.into_iter();
    let Some(first) = lines.next() else { return Ok(Judgement::Holds) };
    let finding = lines.fold(Finding::error(first), Finding::because);
    let finding = finding.because(format!("--web.config.file={file} asks for more"));
    let finding = if plain.is_empty() { finding } else { finding.verdict(Verdict::Down) };
    let fix =
        "take --web.config.file out of the arguments in the values, and let the ingress ask for credentials";
    Ok(finding.fix(Fix::hand(fix)).into())
}

/// The file, where one is given: by the process, or by the values where it does not answer.
fn web_config(facts: &Facts) -> Reading<Option<String>> {
    let name = "web.config.file";
    let file = match facts.flag(name) {
        Ok(file) => file.map(str::to_owned),
        Err(unread) => facts.desired_args().map_err(|_| unread)?.value(name).map(str::to_owned),
    };
    Ok(file.filter(|file| !file.is_empty()))
}

/// The probes that ask over plain HTTP and say nothing of themselves.
fn plain_probes(container: &Container) -> impl Iterator<Item = &'static str> {
    let is_plain = |probe: &Option<Probe>| {
        let get = probe.as_ref().and_then(|probe| probe.http_get.as_ref());
        get.is_some_and(|get| {
            get.scheme.as_deref().is_none_or(|scheme| scheme == "HTTP")
                && get.http_headers.as_ref().is_none_or(Vec::is_empty)
        })
    };
    let all =
        [(&container.readiness_probe, "readiness probe"), (&container.liveness_probe, "liveness probe")];
    all.into_iter().filter(move |(probe, _)| is_plain(probe)).map(|(_, name)| name)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ready {
    Yes,
    No,
}

fn has_container(facts: &Facts, ready: Ready) -> bool {
    let pods = facts.workload.pods.as_deref().unwrap_or_default();
    let statuses = pods
        .iter()
        .flat_map(|pod| pod.status.iter().flat_map(|status| status.container_statuses.iter().flatten()));
    let mut own = statuses.filter(|status| status.name == container::NAME);
    own.any(|status| status.ready == (ready == Ready::Yes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::facts::Unread;
    use crate::check::healthy::{codes, found, hub};

    fn guarded() -> Facts {
        let mut facts = hub()
            .with_values(|text| {
                text.replace(
                    "- --web.enable-lifecycle",
                    "- --web.enable-lifecycle\n      - --web.config.file=/etc/config/web.yml",
                )
            })
            .with_flag("web.config.file", "/etc/config/web.yml");
        let deployment =
            facts.workload.deployment.as_mut().ok().and_then(Option::as_mut).expect("a Deployment");
        let pod = deployment.spec.as_mut().and_then(|spec| spec.template.spec.as_mut()).expect("a pod");
        let probe = Probe {
            http_get: Some(k8s_openapi::api::core::v1::HTTPGetAction::default()),
            ..Probe::default()
        };
        pod.containers[0].readiness_probe = Some(probe.clone());
        pod.containers[0].liveness_probe = Some(probe);
        facts
    }

    fn without_readiness(mut facts: Facts) -> Facts {
        let pod = &mut facts.workload.pods.as_mut().expect("pods")[0];
        let statuses = pod.status.as_mut().and_then(|status| status.container_statuses.as_mut());
        statuses.expect("statuses")[0].ready = false;
        facts
    }

    #[test]
    fn probes_without_credentials_keep_the_pod_from_being_ready() {
        let mut facts = without_readiness(guarded());
        facts.process.flags = Err(Unread::Failed("401 Unauthorized".into()));
        let findings = found("PF311", "admin@hub", &[facts]);
        assert_eq!(
            findings[0].causes,
            [
                "no pod is ready: its readiness probe and liveness probe ask over plain HTTP, without credentials",
                "--web.config.file=/etc/config/web.yml asks for more",
            ]
        );
        assert_eq!(findings[0].verdict, Some(Verdict::Down));
    }

    #[test]
    fn a_prometheus_that_does_not_answer_for_it_is_told_once_and_with_the_cause() {
        let mut facts = without_readiness(guarded());
        let pod = |facts: &mut Facts| {
            let deployment = facts.workload.deployment.as_mut().ok().and_then(Option::as_mut)?;
            let spec = deployment.spec.as_mut()?.template.spec.as_mut()?;
            spec.containers[0].args.as_mut()?.push("--web.config.file=/etc/config/web.yml".into());
            Some(())
        };
        pod(&mut facts).expect("arguments");
        facts.process.version = Err(Unread::Failed("no endpoints available".into()));
        facts.process.flags = Err(Unread::Failed("no endpoints available".into()));
        let all = [facts];
        let findings = found("PF212", "admin@hub", &all);
        assert!(
            findings[0].causes[0].ends_with("and --web.config.file=/etc/config/web.yml asks for more"),
            "{findings:?}"
        );
        assert!(findings[0].fixes[0].command.starts_with("take --web.config.file out"), "{findings:?}");
        assert!(!codes(&all).contains(&"PF311"));
    }

    #[test]
    fn a_reloader_that_is_refused_is_told_here_and_not_again() {
        let mut facts = guarded();
        facts.workload.reloader_log =
            Ok("2026/01/01 00:00:00 error: Received response code 401 , expected 200\n".into());
        let all = [facts];
        assert!(found("PF311", "admin@hub", &all)[0].causes[0].starts_with("the reloader is refused"));
        assert!(found("PF313", "admin@hub", &all).is_empty());
    }

    #[test]
    fn a_web_configuration_that_lets_probes_through_is_fine() {
        assert_eq!(codes(&[guarded()]), [""; 0]);
        let mut facts = without_readiness(hub());
        facts.process.flags = Err(Unread::Failed("connection refused".into()));
        assert!(found("PF311", "admin@hub", &[facts]).is_empty());
    }
}
