//! The addresses of Services: what kube-proxy does, for TCP, without a kernel's help.
//!
//! All addresses of Services belong to the run's namespace, so one can listen on each.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use promfed_sandbox::objects::items;
use promfed_sandbox::store::{Key, Store};
use serde_json::Value;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use super::endpoints;

/// Keeps a listener for each port of each Service, until it is aborted.
pub(crate) async fn run(store: Store) {
    let mut versions = store.versions();
    let mut listening: BTreeMap<(SocketAddr, Key), Listener> = BTreeMap::new();
    loop {
        versions.borrow_and_update();
        let wanted = wanted(&store);
        listening.retain(|listener, _| wanted.contains(listener));
        for (address, service) in wanted {
            if !listening.contains_key(&(address, service.clone()))
                && let Ok(socket) = TcpListener::bind(address).await
            {
                let task =
                    tokio::spawn(accept(store.clone(), service.clone(), u64::from(address.port()), socket));
                listening.insert((address, service), Listener(task));
            }
        }
        if versions.changed().await.is_err() {
            return;
        }
    }
}

/// Listens until it is dropped.
struct Listener(JoinHandle<()>);

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn wanted(store: &Store) -> Vec<(SocketAddr, Key)> {
    let mut wanted = Vec::new();
    for service in store.list("", "services", None).0 {
        let Some(key) = key(&service) else { continue };
        let Some(address) = service["spec"]["clusterIP"].as_str().and_then(|ip| ip.parse::<IpAddr>().ok())
        else {
            continue;
        };
        let tcp = items(&service["spec"]["ports"]).filter(|port| port["protocol"] != "UDP");
        let ports = tcp.filter_map(|port| u16::try_from(port["port"].as_u64()?).ok());
        wanted.extend(ports.map(|port| (SocketAddr::new(address, port), key.clone())));
    }
    wanted
}

fn key(service: &Value) -> Option<Key> {
    let metadata = &service["metadata"];
    Some(Key::namespaced("", "services", metadata["namespace"].as_str()?, metadata["name"].as_str()?))
}

async fn accept(store: Store, service: Key, port: u64, socket: TcpListener) {
    let mut connections = JoinSet::new();
    let mut turn = 0;
    loop {
        tokio::select! {
            accepted = socket.accept() => {
                let Ok((mut client, _)) = accepted else { continue };
                let object = store.get(&service).unwrap_or_default();
                let backends = endpoints(&store, &object, port);
                turn += 1;
                // Without a ready pod the connection is closed at once, which a client sees as a refusal.
                let Some((address, port)) = backends.get(turn % backends.len().max(1)).cloned() else { continue };
                connections.spawn(async move {
                    if let Ok(mut backend) = TcpStream::connect((address, port)).await {
                        copy_bidirectional(&mut client, &mut backend).await.ok();
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
