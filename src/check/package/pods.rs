//! Why the pods of Prometheus do not run, as Kubernetes tells it.

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod};

use crate::check::facts::{Unread, Workload};
use crate::check::judgement::{Finding, Fix};
use crate::check::safety::address::path;
use crate::check::view::View;
use crate::prometheus::flags::Args;

/// The flag of a file that asks for TLS or passwords.
const WEB_CONFIG: &str = "web.config.file";
/// The container of Prometheus itself.
pub(super) const CONTAINER: &str = "prometheus-server";

/// What keeps Prometheus from running, the most telling first; nothing where Kubernetes knows of nothing.
pub(super) fn troubles(workload: &Workload) -> Vec<String> {
    let namespace = &workload.namespace;
    let deployment = match &workload.deployment {
        Ok(Some(deployment)) => Some(deployment),
        Ok(None) => return vec![format!("there is no Deployment prometheus-server in {namespace}")],
        Err(_) => None,
    };
    if deployment.and_then(replicas) == Some(0) {
        return vec!["the Deployment prometheus-server is scaled to 0".to_owned()];
    }
    let Ok(pods) = &workload.pods else { return Vec::new() };
    if pods.is_empty() {
        let refused = deployment.and_then(refused);
        return vec![match refused {
            Some(why) => format!("no pod of Prometheus can be made in {namespace}: {why}"),
            None => format!("there is no pod of Prometheus in {namespace}"),
        }];
    }
    let replay = workload.log.as_deref().ok().and_then(replay);
    let why = replay.or_else(|| deployment.and_then(asked_astray)).or_else(|| deployment.and_then(guarded));
    pods.iter().filter_map(|pod| trouble(pod, why.as_deref())).collect()
}

/// What to do about them, by what was told first.
pub(super) fn fix(view: &View<'_>, troubles: &[String]) -> Fix {
    if troubles.first().is_some_and(|first| first.contains(WEB_CONFIG)) {
        return Fix::hand(
            "take --web.config.file out of the arguments in the values, and let the ingress ask for credentials",
        );
    }
    let namespace = &view.facts.workload.namespace;
    view.kubectl(&format!("-n {namespace} describe pods -l app=prometheus,component=server"))
}

/// Says with another finding that Prometheus does not run, either: that is not judged on its own then.
pub(super) fn also_down(view: &View<'_>, finding: Finding) -> Finding {
    let Err(Unread::Failed(words)) = &view.facts.process.version else { return finding };
    let trouble = troubles(&view.facts.workload).into_iter().next();
    finding.because(format!("and Prometheus does not answer: {}", trouble.as_ref().unwrap_or(words)))
}

/// How many there shall be.
pub(super) fn replicas(deployment: &Deployment) -> Option<i32> {
    deployment.spec.as_ref()?.replicas
}

/// The container of Prometheus in a Deployment.
pub(super) fn container(deployment: &Deployment) -> Option<&Container> {
    let pod = deployment.spec.as_ref()?.template.spec.as_ref()?;
    pod.containers.iter().find(|container| container.name == CONTAINER)
}

fn refused(deployment: &Deployment) -> Option<&str> {
    let conditions = deployment.status.as_ref()?.conditions.as_ref()?;
    let failure =
        conditions.iter().find(|condition| condition.type_ == "ReplicaFailure" && condition.status == "True");
    failure?.message.as_deref()
}

fn trouble(pod: &Pod, why: Option<&str>) -> Option<String> {
    let name = pod.metadata.name.as_deref().unwrap_or("<unnamed>");
    let status = pod.status.as_ref()?;
    let unscheduled = status
        .conditions
        .iter()
        .flatten()
        .find(|condition| condition.type_ == "PodScheduled" && condition.status == "False");
    if let Some(condition) = unscheduled {
        let why =
            condition.message.as_deref().or(condition.reason.as_deref()).unwrap_or("no reason is given");
        return Some(format!("pod {name} has no node: {why}"));
    }
    if status.phase.as_deref() == Some("Failed") {
        let why = [&status.reason, &status.message].into_iter().flatten().cloned().collect::<Vec<_>>();
        return Some(format!("pod {name} failed: {}", why.join(", ")));
    }
    let containers =
        || status.init_container_statuses.iter().flatten().chain(status.container_statuses.iter().flatten());
    if let Some(waiting) = containers().find_map(waiting) {
        return Some(format!("pod {name} waits: {waiting}"));
    }
    let is_unready = |one: &ContainerStatus| one.name == CONTAINER && !one.ready;
    containers().any(is_unready).then(|| match why {
        Some(why) => format!("pod {name} is not ready yet: {why}"),
        None => format!("pod {name} runs and is not ready"),
    })
}

/// Where Prometheus serves everything below a prefix and its readiness probe does not know that.
fn asked_astray(deployment: &Deployment) -> Option<String> {
    let container = container(deployment)?;
    let args = Args::new(container.args.clone()?);
    let url = |name| args.value(name).filter(|value| !value.is_empty());
    let (flag, prefix) = match url("web.route-prefix") {
        Some(prefix) => ("web.route-prefix", prefix),
        None => ("web.external-url", path(url("web.external-url")?)),
    };
    let prefix = format!("/{}", prefix.trim_matches('/'));
    let asked = container.readiness_probe.as_ref()?.http_get.as_ref()?.path.as_deref()?;
    (!asked.starts_with(&prefix)).then(|| {
        format!("its probe asks for {asked}, and --{flag} has Prometheus serve everything below {prefix}")
    })
}

