//! Whether the cluster can be asked at all: its API server answers, kapp-controller serves what promfed needs, and the
//! user may read and write it.

mod api_server;
mod ingress_parts;
mod kapp_controller;
mod reading_rights;
mod writing_rights;

pub use reading_rights::CODE as READING_RIGHTS;

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[
    &api_server::CHECK,
    &api_server::BEFORE_INSTALL,
    &kapp_controller::CHECK,
    &kapp_controller::BEFORE_INSTALL,
    &reading_rights::CHECK,
    &writing_rights::CHECK,
    &ingress_parts::CHECK,
];
