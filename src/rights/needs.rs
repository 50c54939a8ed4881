//! The rules of each role.
//!
//! A rule names its objects wherever Kubernetes can hold it to names: it cannot for `list` of all and for `create` by
//! POST. A list or watch of one object by its name, and server-side apply, are held to names.

use super::{Extra, Scope, Task};
use crate::cluster::{
    APP, CLUSTER_ROLE, CLUSTER_ROLE_BINDING, CONFIG_MAP, DEPLOYMENT, HTTP_PROXY, LOG, NAMESPACE, PACKAGE,
    PACKAGE_INSTALL, PACKAGE_REPOSITORY, PERSISTENT_VOLUME_CLAIM, POD, PORT_FORWARD, PROXY, Resource, SECRET,
    SERVICE, SERVICE_ACCOUNT, Scheme, ServicePort, Verb,
};
use crate::package::{CLIENTS, Door, REPOSITORY, SERVED, SERVER, SYSTEM, ServiceAccountChoice, members_name};

/// Verbs on objects of one kind in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `None` is the whole cluster.
    pub namespace: Option<String>,
    pub verbs: Vec<Verb>,
    pub resource: &'static Resource,
    pub subresource: Option<&'static str>,
    /// Only these objects; all of them, when empty.
    pub names: Vec<String>,
    /// What it is for.
    pub why: &'static str,
}

/// What a role needs.
pub fn rules(task: Task, scope: &Scope) -> Vec<Rule> {
    let mut all = match task {
        Task::Viewer => viewer(scope),
        Task::Hub => [install(scope), hub(scope)].concat(),
        Task::Agent => [install(scope), process(scope, &[Verb::Get])].concat(),
    };
    all.extend(account(task, scope));
    all.extend(extras(task, scope));
    all
}

/// A way to write rules that is short enough to read them as a list.
struct In<'a>(Option<&'a str>);

impl In<'_> {
    fn any(&self, resource: &'static Resource, verbs: &[Verb], why: &'static str) -> Rule {
        self.named(resource, &[], verbs, why)
    }

    fn named(&self, resource: &'static Resource, names: &[&str], verbs: &[Verb], why: &'static str) -> Rule {
        Rule {
            namespace: self.0.map(str::to_owned),
            verbs: verbs.to_vec(),
            resource,
            subresource: None,
            names: names.iter().map(ToString::to_string).collect(),
            why,
        }
    }
}

impl Rule {
    fn of_part(self, subresource: &'static str) -> Self {
        Self { subresource: Some(subresource), ..self }
    }
}

const CLUSTER: In<'_> = In(None);

use Verb::{Bind, Create, Delete, Escalate, Get, List, Patch, Watch};

fn viewer(scope: &Scope) -> Vec<Rule> {
    let (names, here, there) = (&scope.names, In(Some(&scope.names.namespace)), In(Some(&scope.workloads)));
    let secrets = own_secrets(scope);
    let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
    vec![
        identity(),
        CLUSTER.any(
            &POD,
            &[List],
            "finds the pods of Prometheus, and pods whose label cluster hides the cluster's name",
        ),
        here.any(&PACKAGE_INSTALL, &[List], "finds the package"),
        here.named(&APP, &[&names.install], &[Get], "tells where the package deploys to"),
        here.any(&PACKAGE, &[Get, List], "the defaults of the installed version, and what else is offered"),
        here.any(&PACKAGE_REPOSITORY, &[List], "tells why a package is not offered"),
        here.named(
            &SECRET,
            &secrets,
            &[Get],
            "the values of the package, and what promfed mounts; they may hold credentials",
        ),
        here.named(&CONFIG_MAP, &[&members_name(&names.install)], &[Get], "the clusters that joined the hub"),
        there.named(&DEPLOYMENT, &[SERVER], &[Get], "how Prometheus is deployed"),
        there.named(&CONFIG_MAP, &[SERVER], &[Get], "the configuration as it was deployed"),
        there.any(&PERSISTENT_VOLUME_CLAIM, &[List], "the volume of Prometheus"),
        there.any(&HTTP_PROXY, &[List], "the hub's ingress"),
        there.named(
            &SECRET,
            &[SERVED],
            &[Get],
            "the authority of the hub's certificate; the key is in the same Secret",
        ),
        there.any(&POD, &[Get], "why Prometheus does not run, or cannot deliver").of_part(LOG),
        asks(scope, &[Get], "asks Prometheus for its flags, its configuration, its metrics and its samples"),
        asks(
            scope,
            &[Create],
            "asks with an empty request whether the hub takes writes; whoever may that, may write, too",
        ),
    ]
}

/// What everybody who writes does around an install.
fn install(scope: &Scope) -> Vec<Rule> {
    let (names, here) = (&scope.names, In(Some(&scope.names.namespace)));
    let own = own_secrets(scope);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    let install = [names.install.as_str()];
    vec![
        identity(),
        here.any(&PACKAGE_INSTALL, &[List, Create], "finds the package, or installs it"),
        here.named(&PACKAGE_INSTALL, &install, &[Get, Watch, Patch, Delete], "changes it, and waits until it is gone"),
        here.named(&APP, &install, &[List, Watch], "waits until kapp-controller pauses"),
        here.any(&PACKAGE, &[List], "the versions that are offered, with their defaults"),
        here.any(
            &SECRET,
            &[List, Create, Delete],
            "keeps the values from before a write in a Secret for each, numbered; a rule cannot name what is still to come",
        ),
        here.named(&SECRET, &own, &[Get, Patch], "the values of the package, and what promfed mounts"),
    ]
}

