//! A hub that is read at a URL.

use std::path::PathBuf;

use clap::Args;

use super::agent::Login;
use crate::domain::QueryUrl;
use crate::prometheus::HubType;

pub(super) const AT_URL: &str = "A hub that is no cluster of the kubeconfig";

/// Where a hub is read that no context leads to.
#[derive(Clone, Debug, Default, Args)]
pub struct ReadAt {
    /// Read the hub at this URL, as it stands before /api/v1/query: Mimir, Thanos Query, VictoriaMetrics, a Prometheus
    #[arg(long, value_name = "URL", help_heading = AT_URL)]
    pub query_url: Option<QueryUrl>,
    /// What the hub is [default: what answers there]
    #[arg(long, value_enum, value_name = "TYPE", requires = "query_url", help_heading = AT_URL)]
    pub hub_type: Option<HubType>,
    /// Read what this tenant has, where the hub's type has tenants
    #[arg(long, value_name = "NAME", requires = "hub_type", help_heading = AT_URL)]
    pub tenant: Option<String>,
    /// Verify the hub's certificate by the authorities in this PEM file [default: those of this machine]
    #[arg(long, value_name = "FILE", requires = "query_url", help_heading = AT_URL)]
    pub ca_file: Option<PathBuf>,
    #[command(flatten)]
    pub login: Login,
}
