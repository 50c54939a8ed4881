//! Finding out where to connect and as whom, by kubectl's rules.
//!
//! `choice` is which contexts are meant, `files` finds the kubeconfig files and merges them, `overrides` lays the flags of
//! the command line over what they say, `http_proxy` decides whether a proxy stands in between, `target` follows a
//! context to its server, and `config` is what the client is made from.

mod choice;
mod config;
mod files;
mod http_proxy;
mod overrides;
mod target;

pub use choice::Choice;
pub(in crate::cluster) use config::config;
pub(in crate::cluster) use http_proxy::proxy;
pub(super) use target::{Target, resolve, resolve_each};
