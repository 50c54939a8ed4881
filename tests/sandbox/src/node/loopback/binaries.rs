//! The Prometheus binaries of this machine.
//!
//! They are looked for in the folder that `PROMFED_PROMETHEUS` names (`target/prometheus` of the workspace without
//! it), which holds a folder per version: `2.53.3/prometheus`, `3.5.3/prometheus`. Without any there, the one on
//! PATH is taken.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::carvel::Version;

const VARIABLE: &str = "PROMFED_PROMETHEUS";

/// The binaries that were found, the newest last. Empty when there are none: whoever needs one should say so aloud.
#[derive(Clone, Debug, Default)]
pub struct Binaries(Vec<(Version, PathBuf)>);

impl Binaries {
    /// Looks for binaries.
    pub fn find() -> Self {
        let folder = std::env::var_os(VARIABLE).map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/prometheus"),
            PathBuf::from,
        );
        let found = Self::below(&folder);
        if found.is_empty() { Self::on_path() } else { found }
    }

    /// The binaries in a folder of folders named after versions.
    pub fn below(folder: &Path) -> Self {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut found: Vec<_> = entries
            .filter_map(|entry| {
                Some((Version::parse(entry.file_name().to_str()?)?, entry.path().join("prometheus")))
            })
            .filter(|(_, path)| path.is_file())
            .collect();
        found.sort();
        Self(found)
    }

    /// None at all.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The paths, the newest version last.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|(_, path)| path.as_path())
    }

    /// Whether there is one of this major version.
    pub fn has_major(&self, major: u64) -> bool {
        self.0.iter().any(|(version, _)| version.major() == major)
    }

    /// The newest one of the same major version as this version.
    pub(super) fn for_version(&self, version: &str) -> Option<&Path> {
        let wanted = Version::parse(version)?.major();
        let mut fitting = self.0.iter().rev().filter(|(version, _)| version.major() == wanted);
        fitting.next().map(|(_, path)| path.as_path())
    }

    fn on_path() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let found =
            std::env::split_paths(&path).map(|folder| folder.join("prometheus")).find(|path| path.is_file());
        let version = |path: &PathBuf| {
            let output = Command::new(path).arg("--version").output().ok()?;
            let text = String::from_utf8([output.stdout, output.stderr].concat()).ok()?;
            Version::parse(text.split_whitespace().skip_while(|word| *word != "version").nth(1)?)
        };
        Self(found.and_then(|path| Some((version(&path)?, path))).into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_of_a_major_version_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["2.42.0", "2.53.3", "3.5.3", "notes"] {
            let path = folder.path().join(version);
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join("prometheus"), "").unwrap();
        }
        let binaries = Binaries::below(folder.path());
        let path = |version| {
            binaries.for_version(version).map(|path| path.strip_prefix(folder.path()).unwrap().to_owned())
        };
        assert_eq!(path("2.43.0+vmware.2-tkg.1"), Some("2.53.3/prometheus".into()));
        assert_eq!(path("3.5.0"), Some("3.5.3/prometheus".into()));
        assert_eq!(path("1.0.0"), None);
        assert!(binaries.has_major(3) && !binaries.has_major(4));
    }
}
