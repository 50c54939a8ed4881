//! What the controllers of one cluster share.

use crate::store::Store;
use crate::timing::Timing;

/// One cluster, as its controllers see it.
#[derive(Clone)]
pub(crate) struct Site {
    /// The cluster's name.
    pub(crate) name: String,
    /// Which cluster of the sandbox it is, from 1: part of its addresses.
    pub(crate) number: u8,
    pub(crate) store: Store,
    pub(crate) timing: Timing,
}

impl Site {
    /// The name of the only node.
    pub(crate) fn node_name(&self) -> String {
        format!("{}-control-plane", self.name)
    }

    /// The address of the only node.
    pub(crate) fn node_ip(&self) -> String {
        format!("172.18.0.{}", u16::from(self.number) + 1)
    }

    /// The address of a pod.
    pub(crate) fn pod_ip(&self, number: u8) -> String {
        format!("10.244.{}.{number}", self.number)
    }
}
