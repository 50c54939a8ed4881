//! kube-state-metrics: the objects of the cluster as metrics.

use serde_json::{Value, json};

use super::Input;
use super::parts::{Component, image};

pub(super) fn render(input: &Input<'_>) -> Vec<Value> {
    let values = &input.values["kube_state_metrics"];
    let component =
        Component { input, name: "prometheus-kube-state-metrics", role: "kube-state-metrics", values };
    let rules = json!([{
        "apiGroups": ["", "apps"],
        "resources": [
            "configmaps", "secrets", "nodes", "pods", "services", "endpoints", "namespaces",
            "persistentvolumeclaims", "daemonsets", "deployments", "replicasets", "statefulsets",
        ],
        "verbs": ["list", "watch"],
    }]);
    let service = &values["service"];
    let ports = json!([
        {"name": "http", "port": service["port"], "protocol": "TCP", "targetPort": service["targetPort"]},
        {
            "name": "telemetry",
            "port": service["telemetryPort"],
            "protocol": "TCP",
            "targetPort": service["telemetryTargetPort"],
        },
    ]);
    let mut service = component.service(&ports);
    // Without an address of its own, its name is the pod: scrape configs use the container's port.
    service["spec"]["clusterIP"] = json!("None");
    let deployment = &values["deployment"];
    let containers = json!([{
        "name": "prometheus-kube-state-metrics",
        "image": image("kube-state-metrics", "v2.8.2_vmware.1"),
        "imagePullPolicy": "IfNotPresent",
        "resources": deployment["containers"]["resources"],
        "ports": [
            {"name": "http", "containerPort": 8080, "protocol": "TCP"},
            {"name": "telemetry", "containerPort": 8081, "protocol": "TCP"},
        ],
    }]);
    let pods = component.pods(deployment, &containers, &json!([]));
    let mut objects = vec![component.account()];
    objects.extend(component.cluster_role(&rules));
    objects.extend([service, component.deployment(&json!("RollingUpdate"), &pods)]);
    objects
}
