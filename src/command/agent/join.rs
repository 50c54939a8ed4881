//! `kubectl promfed agent join`

use std::rc::Rc;

use super::buffered::buffer;
use super::guest::{Admitting, Guest};
use super::hub_side::{HubSide, trust_of};
use super::login::Credentials;
use super::request::Request;
use super::trusted::trusted_so_far;
use tokio::time::Instant;

use crate::cli::AgentJoin;
use crate::cluster::Cluster;
use crate::command::change::Planned;
use crate::command::conclude::{About, carry_through};
use crate::command::members::Membership;
use crate::command::observe::{names, observed};
use crate::command::shell::{End, Shell};
use crate::command::site::{Wanted, cluster_uid, find_install};
use crate::command::verify::ClaimedRole;
use crate::command::write::{values_file, wish};
use crate::domain::ClusterName;
use crate::error::{Error, Result};
use crate::history::Verb;
use crate::plan::{AgentIntent, Observed, Order, plan_agent};
use crate::prometheus::config::{HubBefore, Login, RemoteWrite, Trust, external_cluster, remote_write_urls};
use crate::report::{Next, Outcome};

/// Makes the context an agent, and prints what came of it.
pub(in crate::command) async fn join(shell: &Shell, args: &AgentJoin) -> Result<End> {
    shell.finish(Box::pin(joined(shell, args)).await?)
}

/// Makes the context an agent. `None` where that was only to be shown.
pub(in crate::command) async fn joined(shell: &Shell, args: &AgentJoin) -> Result<Option<Outcome>> {
    let deadline = Instant::now() + args.write.timeout;
    let joining = Joining::begin(shell, args, deadline).await?;
    let cluster = &joining.cluster;
    let plan = async || joining.plan().await;
    let about = |_: &Planned| joining.about();
    Box::pin(carry_through(shell, cluster, Verb::AgentJoin, &args.write, deadline, plan, about)).await
}

/// What joining would change.
pub(in crate::command) async fn join_plan(shell: &Shell, args: &AgentJoin) -> Result<(Cluster, Planned)> {
    let joining = Joining::begin(shell, args, Instant::now() + args.write.timeout).await?;
    let planned = joining.plan().await?;
    Ok((joining.cluster, planned))
}

/// A cluster that is about to join, and a hub that would take it.
struct Joining<'a> {
    shell: &'a Shell,
    args: &'a AgentJoin,
    name: ClusterName,
    values: Option<String>,
    credentials: Credentials,
    /// Who it is at the hub's door.
    admitting: Option<Rc<Admitting>>,
    cluster: Cluster,
    hub: HubSide,
    /// Of the cluster that joins.
    uid: Option<String>,
    deadline: Instant,
}

impl<'a> Joining<'a> {
    async fn begin(shell: &'a Shell, args: &'a AgentJoin, deadline: Instant) -> Result<Self> {
        let values = values_file(&args.package)?;
        let mut request = Request::read(args, trust_of(shell, args)?)?;
        let cluster = Cluster::connect(&shell.connection.agent_options()).await?;
        let wanted = Wanted { name: args.package.name.as_deref(), ref_name: args.package.package.as_deref() };
        // A hub that is known by its context tells its authority itself.
        if let (None, Trust::System, Some(url)) = (&args.hub.hub_context, &request.trust, &request.url) {
            request.trust = Box::pin(trusted_so_far(&cluster, wanted, url)).await?;
        }
        let (hub, uid) = futures::join!(Box::pin(HubSide::look(shell, &request)), cluster_uid(&cluster));
        let (mut hub, uid) = (hub?, uid?);
        if uid.is_some() && uid == hub.uid {
            return Err(Error::usage(format!("context {:?} is the hub's own cluster", cluster.context()))
                .because("both contexts lead to the same kube-system namespace")
                .hint(format!(
                    "kubectl promfed agent join --context CONTEXT --hub-context {} --cluster-name {}",
                    args.hub.hub_context.as_deref().unwrap_or("HUB"),
                    request.name
                )));
        }
        let Request { name, credentials, .. } = request;
        let (admitting, credentials) = match hub.door.take() {
            Some(door) if credentials.login == Login::Kept => {
                let install = find_install(&cluster, wanted).await?;
                let names = names(&cluster, install.as_ref(), args.package.name.as_deref());
                let guest = Guest::of(&cluster, &names, &door, &name).await?;
                let mut shown = guest.credentials();
                shown.caller.headers = credentials.caller.headers;
                let name = name.clone();
                (Some(Rc::new(Admitting { door, guest, name })), shown)
            }
            _ => (None, credentials),
        };
        Ok(Self { shell, args, name, values, credentials, admitting, cluster, hub, uid, deadline })
    }

    fn about(&self) -> About {
        let Self { args, cluster, hub, .. } = self;
        let contexts: Vec<_> =
            args.hub.hub_context.iter().map(String::as_str).chain([cluster.context()]).collect();
        let read_by = hub.read_by.iter().map(|option| format!(" {option}"));
        let name = self.name.clone();
        let also = hub.awaited.as_ref().and_then(|awaited| awaited.lack(&name));
        let member = hub.list.as_ref().map(|(hub, names, _)| Membership {
            hub: hub.clone(),
            names: names.clone(),
            cluster: name.clone(),
            uid: self.uid.clone(),
        });
        About {
            member,
            next: Some(Next {
                why: format!("Cluster {:?} reports to the {}. See them all:", name.as_str(), hub.title),
                command: format!(
                    "kubectl promfed status --contexts {}{}",
                    contexts.join(","),
                    read_by.collect::<String>()
                ),
            }),
            also,
            role: ClaimedRole::Agent {
                name,
                url: hub.url.clone(),
                hub: hub.is_reachable.then(|| hub.prometheus.clone()),
            },
        }
    }

