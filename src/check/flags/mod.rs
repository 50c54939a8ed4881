//! Whether the process runs with the flags and the configuration that its role needs, in the dialect of its version.
//!
//! The role comes first: a process in the wrong one explains the rest. What keeps a new configuration out comes before
//! the comparison of the loaded one with the written one, which is what all of it leads to.
//!
//! `container` is the container of Prometheus in its Deployment, `drift` what the loaded configuration lacks, and
//! `log_line` how Prometheus writes its log.

mod arguments;
mod buffer_path;
mod container;
mod doubled;
mod drift;
#[cfg(test)]
mod every_version;
mod features;
mod fitting;
mod lifecycle;
mod loaded;
mod log_line;
mod receiver;
mod reload;
mod reloader;
mod role;
mod target;
mod web_config;
mod write_path;

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[
    &role::CHECK,
    &receiver::CHECK,
    &features::CHECK,
    &arguments::CHECK,
    &buffer_path::CHECK,
    &fitting::CHECK,
    &lifecycle::CHECK,
    &web_config::CHECK,
    &reload::CHECK,
    &doubled::CHECK,
    &write_path::CHECK,
    &reloader::CHECK,
    &loaded::CHECK,
    &target::CHECK,
];
