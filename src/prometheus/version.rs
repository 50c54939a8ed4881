//! The version of a Prometheus.

use std::fmt;

use serde::Serialize;

/// `MAJOR.MINOR.PATCH`. What builders append (`+ds1`, `+vmware.2-tkg.1`, `-rc.0`) is not part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

impl Version {
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { major, minor, patch }
    }

    /// Reads the beginning of a version string: that of a build (`2.53.3+ds1`, `v3.5.0`) or that of a Carvel package
    /// (`2.43.0+vmware.2-tkg.1`), whose prefix is the version of what it deploys.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let numbers = text.split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
        let mut parts = numbers.split('.').map(str::parse);
        let major = parts.next()?.ok()?;
        let minor = parts.next()?.ok()?;
        let patch = parts.next().and_then(Result::ok).unwrap_or(0);
        Some(Self { major, minor, patch })
    }

    /// Whether this is `major.minor` or later.
    pub const fn at_least(self, major: u32, minor: u32) -> bool {
        self.major > major || (self.major == major && self.minor >= minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{}.{}", self.major, self.minor, self.patch))
    }
}

impl Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_builders_append_is_not_part_of_the_version() {
        for (text, version) in [
            ("2.43.0+vmware.2-tkg.1", Version::new(2, 43, 0)),
            ("2.53.3+ds1", Version::new(2, 53, 3)),
            ("v3.5.0", Version::new(3, 5, 0)),
            ("3.0.0-rc.1", Version::new(3, 0, 0)),
            ("2.37", Version::new(2, 37, 0)),
        ] {
            assert_eq!(Version::parse(text), Some(version), "{text}");
        }
        assert_eq!(Version::parse("latest"), None);
    }

    #[test]
    fn minor_versions_are_ordered_as_numbers() {
        assert!(Version::new(2, 10, 0).at_least(2, 9));
        assert!(!Version::new(2, 53, 0).at_least(3, 0));
        assert!(Version::new(3, 0, 0).at_least(2, 55));
    }
}
