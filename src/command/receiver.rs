//! A hub that is read at a URL, as no context of the kubeconfig leads to it.

use super::agent::{Credentials, authorities_in};
use super::facts::{Depth, of_receiver};
use super::prometheus::Prometheus;
use crate::check::Facts;
use crate::cli::ReadAt;
use crate::cluster::{Authorities, Endpoint};
use crate::error::{Error, Result};
use crate::prometheus::{AtUrl, HubType};

/// A hub, where it is, and its Prometheus or what stands in the place of one.
pub(super) struct Receiver {
    pub(super) at: AtUrl,
    pub(super) prometheus: Prometheus,
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
        let at =
            AtUrl { url: url.clone(), hub_type, tenant: args.tenant.clone(), ca_file: args.ca_file.clone() };
        Ok(Some(Self { at, prometheus: prometheus.speaking(hub_type) }))
    }

    /// What it stores.
    pub(super) async fn facts(&self, depth: Depth) -> Facts {
        of_receiver(self.at.clone(), &self.prometheus, depth).await
    }
}
