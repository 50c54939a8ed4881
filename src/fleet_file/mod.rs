//! A hub and its agents, declared in one file.
//!
//! What can be set of a cluster is what the command line of `hub init` or `agent join` can say, so there is no second
//! list of it: `settings` derives the keys from the flags, `read` turns every entry into a command line and lets clap
//! judge it, and `schema` publishes the keys for editors. Pure: whoever calls brings the text. `report` prints such a file.

mod read;
mod schema;
mod settings;

use crate::cli::{AgentJoin, Connection, HubInit};
use crate::error::Result;

pub use read::read;
pub use schema::schema;
pub use settings::Part;

/// What a fleet file says.
#[derive(Debug)]
pub struct FleetFile {
    /// `None` where the agents join a hub that is no part of the file.
    pub hub: Option<Declared<HubInit>>,
    /// In the order of the file. No context and no cluster name comes twice.
    pub agents: Vec<Declared<AgentJoin>>,
}

impl FleetFile {
    /// Some clusters, each of which is declared once.
    ///
    /// # Errors
    ///
    /// There are none, or two of one context or of one name.
    pub fn new(hub: Option<Declared<HubInit>>, agents: Vec<Declared<AgentJoin>>) -> Result<Self> {
        let file = Self { hub, agents };
        read::each_once(&file)?;
        Ok(file)
    }
}

/// One cluster, as the command line of its own would say it.
#[derive(Clone, Debug)]
pub struct Declared<T> {
    /// Where it stands in the file: `hub`, `agents[3]`.
    pub place: String,
    /// Its context, and what else the entry says of the way to it.
    pub connection: Connection,
    pub args: T,
}

impl<T> Declared<T> {
    /// Its context. An entry without one is not read.
    pub fn context(&self) -> &str {
        self.connection.context.as_deref().unwrap_or_default()
    }
}