    /// A name that another cluster joined under stays that cluster's, while it is silent too.
    fn name_is_nobody_elses(&self) -> Result<()> {
        let Some((_, _, members)) = &self.hub.list else { return Ok(()) };
        let name = &self.name;
        let other = members.get(name.as_str()).and_then(|member| member.uid.as_deref());
        match (other, &self.uid) {
            (Some(other), Some(own)) if other != own => Err(Error::usage(format!(
                "another cluster joined the {} as {:?}",
                self.hub.title,
                name.as_str()
            ))
            .because(format!("that was another cluster than the one of context {:?}", self.cluster.context()))
            .hint(
                "choose another --cluster-name, or add --force if this cluster takes the place of that one",
            )),
            _ => Ok(()),
        }
    }

    /// Whether this cluster joined under this name before: what the hub has of it may have come by another URL.
    fn is_listed(&self) -> bool {
        let listed = self.hub.list.as_ref().and_then(|(_, _, members)| members.get(self.name.as_str()));
        self.uid.is_some() && listed.is_some_and(|member| member.uid == self.uid)
    }

    async fn plan(&self) -> Result<Planned> {
        let Self { shell, args, credentials, cluster, hub, .. } = self;
        let package = &args.package;
        let wanted = Wanted { name: package.name.as_deref(), ref_name: package.package.as_deref() };
        let install = find_install(cluster, wanted).await?;
        let namespace = names(cluster, install.as_ref(), None).namespace;
        let observed = observed(shell, cluster, install, package, &args.write, self.deadline).await?;
        let intent = AgentIntent {
            name: self.name.clone(),
            remote_write: RemoteWrite {
                url: hub.url.clone(),
                trust: hub.trust.clone(),
                login: credentials.login.clone(),
                headers: credentials.caller.headers.iter().cloned().collect(),
                exemplars: hub.exemplars,
                protocol: hub.protocol,
                before: if args.beside { HubBefore::Stays } else { HubBefore::Ends },
            },
            mounted: credentials.mounted.clone(),
            served: hub.served,
            hub: hub.version,
            order: if args.write.force { Order::Any } else { Order::HubFirst },
            storage: args.storage.clone(),
            buffer: match args.buffer {
                Some(outage) => Some(Box::pin(buffer(cluster, &observed, outage, hub.lateness)).await),
                None => None,
            },
            package: wish(package, &namespace),
            values: self.values.clone(),
        };
        if !args.write.force {
            self.name_is_nobody_elses()?;
        }
        if !self.is_listed() {
            name_is_free(hub, &intent, &observed, cluster).await?;
        }
        let agent = plan_agent(&intent, &observed)?;
        let title = format!(
            "Making context {:?} the agent {:?} of the {}: {}",
            cluster.context(),
            self.name.as_str(),
            hub.title,
            agent.0.title()
        );
        let mut planned = Planned::new(title, agent, observed);
        planned.hub_answers = hub.is_reachable;
        if let Some(admitting) = &self.admitting {
            // The hub knows the certificate before the agent shows it.
            planned.plan.steps.splice(..0, admitting.step().await?);
            planned.admitting = Some(admitting.clone());
        }
        Ok(planned)
    }
}

/// Two clusters under one name overwrite each other's series. Samples of the name at the hub are only ours when this
/// cluster writes there under that name already.
async fn name_is_free(
    hub: &HubSide,
    intent: &AgentIntent,
    observed: &Observed,
    cluster: &Cluster,
) -> Result<()> {
    if !hub.is_reachable || writes_already(intent, observed) {
        return Ok(());
    }
    let seen = match hub.prometheus.last_sample_of(&intent.name).await {
        Ok(seen) => seen,
        // Behind a guarded or partial ingress the hub may take writes and refuse questions.
        Err(_) if hub.uid.is_none() => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let Some(seen) = seen else { return Ok(()) };
    let ago = crate::domain::seconds(seen.age());
    Err(Error::usage(format!("another cluster writes to the hub as {:?}", intent.name.as_str()))
        .because(format!(
            "the hub has a sample of it from {ago} ago, and context {:?} does not write there yet",
            cluster.context()
        ))
        .hint(match &hub.read_by {
            Some(more) => format!("kubectl promfed clusters {more}   (lists the names that are taken)"),
            None => format!(
                "kubectl promfed clusters --hub-context HUB   (lists the names that are taken; {} is not free)",
                intent.name
            ),
        }))
}

/// Whether the install writes to this hub under this name already.
fn writes_already(intent: &AgentIntent, observed: &Observed) -> bool {
    let texts = observed.installed.iter().flat_map(|installed| &installed.sources).chain(&observed.leftover);
    texts.filter_map(|source| crate::yaml::read(&source.text).ok()).any(|values| {
        let config =
            crate::yaml::Path::of(crate::package::CONFIG).find(&values).and_then(|text| text.as_str());
        let config = config.and_then(|text| crate::yaml::read(text).ok());
        config.is_some_and(|config| {
            external_cluster(&config) == Some(intent.name.as_str())
                && remote_write_urls(&config).any(|url| url == intent.remote_write.url.as_str())
        })
    })
}
