//! The plan that makes a cluster an agent.

use std::sync::Arc;

use serde_json::json;

use super::buffer::{Buffer, outlive, patient};
use super::draft::Draft;
use super::hub::{doubtful_samples, plural};
use super::misfits::fit;
use super::mount::{Served, mount};
use super::step::{Line, Plan, Sign};
use super::target::{Observed, PackageWish, Target};
use crate::domain::{ClusterName, Quantity};
use crate::error::{Error, Result};
use crate::package::Mounted;
use crate::prometheus::config::{
    FORBIDDEN_IN_AGENT, HubBefore, JobLabel, Protocol, RemoteWrite, RemoteWriteVersion, Trust, agent_edits,
    cluster_labels, external_cluster, other_hubs, remote_write_edits, remote_write_urls, speak_two,
};
use crate::prometheus::flags::agent_args;
use crate::prometheus::{AgentMode, Capabilities, Harm, Role, Version};
use crate::yaml::{Edit, Segment};

/// The smallest volume that an agent asks for: it holds a WAL of hours, not blocks.
const SMALL_VOLUME: &str = "1Gi";

/// What the user asked for.
#[derive(Clone, Debug)]
pub struct AgentIntent {
    pub name: ClusterName,
    pub remote_write: RemoteWrite,
    /// The files that its login names.
    pub mounted: Mounted,
    pub served: Served,
    /// The version of the hub's Prometheus, where it can be asked.
    pub hub: Option<Version>,
    pub order: Order,
    pub storage: Option<Quantity>,
    /// The absence of the hub that is to be outlived.
    pub buffer: Option<Buffer>,
    pub package: PackageWish,
    /// The text of `--values`.
    pub values: Option<String>,
}

/// In which order hub and agents move to another version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// A hub takes everything that older agents send.
    #[default]
    HubFirst,
    Any,
}

/// Plans the agent. The target tells what the plan is about, with the values as they will be.
pub fn plan_agent(intent: &AgentIntent, observed: &Observed) -> Result<(Target, Plan)> {
    let over = intent.values.as_deref().unwrap_or_default();
    let target = Target::find(&intent.package, observed, over)?;
    let capabilities = Capabilities::of(target.version);
    able(&target, capabilities)?;
    speaks(intent, capabilities)?;
    let mut draft = Draft::new(target);
    hub_first(&mut draft, intent, capabilities)?;
    if draft.target.has_secret {
        let over = crate::yaml::read(over)
            .map_err(|error| Error::usage("--values is not YAML").because(error.to_string()))?;
        draft.target.values.overlay(&over)?;
    }
    flags(&mut draft, capabilities)?;
    volume(&mut draft, intent.storage.as_ref())?;
    if let Some(buffer) = &intent.buffer {
        outlive(&mut draft, buffer, intent.storage.as_ref())?;
    }
    let remote_write = mount(&mut draft, intent, capabilities)?;
    config(&mut draft, intent, &remote_write, capabilities)?;
    if let Some(buffer) = &intent.buffer {
        patient(&mut draft, buffer)?;
    }
    fit(&mut draft, capabilities)?;
    for unused in ["alertmanager", "pushgateway"] {
        let line = Line::new(Sign::Changed, "replicas", format!("0 of {unused}"));
        draft.set(&[unused, "deployment", "replicas"], json!(0), line)?;
    }
    for bad in capabilities.known_bad(Role::Agent).filter(|bad| bad.harm == Harm::Samples) {
        draft.warn(format!("Prometheus {}: {} (fixed in {})", draft.target.version, bad.what, bad.fixed));
    }
    let target = draft.target.clone();
    Ok((target, draft.finish(&intent.package.account)?))
}

/// What the version cannot do is refused before anything is planned.
fn able(target: &Target, capabilities: Capabilities) -> Result<()> {
    if capabilities.agent_mode() == AgentMode::None {
        return Err(Error::usage(format!("Prometheus {} cannot be an agent", target.version))
            .because("agent mode came with 2.32"));
    }
    let args = target.values.args()?;
    if args.value("web.enable-remote-write-receiver") == Some("true") && !target.is_new() {
        return Err(Error::failed("this cluster is a hub itself")
            .because("its Prometheus accepts remote write, and would lose its series as an agent")
            .hint("kubectl promfed hub status"));
    }
    Ok(())
}

/// What the agent does not have is not written into its configuration, where it would end it.
fn speaks(intent: &AgentIntent, capabilities: Capabilities) -> Result<()> {
    let is_two = intent.remote_write.protocol == Protocol::Said(RemoteWriteVersion::Two);
    if is_two && !capabilities.remote_write_2() {
        let version = capabilities.version();
        return Err(Error::usage(format!("Prometheus {version} does not write remote write 2.0"))
            .because("it came with 2.54")
            .hint("leave --remote-write-version out: an agent then speaks what it can"));
    }
    Ok(())
}

