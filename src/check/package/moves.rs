//! Which of the offered versions of the package to move to.

use std::cmp::Ordering;

use crate::check::judgement::Fix;
use crate::check::view::View;
use crate::package::{Available, compare_versions};
use crate::prometheus::Version;

/// The versions that are offered under the install's own name, oldest first. None where they cannot be read.
pub(super) fn offered<'f>(view: &View<'f>) -> Vec<&'f Available> {
    let (Ok(install), Ok(available)) = (view.install(), &view.facts.package.available) else {
        return Vec::new();
    };
    let name = &install.spec.package_ref.ref_name;
    let mut all: Vec<_> = available.iter().filter(|package| package.spec.ref_name == *name).collect();
    all.sort_by(|a, b| compare_versions(&a.spec.version, &b.spec.version));
    all
}

/// The oldest of them that is newer than what is installed and brings a Prometheus that will do.
pub(super) fn up<'f>(view: &View<'f>, will_do: impl Fn(Version) -> bool) -> Option<&'f str> {
    let installed = view.install().ok()?.version();
    let is_newer =
        |package: &&&Available| compare_versions(&package.spec.version, installed) == Ordering::Greater;
    let all = offered(view);
    let mut fitting =
        all.iter().filter(is_newer).filter(|package| package.prometheus().is_some_and(&will_do));
    fitting.next().map(|package| package.spec.version.as_str())
}

/// The command that moves the install to a version.
pub(super) fn to(view: &View<'_>, version: &str) -> Option<Fix> {
    let installed = view.install().ok()?.version();
    view.role()?;
    let back = match compare_versions(version, installed) {
        Ordering::Less => " --allow-downgrade",
        _ => "",
    };
    Some(view.again(&format!("--package-version {version}{back}")))
}
