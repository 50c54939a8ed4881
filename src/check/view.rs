//! What a check may look at: one context, its hub where that was read too, and all the others.

use serde_json::Value;

use super::facts::{Facts, Identity, Reading, Unread};
use super::judgement::Fix;
use crate::domain::ClusterName;
use crate::package::{PackageInstall, Values};
use crate::prometheus::config::{JobLabel, cluster_labels, external_cluster};
use crate::prometheus::flags::{Args, mode};
use crate::prometheus::{Capabilities, Role};

/// One context among those that were read.
#[derive(Clone, Copy, Debug)]
pub struct View<'f> {
    pub facts: &'f Facts,
    /// The hub that an agent writes to, where it was read too. A hub is not its own.
    pub hub: Option<&'f Facts>,
    /// Everything that was read, this context included.
    pub all: &'f [Facts],
}

impl<'f> View<'f> {
    /// One of the contexts that were read.
    pub(super) fn of(facts: &'f Facts, all: &'f [Facts]) -> Self {
        let hub = facts
            .known
            .hub
            .get()
            .map_or_else(|| find_hub(facts, &hubs(all)), |hub| hub.and_then(|at| all.get(at)));
        Self { facts, hub, all }
    }

    /// The role that the values give the package: what it is to be.
    pub fn role(&self) -> Option<Role> {
        self.facts.role()
    }

    pub fn is_hub(&self) -> bool {
        self.role() == Some(Role::Hub)
    }

    pub fn is_agent(&self) -> bool {
        self.role() == Some(Role::Agent)
    }

    /// The one install of the context.
    pub fn install(&self) -> Reading<&'f PackageInstall> {
        self.facts.install()
    }

    /// What the version that runs can do; where none answers, the version that the package brings.
    pub fn capabilities(&self) -> Reading<Capabilities> {
        self.facts.capabilities()
    }

    /// The other contexts that were read.
    pub fn others(&self) -> impl Iterator<Item = &'f Facts> {
        let own = &self.facts.context;
        self.all.iter().filter(move |facts| facts.context != *own)
    }

    /// Runs `hub init` or `agent join` again on this context, with some more flags: the fix of what those set.
    pub fn again(&self, more: &str) -> Fix {
        let context = &self.facts.context;
        // A name that `--cluster-name` refuses, like a variable that nothing replaced, is none to run it with.
        let name = self.facts.cluster_name().filter(|name| name.parse::<ClusterName>().is_ok());
        let named = name.clone().unwrap_or_else(|| "NAME".to_owned());
        let more = if more.is_empty() { String::new() } else { format!(" {more}") };
        let is_complete = name.is_some() && !more.contains(|c: char| c.is_ascii_uppercase());
        let make = |command| if is_complete { Fix::promfed(command) } else { Fix::hand(command) };
        if let Some(receiver) = &self.facts.receiver {
            return Fix::hand(format!("ask whoever runs {} at {context}", receiver.hub_type.title()));
        }
        if self.is_agent() {
            let Some(hub) = self.hub else {
                return Fix::hand(format!(
                    "kubectl promfed agent join --context {context} --hub-context HUB --cluster-name {named}{more}"
                ));
            };
            let more = format!("{} --cluster-name {named}{more}", hub.to_join(Some(self.facts)));
            let command = format!("kubectl promfed agent join --context {context} {more}");
            // It writes nowhere yet, and only a person knows where it should.
            if more.contains("--hub-url URL") { Fix::hand(command) } else { make(command) }
        } else {
            make(format!("kubectl promfed hub init --context {context} --cluster-name {named}{more}"))
        }
    }

    /// A kubectl command on this context.
    pub fn kubectl(&self, rest: &str) -> Fix {
        Fix::hand(format!("kubectl --context {} {rest}", self.facts.context))
    }
}

/// Finds out what all checks ask of every context, now that all are read.
pub(super) fn identify(all: &[Facts]) {
    for facts in all {
        let find = || Identity { role: facts.find_role(), name: facts.find_name() };
        facts.known.identity.get_or_init(find);
    }
    let hubs = hubs(all);
    for facts in all {
        let at = |hub: &Facts| all.iter().position(|one| std::ptr::eq(one, hub));
        facts.known.hub.get_or_init(|| find_hub(facts, &hubs).and_then(at));
    }
}

fn hubs(all: &[Facts]) -> Vec<&Facts> {
    all.iter().filter(|facts| facts.role() == Some(Role::Hub)).collect()
}