/// Since 3.0 metrics and labels may have any name, and a hub of 2.x refuses the batch that holds such a one. So an
/// agent does not move there before its hub; one that is installed anew is told.
fn hub_first(draft: &mut Draft, intent: &AgentIntent, capabilities: Capabilities) -> Result<()> {
    let Some(hub) =
        intent.hub.filter(|hub| !Capabilities::of(*hub).utf8_names() && capabilities.utf8_names())
    else {
        return Ok(());
    };
    let version = draft.target.version;
    let why =
        format!("{hub} refuses a batch with a name that only {version} allows, and its samples are lost");
    if draft.target.moves.is_some() && intent.order == Order::HubFirst {
        return Err(Error::usage(format!("the hub runs Prometheus {hub}, and would be older than its agent"))
            .because(why)
            .hint(format!(
                "kubectl promfed hub init --context HUB --package-version {version} --cluster-name NAME   (first; --force to do without)"
            )));
    }
    draft.warn(format!("the hub runs Prometheus {hub}, older than its agent: {why}"));
    Ok(())
}

fn flags(draft: &mut Draft, capabilities: Capabilities) -> Result<()> {
    let args = draft.target.values.args()?;
    draft.edit_args(&args, &agent_args(&args, capabilities))
}

/// A volume cannot shrink, so only a new install gets a small one by itself.
fn volume(draft: &mut Draft, wanted: Option<&Quantity>) -> Result<()> {
    let path = ["prometheus", "pvc", "storage"];
    let is_open = draft.target.is_new() && draft.target.values.written(&path).is_none();
    let size = wanted.map(Quantity::as_str).or(is_open.then_some(SMALL_VOLUME));
    size.map_or(Ok(()), |size| draft.set(&path, json!(size), Line::new(Sign::Changed, "volume", size)))
}

fn config(
    draft: &mut Draft,
    intent: &AgentIntent,
    remote_write: &RemoteWrite,
    capabilities: Capabilities,
) -> Result<()> {
    let config = Arc::clone(draft.target.values.config()?);
    let config = config.value();
    let name = &intent.name;
    let edits = agent_edits(config, name, remote_write, capabilities);
    for field in FORBIDDEN_IN_AGENT {
        if config.get(field).is_some() {
            draft.say(Sign::Removed, "config", format!("{field} (not allowed in agent mode)"));
        }
    }
    match external_cluster(config) {
        Some(same) if same == name.as_str() => {}
        Some(other) => draft.say(Sign::Changed, "label", format!("cluster={other} becomes cluster={name}")),
        None => draft.say(Sign::Added, "label", format!("cluster={name} on every series that leaves")),
    }
    let has_name = JobLabel::Always(name.to_string());
    let labels = cluster_labels(config);
    let own = labels.iter().filter(|(_, label)| *label != JobLabel::Never && *label != has_name);
    let own: Vec<_> = own.map(|(job, _)| job.as_str()).collect();
    if !own.is_empty() {
        let jobs = plural(own.len(), "job");
        draft.say(
            Sign::Added,
            "label",
            format!("cluster={name} on {jobs} that may bring another: {}", own.join(", ")),
        );
    }
    doubtful_samples(draft, config, name);
    if config.get("scrape_config_files").is_some() {
        draft.warn(
            "jobs in scrape_config_files are not part of the values: a cluster that they set leaves as it is",
        );
    }
    let url = &remote_write.url;
    let remote = remote_write_edits(config, remote_write, capabilities);
    if remote.iter().any(|edit| !ends_an_entry(edit)) {
        let is_there = remote_write_urls(config).any(|there| there == url.as_str());
        let sign = if is_there { Sign::Changed } else { Sign::Added };
        let by = if speak_two(&remote) { " by remote write 2.0" } else { "" };
        draft.say(sign, "write", format!("to {url}{by}"));
    }
    if remote_write.trust == Trust::Anything {
        draft.warn(
            "the hub's certificate is not verified: anyone in between can read and change what is sent",
        );
    }
    let hubs: Vec<_> = other_hubs(config, url).filter_map(|entry| entry["url"].as_str()).collect();
    for hub in &hubs {
        match remote_write.before {
            HubBefore::Ends => draft.say(Sign::Removed, "write", format!("to {hub}")),
            HubBefore::Stays => draft.say(Sign::Kept, "write", format!("to {hub} too")),
        }
    }
    let is_other = |there: &&str| *there != url.as_str() && !hubs.contains(there);
    let others = remote_write_urls(config).filter(is_other).count();
    if others > 0 {
        draft.warn(format!("it goes on writing to {} too", plural(others, "other place")));
    }
    draft.target.values.edit_config(&edits)
}

/// Whether an edit takes a whole entry of `remote_write` away.
fn ends_an_entry(edit: &Edit) -> bool {
    let Edit::Remove { path } = edit else { return false };
    matches!(path.segments(), [Segment::Key(list), Segment::Index(_)] if list == "remote_write")
}
