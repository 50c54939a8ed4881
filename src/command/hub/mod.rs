//! `kubectl promfed hub …`

mod init;
mod repository;
mod status;

pub(super) use init::{init, new_namespace, observed};
pub(super) use repository::offered;
pub(super) use status::{clusters_of, status};