fn hub(scope: &Scope) -> Vec<Rule> {
    let (names, here, there) = (&scope.names, In(Some(&scope.names.namespace)), In(Some(&scope.workloads)));
    let members = members_name(&names.install);
    let mut all = vec![
        here.named(&APP, &[&names.install], &[Get], "tells where the package deploys to"),
        here.any(&PACKAGE, &[Get], "the defaults of the installed version"),
        here.any(&CONFIG_MAP, &[Create], "begins the list of the clusters that joined"),
        here.named(
            &CONFIG_MAP,
            &[&members],
            &[Get, Patch, Delete],
            "keeps the list of the clusters that joined",
        ),
        there.named(&HTTP_PROXY, &Door::PROXIES, &[Get], "proves the hub's ingress"),
        there.named(
            &SECRET,
            &[SERVED],
            &[Get],
            "the authority of the hub's certificate; the key is in the same Secret",
        ),
        there.named(&SECRET, &[CLIENTS], &[Get], "tells when the hub lets a cluster in"),
    ];
    all.extend(process(scope, &[Get, Create]));
    all
}

/// What everybody needs to prove that it worked.
fn process(scope: &Scope, verbs: &[Verb]) -> Vec<Rule> {
    let there = In(Some(&scope.workloads));
    vec![
        there.any(&POD, &[List], "sees whether Prometheus crashes"),
        there.any(&POD, &[Get], "why Prometheus does not run, or cannot deliver").of_part(LOG),
        asks(scope, verbs, "proves that Prometheus runs as it should, and that samples arrive"),
    ]
}

/// The account of the package. Nobody gives away rights that he does not have, unless he may do just that.
fn account(task: Task, scope: &Scope) -> Vec<Rule> {
    if task == Task::Viewer || scope.account != ServiceAccountChoice::ClusterAdmin {
        return Vec::new();
    }
    let names = &scope.names;
    let (account, role, binding) =
        (names.service_account(), names.cluster_role(), names.cluster_role_binding());
    let verbs = [Get, Create, Patch, Delete];
    let (role, here) = ([role.as_str()], In(Some(&names.namespace)));
    vec![
        here.named(&SERVICE_ACCOUNT, &[&account], &verbs, "the account that deploys the package"),
        CLUSTER.named(
            &CLUSTER_ROLE,
            &role,
            &verbs,
            "the rights of that account: every verb on everything, as kctrl gives them",
        ),
        CLUSTER.named(
            &CLUSTER_ROLE,
            &role,
            &[Escalate, Bind],
            "writes that role and gives it to the account, without having all of its rights",
        ),
        CLUSTER.named(&CLUSTER_ROLE_BINDING, &[&binding], &verbs, "gives that role to the account"),
    ]
}

fn extras(task: Task, scope: &Scope) -> Vec<Rule> {
    let here = In(Some(&scope.names.namespace));
    let of = |extra: &Extra| match (extra, task) {
        (Extra::History, Task::Viewer) => {
            let why =
                "the revisions that promfed keeps; whoever may that, may read every Secret of this namespace";
            Some(here.any(&SECRET, &[List], why))
        }
        (Extra::Ui, Task::Viewer) => {
            let why = "opens the web UI; whoever may that, reaches every port of every pod of this namespace";
            Some(In(Some(&scope.workloads)).any(&POD, &[Get, Create], why).of_part(PORT_FORWARD))
        }
        (Extra::Repository, Task::Hub | Task::Agent) => {
            let verbs = [Create, Patch, List, Watch];
            Some(here.named(
                &PACKAGE_REPOSITORY,
                &[REPOSITORY],
                &verbs,
                "adds the repository of --repository, and waits for it",
            ))
        }
        _ => None,
    };
    scope.extras.iter().filter_map(of).collect()
}

fn identity() -> Rule {
    CLUSTER.named(
        &NAMESPACE,
        &[SYSTEM],
        &[Get],
        "tells one cluster from another, by the UID of this namespace",
    )
}

/// The Secrets around an install that have names.
fn own_secrets(scope: &Scope) -> Vec<String> {
    let mut all = vec![scope.names.values_secret(), scope.names.overlay_secret()];
    all.extend(scope.values.iter().filter(|name| !all.contains(name)).cloned().collect::<Vec<_>>());
    all
}

fn asks(scope: &Scope, verbs: &[Verb], why: &'static str) -> Rule {
    let service = ServicePort {
        namespace: scope.workloads.clone(),
        name: SERVER.to_owned(),
        port: scope.port.clone(),
        scheme: Scheme::Http,
    };
    In(Some(&scope.workloads)).named(&SERVICE, &[&service.rule_name()], verbs, why).of_part(PROXY)
}
