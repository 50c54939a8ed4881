//! Whether somebody else can write, read credentials, or listen.
//!
//! `address` takes URLs apart.

pub(super) mod address;
mod credentials;
mod expiry;
mod guarded;
mod shown;
mod trusted;
mod verified;

use super::check::Check;

/// The check that tells of a hub whose certificate nobody verifies.
pub const UNVERIFIED: &str = verified::CHECK.code;

/// In causal order.
pub(super) const CHECKS: &[&Check] =
    &[&guarded::CHECK, &credentials::CHECK, &verified::CHECK, &expiry::CHECK, &trusted::CHECK, &shown::CHECK];
