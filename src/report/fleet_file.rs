//! The fleet file of clusters as they are.

use serde::Serialize;

use super::{Columns, Document, Paint, View};

/// The kind of the file.
pub const FLEET_FILE: &str = "Fleet";

/// A file for `apply -f`: its kind is that of the file, and its table is the file.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FleetFileView {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub: Option<HubEntry>,
    pub agents: Vec<AgentEntry>,
}

/// What is set of a hub. What is as the package has it is left out.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct HubEntry {
    pub context: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub cluster_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fqdn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_fqdn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retention: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What is set of an agent.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AgentEntry {
    pub context: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    pub cluster_name: String,
    /// Where that is not what the hub of the file tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hub_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub insecure_skip_tls_verify: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl View for FleetFileView {
    const KIND: &'static str = FLEET_FILE;

    fn text(&self, _: Columns, _: Paint) -> String {
        Document::new(Self::KIND, self).to_yaml().unwrap_or_default()
    }

    fn names(&self) -> Vec<String> {
        let hub = self.hub.iter().map(|hub| hub.context.clone());
        hub.chain(self.agents.iter().map(|agent| agent.context.clone())).collect()
    }
}
