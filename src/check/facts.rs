//! What was read of one context. Each reading keeps its own result, so that one thing that cannot be had costs only
//! the checks that need it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use serde_json::Value;

use crate::domain::Certificate;
use crate::package::{
    Available, Door, Mounted, Owner, PackageInstall, PackageRepository, Values, ValuesSchema,
};
use crate::prometheus::api::{RuleGroup, RuntimeInfo, Series, Target};
use crate::prometheus::config::JobLabel;
use crate::prometheus::metrics::Page;
use crate::prometheus::promql::Question;
use crate::prometheus::write_probe::Outcome;
use crate::prometheus::{AtUrl, Role, Version};

/// A fact, or why it could not be had.
pub type Reading<T> = Result<T, Unread>;

/// Why a fact could not be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Nobody asked: it has no meaning here, or what leads to it is missing. A check that needs it is not shown.
    NotAsked,
    /// The user may not read it: what was asked, in words.
    Forbidden(String),
    /// It was asked, and there is no usable answer: why.
    Failed(String),
}

/// Everything that was read of one context.
#[derive(Clone, Debug)]
pub struct Facts {
    pub context: String,
    /// This machine's clock when the reading began: seconds since 1970.
    pub now: f64,
    /// The role that the user says it has, where it was named in that role.
    pub expected: Option<Role>,
    /// Where it is read where it is a hub at a URL, and no context: then the URL stands for the context.
    pub receiver: Option<AtUrl>,
    pub api: Api,
    pub package: Package,
    pub workload: Workload,
    pub process: Process,
    pub ways_in: WaysIn,
    pub stored: Stored,
    pub known: Known,
}

/// What every check asks of every context, found out once when all are read.
#[derive(Debug, Default)]
pub struct Known {
    pub(super) identity: OnceLock<Identity>,
    /// Where among all that were read the hub of an agent is.
    pub(super) hub: OnceLock<Option<usize>>,
    /// The jobs of the configuration by name, with what `cluster` their targets get.
    pub(super) job_labels: OnceLock<Vec<(String, JobLabel)>>,
}

/// What a context is, and as whom it writes.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) role: Option<Role>,
    pub(super) name: Option<String>,
}

/// A copy may be changed, and is found out anew.
impl Clone for Known {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// What the API server says of itself and of the user.
#[derive(Clone, Debug)]
pub struct Api {
    /// The UID of the namespace `kube-system`: which cluster it is, whatever the context is called.
    pub uid: Reading<String>,
    /// `packaging.carvel.dev/v1alpha1`: the custom resources of kapp-controller.
    pub packaging: Reading<Served>,
    /// `data.packaging.carvel.dev/v1alpha1`: served by kapp-controller itself.
    pub packages: Reading<Served>,
    /// `projectcontour.io/v1`, which the package's ingress needs.
    pub contour: Reading<Served>,
    /// `cert-manager.io/v1`, which the package's ingress needs.
    pub cert_manager: Reading<Served>,
    /// What installing needs and whether the user may do it, as `create packageinstalls.packaging.carvel.dev in
    /// tkg-system`. Asked before an install only.
    pub rights: Reading<Vec<(String, bool)>>,
}

/// Whether a version of an API group can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Served {
    Yes,
    /// The server does not know it.
    No,
    /// It is known, and who should serve it does not: the server's words.
    Broken(String),
}

/// What Carvel knows of the Prometheus package.
#[derive(Clone, Debug)]
pub struct Package {
    /// The Prometheus installs of the context; more than one is possible.
    pub installs: Reading<Vec<PackageInstall>>,
    /// The Secrets that the install references, in its order, each with its keys; `None` for one that is not there.
    pub secrets: Vec<(String, Reading<Option<Vec<String>>>)>,
    /// The values over the package's defaults.
    pub values: Reading<Values>,
    /// The schema of the values, by the Package that is installed.
    pub schema: Reading<ValuesSchema>,
    /// The tools that keep the install or its values as they want them.
    pub owners: Reading<Vec<Owner>>,
    /// The Prometheus packages that can be seen from the install's namespace.
    pub available: Reading<Vec<Available>>,
    /// The repositories of the install's namespace.
    pub repositories: Reading<Vec<PackageRepository>>,
    /// What promfed's overlay gives an agent.
    pub mounted: Reading<Mounted>,
    /// What promfed's overlay gives a hub; `None` where it lets in whoever comes.
    pub door: Reading<Option<Door>>,
}

