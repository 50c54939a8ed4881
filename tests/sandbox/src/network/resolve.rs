//! Where a name and a port lead, seen from a pod or from the host.

use std::net::SocketAddr;

use serde_json::Value;

use super::{Asker, Member, Network, NetworkFault, contour};
use crate::objects;
use crate::store::Key;
use crate::workloads::KUBERNETES_IP;

/// Why nothing is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreachable {
    NoSuchHost,
    Refused,
}

impl Unreachable {
    /// The error as a dialer would word it.
    pub(super) fn message(self, host: &str, port: u16) -> String {
        match self {
            Self::NoSuchHost => format!("dial tcp: lookup {host}: no such host\n"),
            Self::Refused => format!("dial tcp {host}:{port}: connect: connection refused\n"),
        }
    }
}

/// The loopback address behind a name.
pub(super) fn resolve(
    network: &Network,
    asker: &Asker,
    host: &str,
    port: u16,
) -> Result<SocketAddr, Unreachable> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    match network.faults.get(&host) {
        Some(NetworkFault::Unknown) => return Err(Unreachable::NoSuchHost),
        Some(NetworkFault::Refuse) => return Err(Unreachable::Refused),
        _ => {}
    }
    if let Asker::Pod { cluster, namespace, ip } = asker
        && let Some(member) = network.member(*cluster)
        && let Some(found) = inside(&member, namespace, ip, &host, port)
    {
        return found;
    }
    outside(network, &host, port)
}

/// What only a pod can reach. `None`: this is no name of the cluster.
fn inside(
    member: &Member,
    namespace: &str,
    own: &str,
    host: &str,
    port: u16,
) -> Option<Result<SocketAddr, Unreachable>> {
    let dial = |ip: &str, port: u16| {
        member.node.upgrade().and_then(|node| node.dial(ip, port)).ok_or(Unreachable::Refused)
    };
    let api = |right: bool| if right { Ok(member.api) } else { Err(Unreachable::Refused) };
    if host == "127.0.0.1" && port == member.api.port() {
        return Some(Ok(member.api));
    }
    if ["localhost", "127.0.0.1"].contains(&host) {
        return Some(dial(own, port));
    }
    if host == member.site.node_ip() {
        return Some(api(port == 6443));
    }
    if host == KUBERNETES_IP {
        return Some(api(port == 443));
    }
    if host.starts_with("10.244.") {
        return Some(dial(host, port));
    }
    let service = service(member, namespace, host)?;
    if objects::namespace(&service) == "default" && objects::name(&service) == "kubernetes" {
        return Some(api(port == 443));
    }
    Some(endpoint(member, &service, port).map_or(Err(Unreachable::Refused), |(ip, port)| dial(&ip, port)))
}

/// The Service with this name or address.
fn service(member: &Member, own_namespace: &str, host: &str) -> Option<Value> {
    let store = &member.site.store;
    if host.starts_with("10.96.") {
        return store
            .list("", "services", None)
            .0
            .into_iter()
            .find(|service| service["spec"]["clusterIP"] == host);
    }
    let short = host.strip_suffix(".cluster.local").unwrap_or(host);
    let (name, namespace) = match short.strip_suffix(".svc") {
        Some(qualified) => qualified.split_once('.')?,
        None => short.split_once('.').unwrap_or((short, own_namespace)),
    };
    store.get(&Key::namespaced("", "services", namespace, name))
}

/// A ready pod of the Service and its port. A Service without an address of its own is its pods, with all their ports.
pub(super) fn endpoint(member: &Member, service: &Value, port: u16) -> Option<(String, u16)> {
    let key = Key::namespaced("", "endpoints", objects::namespace(service), objects::name(service));
    let endpoints = member.site.store.get(&key)?;
    let headless = service["spec"]["clusterIP"] == "None";
    let wanted = objects::items(&service["spec"]["ports"]).find(|candidate| candidate["port"] == port);
    objects::items(&endpoints["subsets"]).find_map(|subset| {
        let ip = subset["addresses"][0]["ip"].as_str()?.to_owned();
        if headless {
            return Some((ip, port));
        }
        let name = &wanted?["name"];
        let target = objects::items(&subset["ports"]).find(|candidate| candidate["name"] == *name)?;
        Some((ip, u16::try_from(target["port"].as_u64()?).ok()?))
    })
}

