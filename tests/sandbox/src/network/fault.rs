//! What goes wrong on the network on request: for one name, every request fails in one way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What happens to requests for a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NetworkFault {
    /// The name is not known.
    Unknown,
    /// The connection is refused, and those that were open are cut behind the ingress.
    Refuse,
    /// Requests are answered with this status, and do not arrive. Only for names behind the ingress.
    Status(u16),
    /// Requests are answered with 200 and a login page, and do not arrive. Only for names behind the ingress.
    LoginPage,
    /// Requests arrive after this time. Only for names behind the ingress.
    Delay(Duration),
}

/// The faults of the network. Cheap to clone: all clones are the same faults.
#[derive(Clone, Default)]
pub struct NetworkFaults(Arc<Mutex<BTreeMap<String, NetworkFault>>>);

impl NetworkFaults {
    /// Lets requests for a name fail from now on.
    pub fn set(&self, name: &str, fault: NetworkFault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_ascii_lowercase(), fault);
    }

    /// Lets requests for a name succeed again.
    pub fn clear(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&name.to_ascii_lowercase());
    }

    pub(super) fn get(&self, name: &str) -> Option<NetworkFault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&name.to_ascii_lowercase()).copied()
    }
}
