//! Names: those of a cluster's Services for its pods, and those behind the ingresses for everybody.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use promfed_sandbox::objects::items;
use promfed_sandbox::store::{Key, Store};
use simple_dns::rdata::{A, RData};
use simple_dns::{CLASS, Packet, PacketFlag, QTYPE, RCODE, ResourceRecord, TYPE};
use tokio::net::UdpSocket;

use super::ingress;
use crate::address::Number;
use crate::registry;

/// The clusters that know of each other: those of one scenario. Clones are the same.
#[derive(Clone, Default)]
pub(crate) struct Neighbours(Arc<Mutex<Vec<(Number, Store)>>>);

impl Neighbours {
    /// Lets the names behind a cluster's ingress be known.
    pub(crate) fn join(&self, number: Number, store: Store) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((number, store));
    }

    /// The address of the ingress that has a name.
    fn ingress_of(&self, name: &str) -> Option<Ipv4Addr> {
        let clusters = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut with_names =
            clusters.iter().filter(|(_, store)| ingress::names(store).iter().any(|known| known == name));
        with_names.next().map(|(number, _)| number.ingress())
    }
}

/// Whose names are asked for.
#[derive(Clone)]
pub(crate) enum View {
    /// Those that everybody knows.
    Host,
    /// Also those of a cluster's Services.
    Cluster(Store),
}

/// Serves names at an address, until it is aborted.
pub(crate) async fn run(neighbours: Neighbours, view: View, address: Ipv4Addr) -> io::Result<()> {
    let socket = UdpSocket::bind((address, 53)).await?;
    let mut buffer = [0; 4096];
    loop {
        let (length, client) = socket.recv_from(&mut buffer).await?;
        if let Some(reply) = answer(&neighbours, &view, &buffer[..length]) {
            socket.send_to(&reply, client).await.ok();
        }
    }
}

fn answer(neighbours: &Neighbours, view: &View, query: &[u8]) -> Option<Vec<u8>> {
    let packet = Packet::parse(query).ok()?;
    let question = packet.questions.first()?.clone();
    let name = question.qname.to_string();
    let found = look_up(neighbours, view, &name.to_ascii_lowercase());
    let mut reply = packet.into_reply();
    reply.set_flags(PacketFlag::AUTHORITATIVE_ANSWER | PacketFlag::RECURSION_AVAILABLE);
    match found {
        None => *reply.rcode_mut() = RCODE::NameError,
        Some(addresses) if question.qtype == QTYPE::TYPE(TYPE::A) => {
            for address in addresses {
                let data = RData::A(A { address: address.into() });
                reply.answers.push(ResourceRecord::new(question.qname.clone(), CLASS::IN, 1, data));
            }
        }
        // There are no addresses of other kinds.
        Some(_) => {}
    }
    reply.build_bytes_vec().ok()
}

/// The addresses of a name; `None` when there is no such name.
fn look_up(neighbours: &Neighbours, view: &View, name: &str) -> Option<Vec<Ipv4Addr>> {
    if let (View::Cluster(store), Some(inside)) = (view, name.strip_suffix(".svc.cluster.local")) {
        let (service, namespace) = inside.rsplit_once('.')?;
        return of_service(store, service, namespace);
    }
    if name == registry::host() {
        return Some(vec![registry::ADDRESS]);
    }
    neighbours.ingress_of(name).map(|address| vec![address])
}

fn of_service(store: &Store, name: &str, namespace: &str) -> Option<Vec<Ipv4Addr>> {
    let service = store.get(&Key::namespaced("", "services", namespace, name))?;
    let address = service["spec"]["clusterIP"].as_str()?;
    if address != "None" {
        return Some(address.parse::<IpAddr>().ok().into_iter().filter_map(v4).collect());
    }
    let endpoints = store.get(&Key::namespaced("", "endpoints", namespace, name)).unwrap_or_default();
    let addresses = items(&endpoints["subsets"]).flat_map(|subset| items(&subset["addresses"]));
    Some(addresses.filter_map(|address| address["ip"].as_str()?.parse().ok()).filter_map(v4).collect())
}

fn v4(address: IpAddr) -> Option<Ipv4Addr> {
    match address {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}
