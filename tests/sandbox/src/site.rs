//! What the controllers of one cluster share.

use crate::store::Store;
use crate::timing::Timing;

/// One cluster, as its controllers see it.
#[derive(Clone)]
pub struct Site {
    /// The cluster's name.
    pub name: String,
    /// Which cluster of the sandbox it is, from 1: part of its addresses.
    pub number: u8,
    pub store: Store,
    pub timing: Timing,
}

impl Site {
    /// The name of the only node.
    pub fn node_name(&self) -> String {
        format!("{}-control-plane", self.name)
    }

    /// The address of the only node.
    pub fn node_ip(&self) -> String {
        format!("172.18.0.{}", u16::from(self.number) + 1)
    }

    /// The address of a pod.
    pub fn pod_ip(&self, number: u8) -> String {
        format!("10.244.{}.{number}", self.number)
    }
}
