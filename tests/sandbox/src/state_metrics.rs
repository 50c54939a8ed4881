//! Metrics of a cluster in the exposition format: what kube-state-metrics says of its objects, node-exporter of its
//! machine, and the kubelet of its containers. Few, but true.

use std::fmt::Write as _;

use serde_json::Value;

use crate::objects;
use crate::site::Site;

/// A text of metrics.
#[derive(Default)]
struct Text(String);

impl Text {
    /// Begins a metric.
    fn metric(&mut self, name: &str, kind: &str, help: &str) {
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}").ok();
    }

    /// Adds a sample.
    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: &str) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        writeln!(self.0, "{name}{{{}}} {value}", labels.join(",")).ok();
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn number(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0).to_string()
}

/// When the object was created, in seconds.
fn created(object: &Value) -> String {
    let time: Option<jiff::Timestamp> = text(object, "/metadata/creationTimestamp").parse().ok();
    time.map_or(0, jiff::Timestamp::as_second).to_string()
}

/// What kube-state-metrics serves.
pub(crate) fn objects(site: &Site) -> String {
    let mut out = Text::default();
    let list = |group: &str, resource: &str| site.store.list(group, resource, None).0;
    pods(&mut out, &list("", "pods"));
    out.metric("kube_namespace_created", "gauge", "Unix creation timestamp");
    for namespace in list("", "namespaces") {
        out.sample(
            "kube_namespace_created",
            &[("namespace", objects::name(&namespace))],
            &created(&namespace),
        );
    }
    out.metric("kube_node_info", "gauge", "Information about a cluster node.");
    for node in list("", "nodes") {
        let labels = [
            ("node", objects::name(&node)),
            ("kubelet_version", text(&node, "/status/nodeInfo/kubeletVersion")),
            ("internal_ip", text(&node, "/status/addresses/0/address")),
        ];
        out.sample("kube_node_info", &labels, "1");
    }
    let deployments = list("apps", "deployments");
    for (name, pointer) in [
        ("kube_deployment_spec_replicas", "/spec/replicas"),
        ("kube_deployment_status_replicas", "/status/replicas"),
        ("kube_deployment_status_replicas_available", "/status/availableReplicas"),
        ("kube_deployment_status_observed_generation", "/status/observedGeneration"),
    ] {
        out.metric(name, "gauge", "The number in the field of the deployment.");
        for deployment in &deployments {
            let labels =
                [("namespace", objects::namespace(deployment)), ("deployment", objects::name(deployment))];
            out.sample(name, &labels, &number(deployment, pointer));
        }
    }
    out.metric("kube_service_info", "gauge", "Information about service.");
    for service in list("", "services") {
        let labels = [
            ("namespace", objects::namespace(&service)),
            ("service", objects::name(&service)),
            ("cluster_ip", text(&service, "/spec/clusterIP")),
        ];
        out.sample("kube_service_info", &labels, "1");
    }
    out.0
}

fn pods(out: &mut Text, pods: &[Value]) {
    out.metric("kube_pod_info", "gauge", "Information about pod.");
    for pod in pods {
        let owner = &pod["metadata"]["ownerReferences"][0];
        let labels = [
            ("namespace", objects::namespace(pod)),
            ("pod", objects::name(pod)),
            ("uid", objects::uid(pod)),
            ("host_ip", text(pod, "/status/hostIP")),
            ("pod_ip", text(pod, "/status/podIP")),
            ("node", text(pod, "/spec/nodeName")),
            ("created_by_kind", owner["kind"].as_str().unwrap_or_default()),
            ("created_by_name", owner["name"].as_str().unwrap_or_default()),
        ];
        out.sample("kube_pod_info", &labels, "1");
    }
    out.metric("kube_pod_status_phase", "gauge", "The pods current phase.");
    for pod in pods {
        for phase in ["Pending", "Succeeded", "Failed", "Unknown", "Running"] {
            let labels =
                [("namespace", objects::namespace(pod)), ("pod", objects::name(pod)), ("phase", phase)];
            let value = if text(pod, "/status/phase") == phase { "1" } else { "0" };
            out.sample("kube_pod_status_phase", &labels, value);
        }
    }
    out.metric("kube_pod_container_status_restarts_total", "counter", "The number of container restarts.");
    for pod in pods {
        for status in objects::items(&pod["status"]["containerStatuses"]) {
            let labels = [
                ("namespace", objects::namespace(pod)),
                ("pod", objects::name(pod)),
                ("container", text(status, "/name")),
            ];
            out.sample("kube_pod_container_status_restarts_total", &labels, &number(status, "/restartCount"));
        }
    }
}

/// What node-exporter serves, after it has served this often.
pub(crate) fn machine(site: &Site, served: u64) -> String {
    let mut out = Text::default();
    out.metric(
        "promhttp_metric_handler_requests_total",
        "counter",
        "Total number of scrapes by HTTP status code.",
    );
    out.sample("promhttp_metric_handler_requests_total", &[("code", "200")], &served.to_string());
    let name = site.node_name();
    out.metric(
        "node_uname_info",
        "gauge",
        "Labeled system information as provided by the uname system call.",
    );
    out.sample("node_uname_info", &[("nodename", &name), ("sysname", "Linux"), ("machine", "x86_64")], "1");
    out.metric("node_time_seconds", "gauge", "System time in seconds since epoch (1970).");
    out.sample("node_time_seconds", &[], &jiff::Timestamp::now().as_second().to_string());
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
    for (field, metric) in
        [("MemTotal", "node_memory_MemTotal_bytes"), ("MemAvailable", "node_memory_MemAvailable_bytes")]
    {
        let line = memory.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':'));
        let kilobytes: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        if let Some(kilobytes) = kilobytes {
            out.metric(metric, "gauge", "Memory information field.");
            out.sample(metric, &[], &(kilobytes * 1024).to_string());
        }
    }
    out.0
}

/// What the kubelet says of itself.
pub(crate) fn kubelet(site: &Site) -> String {
    let mut out = Text::default();
    out.metric("kubelet_running_pods", "gauge", "Number of pods that have a running pod sandbox");
    out.sample("kubelet_running_pods", &[], &site.store.list("", "pods", None).0.len().to_string());
    out.0
}

/// What the kubelet says of the containers.
pub(crate) fn cadvisor(site: &Site) -> String {
    let mut out = Text::default();
    out.metric(
        "container_start_time_seconds",
        "gauge",
        "Start time of the container since unix epoch in seconds.",
    );
    for pod in site.store.list("", "pods", None).0 {
        for container in objects::items(&pod["spec"]["containers"]) {
            let labels = [
                ("container", text(container, "/name")),
                ("image", text(container, "/image")),
                ("namespace", objects::namespace(&pod)),
                ("pod", objects::name(&pod)),
            ];
            out.sample("container_start_time_seconds", &labels, &created(&pod));
        }
    }
    out.0
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pods_are_counted_by_namespace() {
        let mut out = Text::default();
        pods(
            &mut out,
            &[json!({"metadata": {"namespace": "a", "name": "p\"q"}, "status": {"phase": "Running"}})],
        );
        assert!(out.0.contains("kube_pod_info{namespace=\"a\",pod=\"p\\\"q\","), "{}", out.0);
        assert!(out.0.contains("phase=\"Running\"} 1"), "{}", out.0);
    }
}
