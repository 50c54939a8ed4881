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

/// In causal order.
pub(super) const CHECKS: &[&Check] =
    &[&guarded::CHECK, &credentials::CHECK, &verified::CHECK, &expiry::CHECK, &trusted::CHECK, &shown::CHECK];
