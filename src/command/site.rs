//! What one context has: its Prometheus package, with values and versions.

use futures::future::{join_all, try_join_all};
use futures::join;
use k8s_openapi::api::core::v1::{Namespace, Secret};
use serde_json::json;

use super::prometheus::Prometheus;
use crate::cluster::{
    APP, Cluster, Failure, NAMESPACE, PACKAGE, PACKAGE_INSTALL, SECRET, Scheme, Selector, ServicePort,
};
use crate::domain::{Fqdn, WriteUrl};
use crate::error::{Error, Result};
use crate::package::{
    App, Available, DEFAULT_NAMESPACE, DEFAULT_PORT, DEFAULT_WORKLOADS, KNOWN_NAMES, Location, Maker, Owned,
    Owner, Ownership, PackageInstall, SERVED, SERVER, SYSTEM, ValueSource, Values, WRITE_URL, owners,
};
use crate::plan::Installed;
use crate::prometheus::Role;
use crate::prometheus::config::{
    JobLabel, cluster_labels, external_cluster, remote_write_urls, unverified_urls,
};

/// Which install to look for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wanted<'a> {
    pub(super) name: Option<&'a str>,
    pub(super) ref_name: Option<&'a str>,
}

/// A context with a Prometheus package.
pub(super) struct Site {
    pub(super) installed: Installed,
    /// The values as they are written, over the defaults of the package where it is still offered.
    pub(super) values: Values,
    /// Where the package deploys to.
    pub(super) workloads: String,
    pub(super) prometheus: Prometheus,
}

/// The Prometheus installs of the context.
pub(super) async fn installs(cluster: &Cluster, wanted: Wanted<'_>) -> Result<Vec<PackageInstall>, Failure> {
    let list = |namespace| cluster.list::<PackageInstall>(&PACKAGE_INSTALL, namespace, Selector::all());
    let all = match list(cluster.namespace()).await {
        // Whoever may not look everywhere may still look where it should be.
        Err(failure) if failure.is_forbidden() && cluster.namespace().is_none() => {
            list(Some(DEFAULT_NAMESPACE)).await?
        }
        other => other?,
    };
    let is_prometheus = |install: &PackageInstall| match (wanted.name, wanted.ref_name) {
        (Some(name), _) => install.metadata.name == name,
        (None, Some(ref_name)) => install.spec.package_ref.ref_name == ref_name,
        (None, None) => KNOWN_NAMES.contains(&install.spec.package_ref.ref_name.as_str()),
    };
    Ok(all.into_iter().filter(is_prometheus).collect())
}

/// The Prometheus install of the context, if there is one.
pub(super) async fn find_install(cluster: &Cluster, wanted: Wanted<'_>) -> Result<Option<PackageInstall>> {
    let mut found = installs(cluster, wanted).await?;
    if found.len() > 1 {
        let titles: Vec<_> = found.iter().map(PackageInstall::title).collect();
        return Err(Error::usage(format!("context {:?} has several Prometheus installs", cluster.context()))
            .because(titles.join(", "))
            .hint("choose one with -n NAMESPACE and --name NAME"));
    }
    Ok(found.pop())
}

/// The values texts that kapp-controller would read, in its order, and whoever keeps install or Secrets as they are.
pub(super) async fn sources(cluster: &Cluster, install: PackageInstall) -> Result<Installed> {
    let mut secrets = Vec::new();
    for (name, secret) in values_secrets(cluster, &install).await {
        let secret = secret?.ok_or_else(|| {
            Error::failed(format!(
                "PackageInstall {} references the Secret {name}, which is not there",
                install.title()
            ))
            .hint(format!("kubectl get secrets -n {}", install.metadata.namespace))
        })?;
        secrets.push(secret);
    }
    let secrets: Vec<&Secret> = secrets.iter().collect();
    Ok(Installed { sources: texts(&install, &secrets)?, owners: owners_of(&install, &secrets), install })
}

