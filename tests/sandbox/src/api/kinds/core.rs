//! The core group.

use serde_json::{Value, json};

use super::cells::{condition, join, length, list, number, or_none, pairs, since, text};
use super::columns::{AGE, Column, NAME};
use super::{Kind, Naming, Scope, kind};

pub(super) const KINDS: &[Kind] = &[
    Kind {
        short: &["cm"],
        fields: &["data", "binaryData", "immutable"],
        columns: &[NAME, Column::counted("Data", data), AGE],
        ..kind("", "v1", "ConfigMap", "configmaps", "configmap")
    },
    Kind {
        short: &["ep"],
        fields: &["subsets"],
        columns: &[NAME, Column::made("Endpoints", endpoints), AGE],
        ..kind("", "v1", "Endpoints", "endpoints", "endpoints")
    },
    Kind {
        short: &["ev"],
        fields: &[
            "involvedObject",
            "reason",
            "message",
            "source",
            "firstTimestamp",
            "lastTimestamp",
            "count",
            "type",
            "eventTime",
            "series",
            "action",
            "related",
            "reportingComponent",
            "reportingInstance",
        ],
        columns: &[
            Column::made("Last Seen", last_seen),
            Column::field("Type", "/type"),
            Column::field("Reason", "/reason"),
            Column::made("Object", event_object),
            Column::made("Subobject", |event| text(event, "/involvedObject/fieldPath")).wide(),
            Column::made("Source", |event| text(event, "/source/component")).wide(),
            Column::field("Message", "/message"),
            Column::since("First Seen", "/firstTimestamp").wide(),
            Column::counted("Count", |event| json!(number(event, "/count").max(1))).wide(),
            Column::field("Name", "/metadata/name").wide(),
        ],
        ..kind("", "v1", "Event", "events", "event")
    },
    Kind {
        short: &["ns"],
        scope: Scope::Cluster,
        naming: Naming::Label,
        subresources: &["status", "finalize"],
        columns: &[NAME, Column::field("Status", "/status/phase"), AGE],
        ..kind("", "v1", "Namespace", "namespaces", "namespace")
    },
    Kind {
        short: &["no"],
        scope: Scope::Cluster,
        subresources: &["status", "proxy"],
        columns: &[
            NAME,
            Column::made("Status", node_status),
            Column::made("Roles", node_roles),
            AGE,
            Column::field("Version", "/status/nodeInfo/kubeletVersion"),
            Column::made("Internal-IP", |node| address(node, "InternalIP")).wide(),
            Column::made("External-IP", |node| address(node, "ExternalIP")).wide(),
            Column::field("OS-Image", "/status/nodeInfo/osImage").wide(),
            Column::field("Kernel-Version", "/status/nodeInfo/kernelVersion").wide(),
            Column::field("Container-Runtime", "/status/nodeInfo/containerRuntimeVersion").wide(),
        ],
        ..kind("", "v1", "Node", "nodes", "node")
    },
    Kind {
        short: &["pvc"],
        subresources: &["status"],
        columns: &[
            NAME,
            Column::field("Status", "/status/phase"),
            Column::field("Volume", "/spec/volumeName"),
            Column::field("Capacity", "/status/capacity/storage"),
            Column::made("Access Modes", access_modes),
            Column::field("StorageClass", "/spec/storageClassName"),
            Column::made("VolumeAttributesClass", |_| json!("<unset>")),
            AGE,
            Column::made("VolumeMode", |_| json!("Filesystem")).wide(),
        ],
        ..kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "persistentvolumeclaim")
    },
    Kind {
        short: &["po"],
        categories: &["all"],
        subresources: &["log", "status", "proxy", "exec", "portforward", "attach"],
        columns: &[
            NAME,
            Column::made("Ready", pod_ready),
            Column::made("Status", pod_status),
            Column::made("Restarts", pod_restarts),
            AGE,
            Column::made("IP", |pod| text(pod, "/status/podIP")).wide(),
            Column::made("Node", |pod| text(pod, "/spec/nodeName")).wide(),
            Column::made("Nominated Node", |pod| text(pod, "/status/nominatedNodeName")).wide(),
            Column::made("Readiness Gates", |_| json!("<none>")).wide(),
        ],
        ..kind("", "v1", "Pod", "pods", "pod")
    },
    Kind {
        fields: &["data", "stringData", "type", "immutable"],
        columns: &[NAME, Column::field("Type", "/type"), Column::counted("Data", data), AGE],
        ..kind("", "v1", "Secret", "secrets", "secret")
    },
    Kind {
        short: &["sa"],
        fields: &["secrets", "imagePullSecrets", "automountServiceAccountToken"],
        subresources: &["token"],
        columns: &[NAME, AGE],
        ..kind("", "v1", "ServiceAccount", "serviceaccounts", "serviceaccount")
    },
    Kind {
        short: &["svc"],
        categories: &["all"],
        naming: Naming::Label1035,
        subresources: &["status", "proxy"],
        columns: &[
            NAME,
            Column::field("Type", "/spec/type"),
            Column::made("Cluster-IP", |service| text(service, "/spec/clusterIP")),
            Column::made("External-IP", external_ip),
            Column::made("Port(s)", service_ports),
            AGE,
            Column::made("Selector", |service| pairs(service.pointer("/spec/selector"))).wide(),
        ],
        ..kind("", "v1", "Service", "services", "service")
    },
];

