//! The addresses of a cluster, by its number. All are in the run's own network namespace.

use std::net::Ipv4Addr;

/// The number of a cluster, from 1: part of all its addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(pub(crate) u8);

impl Number {
    /// The node: the API server, the kubelet.
    pub(crate) fn node(self) -> Ipv4Addr {
        Ipv4Addr::new(172, 18, 0, self.0 + 1)
    }

    /// Where the ingress listens.
    pub(crate) fn ingress(self) -> Ipv4Addr {
        Ipv4Addr::new(172, 18, self.0 + 200, 1)
    }

    /// Where Contour tells Envoy its configuration.
    pub(crate) fn contour(self) -> Ipv4Addr {
        Ipv4Addr::new(127, 54, 0, self.0)
    }

    /// The addresses of Services.
    pub(crate) fn services(self) -> String {
        format!("10.96.{}.0/24", self.0)
    }

    /// The Service of the API server.
    pub(crate) fn api(self) -> Ipv4Addr {
        Ipv4Addr::new(10, 96, self.0, 1)
    }

    /// The Service of the cluster's DNS.
    pub(crate) fn dns(self) -> Ipv4Addr {
        Ipv4Addr::new(10, 96, self.0, 10)
    }
}
