//! `kubectl promfed hub …`

mod credentials;
mod init;
mod repository;
mod status;
mod undo;

pub(super) use credentials::{credentials, forget, join_command};
pub(super) use init::{init, init_plan};
pub(super) use repository::offered;
pub(super) use status::status;
