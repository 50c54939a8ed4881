//! The life of a container that is a process: start, readiness, crash, back-off, end.

use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

use super::pod::Pod;
use super::process::Process;
use super::status::{Ended, State};
use super::{Node, Phase, probe};
use crate::objects;
use crate::store::now;

/// How often a container that is not ready is asked; one that is ready is asked ten times less often.
const PROBE: Duration = Duration::from_millis(50);
/// The longest back-off, in multiples of the first.
const MOST: u32 = 8;

/// The last part of the image's name, without its tag.
pub fn image_name(spec: &Value) -> &str {
    let image = spec["image"].as_str().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split(':').next().unwrap_or_default()
}

/// The arguments of a container.
pub fn arguments(spec: &Value) -> Vec<String> {
    objects::items(&spec["args"]).filter_map(|argument| argument.as_str().map(str::to_owned)).collect()
}

/// Runs the container until it is told to stop.
pub(super) async fn run(node: Arc<Node>, pod: Arc<Pod>, spec: Value, mut stopping: watch::Receiver<Phase>) {
    let name = spec["name"].as_str().unwrap_or_default().to_owned();
    let mut back_off = node.site.timing.back_off;
    loop {
        let started = now();
        let launch = match node.machine.launch(&pod, &spec) {
            Ok(launch) => launch,
            Err(waiting) => {
                let state = State::Waiting { reason: waiting.reason, message: waiting.message };
                return pod.update(&node, &name, |container| container.state = state);
            }
        };
        let log = pod.logs.begin(&name);
        let (machine, owner) = (Arc::clone(&node.machine), Arc::clone(&pod));
        let process = Process::start(&launch, log, move |line| machine.disguise(&owner, line));
        pod.update(&node, &name, |container| container.state = State::Running { since: started.clone() });
        let code = match process {
            Err(_) => 127,
            Ok(mut process) => {
                let end = tokio::select! {
                    code = process.wait() => End::Itself(code),
                    () = readiness(&node, &pod, &spec, &name) => End::Told,
                    () = liveness(&node, &pod, &spec) => End::Unhealthy,
                    _ = stopping.wait_for(|phase| *phase == Phase::Stopping) => End::Told,
                };
                match end {
                    End::Itself(code) => code,
                    End::Unhealthy => process.terminate(node.grace()).await,
                    End::Told => {
                        process.terminate(node.grace()).await;
                        node.machine.ended(&pod, &spec);
                        return;
                    }
                }
            }
        };
        node.machine.ended(&pod, &spec);
        let ended = Ended { code, started, finished: now() };
        pod.update(&node, &name, |container| {
            container.ready = false;
            container.restarts += 1;
            container.last = Some(ended);
            container.state = State::Waiting {
                reason: "CrashLoopBackOff",
                message: format!(
                    "back-off restarting failed container={name} pod={}_{}({})",
                    pod.name, pod.namespace, pod.uid
                ),
            };
        });
        tokio::select! {
            () = sleep(back_off) => {}
            _ = stopping.wait_for(|phase| *phase == Phase::Stopping) => return,
        }
        back_off = (back_off * 2).min(node.site.timing.back_off * MOST);
    }
}

/// Why an instance ends.
enum End {
    Itself(i32),
    /// Its probe has failed too often.
    Unhealthy,
    /// The pod ends.
    Told,
}

/// Keeps the container's readiness up to date, for ever. Without a probe it is ready as soon as it runs.
async fn readiness(node: &Node, pod: &Pod, spec: &Value, name: &str) {
    let asked = &spec["readinessProbe"];
    wait_initially(node, asked).await;
    loop {
        let ready = asked.is_null() || passes(node, pod, spec, asked).await;
        if pod.containers().get(name).is_none_or(|container| container.ready != ready) {
            pod.update(node, name, |container| container.ready = ready);
        }
        sleep(if ready { PROBE * 10 } else { PROBE }).await;
    }
}

/// Returns when the container has to be started again, as it failed its probe too often in a row.
async fn liveness(node: &Node, pod: &Pod, spec: &Value) {
    let asked = &spec["livenessProbe"];
    if asked.is_null() {
        return std::future::pending().await;
    }
    wait_initially(node, asked).await;
    let period = Duration::from_secs(asked["periodSeconds"].as_u64().unwrap_or(10));
    let most = asked["failureThreshold"].as_u64().unwrap_or(3);
    let mut failed = 0;
    while failed < most {
        sleep(period).await;
        failed = if passes(node, pod, spec, asked).await { 0 } else { failed + 1 };
    }
}

async fn wait_initially(node: &Node, asked: &Value) {
    let delay = asked["initialDelaySeconds"].as_f64().unwrap_or(0.0);
    sleep(Duration::from_secs_f64(delay * node.site.timing.initial_delay)).await;
}

/// Whether a probe passes now. Only those by HTTP are known.
async fn passes(node: &Node, pod: &Pod, spec: &Value, asked: &Value) -> bool {
    let get = &asked["httpGet"];
    let address = port(spec, &get["port"]).and_then(|port| node.machine.address(pod, port));
    match address {
        Some(address) => {
            let path = get["path"].as_str().unwrap_or("/");
            matches!(probe::request(Method::GET, address, path).await, Ok((200..400, _)))
        }
        None => get.is_null(),
    }
}

/// A port by its number or its name.
fn port(spec: &Value, wanted: &Value) -> Option<u16> {
    let mut named = objects::items(&spec["ports"]).filter(|port| port["name"] == *wanted);
    let number = wanted.as_u64().or_else(|| named.next()?["containerPort"].as_u64());
    number.and_then(|port| u16::try_from(port).ok())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn images() {
        assert_eq!(image_name(&json!({"image": "registry.sandbox:5000/a/prometheus:v2.43.0"})), "prometheus");
        assert_eq!(image_name(&json!({"image": "coredns:v1"})), "coredns");
    }

    #[test]
    fn ports_have_numbers_and_names() {
        let spec = json!({"ports": [{"name": "http", "containerPort": 9090}]});
        assert_eq!(port(&spec, &json!("http")), Some(9090));
        assert_eq!(port(&spec, &json!(8080)), Some(8080));
        assert_eq!(port(&spec, &json!("other")), None);
    }
}
