//! What a plan needs to know of a cluster, all asked at once.

use futures::future::join_all;
use k8s_openapi::api::core::v1::Secret;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::apply::resource;
use super::hub::offered;
use super::shell::Shell;
use super::site::{foreign, leftover, packages, sources};
use crate::cli::{PackageArgs, Write};
use crate::cluster::{Cluster, Failure, SECRET, Selector};
use crate::error::Result;
use crate::history::{History, INSTALL_LABEL};
use crate::package::{
    DEFAULT_INSTALL, DEFAULT_NAMESPACE, Found, FoundOverlay, Maker, Names, OVERLAY_KEY, PackageInstall,
};
use crate::plan::{Installed, Observed};

/// Where a new install goes.
pub(super) fn new_namespace(cluster: &Cluster) -> String {
    cluster.namespace().unwrap_or(DEFAULT_NAMESPACE).to_owned()
}

/// The names around an install: those of the one that is there, or of the one that is to come.
pub(super) fn names(cluster: &Cluster, install: Option<&PackageInstall>, name: Option<&str>) -> Names {
    match install {
        Some(install) => Names::new(&install.metadata.name, &install.metadata.namespace),
        None => Names::new(name.unwrap_or(DEFAULT_INSTALL), &new_namespace(cluster)),
    }
}

/// What there is around an install that was looked for, or in the place where a new one would go.
pub(super) async fn observed(
    shell: &Shell,
    cluster: &Cluster,
    install: Option<PackageInstall>,
    package: &PackageArgs,
    how: &Write,
    deadline: Instant,
) -> Result<Observed> {
    let names = names(cluster, install.as_ref(), package.name.as_deref());
    let Some(install) = install else {
        let secret = names.values_secret();
        let (packages, leftover, around, overlay, history) = futures::join!(
            offered(shell, cluster, &names.namespace, package, how, deadline),
            leftover(cluster, &names.namespace, &secret),
            around(cluster, &names),
            overlay(cluster, &names),
            history(cluster, &names)
        );
        let history = or_hidden(history)?;
        return Ok(Observed {
            installed: None,
            packages: packages?,
            leftover: leftover?,
            around: around?,
            overlay: overlay?,
            history,
        });
    };
    Box::pin(of_install(cluster, &names, install)).await
}

/// What there is around an install.
pub(super) async fn of_install(
    cluster: &Cluster,
    names: &Names,
    install: PackageInstall,
) -> Result<Observed> {
    let secret = names.values_secret();
    let has_values = !install.spec.values.is_empty();
    // A Secret of the name that values would get matters only where there are none.
    let unreferenced =
        async { if has_values { Ok(Vec::new()) } else { foreign(cluster, &names.namespace, &secret).await } };
    let (installed, history, overlay, leftover) = futures::join!(
        installed(cluster, install),
        history(cluster, names),
        overlay(cluster, names),
        unreferenced
    );
    let (installed, packages) = installed?;
    let history = or_hidden(history)?;
    Ok(Observed {
        installed: Some(installed),
        packages,
        leftover: leftover?,
        around: Vec::new(),
        overlay: overlay?,
        history,
    })
}

/// An install with its values, and the versions that its package is offered in.
async fn installed(
    cluster: &Cluster,
    install: PackageInstall,
) -> Result<(Installed, Vec<crate::package::Available>)> {
    let (namespace, ref_name) =
        (install.metadata.namespace.clone(), install.spec.package_ref.ref_name.clone());
    let (installed, packages) =
        futures::join!(sources(cluster, install), packages(cluster, &namespace, Some(&ref_name)));
    Ok((installed?, packages?))
}

/// The Secret of promfed's overlay, if there is one.
pub(super) async fn overlay(cluster: &Cluster, names: &Names) -> Result<Option<FoundOverlay>, Failure> {
    let found: Option<Secret> = cluster.get(&SECRET, Some(&names.namespace), &names.overlay_secret()).await?;
    Ok(found.map(|secret| FoundOverlay {
        maker: Maker::of(&serde_json::to_value(&secret.metadata.labels).unwrap_or_default()),
        resource_version: secret.metadata.resource_version,
        // What is no text was not written by promfed, and is not what promfed would write.
        text: secret
            .data
            .and_then(|mut data| String::from_utf8(data.remove(OVERLAY_KEY)?.0).ok())
            .unwrap_or_default(),
    }))
}

/// What earlier writes for an install kept.
pub(super) async fn history(cluster: &Cluster, names: &Names) -> Result<History, Failure> {
    let of_install = Selector::labels(format!("{INSTALL_LABEL}={}", names.install));
    let secrets: Vec<Secret> = cluster.list(&SECRET, Some(&names.namespace), of_install).await?;
    let decoded = |secret: Secret| {
        let data = secret.data.unwrap_or_default().into_iter();
        // A text that is no UTF-8 was not written by promfed.
        let texts =
            data.filter_map(|(key, bytes)| Some((key, Value::String(String::from_utf8(bytes.0).ok()?))));
        json!({"metadata": {"name": secret.metadata.name}, "stringData": texts.collect::<Map<_, _>>()})
    };
    Ok(History::read(&secrets.into_iter().map(decoded).collect::<Vec<_>>()))
}

/// Whoever may not read what was kept may still see what a plan would change.
fn or_hidden(history: Result<History, Failure>) -> Result<History, Failure> {
    match history {
        Err(failure) if failure.is_forbidden() => Ok(History::hidden(failure.into())),
        other => other,
    }
}

/// Which of the objects around an install are there, and who made them.
pub(super) async fn around(cluster: &Cluster, names: &Names) -> Result<Vec<Found>, Failure> {
    let all = [&names.around()[..], &[names.package_install()]].concat();
    let gets = all.into_iter().map(|object| async move {
        let kind = resource(object.kind);
        let found: Option<Value> = match cluster.get(kind, object.namespace.as_deref(), &object.name).await {
            // Whoever may not see one cannot write it either, which is told when it is tried.
            Err(failure) if failure.is_forbidden() => None,
            other => other?,
        };
        Ok(found.map(|found| Found { object, maker: Maker::of(&found["metadata"]["labels"]) }))
    });
    join_all(gets).await.into_iter().filter_map(Result::transpose).collect()
}
