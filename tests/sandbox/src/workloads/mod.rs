//! The controllers that a real cluster has built in: they turn Deployments and `DaemonSets` into pods, and Services
//! into addresses.
//!
//! Each controller is one pass over the objects of its kinds, run again whenever anything in the store changes: it
//! compares what is there with what should be, and keeps nothing between two passes but times.

mod base;
mod claims;
mod daemon_set;
mod deployment;
mod endpoints;
mod names;
pub(crate) mod pods;
mod replica_set;
mod services;

use tokio::time::{Instant, timeout_at};

use crate::site::Site;

pub(crate) use base::{
    cert_manager as write_cert_manager, contour as write_contour, kapp_controller as write_kapp_controller,
    node as write_node, system as write_system, write as write_base,
};
pub(crate) use services::{KUBERNETES_IP, free as free_service_address};

/// Runs all controllers of a cluster.
pub(crate) async fn run(site: Site) {
    let mut versions = site.store.versions();
    let mut progress = deployment::Progress::default();
    loop {
        versions.borrow_and_update();
        claims::pass(&site);
        services::pass(&site);
        let deadline = deployment::pass(&site, &mut progress);
        replica_set::pass(&site);
        daemon_set::pass(&site);
        endpoints::pass(&site);
        let changed = match deadline {
            Some(deadline) => timeout_at(deadline, versions.changed()).await.unwrap_or(Ok(())),
            None => versions.changed().await,
        };
        if changed.is_err() {
            return;
        }
    }
}

/// The earlier of two times, of which either may be missing.
fn earlier(a: Option<Instant>, b: Option<Instant>) -> Option<Instant> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
