//! A hub as somebody sees it who has its URL alone: a Prometheus, or what stands in the place of one.

use std::collections::BTreeMap;

use super::hub_side::{HubSide, accepting, authorities, not_trusted, protocol};
use super::request::Request;
use crate::cluster::Endpoint;
use crate::command::prometheus::{NoAnswer, Prometheus};
use crate::command::shell::Shell;
use crate::domain::{QueryUrl, WriteUrl};
use crate::error::{Error, Result};
use crate::plan::{Lateness, Served};
use crate::prometheus::config::{Exemplars, Login};
use crate::prometheus::write_probe::Outcome;
use crate::prometheus::{AtUrl, HubType};

impl HubSide {
    /// Without a context there is only the URL. That it cannot be reached from here proves nothing: agents may.
    pub(super) async fn at_url(shell: &Shell, request: &Request<'_>, url: &WriteUrl) -> Result<Self> {
        let trust = request.trust.clone();
        let caller = &request.credentials.caller;
        let at = |url: &str| Endpoint::at(url, &authorities(&trust), caller);
        let target = &request.args.at;
        let supposed = target.hub_type.or_else(|| HubType::of_write_url(url)).unwrap_or(HubType::Prometheus);
        let read = target.query_url.clone().or_else(|| supposed.read_url(url));
        let read_at = read.as_ref().map(|url| at(url.as_str())).transpose()?;
        let prometheus = Prometheus::at(Some(at(url.as_str())?), read_at);
        let (probe, told) = futures::join!(prometheus.probe(), prometheus.told_type());
        let answers = told.as_ref().ok().copied().flatten();
        let hub_type = match (target.hub_type, answers) {
            // Another server may be asked than the one that is written to.
            (Some(wanted), Some(other)) if wanted != other && target.query_url.is_none() => {
                return Err(mistaken(wanted, other, url));
            }
            (Some(wanted), _) => wanted,
            (None, Some(other)) if other.takes(url) => other,
            (None, _) => supposed,
        };
        let served = match &probe {
            Ok(Outcome::WrongPath) if answers.is_some_and(|other| !other.takes(url)) => {
                return Err(elsewhere(answers.unwrap_or(hub_type), url));
            }
            Ok(outcome) => {
                accepting(outcome, url.as_str())?;
                known(outcome, request, url)?;
                Served::Verified
            }
            Err(NoAnswer::Route(failure)) if failure.is_untrusted() => {
                return Err(not_trusted(url, &trust, failure));
            }
            Err(_) => Served::Unseen,
        };
        let prometheus = prometheus.speaking(answers.unwrap_or(hub_type));
        let (version, flags, answer) = match hub_type {
            HubType::Prometheus => {
                let (version, flags) = futures::join!(prometheus.version(), prometheus.flags());
                (version.as_ref().ok().copied(), flags.unwrap_or_default(), version.map(drop))
            }
            // Of what has tenants, it is not told to everybody what it has.
            _ => (None, BTreeMap::new(), prometheus.vector("vector(1)").await.map(drop)),
        };
        // A door for samples alone does not let them be read.
        let unread = probe.as_ref().err().or(answer.as_ref().err());
        if let Some(error) = unread {
            shell.ui.warn(&format!(
                "the hub does not tell from here what it has, so joining is proven by the agent alone: {error}"
            ));
        }
        let is_reachable = unread.is_none();
        Ok(Self {
            url: url.clone(),
            trust,
            served,
            exemplars: if hub_type.keeps_exemplars() { Exemplars::Send } else { Exemplars::Leave },
            prometheus,
            protocol: protocol(request, version, &flags)?,
            version,
            uid: None,
            list: None,
            door: None,
            awaited: None,
            lateness: Lateness::Unknown,
            title: match hub_type {
                HubType::Prometheus => format!("hub at {url}"),
                other => format!("{} hub at {url}", other.title()),
            },
            read_by: read.filter(|_| is_reachable).map(|url| found_at(url, hub_type, request).to_read()),
            is_reachable,
        })
    }
}

fn found_at(url: QueryUrl, hub_type: HubType, request: &Request<'_>) -> AtUrl {
    let (tenant, ca_file) = (request.args.at.tenant.clone(), request.args.ca_file.clone());
    AtUrl { url, hub_type, tenant, ca_file }
}

/// Another one answers than the one that was named.
fn mistaken(wanted: HubType, answers: HubType, url: &WriteUrl) -> Error {
    let there = answers.write_url_like(url).unwrap_or_else(|| url.clone());
    let name = answers.name();
    Error::usage(format!("what answers at {url} is {}, and not {}", answers.title(), wanted.title()))
        .hint(format!("kubectl promfed agent join --hub-url {there} --hub-type {name} --cluster-name NAME"))
}

/// The one that answers takes samples at another path.
fn elsewhere(answers: HubType, url: &WriteUrl) -> Error {
    let error = Error::failed(format!("the hub {url} does not accept remote write"))
        .because(format!("what answers is {}, which takes samples at another path", answers.title()));
    match answers.write_url_like(url) {
        Some(there) => {
            error.hint(format!("kubectl promfed agent join --hub-url {there} --cluster-name NAME"))
        }
        None => error,
    }
}

/// Credentials that the hub does not take are refused before they are written. Without any, the agent may have some.
fn known(outcome: &Outcome, request: &Request<'_>, url: &WriteUrl) -> Result<()> {
    let is_refused = matches!(outcome, Outcome::Guarded(_) | Outcome::WantsCertificate);
    if !is_refused || request.credentials.login == Login::Kept {
        return Ok(());
    }
    Err(Error::failed(format!("the hub at {url} does not take these credentials"))
        .because(format!("it answers a write with them: {outcome}"))
        .hint("kubectl promfed hub credentials list   (at the hub: whom it lets in by certificate)")
        .hint("look at the files that --from, --password-file, --bearer-token-file or --client-cert name"))
}
