//! Which version of a package an install gets.

use serde_json::Value;

use super::Carvel;
use super::catalogue::{DATA, GLOBAL_NAMESPACE};
use super::version::{Constraint, Version};
use crate::objects;

/// The highest version that the PackageInstall asks for. The error is kapp-controller's.
pub(super) fn select(carvel: &Carvel, install: &Value) -> Result<String, String> {
    let reference = &install["spec"]["packageRef"];
    let selection = &reference["versionSelection"];
    let constraint = selection["constraints"].as_str().unwrap_or_default();
    let prereleases: Option<Vec<String>> = selection["prereleases"].as_object().map(|wanted| {
        objects::items(&wanted.get("identifiers").cloned().unwrap_or_default())
            .filter_map(|identifier| identifier.as_str().map(str::to_owned))
            .collect()
    });
    let all = visible(carvel, objects::namespace(install), reference["refName"].as_str().unwrap_or_default());
    let admitted: Vec<&(Version, String)> =
        all.iter().filter(|(version, _)| version.is_admitted(prereleases.as_deref())).collect();
    let constraint = Constraint::parse(constraint)?;
    let best = admitted.iter().filter(|(version, _)| constraint.admits(version)).max();
    best.map(|(_, text)| text.clone()).ok_or_else(|| {
        format!(
            "Expected to find at least one version, but did not (details: all={} -> \
             after-prereleases-filter={1} -> after-kapp-controller-version-check={1} -> after-constraints-filter=0)",
            all.len(),
            admitted.len()
        )
    })
}

/// Refuses to go back to an older version than the one that was tried last.
pub(super) fn refuse_downgrade(install: &Value, version: &str) -> Result<(), String> {
    let Some(last) = install["status"]["lastAttemptedVersion"].as_str() else { return Ok(()) };
    let downgradable = !install["metadata"]["annotations"]["packaging.carvel.dev/downgradable"].is_null();
    if downgradable || Version::parse(version) >= Version::parse(last) {
        return Ok(());
    }
    Err(format!(
        "Stopped installing matched version '{version}' since last attempted version '{last}' is higher.\n\
         hint: Add annotation packaging.carvel.dev/downgradable: \"\" to PackageInstall to proceed with downgrade"
    ))
}

/// The versions of a package that can be seen in a namespace.
fn visible(carvel: &Carvel, namespace: &str, name: &str) -> Vec<(Version, String)> {
    carvel
        .site
        .store
        .list(DATA, "packages", None)
        .0
        .iter()
        .filter(|package| [namespace, GLOBAL_NAMESPACE].contains(&objects::namespace(package)))
        .filter(|package| package["spec"]["refName"] == name)
        .filter_map(|package| {
            let text = package["spec"]["version"].as_str()?;
            Some((Version::parse(text)?, text.to_owned()))
        })
        .collect()
}
