//! The pods of Prometheus, and what their containers said.

use futures::join;
use k8s_openapi::api::core::v1::Pod;
use serde::Deserialize;

use super::shed;
use crate::check::{Crash, Reading, Unread};
use crate::cluster::{Cluster, Instance, POD, Selector};
use crate::command::crash::{CONTAINER, crash_among, pods, status};
use crate::command::facts::Depth;

/// How many of the last lines are read: of Prometheus, and of who tells it to load a configuration.
const LINES: u32 = 300;
const RELOADER_LINES: u32 = 50;

/// The pods, and what they said.
pub(super) struct Pods {
    pub(super) all: Reading<Vec<Pod>>,
    pub(super) crash: Reading<Option<Crash>>,
    pub(super) log: Reading<String>,
    pub(super) reloader_log: Reading<String>,
}

impl Pods {
    pub(super) async fn read(cluster: &Cluster, namespace: &str, depth: Depth) -> Self {
        let mut pods = match pods(cluster, namespace).await.map_err(Unread::from) {
            Ok(pods) => pods,
            Err(unread) => {
                return Self {
                    crash: Err(unread.clone()),
                    all: Err(unread),
                    log: Err(Unread::NotAsked),
                    reloader_log: Err(Unread::NotAsked),
                };
            }
        };
        let telling = telling(&pods);
        let reloader = telling.and_then(reloader);
        let (crash, log, reloader_log) = join!(
            crash_among(cluster, namespace, &pods),
            depth.in_check(log(cluster, telling, Some(CONTAINER), LINES)),
            depth.in_check(log(cluster, telling, reloader, RELOADER_LINES))
        );
        // What they should be is the deployment's to tell.
        for pod in &mut pods {
            shed(&mut pod.metadata);
            pod.spec = None;
        }
        Self { crash: Ok(crash), log, reloader_log, all: Ok(pods) }
    }
}

/// The pod whose Prometheus is ready; where none is, the first.
fn telling(pods: &[Pod]) -> Option<&Pod> {
    pods.iter().find(|pod| status(pod).is_some_and(|status| status.ready)).or(pods.first())
}

/// The container that tells Prometheus to load a changed configuration; its name differs by version.
fn reloader(pod: &Pod) -> Option<&str> {
    let containers = &pod.spec.as_ref()?.containers;
    containers.iter().map(|container| container.name.as_str()).find(|name| name.contains("reload"))
}

/// The last lines of a container; none where it has not started.
async fn log(cluster: &Cluster, pod: Option<&Pod>, container: Option<&str>, lines: u32) -> Reading<String> {
    let metadata = &pod.ok_or(Unread::NotAsked)?.metadata;
    let container = container.ok_or(Unread::NotAsked)?;
    let (Some(namespace), Some(name)) = (&metadata.namespace, &metadata.name) else {
        return Err(Unread::NotAsked);
    };
    Ok(cluster.logs(namespace, name, container, Instance::Current, lines).await?.unwrap_or_default())
}

/// The pods of the whole cluster with a label `cluster`: namespace, name, and the label's value.
pub(super) async fn with_cluster_label(cluster: &Cluster) -> Reading<Vec<(String, String, String)>> {
    #[derive(Deserialize)]
    struct Labelled {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        name: String,
        namespace: String,
        labels: Labels,
    }
    #[derive(Deserialize)]
    struct Labels {
        cluster: String,
    }
    let found: Vec<Labelled> = cluster.list(&POD, None, Selector::labels("cluster")).await?;
    Ok(found
        .into_iter()
        .map(|Labelled { metadata }| (metadata.namespace, metadata.name, metadata.labels.cluster))
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(name: &str, ready: &serde_json::Value) -> Pod {
        let containers = json!([{"name": "prometheus-server-configmap-reload"}, {"name": CONTAINER}]);
        serde_json::from_value(json!({
            "metadata": {"name": name},
            "spec": {"containers": containers},
            "status": {"containerStatuses": [
                {"name": CONTAINER, "ready": ready, "restartCount": 0, "image": "", "imageID": ""}
            ]}
        }))
        .expect("a pod")
    }

    #[test]
    fn the_pod_that_is_ready_tells_and_else_any() {
        let name = |pods: &[Pod]| telling(pods).and_then(|pod| pod.metadata.name.clone());
        let (old, new) = (pod("old", &json!(true)), pod("new", &json!(false)));
        assert_eq!(name(&[new.clone(), old]).as_deref(), Some("old"));
        assert_eq!(name(std::slice::from_ref(&new)).as_deref(), Some("new"));
        assert_eq!(name(&[]), None);
        assert_eq!(reloader(&new), Some("prometheus-server-configmap-reload"));
    }
}
