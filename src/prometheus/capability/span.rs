//! From which minor version to which.

use crate::prometheus::Version;

/// The minor versions in which something is so. Both ends are among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    since: (u32, u32),
    until: Option<(u32, u32)>,
}

/// In every version that promfed looks at: 2.25, the first with a receiver, has it already.
pub(super) const ALWAYS: Span = Span { since: (0, 0), until: None };

pub(super) const fn since(major: u32, minor: u32) -> Span {
    Span { since: (major, minor), until: None }
}

pub(super) const fn until(major: u32, minor: u32) -> Span {
    Span { since: (0, 0), until: Some((major, minor)) }
}

pub(super) const fn between(since: (u32, u32), until: (u32, u32)) -> Span {
    Span { since, until: Some(until) }
}

impl Span {
    /// Whether it is so in this version.
    pub const fn holds(self, version: Version) -> bool {
        !self.is_to_come(version) && !self.is_over(version)
    }

    /// Whether only a later version has it.
    pub const fn is_to_come(self, version: Version) -> bool {
        !version.at_least(self.since.0, self.since.1)
    }

    /// Whether only an earlier version had it.
    pub const fn is_over(self, version: Version) -> bool {
        match self.until {
            Some((major, minor)) => version.at_least(major, minor + 1),
            None => false,
        }
    }
}

/// `known since 2.33`, `known from 2.26 to 2.28`, `known until 2.55`.
impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (major, minor) = self.since;
        match self.until {
            Some((last, last_minor)) if self.since == (0, 0) => {
                write!(f, "known until {last}.{last_minor}")
            }
            Some((last, last_minor)) => write!(f, "known from {major}.{minor} to {last}.{last_minor}"),
            None => write!(f, "known since {major}.{minor}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_it_with_all_their_patches() {
        let span = between((2, 26), (2, 28));
        let holds = |major, minor, patch| span.holds(Version::new(major, minor, patch));
        assert_eq!(
            [holds(2, 25, 9), holds(2, 26, 0), holds(2, 28, 7), holds(2, 29, 0), holds(3, 0, 0)],
            [false, true, true, false, false]
        );
        assert!(until(2, 55).is_over(Version::new(3, 0, 0)) && !until(2, 55).is_over(Version::new(2, 55, 1)));
    }
}