/// What everybody can reach: the names of `HTTPProxies`, and of servers that are in no cluster.
fn outside(network: &Network, host: &str, port: u16) -> Result<SocketAddr, Unreachable> {
    if let Some(address) = network.hosts.get(host, port) {
        return Ok(address);
    }
    let members = network.members();
    let member = members
        .iter()
        .find(|member| member.ingress.is_some() && contour::with_name(&member.site.store, host).is_some());
    let ingress = member.and_then(|member| member.ingress).ok_or(Unreachable::NoSuchHost)?;
    ingress.listener(port).ok_or(Unreachable::Refused)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Weak};

    use serde_json::json;

    use super::*;
    use crate::api::{Backend, Instance};
    use crate::network::Ingress;
    use crate::site::Site;
    use crate::store::Store;

    struct Node;

    impl Backend for Node {
        fn dial(&self, ip: &str, port: u16) -> Option<SocketAddr> {
            (ip.starts_with("10.244.1.") && port == 9090).then(|| SocketAddr::from(([127, 0, 0, 1], 19090)))
        }

        fn log(&self, _: &str, _: &str, _: &str, _: Instance) -> Option<String> {
            None
        }

        fn answer(&self, _: &str, body: Vec<u8>) -> Vec<u8> {
            body
        }
    }

    #[test]
    fn names_lead_where_they_should() {
        let site = Site {
            name: "hub".into(),
            number: 1,
            store: Store::default(),
            timing: crate::timing::Timing::default(),
        };
        let put = |object: Value| objects::ensure(&site.store, object);
        put(json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "p", "namespace": "m"},
            "spec": {"clusterIP": "10.96.1.10", "ports": [{"name": "http", "port": 80}]}}));
        put(json!({"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "p", "namespace": "m"},
            "subsets": [{"addresses": [{"ip": "10.244.1.2"}], "ports": [{"name": "http", "port": 9090}]}]}));
        put(
            json!({"apiVersion": "projectcontour.io/v1", "kind": "HTTPProxy", "metadata": {"name": "h", "namespace": "m"},
            "spec": {"virtualhost": {"fqdn": "hub.example"}}}),
        );
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let node: Arc<dyn Backend> = Arc::new(Node);
        let network = Network::default();
        let ingress = Some(Ingress { http: address(1), https: address(2) });
        let weak: Weak<dyn Backend> = Arc::downgrade(&node);
        network.join(Member { site, node: weak, api: address(3), ingress });
        let pod = Asker::Pod { cluster: 1, namespace: "m".into(), ip: "10.244.1.3".into() };
        let from =
            |asker: &Asker, host: &str, port| resolve(&network, asker, host, port).map(|found| found.port());

        for host in ["p", "p.m", "p.m.svc", "p.m.svc.cluster.local", "10.96.1.10"] {
            assert_eq!(from(&pod, host, 80), Ok(19090), "{host}");
        }
        assert_eq!(from(&pod, "p", 81), Err(Unreachable::Refused));
        assert_eq!(from(&pod, "localhost", 9090), Ok(19090));
        assert_eq!(from(&pod, "172.18.0.2", 6443), Ok(3));
        assert_eq!(from(&pod, "hub.example", 443), Ok(2));
        assert_eq!(from(&Asker::Host, "HUB.example", 80), Ok(1));
        assert_eq!(from(&Asker::Host, "p.m.svc", 80), Err(Unreachable::NoSuchHost));
        network.hosts.add("store.example", 8428, address(4));
        assert_eq!(from(&pod, "store.example", 8428), Ok(4));
        assert_eq!(from(&Asker::Host, "Store.example", 8428), Ok(4));
        assert_eq!(from(&Asker::Host, "store.example", 80), Err(Unreachable::NoSuchHost));
        network.faults.set("hub.example", NetworkFault::Refuse);
        assert_eq!(from(&Asker::Host, "hub.example", 443), Err(Unreachable::Refused));
    }
}
