//! The hub, as somebody sees it who wants to join: through its context, or at its URL only.

use std::collections::BTreeMap;

use super::awaited::Awaited;
use super::buffered::lateness;
use super::guest::HubDoor;
use super::login::authorities_in;
use super::request::Request;
use crate::cli::AgentJoin;
use http::Method;

use crate::cluster::{Authorities, Caller, Cluster, Endpoint, Failure, TlsVerification};
use crate::command::members;
use crate::command::prometheus::Prometheus;
use crate::command::shell::Shell;
use crate::command::site::{Site, Wanted, cluster_uid, own_authority, write_url};
use crate::domain::WriteUrl;
use crate::error::{Error, Result};
use crate::package::{Members, Names};
use crate::plan::{Lateness, Served};
use crate::prometheus::config::{ACCEPTED, Exemplars, Protocol, Trust};
use crate::prometheus::write_probe::Outcome;
use crate::prometheus::{Capabilities, Version};

/// What is known of the hub before anything is written.
pub(super) struct HubSide {
    pub(super) url: WriteUrl,
    pub(super) trust: Trust,
    pub(super) served: Served,
    pub(super) exemplars: Exemplars,
    pub(super) protocol: Protocol,
    pub(super) prometheus: Prometheus,
    /// Of its Prometheus, where that tells.
    pub(super) version: Option<Version>,
    /// Of the hub's cluster, where its context was named.
    pub(super) uid: Option<String>,
    /// The list of clusters that joined, where its context was named: where it is kept, and who is on it.
    pub(super) list: Option<(Cluster, Names, Members)>,
    /// Its door, where its context was named and it has one that the URL leads to.
    pub(super) door: Option<HubDoor>,
    /// Whom its alerts wait for, where its context was named and it has some.
    pub(super) awaited: Option<Awaited>,
    /// For hints: the context, or the URL.
    pub(super) title: String,
    /// What reads it again: an option of the commands that read, where no context does.
    pub(super) read_by: Option<String>,
    /// How late samples may come, where that matters.
    pub(super) lateness: Lateness,
    /// Whether the hub can be asked from here. Without its context, only agents may be able to reach it.
    pub(super) is_reachable: bool,
}

impl HubSide {
    /// Looks at the hub, and refuses one that would not take what is written to it.
    pub(super) async fn look(shell: &Shell, request: &Request<'_>) -> Result<Self> {
        match (&request.args.hub.hub_context, &request.url) {
            (Some(context), _) => Box::pin(Self::through_context(shell, request, context)).await,
            (None, Some(url)) => Box::pin(Self::at_url(shell, request, url)).await,
            (None, None) => Err(Error::usage("which hub?").hint("name it with --hub-context or --hub-url")),
        }
    }

    async fn through_context(shell: &Shell, request: &Request<'_>, context: &str) -> Result<Self> {
        let cluster = Cluster::connect(&shell.connection.hub_options(context)).await?;
        let during = |error: Error| error.during(format!("the hub on context {context:?} cannot be joined"));
        let site = Site::require(&cluster, Wanted::default()).await.map_err(during)?;
        let told = || write_url(&site.installed.install, &site.values);
        let Some(url) = request.url.clone().or_else(told) else {
            return Err(during(
                Error::failed("neither its ingress nor --write-url of hub init tells its write URL").hint(
                    format!(
                        "kubectl promfed agent join --hub-context {context} --hub-url URL --cluster-name {}",
                        request.name
                    ),
                ),
            ));
        };
        let own = &site.installed.install.metadata;
        let names = Names::new(&own.name, &own.namespace);
        let (uid, members, door, lateness, (probe, version, flags, authority)) = futures::join!(
            cluster_uid(&cluster),
            members::read(&cluster, &own.namespace, &own.name),
            HubDoor::look(&cluster, &names),
            lateness(&site.prometheus, request.args.buffer),
            async {
                futures::join!(
                    site.prometheus.probe(),
                    site.prometheus.version(),
                    site.prometheus.flags(),
                    own_authority(&cluster, &site)
                )
            }
        );
        accepting(&probe.map_err(|error| during(error.into()))?, context)?;
        let flags = flags.unwrap_or_default();
        let stores_exemplars =
            flags.get("enable-feature").is_some_and(|all| all.contains("exemplar-storage"));
        let version = version.ok();
        let protocol = protocol(request, version, &flags).map_err(during)?;
        let trust = match request.trust.clone() {
            Trust::System if url.is_https() => authority.map_or(Trust::System, Trust::Authority),
            other => other,
        };
        let served = served(&url, &trust, &request.credentials.caller).await.map_err(during)?;
        let url_host = url.host().to_owned();
        Ok(Self {
            url,
            trust,
            served,
            exemplars: if stores_exemplars { Exemplars::Send } else { Exemplars::Leave },
            protocol,
            prometheus: site.prometheus.clone(),
            version,
            uid: uid?,
            // Who may not read the list may still join.
            list: Some((cluster.clone(), names, members.map(|(_, members)| members).unwrap_or_default())),
            door: door?.filter(|found| url_host == found.door.host.as_str()),
            awaited: Awaited::of(&site, context),
            title: format!("hub on context {context:?}"),
            read_by: None,
            lateness,
            is_reachable: true,
        })
    }
}

