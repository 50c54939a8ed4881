//! The container that watches the mounted configuration, and asks Prometheus to read it again.

use std::sync::Arc;

use http::Method;
use serde_json::Value;
use tokio::sync::watch;

use super::logs::Log;
use super::pod::Pod;
use super::status::State;
use super::{Node, Phase, container, probe};
use crate::store::now;

/// Runs the container until it is told to stop.
pub(super) async fn run(
    node: Arc<Node>,
    pod: Arc<Pod>,
    spec: Value,
    mut changed: watch::Receiver<u64>,
    mut stopping: watch::Receiver<Phase>,
) {
    let name = spec["name"].as_str().unwrap_or_default();
    let log = pod.logs.begin(name);
    let arguments = container::arguments(&spec);
    let value =
        |flag: &str| arguments.iter().find_map(|argument| argument.strip_prefix(flag).map(str::to_owned));
    say(&log, &format!("Watching directory: {:?}", value("--volume-dir=").unwrap_or_default()));
    pod.update(&node, name, |container| {
        container.state = State::Running { since: now() };
        container.ready = true;
    });
    let webhook = value("--webhook-url=").unwrap_or_default();
    loop {
        tokio::select! {
            result = changed.changed() => if result.is_err() { return },
            _ = stopping.wait_for(|phase| *phase == Phase::Stopping) => return,
        }
        say(&log, "config map updated");
        call(&node, &pod, &webhook, &log).await;
    }
}

async fn call(node: &Node, pod: &Pod, webhook: &str, log: &Log) {
    say(log, "performing webhook request (1/1)");
    let parsed: Option<http::Uri> = webhook.parse().ok();
    let Some(uri) = parsed.filter(|uri| uri.host().is_some()) else {
        say(log, &format!("error: {webhook:?} is no URL"));
        return;
    };
    let port = uri.port_u16().unwrap_or(80);
    let result = match node.machine.address(pod, port) {
        Some(address) => {
            probe::request(Method::POST, address, uri.path()).await.map_err(|error| error.to_string())
        }
        None => Err(format!("dial tcp 127.0.0.1:{port}: connect: connection refused")),
    };
    match result {
        Ok((200, _)) => say(log, "successfully triggered reload"),
        Ok((status, body)) => {
            say(
                log,
                &format!(
                    "error: Received response code {status} , expected 200: {}",
                    node.machine.disguise(pod, body.trim())
                ),
            );
        }
        Err(error) => say(log, &format!("error: Post {webhook:?}: {error}")),
    }
}

fn say(log: &Log, line: &str) {
    let time = jiff::Timestamp::now().strftime("%Y/%m/%d %H:%M:%S");
    log.line(&format!("{time} {line}"));
}
