//! Which rights promfed's commands need, and no others: as data, and as the objects that grant them.
//!
//! Pure. `needs` has the rules of each role, made of the same names and resources as the requests themselves; `grant`
//! turns them into Roles, `ClusterRole`s and their bindings. What every authenticated user may do anyway (ask which APIs
//! there are, and what one may do oneself) is not granted again.

mod grant;
mod needs;

pub use grant::{Grant, Part, Subject, grants};
pub use needs::{Rule, rules};

use std::fmt;

use crate::package::{DEFAULT_PORT, DEFAULT_WORKLOADS, Names, ServiceAccountChoice};

/// What somebody is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Everything that only reads.
    Viewer,
    /// To make a hub, to change it, to let agents in.
    Hub,
    /// To make an agent, and to change it.
    Agent,
}

impl Task {
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Hub, Self::Agent];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Hub => "hub",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Around which install it is to be done.
#[derive(Clone, Debug)]
pub struct Scope {
    pub names: Names,
    /// The Secrets with the values; those that promfed makes and keeps there are named without it.
    pub values: Vec<String>,
    /// Where the package deploys to.
    pub workloads: String,
    /// The port of Prometheus's Service.
    pub port: String,
    pub account: ServiceAccountChoice,
    /// Rights that are not for everybody, with what they allow besides.
    pub extras: Vec<Extra>,
}

/// What not everybody who has a role needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extra {
    /// A viewer reads what earlier writes changed.
    History,
    /// A viewer opens Prometheus's web UI.
    Ui,
    /// Whoever installs adds a repository of packages.
    Repository,
}

impl Scope {
    /// Around an install where nothing else is said.
    pub fn of(names: Names) -> Self {
        Self {
            names,
            values: Vec::new(),
            workloads: DEFAULT_WORKLOADS.to_owned(),
            port: DEFAULT_PORT.to_string(),
            account: ServiceAccountChoice::ClusterAdmin,
            extras: Vec::new(),
        }
    }
}
