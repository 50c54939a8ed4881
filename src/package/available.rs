//! Which Prometheus packages a cluster offers, and which of them to take.

use std::cmp::Ordering;

use serde::Deserialize;

use super::schema::ValuesSchema;
use crate::prometheus::Version;

/// The names under which Prometheus has been packaged, today's first. It was renamed with 2.53.4; the last one is
/// that of the archived community edition.
pub const KNOWN_NAMES: [&str; 3] = [
    "prometheus.kubernetes.vmware.com",
    "prometheus.tanzu.vmware.com",
    "prometheus.community.tanzu.vmware.com",
];

/// A Package as the aggregated API serves it.
#[derive(Clone, Debug, Deserialize)]
pub struct Available {
    pub spec: AvailableSpec,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AvailableSpec {
    pub ref_name: String,
    pub version: String,
    #[serde(default)]
    pub values_schema: ValuesSchema,
}

/// No package fits. What is available is listed, newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoPackage {
    pub wanted: String,
    pub available: Vec<String>,
}

impl Available {
    /// The version of the Prometheus inside: the beginning of the package's own.
    pub fn prometheus(&self) -> Option<Version> {
        Version::parse(&self.spec.version)
    }

    fn title(&self) -> String {
        format!("{} {}", self.spec.ref_name, self.spec.version)
    }
}

/// The package to install: of the name and version that were asked for, else the newest under today's name. A
/// version may be given without its build: `2.43.0` finds `2.43.0+vmware.2-tkg.1`.
pub fn choose<'p>(
    packages: &'p [Available],
    name: Option<&str>,
    version: Option<&str>,
) -> Result<&'p Available, NoPackage> {
    let fits_name = |package: &&Available| match name {
        Some(name) => package.spec.ref_name == name,
        None => KNOWN_NAMES.contains(&package.spec.ref_name.as_str()),
    };
    let fits_version = |package: &&Available| {
        version.is_none_or(|wanted| {
            let has = package.spec.version.as_str();
            has == wanted || has.strip_prefix(wanted).is_some_and(|rest| rest.starts_with(['+', '-']))
        })
    };
    let rank = |package: &Available| KNOWN_NAMES.iter().position(|known| *known == package.spec.ref_name);
    let best = packages.iter().filter(fits_name).filter(fits_version).max_by(|a, b| {
        compare_versions(&a.spec.version, &b.spec.version).then_with(|| rank(b).cmp(&rank(a)))
    });
    best.ok_or_else(|| {
        let mut named: Vec<_> = packages.iter().filter(fits_name).collect();
        if named.is_empty() {
            named = packages.iter().collect();
        }
        named.sort_by(|a, b| compare_versions(&b.spec.version, &a.spec.version));
        let wanted = match (name, version) {
            (Some(name), Some(version)) => format!("{name} {version}"),
            (Some(name), None) => name.to_owned(),
            (None, Some(version)) => format!("a Prometheus package of version {version}"),
            (None, None) => "a Prometheus package".to_owned(),
        };
        NoPackage { wanted, available: named.into_iter().map(Available::title).collect() }
    })
}

/// Orders by semantic version first, then by the numbers in what builders append (`+vmware.2-tkg.1`), as
/// kapp-controller does.
pub fn compare_versions(a: &str, b: &str) -> Ordering {
    let parts = |text: &str| -> Vec<Part> {
        text.split(['.', '+', '-'])
            .map(|part| part.parse().map_or_else(|_| Part::Text(part.to_owned()), Part::Number))
            .collect()
    };
    parts(a).cmp(&parts(b))
}

/// Numbers come before words, as in semantic versions.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Text(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offered(list: &[(&str, &str)]) -> Vec<Available> {
        list.iter()
            .map(|(name, version)| Available {
                spec: AvailableSpec {
                    ref_name: (*name).to_owned(),
                    version: (*version).to_owned(),
                    values_schema: ValuesSchema::default(),
                },
            })
            .collect()
    }

    #[test]
    fn builds_are_ordered_by_their_numbers() {
        assert_eq!(compare_versions("2.9.0", "2.10.0"), Ordering::Less);
        assert_eq!(compare_versions("3.5.0+vmware.2-vks.1", "3.5.0+vmware.10-vks.1"), Ordering::Less);
        assert_eq!(compare_versions("2.37.0", "2.37.0+vmware.1-tkg.1"), Ordering::Less);
    }

    #[test]
    fn the_newest_is_chosen_across_the_rename() {
        let packages = offered(&[
            ("prometheus.tanzu.vmware.com", "2.43.0+vmware.2-tkg.1"),
            ("prometheus.kubernetes.vmware.com", "3.5.0+vmware.1-vks.1"),
            ("something.else.com", "9.0.0"),
        ]);
        let chosen = |version| choose(&packages, None, version).map(|package| package.spec.version.as_str());
        assert_eq!(chosen(None), Ok("3.5.0+vmware.1-vks.1"));
        assert_eq!(chosen(Some("2.43.0")), Ok("2.43.0+vmware.2-tkg.1"));
    }

    #[test]
    fn what_is_available_is_listed_when_nothing_fits() {
        let packages =
            offered(&[("prometheus.tanzu.vmware.com", "2.37.0"), ("prometheus.tanzu.vmware.com", "2.43.0")]);
        let none = choose(&packages, None, Some("2.4")).expect_err("no such version");
        assert_eq!(
            none.available,
            ["prometheus.tanzu.vmware.com 2.43.0", "prometheus.tanzu.vmware.com 2.37.0"]
        );
    }
}
