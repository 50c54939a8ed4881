//! Why a Prometheus does not run: kapp's word for it comes minutes later and names no cause, the container's own last
//! line and exit code do so at once.

use k8s_openapi::api::core::v1::{ContainerStatus, Pod};

use crate::check::Crash;
use crate::cluster::{Cluster, Failure, Instance, POD, Selector};
use crate::error::Error;

/// The container of Prometheus in its pod.
pub(super) const CONTAINER: &str = "prometheus-server";

/// The pods of the Prometheus in a namespace.
pub(super) async fn pods(cluster: &Cluster, namespace: &str) -> Result<Vec<Pod>, Failure> {
    cluster.list(&POD, Some(namespace), Selector::labels("app=prometheus,component=server")).await
}

/// The error that a command ends with where the Prometheus in a namespace has crashed.
pub(super) async fn crash_error(cluster: &Cluster, namespace: &str) -> Option<Error> {
    let crash = crash_among(cluster, namespace, &pods(cluster, namespace).await.ok()?).await?;
    Some(error(&crash, namespace, cluster.context()))
}

/// The crash among these pods, if the container of one has ended and waits to be started again.
pub(super) async fn crash_among(cluster: &Cluster, namespace: &str, pods: &[Pod]) -> Option<Crash> {
    let (pod, exit_code) = pods.iter().find_map(|pod| {
        let exit_code = ended(status(pod)?)?;
        Some((pod.metadata.name.clone()?, exit_code))
    })?;
    // While a container waits to be started again, its last words are under either name, by the server's version.
    let log = |instance| cluster.logs(namespace, &pod, CONTAINER, instance, 20);
    let (first, second) = futures::join!(log(Instance::Current), log(Instance::Previous));
    let last_line =
        [first, second].into_iter().find_map(|log| log.ok().flatten().as_deref().and_then(last_line));
    Some(Crash { pod, exit_code, last_line })
}

/// What is known of the container of Prometheus in a pod.
pub(super) fn status(pod: &Pod) -> Option<&ContainerStatus> {
    pod.status.as_ref()?.container_statuses.as_ref()?.iter().find(|one| one.name == CONTAINER)
}

/// What Prometheus's exit codes mean (`cmd/prometheus/main.go`).
fn meaning(exit_code: i32) -> &'static str {
    match exit_code {
        1 => "it could not start with these flags or this storage",
        2 => "it could not load its configuration",
        3 => "a flag is not allowed in its mode",
        137 => "it was killed, probably for its memory",
        _ => "it ended by itself",
    }
}

fn error(crash: &Crash, namespace: &str, context: &str) -> Error {
    let Crash { pod, exit_code, last_line } = crash;
    let error = Error::failed(format!("Prometheus crashes: exit code {exit_code}, {}", meaning(*exit_code)));
    let error = match last_line {
        Some(line) => error.because(line.clone()),
        None => error.because(format!("pod {namespace}/{pod} says nothing")),
    };
    error.hint(format!("kubectl logs --context {context} -n {namespace} {pod} -c {CONTAINER} --previous"))
}

/// The last thing that an agent's log says about remote write.
pub(super) async fn remote_write_words(cluster: &Cluster, namespace: &str) -> Option<String> {
    let pods = pods(cluster, namespace).await.ok()?;
    let pod = pods.first()?.metadata.name.clone()?;
    let log = cluster.logs(namespace, &pod, CONTAINER, Instance::Current, 200).await.ok().flatten()?;
    let told = log
        .lines()
        .rev()
        .find(|line| line.contains("Failed to send batch") || line.contains("non-recoverable"))?;
    let words = told.split_once("err=").map_or(told, |(_, words)| words);
    Some(words.trim_matches('"').to_owned())
}

/// The exit code of a container that ended and is not running again.
fn ended(status: &ContainerStatus) -> Option<i32> {
    let state = status.state.as_ref()?;
    if let Some(terminated) = &state.terminated {
        return (terminated.exit_code != 0).then_some(terminated.exit_code);
    }
    let waits = state.waiting.as_ref()?.reason.as_deref() == Some("CrashLoopBackOff");
    let last = status.last_state.as_ref()?.terminated.as_ref()?;
    (waits && last.exit_code != 0).then_some(last.exit_code)
}

/// The last line that says something of the cause: a farewell after an error is not it.
fn last_line(log: &str) -> Option<String> {
    let lines: Vec<_> = log.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let telling = |line: &&&str| {
        let lower = line.to_ascii_lowercase();
        lower.contains("err") || lower.contains("flag") || lower.contains("fatal") || lower.contains("panic")
    };
    lines.iter().rev().find(telling).or(lines.last()).map(|line| (*line).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_tells_the_cause_is_found() {
        let log = "ts=1 level=info msg=starting\nts=2 level=error err=\"field x not found\"\nts=3 level=info msg=bye\n";
        assert_eq!(last_line(log).as_deref(), Some("ts=2 level=error err=\"field x not found\""));
        assert_eq!(last_line("\n \n"), None);
    }
}
