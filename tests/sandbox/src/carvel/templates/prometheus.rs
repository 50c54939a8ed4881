//! Prometheus itself.

use serde_json::{Value, json};

use super::Input;
use super::parts::{Component, image};
use crate::carvel::catalogue::image_tag;

pub(super) fn render(input: &Input<'_>) -> Vec<Value> {
    let values = &input.values["prometheus"];
    let component = Component { input, name: "prometheus-server", role: "server", values };
    let config = &values["config"];
    let data = json!({
        "prometheus.yml": config["prometheus_yml"],
        "alerting_rules.yml": config["alerting_rules_yml"],
        "recording_rules.yml": config["recording_rules_yml"],
        "alerts": config["alerts_yml"],
        "rules": config["rules_yml"],
    });
    let service = &values["service"];
    let ports = json!([{"name": "http", "port": service["port"], "protocol": "TCP", "targetPort": service["targetPort"]}]);
    let deployment = &values["deployment"];
    let volumes = json!([
        {"name": "config-volume", "configMap": {"name": "prometheus-server", "defaultMode": 420}},
        {"name": "storage-volume", "persistentVolumeClaim": {"claimName": "prometheus-server"}},
    ]);
    let pods = component.pods(deployment, &containers(input, deployment), &volumes);
    let mut objects = vec![component.account()];
    objects.extend(component.cluster_role(&rules()));
    objects.extend([
        component.config_map(data),
        component.claim(),
        component.service(&ports),
        component.deployment(&deployment["updateStrategy"], &pods),
    ]);
    objects
}

fn containers(input: &Input<'_>, deployment: &Value) -> Value {
    let reload = &deployment["configmapReload"]["containers"];
    json!([
        {
            "name": "prometheus-server-configmap-reload",
            "image": image("configmap-reload", "v0.7.1"),
            "imagePullPolicy": "IfNotPresent",
            "args": reload["args"],
            "resources": reload["resources"],
            "volumeMounts": [{"name": "config-volume", "mountPath": "/etc/config", "readOnly": true}],
        },
        {
            "name": "prometheus-server",
            "image": image("prometheus", &image_tag(input.version)),
            "imagePullPolicy": "IfNotPresent",
            "args": deployment["containers"]["args"],
            "resources": deployment["containers"]["resources"],
            "ports": [{"containerPort": 9090, "protocol": "TCP"}],
            "readinessProbe": {"httpGet": {"path": "/-/ready", "port": 9090}, "initialDelaySeconds": 30, "timeoutSeconds": 30},
            "livenessProbe": {"httpGet": {"path": "/-/healthy", "port": 9090}, "initialDelaySeconds": 30, "timeoutSeconds": 30},
            "volumeMounts": [
                {"name": "config-volume", "mountPath": "/etc/config"},
                {"name": "storage-volume", "mountPath": "/data"},
            ],
        },
    ])
}

fn rules() -> Value {
    let look = json!(["get", "list", "watch"]);
    json!([
        {
            "apiGroups": [""],
            "resources": ["nodes", "nodes/proxy", "nodes/metrics", "services", "endpoints", "pods", "ingresses", "configmaps"],
            "verbs": look,
        },
        {"apiGroups": ["discovery.k8s.io"], "resources": ["endpointslices"], "verbs": look},
        {"apiGroups": ["networking.k8s.io"], "resources": ["ingresses", "ingresses/status"], "verbs": look},
        {"nonResourceURLs": ["/metrics"], "verbs": ["get"]},
    ])
}
