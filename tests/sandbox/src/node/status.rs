//! The status of a pod, as the kubelet writes it.

use serde_json::{Value, json};

use super::pod::Pod;
use crate::objects;
use crate::site::Site;
use crate::store::now;

/// What a container is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum State {
    Waiting { reason: &'static str, message: String },
    Running { since: String },
}

/// How an instance of a container ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) code: i32,
    pub(super) started: String,
    pub(super) finished: String,
}

/// One container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) state: State,
    pub(super) last: Option<Ended>,
    pub(super) restarts: u32,
    pub(super) ready: bool,
}

impl Container {
    /// A container before its first start.
    pub(super) fn creating() -> Self {
        let state = State::Waiting { reason: "ContainerCreating", message: String::new() };
        Self { state, last: None, restarts: 0, ready: false }
    }

    fn status(&self, spec: &Value, uid: &str) -> Value {
        let id = format!("containerd://{uid}-{}", self.restarts);
        let state = match &self.state {
            State::Waiting { reason, message } if message.is_empty() => {
                json!({"waiting": {"reason": reason}})
            }
            State::Waiting { reason, message } => json!({"waiting": {"reason": reason, "message": message}}),
            State::Running { since } => json!({"running": {"startedAt": since}}),
        };
        let last = self.last.as_ref().map_or_else(
            || json!({}),
            |ended| {
                json!({"terminated": {
                    "exitCode": ended.code,
                    "reason": if ended.code == 0 { "Completed" } else { "Error" },
                    "startedAt": ended.started,
                    "finishedAt": ended.finished,
                    "containerID": id,
                }})
            },
        );
        json!({
            "name": spec["name"],
            "image": spec["image"],
            "imageID": spec["image"],
            "containerID": id,
            "ready": self.ready,
            "started": matches!(self.state, State::Running { .. }),
            "restartCount": self.restarts,
            "state": state,
            "lastState": last,
        })
    }
}

/// Writes the status of a pod.
pub(super) fn write(site: &Site, pod: &Pod) {
    let containers = pod.containers();
    site.store
        .modify(&pod.key, None, |object| {
            if objects::uid(object) != pod.uid {
                return;
            }
            let specs: Vec<Value> = objects::items(&object["spec"]["containers"]).cloned().collect();
            let creating = Container::creating();
            let of = |spec: &Value| {
                spec["name"].as_str().and_then(|name| containers.get(name)).unwrap_or(&creating)
            };
            let statuses: Vec<Value> = specs.iter().map(|spec| of(spec).status(spec, &pod.uid)).collect();
            let begun = specs.iter().all(|spec| of(spec).state != creating.state);
            let ready = specs.iter().all(|spec| of(spec).ready);
            let conditions: Vec<Value> = [
                ("PodReadyToStartContainers", true),
                ("Initialized", true),
                ("Ready", ready),
                ("ContainersReady", ready),
                ("PodScheduled", true),
            ]
            .into_iter()
            .map(|(kind, holds)| condition(object, kind, holds))
            .collect();
            let status = &mut object["status"];
            status["phase"] = json!(if begun { "Running" } else { "Pending" });
            status["conditions"] = json!(conditions);
            status["containerStatuses"] = json!(statuses);
            status["hostIP"] = json!(site.node_ip());
            status["podIP"] = json!(pod.ip);
            status["podIPs"] = json!([{"ip": pod.ip}]);
            if status["startTime"].is_null() {
                status["startTime"] = json!(now());
            }
        })
        .ok();
}

fn condition(pod: &Value, kind: &str, holds: bool) -> Value {
    let status = if holds { "True" } else { "False" };
    let before = objects::condition(pod, kind).filter(|before| before["status"] == status);
    let time = before.map_or_else(|| json!(now()), |before| before["lastTransitionTime"].clone());
    let mut condition =
        json!({"type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": time});
    if !holds {
        condition["reason"] = json!("ContainersNotReady");
    }
    condition
}
