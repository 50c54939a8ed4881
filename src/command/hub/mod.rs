//! `kubectl promfed hub …`

mod credentials;
mod init;
mod invite;
mod repository;
mod status;
mod undo;

pub(super) use credentials::{credentials, forget};
pub(super) use init::{init, init_plan, made};
pub(super) use invite::join_command;
pub(super) use repository::offered;
pub(super) use status::status;