/// The Secrets that an install references, in its order, each with its name.
pub(super) async fn values_secrets(
    cluster: &Cluster,
    install: &PackageInstall,
) -> Vec<(String, Result<Option<Secret>, Failure>)> {
    let namespace = &install.metadata.namespace;
    let gets = install.spec.values.iter().map(|reference| async {
        let name = &reference.secret_ref.name;
        (name.clone(), cluster.get(&SECRET, Some(namespace), name).await)
    });
    join_all(gets).await
}

/// What all the Secrets that an install references say.
pub(super) fn texts(install: &PackageInstall, secrets: &[&Secret]) -> Result<Vec<ValueSource>> {
    let keys = install.spec.values.iter().map(|reference| reference.secret_ref.key.as_deref());
    let texts: Vec<_> =
        secrets.iter().zip(keys).map(|(secret, key)| texts_of(secret, key)).collect::<Result<_>>()?;
    Ok(texts.into_iter().flatten().collect())
}

/// Whoever keeps an install or its Secrets as they are.
pub(super) fn owners_of(install: &PackageInstall, secrets: &[&Secret]) -> Vec<Owner> {
    let own = Ownership { metadata: install.metadata.ownership.clone(), secret_type: String::new() };
    let theirs: Vec<(&str, Ownership)> = secrets
        .iter()
        .map(|secret| {
            let ownership =
                serde_json::from_value(json!({"metadata": &secret.metadata, "type": &secret.type_}));
            (secret.metadata.name.as_deref().unwrap_or_default(), ownership.unwrap_or_default())
        })
        .collect();
    let namespace = Some(install.metadata.namespace.as_str());
    let owned = |kind, name, ownership| Owned { kind, namespace, name, ownership };
    let objects: Vec<_> = std::iter::once(owned("PackageInstall", install.metadata.name.as_str(), &own))
        .chain(theirs.iter().map(|(name, ownership)| owned("Secret", name, ownership)))
        .collect();
    owners(&objects)
}

/// The App behind an install, and the Package that it installs, where that is still offered.
pub(super) async fn app_and_package(
    cluster: &Cluster,
    install: &PackageInstall,
) -> (Result<Option<App>, Failure>, Result<Option<Available>, Failure>) {
    let namespace = Some(install.metadata.namespace.as_str());
    let package = format!("{}.{}", install.spec.package_ref.ref_name, install.version());
    join!(cluster.get(&APP, namespace, &install.metadata.name), cluster.get(&PACKAGE, namespace, &package))
}

/// A Secret's texts, by key in order.
fn texts_of(secret: &Secret, only: Option<&str>) -> Result<Vec<ValueSource>> {
    let name = secret.metadata.name.clone().unwrap_or_default();
    let data = secret.data.iter().flatten().filter(|(key, _)| only.is_none_or(|only| only == *key));
    data.map(|(key, bytes)| {
        let text = String::from_utf8(bytes.0.clone()).map_err(|_| {
            Error::usage(format!("the values in Secret {name}, key {key}, are not UTF-8 text"))
        })?;
        Ok(ValueSource {
            location: Location { secret: name.clone(), key: key.clone() },
            resource_version: secret.metadata.resource_version.clone(),
            text,
        })
    })
    .collect()
}

/// The texts of a values Secret that has no install (any more, or yet).
pub(super) async fn leftover(cluster: &Cluster, namespace: &str, secret: &str) -> Result<Vec<ValueSource>> {
    match cluster.get::<Secret>(&SECRET, Some(namespace), secret).await? {
        Some(secret) => texts_of(&secret, None),
        None => Ok(Vec::new()),
    }
}

