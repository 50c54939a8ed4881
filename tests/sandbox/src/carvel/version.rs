//! Semantic versions as the Carvel tools order them, and constraints on them.
//!
//! Unlike the standard, build metadata counts: `2.43.0+vmware.2-tkg.1` is newer than `2.43.0+vmware.1-tkg.1`.

use std::cmp::Ordering;

/// A version: three numbers, an optional prerelease, optional build metadata.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    numbers: [u64; 3],
    prerelease: Prerelease,
    build: Vec<Part>,
}

/// A release comes after all its prereleases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Prerelease {
    Some(Vec<Part>),
    None,
}

/// Numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Word(String),
}

impl Version {
    /// Reads a version; `None` when it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (rest, build) = match text.split_once('+') {
            Some((rest, build)) => (rest, parts(build)),
            None => (text, Vec::new()),
        };
        let (core, prerelease) = match rest.split_once('-') {
            Some((core, prerelease)) => (core, Prerelease::Some(parts(prerelease))),
            None => (rest, Prerelease::None),
        };
        let numbers: Vec<u64> = core.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
        Some(Self { numbers: numbers.try_into().ok()?, prerelease, build })
    }

    /// The first number.
    pub(crate) fn major(&self) -> u64 {
        self.numbers[0]
    }

    /// Whether it is not newer than a prefix like `2.53`, all of whose versions count as not newer.
    pub(crate) fn is_up_to(&self, prefix: &str) -> bool {
        let limit: Vec<u64> = prefix.split('.').filter_map(|part| part.parse().ok()).collect();
        self.numbers[..limit.len().min(3)] <= limit[..limit.len().min(3)]
    }

    /// Whether a selection that names these prerelease identifiers takes the version. Without any, all are taken;
    /// without a selection, only releases.
    pub(crate) fn is_admitted(&self, prereleases: Option<&[String]>) -> bool {
        match (&self.prerelease, prereleases) {
            (Prerelease::None, _) => true,
            (Prerelease::Some(_), None) => false,
            (Prerelease::Some(parts), Some(wanted)) => {
                wanted.is_empty()
                    || parts.iter().any(|part| matches!(part, Part::Word(word) if wanted.contains(word)))
            }
        }
    }
}

fn parts(text: &str) -> Vec<Part> {
    text.split('.')
        .map(|part| part.parse().map_or_else(|_| Part::Word(part.to_owned()), Part::Number))
        .collect()
}

/// A constraint: alternatives (`||`) of conditions that hold together.
#[derive(Clone, Debug)]
pub(crate) struct Constraint(Vec<Vec<Condition>>);

#[derive(Clone, Debug)]
struct Condition {
    operator: Operator,
    version: Version,
    /// With `2.x`, this many numbers count.
    numbers: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Constraint {
    /// Reads a constraint. The error is kapp-controller's.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let failed =
            || format!("Parsing version constraint '{text}': Could not get version from string: {text:?}");
        let all = |part: &str| part.split_whitespace().map(condition).collect::<Option<Vec<_>>>();
        text.split("||").map(all).collect::<Option<Vec<_>>>().map(Self).ok_or_else(failed)
    }

    /// Whether a version satisfies the constraint.
    pub(crate) fn admits(&self, version: &Version) -> bool {
        self.0.iter().any(|all| all.iter().all(|condition| condition.holds(version)))
    }
}

impl Condition {
    fn holds(&self, version: &Version) -> bool {
        let order = if self.numbers == 3 {
            version.cmp(&self.version)
        } else {
            version.numbers[..self.numbers].cmp(&self.version.numbers[..self.numbers])
        };
        match self.operator {
            Operator::Equal => order == Ordering::Equal,
            Operator::Unequal => order != Ordering::Equal,
            Operator::Less => order == Ordering::Less,
            Operator::LessOrEqual => order != Ordering::Greater,
            Operator::Greater => order == Ordering::Greater,
            Operator::GreaterOrEqual => order != Ordering::Less,
        }
    }
}

fn condition(text: &str) -> Option<Condition> {
    let operators = [
        (">=", Operator::GreaterOrEqual),
        ("<=", Operator::LessOrEqual),
        ("!=", Operator::Unequal),
        ("==", Operator::Equal),
        (">", Operator::Greater),
        ("<", Operator::Less),
        ("!", Operator::Unequal),
        ("=", Operator::Equal),
    ];
    let found = operators.into_iter().find_map(|(sign, operator)| Some((operator, text.strip_prefix(sign)?)));
    let (operator, text) = found.unwrap_or((Operator::Equal, text));
    if let Some(version) = Version::parse(text) {
        return Some(Condition { operator, version, numbers: 3 });
    }
    let fixed: Vec<&str> = text.split('.').take_while(|part| *part != "x").collect();
    if fixed.len() == text.split('.').count() || fixed.is_empty() {
        return None;
    }
    let padded: Vec<&str> = fixed.iter().copied().chain(["0", "0", "0"]).take(3).collect();
    Some(Condition { operator, version: Version::parse(&padded.join("."))?, numbers: fixed.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn builds_count() {
        assert!(version("2.43.0+vmware.2-tkg.1") > version("2.43.0+vmware.1-tkg.1"));
        // `10-tkg` is a word: a trap that the real tools have, too.
        assert!(version("2.43.0+vmware.10-tkg.1") < version("2.43.0+vmware.9-tkg.1"));
        assert!(version("2.43.0") > version("2.43.0-rc.1"));
        assert!(Version::parse("2.43").is_none());
    }

    #[test]
    fn constraints() {
        let admits =
            |constraint: &str, text: &str| Constraint::parse(constraint).unwrap().admits(&version(text));
        assert!(admits("2.43.0+vmware.2-tkg.1", "2.43.0+vmware.2-tkg.1"));
        assert!(!admits("2.43.0", "2.43.0+vmware.2-tkg.1"));
        assert!(admits(">=2.43.0 <3.0.0", "2.53.4+vmware.1-tkg.1"));
        assert!(admits("1.0.0 || 2.x", "2.53.4"));
        assert!(admits("", "0.0.1"));
        assert!(Constraint::parse("newest").is_err());
    }

    #[test]
    fn prefixes_and_prereleases() {
        assert!(version("2.53.4+vmware.1-tkg.1").is_up_to("2.53"));
        assert!(!version("3.5.0").is_up_to("2.53"));
        assert!(!version("1.0.0-rc.1").is_admitted(None));
        assert!(version("1.0.0-rc.1").is_admitted(Some(&[])));
        assert!(!version("1.0.0-rc.1").is_admitted(Some(&["beta".into()])));
    }
}
