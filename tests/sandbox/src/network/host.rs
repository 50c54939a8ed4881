//! Servers that are in no cluster, and have names that every cluster knows.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The names and ports of such servers, with the loopback addresses behind them. Cheap to clone: all clones are the same.
#[derive(Clone, Default)]
pub struct Hosts(Arc<Mutex<BTreeMap<(String, u16), SocketAddr>>>);

impl Hosts {
    /// Gives a server on this machine a name and a port on the network.
    pub fn add(&self, name: &str, port: u16, address: SocketAddr) {
        let key = (name.to_ascii_lowercase(), port);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, address);
    }

    pub(super) fn get(&self, name: &str, port: u16) -> Option<SocketAddr> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(name.to_owned(), port)).copied()
    }
}