/// Where Prometheus asks everybody for TLS or a password and its readiness probe has neither.
fn guarded(deployment: &Deployment) -> Option<String> {
    let container = container(deployment)?;
    let args = Args::new(container.args.clone()?);
    let file = args.value(WEB_CONFIG).filter(|file| !file.is_empty())?;
    let get = container.readiness_probe.as_ref()?.http_get.as_ref()?;
    let is_plain = get.scheme.as_deref().is_none_or(|scheme| scheme == "HTTP")
        && get.http_headers.as_ref().is_none_or(Vec::is_empty);
    is_plain.then(|| {
        format!(
            "its probe asks over plain HTTP, without credentials, and --{WEB_CONFIG}={file} asks for more"
        )
    })
}

fn waiting(status: &ContainerStatus) -> Option<String> {
    let waiting = status.state.as_ref()?.waiting.as_ref()?;
    let reason = waiting.reason.as_deref()?;
    if matches!(reason, "ContainerCreating" | "PodInitializing") {
        return Some("its volumes or images are not there yet".to_owned());
    }
    let message = waiting.message.as_deref().unwrap_or_default();
    Some(format!("container {}, {reason} {message}", status.name).trim_end().to_owned())
}

/// How far it has read its write-ahead log, if that is what it does.
fn replay(log: &str) -> Option<String> {
    let telling = ["WAL segment loaded", "WAL replay completed", "Server is ready"];
    let line = log.lines().rfind(|line| telling.iter().any(|words| line.contains(words)))?;
    let number = |name: &str| {
        let rest = line.split_once(&format!(" {name}="))?.1;
        rest.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok()
    };
    let (at, last) = (number("segment")?, number("maxSegment")?);
    Some(format!("it reads its write-ahead log, segment {at} of {last}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::troubles;
    use crate::check::facts::Workload;
    use crate::check::healthy::hub;

    fn with_pod(status: &serde_json::Value) -> Workload {
        let mut workload = hub().workload;
        let pod = json!({"metadata": {"name": "p"}, "status": status});
        workload.pods = Ok(vec![serde_json::from_value(pod).expect("a pod")]);
        workload
    }

    #[test]
    fn kubernetes_own_words_are_told() {
        assert_eq!(troubles(&hub().workload), [""; 0]);
        let unscheduled = with_pod(&json!({"phase": "Pending", "conditions": [
            {"type": "PodScheduled", "status": "False", "message": "0/3 nodes are available: 3 Insufficient memory."}]}));
        assert_eq!(
            troubles(&unscheduled),
            ["pod p has no node: 0/3 nodes are available: 3 Insufficient memory."]
        );
        let image = with_pod(&json!({"containerStatuses": [
            {"name": "prometheus-server", "ready": false, "restartCount": 0, "image": "", "imageID": "",
             "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image \"x\""}}}]}));
        assert_eq!(
            troubles(&image),
            ["pod p waits: container prometheus-server, ImagePullBackOff Back-off pulling image \"x\""]
        );
    }

    #[test]
    fn one_that_reads_its_log_says_how_far_it_is() {
        let mut workload = with_pod(&json!({"containerStatuses": [
            {"name": "prometheus-server", "ready": false, "restartCount": 0, "image": "", "imageID": "",
             "state": {"running": {}}}]}));
        workload.log =
            Ok("level=info component=tsdb msg=\"WAL segment loaded\" segment=12 maxSegment=40\n".into());
        assert_eq!(
            troubles(&workload),
            ["pod p is not ready yet: it reads its write-ahead log, segment 12 of 40"]
        );
    }

    #[test]
    fn a_prefix_that_the_probe_does_not_know_is_told() {
        let mut workload = with_pod(&json!({"containerStatuses": [
            {"name": "prometheus-server", "ready": false, "restartCount": 0, "image": "", "imageID": "",
             "state": {"running": {}}}]}));
        let mut deploy = |arg: &str| {
            let deployment = json!({"spec": {"selector": {}, "template": {"spec": {"containers": [
                {"name": "prometheus-server", "args": [arg],
                 "readinessProbe": {"httpGet": {"path": "/-/ready", "port": 9090}}}]}}}});
            workload.deployment = Ok(Some(serde_json::from_value(deployment).expect("a deployment")));
            troubles(&workload)
        };
        assert_eq!(
            deploy("--web.route-prefix=/prometheus"),
            [
                "pod p is not ready yet: its probe asks for /-/ready, and --web.route-prefix has Prometheus serve everything below /prometheus"
            ]
        );
        assert!(deploy("--web.external-url=https://host/prometheus")[0].contains("below /prometheus"));
        assert_eq!(deploy("--web.external-url=https://host")[0], "pod p runs and is not ready");
        assert_eq!(deploy("--web.route-prefix=/")[0], "pod p runs and is not ready");
    }

    #[test]
    fn nothing_to_run_is_told() {
        let mut workload = hub().workload;
        workload.pods = Ok(Vec::new());
        assert_eq!(troubles(&workload), ["there is no pod of Prometheus in tanzu-system-monitoring"]);
        workload.deployment = Ok(None);
        assert!(troubles(&workload)[0].starts_with("there is no Deployment"));
    }
}
