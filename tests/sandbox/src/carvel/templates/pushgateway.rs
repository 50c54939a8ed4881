//! The Pushgateway.

use serde_json::{Value, json};

use super::Input;
use super::parts::{Component, image};

pub(super) fn render(input: &Input<'_>) -> Vec<Value> {
    let values = &input.values["pushgateway"];
    let component = Component { input, name: "prometheus-pushgateway", role: "pushgateway", values };
    let service = &values["service"];
    let ports = json!([{"name": "http", "port": service["port"], "protocol": "TCP", "targetPort": service["targetPort"]}]);
    let mut service = component.service(&ports);
    service["metadata"]["annotations"]["prometheus.io/probe"] = json!("pushgateway");
    let deployment = &values["deployment"];
    let containers = json!([{
        "name": "prometheus-pushgateway",
        "image": image("pushgateway", "v1.4.3_vmware.3"),
        "imagePullPolicy": "IfNotPresent",
        "resources": deployment["containers"]["resources"],
        "ports": [{"containerPort": 9091, "protocol": "TCP"}],
    }]);
    let pods = component.pods(deployment, &containers, &json!([]));
    vec![component.account(), service, component.deployment(&json!("RollingUpdate"), &pods)]
}
