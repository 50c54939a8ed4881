//! A hub that is read at a URL, as no context of the kubeconfig leads to it.

use super::agent::{Credentials, authorities_in};
use super::facts::{Depth, of_receiver};
use super::prometheus::Prometheus;
use crate::check::Facts;
use crate::cli::ReadAt;
use crate::cluster::{Authorities, Endpoint};
use crate::domain::QueryUrl;
use crate::error::{Error, Result};
use crate::prometheus::HubType;

/// A hub, its URL, and what it is.
pub(super) struct Receiver {
    pub(super) url: QueryUrl,
    pub(super) prometheus: Prometheus,
    hub_type: HubType,
}

impl Receiver {
    /// The one that the command line names; `None` where it names none.
    pub(super) async fn of(args: &ReadAt) -> Result<Option<Self>> {
        let Some(url) = &args.query_url else {
            if args.login.is_given() || !args.login.headers.is_empty() {
                return Err(Error::usage("these credentials are for a hub that is read at a URL")
                    .hint("name it with --query-url"));
            }
            return Ok(None);
        };
        let credentials =
            Credentials::read(&args.login)?.with_tenant(args.hub_type, args.tenant.as_deref())?;
        let authorities = match &args.ca_file {
            Some(path) => Authorities::Pem(authorities_in(path)?),
            None => Authorities::System,
        };
        let read = Endpoint::at(url.as_str(), &authorities, &credentials.caller)?;
        let prometheus = Prometheus::at(None, Some(read));
        let told = prometheus.told_type().await.ok().flatten();
        if let (Some(wanted), Some(told)) = (args.hub_type, told)
            && wanted != told
        {
            let what = format!("what answers at {url} is {}, and not {}", told.title(), wanted.title());
            return Err(Error::usage(what).hint(format!("say --hub-type {}, or leave it out", told.name())));
        }
        let hub_type = args.hub_type.or(told).unwrap_or(HubType::Prometheus);
        Ok(Some(Self { url: url.clone(), prometheus: prometheus.speaking(hub_type), hub_type }))
    }

    /// What it stores.
    pub(super) async fn facts(&self, depth: Depth) -> Facts {
        of_receiver(&self.url, self.hub_type, &self.prometheus, depth).await
    }
}
