//! What Prometheus defines: its versions and what each can do, its flags, its configuration, its HTTP API.
//!
//! Nothing here knows Kubernetes or talks to anybody: facts, and pure functions over texts. `version` and
//! `capability` say what a version understands; `flags` and `config` say what a role needs of it,
//! and `misfit` what a version makes of what is there; `api`, `metrics`
//! and `write_probe` read what a running process answers, `tally` how fast it counts, `backlog` what waits there, and
//! `buffer` for how long it may; `hub_type` what else than Prometheus can be written to; `promql` holds every query that
//! promfed asks, and `rule` tells what others ask.

pub mod api;
mod at_url;
mod backlog;
pub mod buffer;
pub mod capability;
pub mod config;
mod duration;
pub mod flags;
mod hub_type;
mod labels;
pub mod metrics;
mod misfit;
pub mod promql;
pub mod rule;
pub mod tally;
mod version;
pub mod write_probe;

pub use at_url::AtUrl;
pub use backlog::{Backlog, ON_ITS_WAY};
pub use capability::{
    AgentMode, Capabilities, Expansion, Harm, KnownBad, NativeHistograms, OutOfOrderWindow, QueueDefaults,
    Receiver, RepeatedLabel,
};
pub use duration::PromDuration;
pub use hub_type::HubType;
pub use labels::Labels;
pub use misfit::{Effect, Misfit, changes_in_meaning, misfits};
pub use version::Version;

/// What a Prometheus is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Stores the series of all clusters and accepts remote write.
    Hub,
    /// Stores nothing and writes to the hub.
    Agent,
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Hub => "hub",
            Self::Agent => "agent",
        })
    }
}
