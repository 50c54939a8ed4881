//! What is in a cluster, without what differs between two runs that did the same.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use promfed_sandbox::Cluster;
use promfed_sandbox::store::Key;
use regex::Regex;
use serde_json::Value;

/// What controllers make again and again, each time under another name or with other hashes.
const PASSING: [&str; 8] = [
    "pods",
    "replicasets",
    "endpoints",
    "endpointslices",
    "events",
    "leases",
    "controllerrevisions",
    "nodes",
];

/// What the server or a clock made up.
const MADE_UP: [&str; 5] = ["uid", "resourceVersion", "creationTimestamp", "managedFields", "generation"];

/// Every object of a cluster, as a text, by its kind and name.
pub(super) type State = BTreeMap<String, String>;

/// Everything that is there.
pub(super) fn state(cluster: &Cluster) -> State {
    let all = cluster.api.store.all();
    all.iter()
        .filter(|(key, _)| !PASSING.contains(&&*key.resource))
        .map(|(key, object)| entry(key, object))
        .collect()
}

/// The objects that differ, each from where it does in the one and in the other.
pub(super) fn difference(one: &State, other: &State) -> String {
    let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let differ = names.into_iter().filter(|name| one.get(*name) != other.get(*name));
    let shown = differ.map(|name| {
        let (one, other) =
            (one.get(name).map_or("", String::as_str), other.get(name).map_or("", String::as_str));
        let same = one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        let part = |text: &str| text.chars().skip(same.saturating_sub(60)).take(400).collect::<String>();
        format!("{name}\n  {}\n  {}\n", part(one), part(other))
    });
    shown.collect()
}

fn entry(key: &Key, object: &Value) -> (String, String) {
    let place = key.namespace.as_deref().unwrap_or_default();
    let mut object = object.clone();
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    for field in MADE_UP {
        if let Some(metadata) = object["metadata"].as_object_mut() {
            metadata.remove(field);
        }
    }
    if let Some(owners) = object.pointer_mut("/metadata/ownerReferences").and_then(Value::as_array_mut) {
        for owner in owners {
            owner["uid"] = Value::Null;
        }
    }
    if key.resource == "secrets"
        && let Some(data) = object["data"].as_object_mut()
    {
        for value in data.values_mut() {
            let ByteString(bytes) = serde_json::from_value(value.take()).expect("base64");
            *value = String::from_utf8_lossy(&bytes).into_owned().into();
        }
    }
    (format!("{}/{place}/{}", key.resource, key.name), masked(&object.to_string()))
}

/// Without keys, certificates, times, and the numbers that kapp makes up. What is left of a text is byte for byte what
/// it was.
fn masked(text: &str) -> String {
    const PEM: &str = "-----BEGIN [A-Z ]+-----.*?-----END ([A-Z ]+)-----";
    const ENCODED: &str = "LS0tLS1CRUdJTi[A-Za-z0-9+/=]+";
    const TIME: &str = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?";
    const NUMBER: &str = r"\d{16,}";
    const UID: &str = "pvc-[0-9a-f-]{36}";
    // How often kapp looked between two changes is a matter of time.
    const ROLLOUTS: &str = "deployment.kubernetes.io/revision\":\"[0-9]+";
    const ADDRESS: &str = r"10\.96\.\d+\.\d+";
    let all = Regex::new(&format!("{PEM}|{ENCODED}|{TIME}|{NUMBER}|{UID}|{ADDRESS}|{ROLLOUTS}"))
        .expect("a pattern");
    all.replace_all(text, "<made up $1>").into_owned()
}