/// The hub whose way in an agent writes to; else the one that the user named, or the only one.
fn find_hub<'f>(agent: &Facts, hubs: &[&'f Facts]) -> Option<&'f Facts> {
    if agent.role() != Some(Role::Agent) {
        return None;
    }
    let writes_to = |hub: &Facts| {
        hub.ways_in.urls.iter().any(|way| agent.ways_in.urls.iter().any(|written| written.url == way.url))
    };
    let by_url = hubs.iter().find(|hub| writes_to(hub)).copied();
    let named = || hubs.iter().find(|hub| hub.expected.is_some()).copied();
    let only = if let [one] = hubs { Some(*one) } else { None };
    by_url.or_else(named).or(only)
}

impl Facts {
    pub fn install(&self) -> Reading<&PackageInstall> {
        match &self.package.installs {
            Ok(installs) => installs.first().ok_or(Unread::NotAsked),
            Err(unread) => Err(unread.clone()),
        }
    }

    pub fn values(&self) -> Reading<&Values> {
        self.package.values.as_ref().map_err(Clone::clone)
    }

    /// The arguments that the values give.
    pub fn desired_args(&self) -> Reading<Args> {
        self.values()?.args().map_err(|error| Unread::Failed(error.what))
    }

    /// The configuration that the values give.
    pub fn desired_config(&self) -> Reading<&Value> {
        let config = self.values()?.config().map_err(|error| Unread::Failed(error.what))?;
        Ok(config.value())
    }

    /// The configuration that is loaded; where that cannot be had, the one that the values give.
    pub fn config(&self) -> Reading<&Value> {
        match &self.process.config {
            Ok(config) => Ok(config),
            Err(unread) => self.desired_config().map_err(|_| unread.clone()),
        }
    }

    /// What `cluster` each job of that configuration gives its targets, by the name of the job.
    pub fn job_labels(&self) -> Reading<&[(String, JobLabel)]> {
        let config = self.config()?;
        Ok(self.known.job_labels.get_or_init(|| cluster_labels(config)))
    }

    /// What it is to be: as the user named it, by its values, by who joined it; and else what it is.
    pub fn role(&self) -> Option<Role> {
        self.known.identity.get().map_or_else(|| self.find_role(), |known| known.role)
    }

    fn find_role(&self) -> Option<Role> {
        if self.expected.is_some() {
            return self.expected;
        }
        if let Ok(args) = self.desired_args() {
            let on = |flag: &str, feature: &str| {
                args.value(flag) == Some("true") || args.features().any(|name| name == feature)
            };
            if on("agent", "agent") {
                return Some(Role::Agent);
            }
            if on("web.enable-remote-write-receiver", "remote-write-receiver") {
                return Some(Role::Hub);
            }
        }
        let has_members = self.stored.registry().is_ok_and(|registry| !registry.is_empty());
        if has_members { Some(Role::Hub) } else { self.runs_as() }
    }

    /// What it is, by its runtime flags.
    pub fn runs_as(&self) -> Option<Role> {
        let (Ok(flags), Ok(version)) = (&self.process.flags, &self.process.version) else { return None };
        mode(Capabilities::of(*version), flags)
    }

    pub fn capabilities(&self) -> Reading<Capabilities> {
        match (&self.process.version, self.install()) {
            (Ok(version), _) => Ok(Capabilities::of(*version)),
            (Err(unread), Ok(install)) => crate::prometheus::Version::parse(install.version())
                .map(Capabilities::of)
                .ok_or_else(|| unread.clone()),
            (Err(unread), Err(_)) => Err(unread.clone()),
        }
    }

    /// The cluster name of its series: an external label, or the one that all of a hub's jobs give.
    pub fn cluster_name(&self) -> Option<String> {
        self.known.identity.get().map_or_else(|| self.find_name(), |known| known.name.clone())
    }

    fn find_name(&self) -> Option<String> {
        let config = self.config().ok()?;
        // An empty one is none.
        if let Some(name) = external_cluster(config).filter(|name| !name.is_empty()) {
            return Some(name.to_owned());
        }
        let mut names: Vec<_> = self
            .job_labels()
            .ok()?
            .iter()
            .filter_map(|(_, label)| match label {
                JobLabel::Always(name) => Some(name),
                _ => None,
            })
            .collect();
        names.dedup();
        if let [name] = names[..] { Some(name.clone()) } else { None }
    }

    /// A runtime flag.
    pub fn flag(&self, name: &str) -> Reading<Option<&str>> {
        let flags = self.process.flags.as_ref().map_err(Clone::clone)?;
        Ok(flags.get(name).map(String::as_str))
    }
}