/// What the agent is to speak, so that the hub takes it.
pub(super) fn protocol(
    request: &Request<'_>,
    version: Option<Version>,
    flags: &BTreeMap<String, String>,
) -> Result<Protocol> {
    let accepted = flags.get(ACCEPTED).map(String::as_str);
    let said = request.args.remote_write_version;
    Protocol::with_hub(said, version.map(Capabilities::of), accepted).map_err(|hub| {
        Error::usage(format!("the hub's Prometheus {} does not take remote write 2.0", hub.version()))
            .because(match accepted {
                Some(accepted) if hub.remote_write_2() => format!("it runs with --{ACCEPTED}={accepted}"),
                _ => "it came with 2.54: an older one answers that it took what it throws away".to_owned(),
            })
            .hint("leave --remote-write-version out: agents then speak what the hub takes")
    })
}

/// Whether what the hub shows at its URL is verified by what the agent will trust. That nobody answers there proves
/// nothing: agents may get an answer.
async fn served(url: &WriteUrl, trust: &Trust, caller: &Caller) -> Result<Served> {
    let endpoint = Endpoint::at(url.as_str(), &authorities(trust), caller)?;
    match endpoint.send(Method::GET, endpoint.path(), &[]).await {
        Ok(_) => Ok(Served::Verified),
        Err(failure) if failure.is_untrusted() => Err(not_trusted(url, trust, &failure)),
        // It was verified before it asked who this is.
        Err(failure) if failure.is_unauthorized() => Ok(Served::Verified),
        Err(_) => Ok(Served::Unseen),
    }
}

pub(super) fn not_trusted(url: &WriteUrl, trust: &Trust, failure: &Failure) -> Error {
    let by = match trust {
        Trust::Authority(_) => "by the authority that the agent would trust",
        _ => "by the authorities of this machine",
    };
    Error::failed(format!("the certificate of {} is not verified {by}", url.host()))
        .because(failure.cause.to_string())
        .hint("name the authority that signed it with --ca-file, or the name that it is for with --hub-url")
}

/// A hub that does not take samples is refused before anything is written.
pub(super) fn accepting(outcome: &Outcome, hub: &str) -> Result<()> {
    let refused =
        |why: String| Error::failed(format!("the hub {hub} does not accept remote write")).because(why);
    match outcome {
        Outcome::Accepts | Outcome::Guarded(_) | Outcome::WantsCertificate => Ok(()),
        Outcome::WantsTenant => Err(refused("it wants to know the tenant (401)".to_owned())
            .hint(format!("kubectl promfed agent join --hub-url {hub} --hub-type mimir --tenant NAME --cluster-name NAME"))),
        Outcome::Off => Err(refused("its remote write receiver is off".to_owned())
            .hint(format!("kubectl promfed hub init --context {hub} --cluster-name NAME"))),
        Outcome::Redirect(to) => Err(refused(format!(
            "it answers with a redirect to {to}: Prometheus would follow with GET, and every sample would be lost (405)"
        ))
        .hint(format!("kubectl promfed agent join --hub-url {to} --cluster-name NAME"))),
        Outcome::WrongPath => Err(refused("nobody takes samples at this path".to_owned())
            .hint("the path is /api/v1/write, below the hub's --web.external-url or route prefix if it has one")),
        Outcome::NotReady(status) => Err(refused(format!("it is not ready ({status})")).hint("kubectl promfed hub status")),
        Outcome::NotPrometheus(status) => {
            Err(refused(format!("what answers ({status}) is no receiver of remote write: it would take samples and lose them")))
        }
    }
}

/// The hub is asked with the trust that the agent will have.
pub(super) fn authorities(trust: &Trust) -> Authorities {
    match trust {
        Trust::System | Trust::File(_) => Authorities::System,
        Trust::Authority(pem) => Authorities::Pem(pem.clone()),
        Trust::Anything => Authorities::Any,
    }
}

/// What the command line says about verifying the hub.
pub(super) fn trust_of(shell: &Shell, args: &AgentJoin) -> Result<Trust> {
    if shell.connection.insecure_skip_tls_verify {
        return Ok(Trust::Anything);
    }
    args.ca_file.as_deref().map_or(Ok(Trust::System), |path| authorities_in(path).map(Trust::Authority))
}

impl crate::cli::Connection {
    /// For the hub's context: `--insecure-skip-tls-verify` speaks of the hub's write URL here, not of API servers.
    fn hub_options(&self, context: &str) -> crate::cluster::ConnectOptions {
        let mut options = self.options_for(context);
        options.namespace = None;
        options.tls_verification = TlsVerification::Verify;
        options
    }

    /// For the agent's own context, likewise.
    pub(in crate::command) fn agent_options(&self) -> crate::cluster::ConnectOptions {
        let mut options = self.options();
        options.tls_verification = TlsVerification::Verify;
        options
    }
}
