//! The life of a container that runs Prometheus: start, readiness, crash, back-off, end.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::sleep;

use super::pod::Pod;
use super::process::Process;
use super::status::{Ended, State};
use super::{Node, Phase, arguments, probe};
use crate::carvel::Version;
use crate::objects;
use crate::store::now;

/// How often a container that is not ready is asked; one that is ready is asked ten times less often.
const PROBE: Duration = Duration::from_millis(50);
/// The longest back-off, in multiples of the first.
const MOST: u32 = 8;

/// Whether a container runs Prometheus.
pub(super) fn is_prometheus(spec: &Value) -> bool {
    image_name(spec) == "prometheus"
}

/// The last part of the image's name, without its tag.
pub(super) fn image_name(spec: &Value) -> &str {
    let image = spec["image"].as_str().unwrap_or_default();
    let last = image.rsplit('/').next().unwrap_or_default();
    last.split(':').next().unwrap_or_default()
}

/// The arguments of a container.
pub(super) fn arguments(spec: &Value) -> Vec<String> {
    objects::items(&spec["args"]).filter_map(|argument| argument.as_str().map(str::to_owned)).collect()
}

/// The version that the image's tag names.
fn version(spec: &Value) -> String {
    let tag = spec["image"].as_str().and_then(|image| image.rsplit_once(':')).map_or("", |(_, tag)| tag);
    tag.trim_start_matches('v').replace('_', "+")
}

/// Runs the container until it is told to stop.
pub(super) async fn run(node: Arc<Node>, pod: Arc<Pod>, spec: Value, mut stopping: watch::Receiver<Phase>) {
    let name = spec["name"].as_str().unwrap_or_default().to_owned();
    let Some(program) = node.binaries.for_version(&version(&spec)).map(ToOwned::to_owned) else {
        let message =
            format!("Back-off pulling image {}: this machine has no such Prometheus", spec["image"]);
        pod.update(&node, &name, |container| {
            container.state = State::Waiting { reason: "ImagePullBackOff", message }
        });
        return;
    };
    let major = Version::parse(&version(&spec)).map_or(0, |version| version.major());
    let mut back_off = node.site.timing.back_off;
    loop {
        let started = now();
        let Ok(address) = free_address() else { return };
        let given = arguments(&spec);
        let translated = arguments::translate(&given, &pod.path, address, major);
        let log = pod.logs.begin(&name);
        pod.open(translated.port, address);
        let disguise = pod.disguise();
        let edit = move |line: &str| disguise.text(line);
        let folder = pod.path.join("prometheus");
        let process = Process::start(&program, &translated.translated, &folder, log, edit);
        pod.update(&node, &name, |container| container.state = State::Running { since: started.clone() });
        let code = match process {
            Err(_) => 127,
            Ok(mut process) => {
                let ended = tokio::select! {
                    code = process.wait() => Some(code),
                    () = readiness(&node, &pod, &spec, &name) => None,
                    _ = stopping.wait_for(|phase| *phase == Phase::Stopping) => None,
                };
                let Some(code) = ended else {
                    process.terminate(node.grace()).await;
                    pod.close(translated.port);
                    return;
                };
                code
            }
        };
        pod.close(translated.port);
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

/// Keeps the container's readiness up to date, for ever.
async fn readiness(node: &Node, pod: &Pod, spec: &Value, name: &str) {
    let get = &spec["readinessProbe"]["httpGet"];
    let path = get["path"].as_str().unwrap_or("/-/ready");
    let port = get["port"].as_u64().and_then(|port| u16::try_from(port).ok()).unwrap_or(9090);
    loop {
        let ready = match pod.port(port) {
            Some(address) => matches!(probe::request(Method::GET, address, path).await, Ok((200..400, _))),
            None => false,
        };
        if pod.containers().get(name).is_none_or(|container| container.ready != ready) {
            pod.update(node, name, |container| container.ready = ready);
        }
        sleep(if ready { PROBE * 10 } else { PROBE }).await;
    }
}

/// A port of loopback that is free now.
fn free_address() -> std::io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn images() {
        let spec = json!({"image": "registry.sandbox/prometheus/prometheus:v2.43.0_vmware.2-tkg.1"});
        assert!(is_prometheus(&spec));
        assert_eq!(version(&spec), "2.43.0+vmware.2-tkg.1");
        assert_eq!(image_name(&json!({"image": "coredns:v1"})), "coredns");
    }
}
