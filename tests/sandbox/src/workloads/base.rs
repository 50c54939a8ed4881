//! What every cluster has from the start: a node, the workloads of `kube-system`, the Service of the API server.

use serde_json::{Value, json};

use super::services::KUBERNETES_IP;
use crate::objects;
use crate::site::Site;
use crate::store::{Key, now};

/// Writes it.
pub(crate) fn write(site: &Site) {
    for name in [
        "default",
        "kube-system",
        "kube-public",
        "kube-node-lease",
        crate::carvel::catalogue::GLOBAL_NAMESPACE,
    ] {
        namespace(site, name);
    }
    node(site);
    api_service(site);
    system(site);
    let ports = json!([{"name": "dns-tcp", "port": 53, "protocol": "TCP"}]);
    service(site, "kube-system", "kube-dns", ServiceType::ClusterIp, &json!({"k8s-app": "kube-dns"}), &ports);
}

/// Writes what runs in every cluster, so that it can be seen.
pub(crate) fn system(site: &Site) {
    for (name, labels) in [
        ("coredns", json!({"k8s-app": "kube-dns"})),
        ("metrics-server", json!({"k8s-app": "metrics-server"})),
    ] {
        deployment(site, "kube-system", name, &labels);
    }
}

/// Writes kapp-controller, so that it can be seen.
pub(crate) fn kapp_controller(site: &Site) {
    let namespace = crate::carvel::catalogue::GLOBAL_NAMESPACE;
    deployment(site, namespace, "kapp-controller", &json!({"app": "kapp-controller"}));
}

/// Writes cert-manager, so that it can be seen.
pub(crate) fn cert_manager(site: &Site) {
    deployment(site, "cert-manager", "cert-manager", &json!({"app": "cert-manager"}));
}

/// Writes Contour and its Envoy, so that they can be seen.
pub(crate) fn contour(site: &Site) {
    let namespace = "tanzu-system-ingress";
    let labels = json!({"app": "envoy"});
    let ports = json!([
        {"name": "http", "port": 80, "protocol": "TCP"},
        {"name": "https", "port": 443, "protocol": "TCP"},
    ]);
    deployment(site, namespace, "contour", &json!({"app": "contour"}));
    deployment(site, namespace, "envoy", &labels);
    service(site, namespace, "envoy", ServiceType::LoadBalancer, &labels, &ports);
}

/// Writes the controllers that an add-on runs as, so that they can be seen.
fn deployment(site: &Site, namespace_name: &str, name: &str, labels: &Value) {
    namespace(site, namespace_name);
    let object = json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace_name, "labels": labels},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate"},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": name, "image": format!("registry.sandbox/{name}:v1")}]},
            },
        },
    });
    site.store.create(&Key::namespaced("apps", "deployments", namespace_name, name), object).ok();
}

/// Where a Service can be reached from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ServiceType {
    ClusterIp,
    LoadBalancer,
}

/// Writes a Service.
fn service(site: &Site, namespace: &str, name: &str, kind: ServiceType, selector: &Value, ports: &Value) {
    let kind = match kind {
        ServiceType::ClusterIp => "ClusterIP",
        ServiceType::LoadBalancer => "LoadBalancer",
    };
    let object = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"type": kind, "selector": selector, "ports": ports},
    });
    site.store.create(&Key::namespaced("", "services", namespace, name), object).ok();
}

fn namespace(site: &Site, name: &str) {
    let object = json!({
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    });
    site.store.create(&Key::cluster("", "namespaces", name), object).ok();
}

/// Writes the only node.
pub(crate) fn node(site: &Site) {
    let name = site.node_name();
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({
            "type": kind,
            "status": status,
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": now(),
            "lastTransitionTime": now(),
        })
    };
    let resources = json!({"cpu": "4", "memory": "8Gi", "pods": "110", "ephemeral-storage": "100Gi"});
    let object = json!({
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "node-role.kubernetes.io/control-plane": "",
            },
        },
        "spec": {"podCIDR": format!("10.244.{}.0/24", site.number), "podCIDRs": [format!("10.244.{}.0/24", site.number)]},
        "status": {
            "addresses": [
                {"type": "InternalIP", "address": site.node_ip()},
                {"type": "Hostname", "address": name},
            ],
            "capacity": resources,
            "allocatable": resources,
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "architecture": "amd64",
                "containerRuntimeVersion": "containerd://2.0.0",
                "kernelVersion": "6.6.0",
                "kubeProxyVersion": "v1.33.0",
                "kubeletVersion": "v1.33.0",
                "operatingSystem": "linux",
                "osImage": "Promfed Sandbox",
                "machineID": "",
                "systemUUID": "",
                "bootID": "",
            },
        },
    });
    site.store.create(&Key::cluster("", "nodes", &name), object).ok();
}

/// The Service `kubernetes`; its only address is that of the node.
fn api_service(site: &Site) {
    let ports = json!([{"name": "https", "port": 6443, "protocol": "TCP"}]);
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "type": "ClusterIP",
            "clusterIP": KUBERNETES_IP,
            "clusterIPs": [KUBERNETES_IP],
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
        },
    });
    objects::ensure(&site.store, service);
    objects::ensure(
        &site.store,
        json!({
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": "kubernetes", "namespace": "default"},
            "subsets": [{"addresses": [{"ip": site.node_ip()}], "ports": ports}],
        }),
    );
    objects::ensure(
        &site.store,
        json!({
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "name": "kubernetes",
                "namespace": "default",
                "labels": {"kubernetes.io/service-name": "kubernetes"},
            },
            "addressType": "IPv4",
            "endpoints": [{"addresses": [site.node_ip()], "conditions": {"ready": true}}],
            "ports": ports,
        }),
    );
}
