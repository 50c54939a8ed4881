//! Alertmanager.

use serde_json::{Value, json};

use super::Input;
use super::parts::{Component, image};

pub(super) fn render(input: &Input<'_>) -> Vec<Value> {
    let values = &input.values["alertmanager"];
    let component = Component { input, name: "alertmanager", role: "alertmanager", values };
    let service = &values["service"];
    let ports = json!([{"name": "http", "port": service["port"], "protocol": "TCP", "targetPort": service["targetPort"]}]);
    let deployment = &values["deployment"];
    let containers = json!([{
        "name": "alertmanager",
        "image": image("alertmanager", "v0.25.0_vmware.1"),
        "imagePullPolicy": "IfNotPresent",
        "args": ["--config.file=/etc/config/alertmanager.yml", "--storage.path=/data"],
        "resources": deployment["containers"]["resources"],
        "ports": [{"containerPort": 9093, "protocol": "TCP"}],
        "volumeMounts": [
            {"name": "config-volume", "mountPath": "/etc/config"},
            {"name": "storage-volume", "mountPath": "/data"},
        ],
    }]);
    let volumes = json!([
        {"name": "config-volume", "configMap": {"name": "alertmanager", "defaultMode": 420}},
        {"name": "storage-volume", "persistentVolumeClaim": {"claimName": "alertmanager"}},
    ]);
    let pods = component.pods(deployment, &containers, &volumes);
    vec![
        component.account(),
        component.config_map(json!({"alertmanager.yml": values["config"]["alertmanager_yml"]})),
        component.claim(),
        component.service(&ports),
        component.deployment(&deployment["updateStrategy"], &pods),
    ]
}