/// The same, unless promfed made the Secret: a run that was killed leaves one that nothing references yet.
pub(super) async fn foreign(cluster: &Cluster, namespace: &str, secret: &str) -> Result<Vec<ValueSource>> {
    let found: Option<Secret> = cluster.get(&SECRET, Some(namespace), secret).await?;
    let maker = |found: &Secret| Maker::of(&serde_json::to_value(&found.metadata.labels).unwrap_or_default());
    match found.filter(|found| maker(found) == Maker::SomebodyElse) {
        Some(secret) => texts_of(&secret, None),
        None => Ok(Vec::new()),
    }
}

/// The Prometheus packages that can be seen from a namespace.
pub(super) async fn packages(
    cluster: &Cluster,
    namespace: &str,
    only: Option<&str>,
) -> Result<Vec<Available>, Failure> {
    let names: Vec<&str> = only.map_or(KNOWN_NAMES.to_vec(), |name| vec![name]);
    let lists = names.into_iter().map(|name| {
        cluster.list::<Available>(&PACKAGE, Some(namespace), Selector::fields(format!("spec.refName={name}")))
    });
    Ok(try_join_all(lists).await?.into_iter().flatten().collect())
}

impl Site {
    /// Reads what the context has. `None` where there is no Prometheus install.
    pub(super) async fn read(cluster: &Cluster, wanted: Wanted<'_>) -> Result<Option<Self>> {
        let Some(install) = find_install(cluster, wanted).await? else {
            return Ok(None);
        };
        Self::of(cluster, install).await.map(Some)
    }

    /// As `read`, and an error that says what to do where there is nothing.
    pub(super) async fn require(cluster: &Cluster, wanted: Wanted<'_>) -> Result<Self> {
        Self::read(cluster, wanted).await?.ok_or_else(|| no_install(cluster))
    }

    /// Reads around an install that was found.
    pub(super) async fn of(cluster: &Cluster, install: PackageInstall) -> Result<Self> {
        let (installed, (app, package)) =
            join!(sources(cluster, install.clone()), app_and_package(cluster, &install));
        let installed = installed?;
        // Neither the App nor the Package is needed to go on: one may not exist yet, the other not any more.
        let app: Option<App> = app.unwrap_or_default();
        let package: Option<Available> = package.unwrap_or_default();
        let schema = package.map(|package| package.spec.values_schema).unwrap_or_default();
        let values = Values::new(schema.defaults().clone(), installed.sources.clone())?;
        let workloads = workloads(&values, app.as_ref());
        Ok(Self {
            prometheus: Prometheus::behind(cluster.clone(), service(&workloads, &values)),
            installed,
            values,
            workloads,
        })
    }

    /// The role that the values give the package; `None` for a plain server.
    pub(super) fn desired_role(&self) -> Option<Role> {
        desired_role(&self.values)
    }

    /// The cluster name that the values give.
    pub(super) fn cluster_name(&self) -> Option<String> {
        cluster_name(&self.values)
    }

    /// Where an agent writes to, and whom it takes at his word there.
    pub(super) fn remote_writes(&self) -> Vec<String> {
        let config = self.values.config().map(|config| config.value().clone()).unwrap_or_default();
        let unverified: Vec<&str> = unverified_urls(&config).collect();
        let told = |url: &str| {
            let doubt = if unverified.contains(&url) { ", not verified" } else { "" };
            format!("{url}{doubt}")
        };
        remote_write_urls(&config).map(told).collect()
    }

    /// `NAME VERSION in NAMESPACE`.
    pub(super) fn title(&self) -> String {
        let install = &self.installed.install;
        format!(
            "{} {} in {}",
            install.spec.package_ref.ref_name,
            install.version(),
            install.metadata.namespace
        )
    }
}

/// The role that values give a package; `None` for a plain server.
pub(super) fn desired_role(values: &Values) -> Option<Role> {
    let args = values.args().ok()?;
    let on = |flag: &str, feature: &str| {
        args.value(flag) == Some("true") || args.features().any(|name| name == feature)
    };
    if on("agent", "agent") {
        Some(Role::Agent)
    } else if on("web.enable-remote-write-receiver", "remote-write-receiver") {
        Some(Role::Hub)
    } else {
        None
    }
}

