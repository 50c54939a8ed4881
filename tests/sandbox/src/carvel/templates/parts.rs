//! The shapes that the components have in common.

use serde_json::{Map, Value, json};

use super::Input;

/// One component of the package: what its objects are called and labelled.
pub(super) struct Component<'c> {
    pub(super) input: &'c Input<'c>,
    /// The name of its objects.
    pub(super) name: &'c str,
    /// The label `component`.
    pub(super) role: &'c str,
    /// Its values.
    pub(super) values: &'c Value,
}

impl Component<'_> {
    fn selector(&self) -> Value {
        json!({"app": "prometheus", "component": self.role})
    }

    /// A namespaced object with the component's labels.
    pub(super) fn object(&self, api_version: &str, kind: &str, name: &str) -> Value {
        json!({
            "apiVersion": api_version,
            "kind": kind,
            "metadata": {"name": name, "namespace": self.input.namespace(), "labels": self.selector()},
        })
    }

    /// The account that its pods run as.
    pub(super) fn account(&self) -> Value {
        self.object("v1", "ServiceAccount", &format!("{}-sa", self.name))
    }

    /// What the account may do in the whole cluster.
    pub(super) fn cluster_role(&self, rules: &Value) -> [Value; 2] {
        let name = self.name;
        [
            json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRole",
                "metadata": {"name": name, "labels": self.selector()},
                "rules": rules,
            }),
            json!({
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": name, "labels": self.selector()},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
                "subjects": [{
                    "kind": "ServiceAccount",
                    "name": format!("{name}-sa"),
                    "namespace": self.input.namespace(),
                }],
            }),
        ]
    }

    /// A ConfigMap named like the component.
    pub(super) fn config_map(&self, data: Value) -> Value {
        let mut object = self.object("v1", "ConfigMap", self.name);
        object["data"] = data;
        object
    }

    /// The claim for its volume.
    pub(super) fn claim(&self) -> Value {
        let values = &self.values["pvc"];
        let mut object = self.object("v1", "PersistentVolumeClaim", self.name);
        add(&mut object["metadata"], "annotations", &values["annotations"]);
        object["spec"] = json!({
            "accessModes": [values["accessMode"]],
            "resources": {"requests": {"storage": values["storage"]}},
        });
        if !values["storageClassName"].is_null() {
            object["spec"]["storageClassName"] = values["storageClassName"].clone();
        }
        object
    }

    /// The Service.
    pub(super) fn service(&self, ports: &Value) -> Value {
        let values = &self.values["service"];
        let mut object = self.object("v1", "Service", self.name);
        add(&mut object["metadata"], "annotations", &values["annotations"]);
        add(&mut object["metadata"], "labels", &values["labels"]);
        object["spec"] = json!({"type": values["type"], "selector": self.selector(), "ports": ports});
        object
    }

    /// The template of its pods.
    pub(super) fn pods(&self, deployment: &Value, containers: &Value, volumes: &Value) -> Value {
        let mut metadata = json!({"labels": self.selector()});
        add(&mut metadata, "labels", &deployment["podLabels"]);
        add(&mut metadata, "annotations", &deployment["podAnnotations"]);
        json!({
            "metadata": metadata,
            "spec": {
                "serviceAccountName": format!("{}-sa", self.name),
                "containers": containers,
                "volumes": volumes,
                "terminationGracePeriodSeconds": 300,
            },
        })
    }

    /// A Deployment of these pods.
    pub(super) fn deployment(&self, strategy: &Value, pods: &Value) -> Value {
        let mut object = self.object("apps/v1", "Deployment", self.name);
        object["spec"] = json!({
            "replicas": self.values["deployment"]["replicas"],
            "selector": {"matchLabels": self.selector()},
            "strategy": {"type": strategy},
            "template": pods,
        });
        object
    }

    /// A `DaemonSet` of these pods.
    pub(super) fn daemon_set(&self, strategy: &Value, pods: &Value) -> Value {
        let mut object = self.object("apps/v1", "DaemonSet", self.name);
        object["spec"] = json!({
            "selector": {"matchLabels": self.selector()},
            "updateStrategy": {"type": strategy},
            "template": pods,
        });
        object
    }
}

/// Adds entries to a map below a field.
pub(super) fn add(object: &mut Value, field: &str, entries: &Value) {
    let Some(entries) = entries.as_object().filter(|entries| !entries.is_empty()) else { return };
    if !object[field].is_object() {
        object[field] = Value::Object(Map::new());
    }
    for (key, value) in entries {
        object[field][key] = value.clone();
    }
}

/// The image of a tool, at a version of its own or of the package.
pub(super) fn image(name: &str, tag: &str) -> String {
    format!("registry.sandbox/prometheus/{name}:{tag}")
}