fn data(object: &Value) -> Value {
    json!(length(object, "/data") + length(object, "/binaryData"))
}

fn endpoints(object: &Value) -> Value {
    let all: Vec<String> = list(object, "/subsets")
        .iter()
        .flat_map(|subset| {
            list(subset, "/ports").iter().flat_map(|port| {
                list(subset, "/addresses")
                    .iter()
                    .map(|address| format!("{}:{}", address["ip"].as_str().unwrap_or_default(), port["port"]))
            })
        })
        .collect();
    match all.len() {
        0..=3 => or_none(&all.join(",")),
        more => json!(format!("{} + {} more...", all[..3].join(","), more - 3)),
    }
}

fn last_seen(event: &Value) -> Value {
    let times = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/firstTimestamp"];
    let time = times.iter().find_map(|pointer| event.pointer(pointer).and_then(Value::as_str));
    json!(time.map_or_else(|| "<unknown>".to_owned(), since))
}

fn event_object(event: &Value) -> Value {
    let about = &event["involvedObject"];
    let kind = about["kind"].as_str().unwrap_or_default().to_ascii_lowercase();
    json!(format!("{kind}/{}", about["name"].as_str().unwrap_or_default()))
}

fn node_status(node: &Value) -> Value {
    let ready = match condition(node, "Ready").map(|ready| &ready["status"]) {
        Some(status) if status == "True" => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    let cordoned = node.pointer("/spec/unschedulable") == Some(&json!(true));
    json!(if cordoned { format!("{ready},SchedulingDisabled") } else { ready.to_owned() })
}

fn node_roles(node: &Value) -> Value {
    let labels = node.pointer("/metadata/labels").and_then(Value::as_object);
    let roles: Vec<&str> = labels
        .into_iter()
        .flatten()
        .filter_map(|(l, _)| l.strip_prefix("node-role.kubernetes.io/"))
        .collect();
    or_none(&roles.join(","))
}

fn address(node: &Value, form: &str) -> Value {
    let found = list(node, "/status/addresses").iter().find(|address| address["type"] == form);
    found.map_or_else(|| json!("<none>"), |address| address["address"].clone())
}

fn access_modes(claim: &Value) -> Value {
    let short = |mode: &Value| match mode.as_str() {
        Some("ReadWriteOnce") => "RWO",
        Some("ReadOnlyMany") => "ROX",
        Some("ReadWriteMany") => "RWX",
        _ => "RWOP",
    };
    json!(list(claim, "/status/accessModes").iter().map(short).collect::<Vec<_>>().join(","))
}

fn pod_ready(pod: &Value) -> Value {
    let ready =
        list(pod, "/status/containerStatuses").iter().filter(|status| status["ready"] == true).count();
    json!(format!("{ready}/{}", length(pod, "/spec/containers")))
}

fn pod_status(pod: &Value) -> Value {
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        return json!("Terminating");
    }
    let statuses = list(pod, "/status/containerStatuses");
    let reason = |state: &str| {
        statuses.iter().find_map(|status| status["state"][state]["reason"].as_str().map(str::to_owned))
    };
    let phase = pod.pointer("/status/phase").and_then(Value::as_str).unwrap_or("Unknown");
    json!(reason("waiting").or_else(|| reason("terminated")).unwrap_or_else(|| phase.to_owned()))
}

fn pod_restarts(pod: &Value) -> Value {
    let statuses = list(pod, "/status/containerStatuses");
    let count: i64 = statuses.iter().map(|status| number(status, "/restartCount")).sum();
    let last = statuses
        .iter()
        .filter_map(|status| status.pointer("/lastState/terminated/finishedAt").and_then(Value::as_str))
        .max();
    match last {
        Some(time) if count > 0 => json!(format!("{count} ({} ago)", since(time))),
        _ => json!(count.to_string()),
    }
}

fn external_ip(service: &Value) -> Value {
    if service.pointer("/spec/type") == Some(&json!("LoadBalancer")) {
        let ingress = list(service, "/status/loadBalancer/ingress");
        return if ingress.is_empty() { json!("<pending>") } else { join(ingress, "/ip") };
    }
    join(list(service, "/spec/externalIPs"), "")
}

fn service_ports(service: &Value) -> Value {
    let ports: Vec<String> = list(service, "/spec/ports")
        .iter()
        .map(|port| {
            let protocol = port["protocol"].as_str().unwrap_or("TCP");
            match port["nodePort"].as_u64() {
                Some(node_port) if node_port > 0 => format!("{}:{node_port}/{protocol}", port["port"]),
                _ => format!("{}/{protocol}", port["port"]),
            }
        })
        .collect();
    or_none(&ports.join(","))
}
