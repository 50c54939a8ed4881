//! `kubectl promfed export`

use super::fleet::Fleet;
use super::shell::{End, Shell};
use super::site::{Site, Wanted, cluster_uid, ingress_url, write_url};
use crate::cli::Export;
use crate::cluster::Cluster;
use crate::command::observe::overlay;
use crate::domain::WriteUrl;
use crate::error::{Error, Kind, Result};
use crate::package::{DEFAULT_INSTALL, DEFAULT_NAMESPACE, Door, Names};
use crate::prometheus::config::{remote_write_urls, tenant, unverified_urls};
use crate::prometheus::{HubType, Role};
use crate::report::{AgentEntry, FleetFileView, HubEntry};

/// Reads what contexts have, and prints the file that declares it.
pub(super) async fn run(shell: &Shell, args: &Export) -> Result<End> {
    let fleet = Fleet::of(shell, &args.contexts).await?;
    let read = async |cluster: &Cluster| Box::pin(Exported::read(cluster)).await;
    let uid = async |cluster: &Cluster| cluster_uid(cluster).await.ok().flatten();
    let mut file = FleetFileView::default();
    let mut end = End::Done;
    let (mut agents, mut writes_to) = (Vec::new(), None);
    for (context, exported) in fleet.ask(shell, read, uid).await {
        match exported {
            Ok(Some(Exported::Hub(entry, _))) if file.hub.is_some() => {
                return Err(Error::usage(format!("context {:?} is a second hub", entry.context))
                    .because("a fleet file declares one")
                    .hint("name the contexts of one hub and its agents with --contexts"));
            }
            Ok(Some(Exported::Hub(entry, url))) => (file.hub, writes_to) = (Some(*entry), url),
            Ok(Some(Exported::Agent(entry, urls))) => agents.push((*entry, urls)),
            Ok(None) => shell
                .ui
                .say(&format!("note: context {context:?} is neither a hub nor an agent, and is left out")),
            Err(error) => {
                end = match (error.kind, end) {
                    (Kind::Unreachable, _) | (_, End::Unreachable) => End::Unreachable,
                    _ => End::Failed,
                };
                shell.ui.warn(&format!("context {context:?} is left out: {}", error.what));
            }
        }
    }
    for (entry, urls) in agents {
        // What the hub tells an agent anyway need not be said.
        let is_told = writes_to.as_ref().is_some_and(|url| urls.contains(url));
        let hub_url = urls.into_iter().next().filter(|_| !is_told);
        let told = hub_url.as_deref().and_then(|url| HubType::of_write_url(&url.parse().ok()?));
        let hub_type = entry.hub_type.or(told.map(HubType::name));
        file.agents.push(AgentEntry { hub_url, hub_type, ..entry });
    }
    shell.print(&file)?;
    Ok(end)
}

/// What one context is.
enum Exported {
    /// With the URL that it tells agents to write to.
    Hub(Box<HubEntry>, Option<String>),
    /// With the URLs that it writes to.
    Agent(Box<AgentEntry>, Vec<String>),
}

impl Exported {
    /// `None` where it is neither a hub nor an agent with a name.
    async fn read(cluster: &Cluster) -> Result<Option<Self>> {
        let Some(site) = Site::read(cluster, Wanted::default()).await? else { return Ok(None) };
        match (site.desired_role(), site.cluster_name()) {
            (Some(Role::Hub), Some(name)) => Self::hub(cluster, &site, name).await.map(Some),
            (Some(Role::Agent), Some(name)) => Ok(Some(Self::agent(cluster, &site, name))),
            _ => Ok(None),
        }
    }

    async fn hub(cluster: &Cluster, site: &Site, cluster_name: String) -> Result<Self> {
        let install = &site.installed.install;
        let own = &install.metadata;
        let door = overlay(cluster, &Names::new(&own.name, &own.namespace)).await?;
        let door = door.and_then(|overlay| Door::read(&overlay.text));
        let text = |path: &[&str]| site.values.get(path)?.as_str().map(str::to_owned);
        let ingress = ingress_url(&site.values);
        let url = write_url(install, &site.values);
        let entry = HubEntry {
            context: cluster.context().to_owned(),
            namespace: namespace(site),
            cluster_name,
            fqdn: ingress.as_ref().and_then(|_| text(&["ingress", "virtual_host_fqdn"])),
            write_url: url
                .clone()
                .filter(|_| door.is_none())
                .filter(|url| Some(url) != ingress.as_ref())
                .map(|url| url.to_string()),
            auth: door.as_ref().map(|_| "mtls"),
            write_fqdn: door.map(|door| door.host.to_string()),
            retention: site.values.args()?.value("storage.tsdb.retention.time").map(str::to_owned),
            storage: text(&["prometheus", "pvc", "storage"]),
            name: name(site),
        };
        Ok(Self::Hub(Box::new(entry), url.map(|url| url.to_string())))
    }

    fn agent(cluster: &Cluster, site: &Site, cluster_name: String) -> Self {
        let config = site.values.config().map(|config| config.value().clone()).unwrap_or_default();
        let storage = site.values.get(&["prometheus", "pvc", "storage"]);
        let tenant = tenant(&config);
        let entry = AgentEntry {
            context: cluster.context().to_owned(),
            namespace: namespace(site),
            cluster_name,
            hub_url: None,
            hub_type: tenant.as_ref().map(|(hub_type, _)| hub_type.name()),
            tenant: tenant.map(|(_, tenant)| tenant.to_owned()),
            insecure_skip_tls_verify: unverified_urls(&config).next().map(|_| true),
            storage: storage.and_then(|storage| storage.as_str().map(str::to_owned)),
            name: name(site),
        };
        // What a hub's URL cannot be, as it holds a password, cannot be declared.
        let urls = remote_write_urls(&config).filter(|url| url.parse::<WriteUrl>().is_ok());
        Self::Agent(Box::new(entry), urls.map(str::to_owned).collect())
    }
}

/// Where that is not where packages usually are.
fn namespace(site: &Site) -> Option<String> {
    Some(site.installed.install.metadata.namespace.clone()).filter(|namespace| namespace != DEFAULT_NAMESPACE)
}

fn name(site: &Site) -> Option<String> {
    Some(site.installed.install.metadata.name.clone()).filter(|name| name != DEFAULT_INSTALL)
}
