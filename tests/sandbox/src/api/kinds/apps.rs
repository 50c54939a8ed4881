//! Workloads.

use serde_json::{Value, json};

use super::cells::{join, list, number, pairs, text};
use super::columns::{AGE, Column, NAME};
use super::fields::any;
use super::{Kind, kind};

const CONTAINERS: Column = Column::made("Containers", |w| containers(w, "/name")).wide();
const IMAGES: Column = Column::made("Images", |w| containers(w, "/image")).wide();
const SELECTOR: Column = Column::made("Selector", selector).wide();

pub(super) const KINDS: &[Kind] = &[
    Kind {
        short: &["ds"],
        categories: &["all"],
        subresources: &["status"],
        columns: &[
            NAME,
            Column::number("Desired", |set| json!(number(set, "/status/desiredNumberScheduled"))),
            Column::number("Current", |set| json!(number(set, "/status/currentNumberScheduled"))),
            Column::number("Ready", |set| json!(number(set, "/status/numberReady"))),
            Column::number("Up-to-date", |set| json!(number(set, "/status/updatedNumberScheduled"))),
            Column::number("Available", |set| json!(number(set, "/status/numberAvailable"))),
            Column::made("Node Selector", |set| pairs(set.pointer("/spec/template/spec/nodeSelector"))),
            AGE,
            CONTAINERS,
            IMAGES,
            SELECTOR,
        ],
        ..kind("apps", "v1", "DaemonSet", "daemonsets", "daemonset")
    },
    Kind {
        short: &["deploy"],
        categories: &["all"],
        subresources: &["status", "scale"],
        spec: &[
            any("replicas"),
            any("selector"),
            any("template"),
            any("strategy"),
            any("minReadySeconds"),
            any("revisionHistoryLimit"),
            any("paused"),
            any("progressDeadlineSeconds"),
        ],
        columns: &[
            NAME,
            Column::made("Ready", |deployment| {
                let wanted = deployment.pointer("/spec/replicas").and_then(Value::as_i64).unwrap_or(1);
                json!(format!("{}/{wanted}", number(deployment, "/status/readyReplicas")))
            }),
            Column::counted("Up-to-date", |deployment| json!(number(deployment, "/status/updatedReplicas"))),
            Column::counted("Available", |deployment| json!(number(deployment, "/status/availableReplicas"))),
            AGE,
            CONTAINERS,
            IMAGES,
            SELECTOR,
        ],
        ..kind("apps", "v1", "Deployment", "deployments", "deployment")
    },
    Kind {
        short: &["rs"],
        categories: &["all"],
        subresources: &["status", "scale"],
        columns: &[
            NAME,
            Column::number("Desired", |set| json!(number(set, "/spec/replicas"))),
            Column::number("Current", |set| json!(number(set, "/status/replicas"))),
            Column::number("Ready", |set| json!(number(set, "/status/readyReplicas"))),
            AGE,
            CONTAINERS,
            IMAGES,
            SELECTOR,
        ],
        ..kind("apps", "v1", "ReplicaSet", "replicasets", "replicaset")
    },
    Kind {
        columns: &[NAME, Column::made("Holder", |lease| text(lease, "/spec/holderIdentity")), AGE],
        fields: &["spec"],
        ..kind("coordination.k8s.io", "v1", "Lease", "leases", "lease")
    },
    Kind {
        fields: &["addressType", "endpoints", "ports"],
        columns: &[
            NAME,
            Column::field("AddressType", "/addressType"),
            Column::made("Ports", |slice| {
                let ports: Vec<String> =
                    list(slice, "/ports").iter().map(|port| port["port"].to_string()).collect();
                json!(if ports.is_empty() { "<unset>".to_owned() } else { ports.join(",") })
            }),
            Column::made("Endpoints", |slice| {
                let all: Vec<Value> = list(slice, "/endpoints")
                    .iter()
                    .flat_map(|endpoint| list(endpoint, "/addresses").to_vec())
                    .collect();
                join(&all, "")
            }),
            AGE,
        ],
        ..kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "endpointslice")
    },
];

fn containers(workload: &Value, pointer: &str) -> Value {
    join(list(workload, "/spec/template/spec/containers"), pointer)
}

fn selector(workload: &Value) -> Value {
    pairs(workload.pointer("/spec/selector/matchLabels"))
}