/// The cluster name that values give: the external label of an agent, the one label of a hub's own jobs.
pub(super) fn cluster_name(values: &Values) -> Option<String> {
    let config = values.config().ok()?;
    let config = config.value();
    if let Some(name) = external_cluster(config) {
        return Some(name.to_owned());
    }
    let mut names: Vec<_> = cluster_labels(config)
        .into_iter()
        .filter_map(|(_, label)| match label {
            JobLabel::Always(name) => Some(name),
            _ => None,
        })
        .collect();
    names.dedup();
    if names.len() == 1 { names.pop() } else { None }
}

/// What agents write to: what `hub init --write-url` noted, else the package's own ingress.
pub(super) fn write_url(install: &PackageInstall, values: &Values) -> Option<WriteUrl> {
    let noted = install.metadata.ownership.annotations.get(WRITE_URL).and_then(|url| url.parse().ok());
    noted.or_else(|| ingress_url(values))
}

/// What agents write to behind the package's own ingress, where it is on.
pub(super) fn ingress_url(values: &Values) -> Option<WriteUrl> {
    if values.get(&["ingress", "enabled"])? != serde_json::Value::Bool(true) {
        return None;
    }
    let host = values.get(&["ingress", "virtual_host_fqdn"])?;
    let fqdn: Fqdn = host.as_str()?.parse().ok()?;
    Some(WriteUrl::of_ingress(&fqdn))
}

/// The Service of the package's Prometheus.
pub(super) fn service(workloads: &str, values: &Values) -> ServicePort {
    let port = values.get(&["prometheus", "service", "port"]).and_then(|port| port.as_u64());
    ServicePort {
        namespace: workloads.to_owned(),
        name: SERVER.to_owned(),
        port: port.unwrap_or(DEFAULT_PORT).to_string(),
        scheme: Scheme::Http,
    }
}

/// Where the package deploys to: what the values say, else what kapp did, else the default of the schema.
pub(super) fn workloads(values: &Values, app: Option<&App>) -> String {
    let written = values.written(&["namespace"]).and_then(|name| name.as_str()).map(str::to_owned);
    let deployed = app.and_then(|app| {
        app.namespaces().iter().find(|name| name.contains("monitoring") || *name == "prometheus")
    });
    written
        .or_else(|| deployed.cloned())
        .or_else(|| values.get(&["namespace"]).and_then(|name| name.as_str().map(str::to_owned)))
        .unwrap_or_else(|| DEFAULT_WORKLOADS.to_owned())
}

/// What tells one cluster from another, whatever the contexts are called.
pub(super) async fn cluster_uid(cluster: &Cluster) -> Result<Option<String>, Failure> {
    let namespace: Option<Namespace> = cluster.get(&NAMESPACE, None, SYSTEM).await?;
    Ok(namespace.and_then(|namespace| namespace.metadata.uid))
}

pub(super) fn no_install(cluster: &Cluster) -> Error {
    let context = cluster.context();
    let place = cluster.namespace().map_or(String::new(), |namespace| format!(" in namespace {namespace}"));
    Error::failed(format!("context {context:?} has no Prometheus package{place}"))
        .hint(format!("kubectl promfed hub init --context {context} --cluster-name NAME --fqdn HOST"))
        .hint(format!("kubectl promfed agent join --context {context} --hub-context HUB --cluster-name NAME"))
}

/// The authority that signed the package's own ingress certificate.
pub(super) async fn own_authority(cluster: &Cluster, site: &Site) -> Option<String> {
    let secret: Secret = cluster.get(&SECRET, Some(&site.workloads), SERVED).await.ok().flatten()?;
    let pem = secret.data?.remove("ca.crt")?;
    String::from_utf8(pem.0).ok().filter(|pem| !pem.trim().is_empty())
}
