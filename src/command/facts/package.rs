//! What Carvel knows of the Prometheus package.

use std::sync::Arc;

use futures::join;
use k8s_openapi::api::core::v1::Secret;
use serde_json::Value;

use super::{Depth, unread};
use crate::check::{Package, Reading, Unread};
use crate::cluster::{Cluster, Failure, PACKAGE_REPOSITORY, Selector};
use crate::command::observe::{self, new_namespace};
use crate::command::site::{app_and_package, owners_of, packages, texts, values_secrets};
use crate::package::{
    App, Available, Door, Mounted, Names, Owner, PackageInstall, PackageRepository, Values, ValuesSchema,
};

/// A values Secret by the name that the install references, and what came of reading it.
type Read = (String, Reading<Option<Secret>>);
type Offer = (Reading<Vec<Available>>, Reading<Vec<PackageRepository>>);

/// What leads from the package to what runs.
pub(super) struct Leads {
    pub(super) app: Option<App>,
    /// Where the values cannot be read, the defaults.
    pub(super) values: Values,
}

/// What is read around an install, but not the installs themselves.
pub(super) async fn read(cluster: &Cluster, install: &PackageInstall, depth: Depth) -> (Package, Leads) {
    let namespace = &install.metadata.namespace;
    let (secrets, (app, package), available, repositories, overlay) = join!(
        values_secrets(cluster, install),
        app_and_package(cluster, install),
        depth.in_check(available(cluster, namespace)),
        depth.in_check(repositories(cluster, namespace)),
        depth.in_check(overlay(cluster, install))
    );
    let secrets: Vec<Read> =
        secrets.into_iter().map(|(name, secret)| (name, secret.map_err(Unread::from))).collect();
    let schema = schema(package);
    let defaults = schema.as_ref().map(|schema| schema.defaults().clone()).unwrap_or_default();
    let written = written(install, &secrets, &defaults);
    let values = written.clone().unwrap_or_else(|_| Values::of_defaults(defaults));
    let package = Package {
        values: written,
        schema,
        owners: owners(install, &secrets),
        secrets: secrets
            .into_iter()
            .map(|(name, secret)| (name, secret.map(|secret| secret.map(keys))))
            .collect(),
        available,
        repositories,
        mounted: overlay.clone().map(|text| Mounted::read(&text)),
        door: overlay.map(|text| Door::read(&text)),
        ..none(&Unread::NotAsked)
    };
    (package, Leads { app: app.ok().flatten(), values })
}

/// What could be installed where an install would go.
pub(super) async fn offer_before_install(cluster: &Cluster, depth: Depth) -> Offer {
    let namespace = new_namespace(cluster);
    join!(
        depth.before_install(available(cluster, &namespace)),
        depth.before_install(repositories(cluster, &namespace))
    )
}

pub(super) fn none(unread: &Unread) -> Package {
    Package {
        installs: Err(unread.clone()),
        secrets: Vec::new(),
        values: Err(unread.clone()),
        schema: Err(unread.clone()),
        owners: Err(unread.clone()),
        available: Err(unread.clone()),
        repositories: Err(unread.clone()),
        mounted: Err(unread.clone()),
        door: Err(unread.clone()),
    }
}

/// The text of promfed's overlay; empty where there is none.
async fn overlay(cluster: &Cluster, install: &PackageInstall) -> Reading<String> {
    let names = Names::new(&install.metadata.name, &install.metadata.namespace);
    Ok(observe::overlay(cluster, &names).await?.map(|overlay| overlay.text).unwrap_or_default())
}

async fn available(cluster: &Cluster, namespace: &str) -> Reading<Vec<Available>> {
    Ok(packages(cluster, namespace, None).await?)
}

async fn repositories(cluster: &Cluster, namespace: &str) -> Reading<Vec<PackageRepository>> {
    Ok(cluster.list(&PACKAGE_REPOSITORY, Some(namespace), Selector::all()).await?)
}

/// The schema of the installed version. That it is not offered any more is another fact's to tell.
fn schema(package: Result<Option<Available>, Failure>) -> Reading<ValuesSchema> {
    Ok(package?.ok_or(Unread::NotAsked)?.spec.values_schema)
}

/// The values that are written, over defaults that may not be known.
fn written(install: &PackageInstall, secrets: &[Read], defaults: &Arc<Value>) -> Reading<Values> {
    let secrets: Vec<&Secret> = secrets
        .iter()
        .map(|(name, secret)| {
            let missing = || unread::missing("Secret", name, &install.metadata.namespace);
            secret.as_ref().map_err(Clone::clone)?.as_ref().ok_or_else(missing)
        })
        .collect::<Reading<_>>()?;
    Ok(Values::new(Arc::clone(defaults), texts(install, &secrets)?)?)
}

/// A Secret that is not there is nobody's; one that cannot be read may be somebody's.
fn owners(install: &PackageInstall, secrets: &[Read]) -> Reading<Vec<Owner>> {
    let readable = secrets.iter().filter_map(|(_, secret)| secret.as_ref().map(Option::as_ref).transpose());
    let secrets: Vec<&Secret> = readable.collect::<Result<_, _>>().map_err(Unread::clone)?;
    Ok(owners_of(install, &secrets))
}

fn keys(secret: Secret) -> Vec<String> {
    secret.data.unwrap_or_default().into_keys().collect()
}
