//! node-exporter: one pod per node.

use serde_json::{Value, json};

use super::Input;
use super::parts::{Component, image};

pub(super) fn render(input: &Input<'_>) -> Vec<Value> {
    let values = &input.values["node_exporter"];
    let component = Component { input, name: "prometheus-node-exporter", role: "node-exporter", values };
    let service = &values["service"];
    let ports = json!([{"name": "metrics", "port": service["port"], "protocol": "TCP", "targetPort": service["targetPort"]}]);
    let mut service = component.service(&ports);
    service["spec"]["clusterIP"] = json!("None");
    service["metadata"]["annotations"]["prometheus.io/scrape"] = json!("true");
    let set = &values["daemonset"];
    let containers = json!([{
        "name": "prometheus-node-exporter",
        "image": image("node-exporter", "v1.5.0_vmware.1"),
        "imagePullPolicy": "IfNotPresent",
        "args": ["--path.procfs=/host/proc", "--path.sysfs=/host/sys"],
        "resources": set["containers"]["resources"],
        "ports": [{"name": "metrics", "containerPort": 9100, "protocol": "TCP"}],
    }]);
    let mut pods = component.pods(set, &containers, &json!([]));
    pods["spec"]["hostNetwork"] = set["hostNetwork"].clone();
    vec![component.account(), service, component.daemon_set(&set["updatestrategy"], &pods)]
}