/// What runs in the cluster.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Where the package deploys to.
    pub namespace: String,
    /// `prometheus-server`.
    pub deployment: Reading<Option<Deployment>>,
    /// The pods of Prometheus.
    pub pods: Reading<Vec<Pod>>,
    /// The data of the ConfigMap `prometheus-server`: `prometheus.yml` and the rule files.
    pub config_map: Reading<BTreeMap<String, String>>,
    /// The claims of the namespace.
    pub claims: Reading<Vec<PersistentVolumeClaim>>,
    /// Contour's objects (`HTTPProxy`) in the namespace, as they are.
    pub ingress: Reading<Vec<Value>>,
    /// What the crashed container left, where one crashed.
    pub crash: Reading<Option<Crash>>,
    /// The last lines of Prometheus's log, oldest first.
    pub log: Reading<String>,
    /// The last lines of the reloader's log, oldest first.
    pub reloader_log: Reading<String>,
    /// The pods of the cluster with a label `cluster`: namespace, name, and the label's value.
    pub pods_with_cluster_label: Reading<Vec<(String, String, String)>>,
    /// The certificates of the package's ingress, from the Secret that its HTTPProxy names: the served one first,
    /// then those that signed it.
    pub certificates: Reading<Vec<Certificate>>,
}

/// A container of Prometheus that ended by itself and is not running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crash {
    pub pod: String,
    pub exit_code: i32,
    /// The line of its log that tells why.
    pub last_line: Option<String>,
}

/// What the running Prometheus says, asked through its API server.
#[derive(Clone, Debug)]
pub struct Process {
    pub version: Reading<Version>,
    pub flags: Reading<BTreeMap<String, String>>,
    /// The configuration that is loaded.
    pub config: Reading<Value>,
    pub runtime: Reading<RuntimeInfo>,
    pub metrics: Reading<Page>,
    /// The targets that it scrapes. Asked of agents, which cannot be queried.
    pub targets: Reading<Vec<Target>>,
    /// The rules that it evaluates. Asked of hubs.
    pub rules: Reading<Vec<RuleGroup>>,
    /// What the write path answered. Asked of hubs.
    pub probe: Reading<Outcome>,
    /// How far its clock is ahead of this machine's, in seconds, by the `Date` of an answer: to a second, less the
    /// time that the answer took.
    pub clock_ahead: Reading<f64>,
}

impl Package {
    /// The authorities that a `tls_config` trusts, in PEM: as it has them, or as promfed's overlay mounts them.
    pub fn authorities<'a>(&'a self, tls: &'a Value) -> Option<&'a str> {
        self.mounted.as_ref().map_or_else(|_| tls["ca"].as_str(), |mounted| mounted.authorities(tls))
    }
}

/// The URLs at which the hub is reached from outside, asked from this machine. For an agent: where it writes to. For
/// a hub: its ingress.
#[derive(Clone, Debug)]
pub struct WaysIn {
    pub urls: Vec<WayIn>,
}

/// One such URL.
#[derive(Clone, Debug)]
pub struct WayIn {
    /// The write URL, without credentials.
    pub url: String,
    /// What an unauthenticated probe was answered, with the trust that the agent's own configuration has.
    pub probe: Reading<Outcome>,
    /// As [`Process::clock_ahead`].
    pub clock_ahead: Reading<f64>,
}

/// What a hub stores, by the questions that it was asked.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    pub answers: BTreeMap<Question, Reading<Vec<Series>>>,
    /// The clusters that joined by promfed: their names, and the UIDs that they had.
    pub registry: Option<Reading<BTreeMap<String, Option<String>>>>,
}

impl Stored {
    /// The answer to a question.
    pub fn answer(&self, question: Question) -> Reading<&[Series]> {
        match self.answers.get(&question) {
            Some(Ok(series)) => Ok(series),
            Some(Err(unread)) => Err(unread.clone()),
            None => Err(Unread::NotAsked),
        }
    }

    /// The clusters that joined by promfed.
    pub fn registry(&self) -> Reading<&BTreeMap<String, Option<String>>> {
        match &self.registry {
            Some(registry) => registry.as_ref().map_err(Clone::clone),
            None => Err(Unread::NotAsked),
        }
    }
}
