//! Holds what a process runs with against what its role and its values say.

use std::collections::BTreeMap;

use serde::Serialize;

use super::args::Args;
use crate::prometheus::{AgentMode, Capabilities, PromDuration, Receiver, Role};

/// What a flag should be, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    pub flag: String,
    pub expected: Expected,
    pub source: &'static str,
}

/// What to hold a runtime value against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Just this value; durations are compared as times.
    Value(String),
    /// A list, by commas, that has this among its items.
    Contains(String),
}

/// How a runtime flag compares with what was expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    Ok,
    Differs,
    /// The process does not know the flag.
    Unknown,
}

impl Expected {
    /// The verdict over the value that the process runs with.
    pub fn judge(&self, actual: Option<&str>) -> Verdict {
        let Some(actual) = actual else {
            return Verdict::Unknown;
        };
        let holds = match self {
            Self::Contains(name) => actual.split(',').any(|item| item == name),
            Self::Value(value) => {
                value == actual
                    || matches!(
                        (value.parse::<PromDuration>(), actual.parse::<PromDuration>()),
                        (Ok(value), Ok(actual)) if value == actual
                    )
            }
        };
        if holds { Verdict::Ok } else { Verdict::Differs }
    }
}

impl std::fmt::Display for Expected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(text) | Self::Contains(text) => f.write_str(text),
        }
    }
}

/// What is expected of a process: by its role, at its version, and by the arguments that the values give it.
/// A flag that the role speaks of is not repeated for the values.
pub fn expectations(role: Role, capabilities: Capabilities, args: &Args) -> Vec<Expectation> {
    let mut all = match role {
        Role::Hub => of_hub(capabilities),
        Role::Agent => of_agent(capabilities),
    };
    let spoken_of = |one: &Expectation| {
        all.iter().any(|other| {
            other.flag == one.flag && (other.flag != "enable-feature" || other.expected == one.expected)
        })
    };
    let more: Vec<_> = from_values(args).into_iter().filter(|one| !spoken_of(one)).collect();
    all.extend(more);
    all
}

/// What the arguments in the values say, whatever the role.
pub fn from_values(args: &Args) -> Vec<Expectation> {
    let source = "values";
    let mut all: Vec<Expectation> = Vec::new();
    for flag in args.flags().into_iter().filter(|flag| flag.name != "enable-feature") {
        // The last appearance counts.
        all.retain(|other| other.flag != flag.name);
        all.push(value(flag.name, flag.value, source));
    }
    all.extend(args.features().map(|name| feature(name, source)));
    all
}

fn of_hub(capabilities: Capabilities) -> Vec<Expectation> {
    let source = "hub role";
    match capabilities.receiver() {
        Receiver::Flag => vec![value("web.enable-remote-write-receiver", "true", source)],
        Receiver::FeatureName => vec![feature("remote-write-receiver", source)],
        Receiver::None => Vec::new(),
    }
}

fn of_agent(capabilities: Capabilities) -> Vec<Expectation> {
    let source = "agent role";
    match capabilities.agent_mode() {
        AgentMode::Flag => vec![value("agent", "true", source)],
        AgentMode::FeatureName => vec![feature("agent", source)],
        AgentMode::None => Vec::new(),
    }
}

fn value(flag: &str, value: &str, source: &'static str) -> Expectation {
    Expectation { flag: flag.to_owned(), expected: Expected::Value(value.to_owned()), source }
}

fn feature(name: &str, source: &'static str) -> Expectation {
    Expectation { flag: "enable-feature".to_owned(), expected: Expected::Contains(name.to_owned()), source }
}

/// The role that a running process plays, by its flags: an agent by agent mode, a hub by its receiver.
///
/// All flags are listed in both modes, so their presence proves nothing; and a feature name counts only where the
/// version still knows it.
pub fn mode(capabilities: Capabilities, flags: &BTreeMap<String, String>) -> Option<Role> {
    let holds = |expectations: Vec<Expectation>| {
        !expectations.is_empty()
            && expectations.iter().all(|expectation| {
                expectation.expected.judge(flags.get(&expectation.flag).map(String::as_str)) == Verdict::Ok
            })
    };
    if holds(of_agent(capabilities)) {
        Some(Role::Agent)
    } else if holds(of_hub(capabilities)) {
        Some(Role::Hub)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prometheus::Version;

    fn flags(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn durations_are_compared_as_times() {
        let expected = Expected::Value("42d".to_owned());
        assert_eq!(expected.judge(Some("6w")), Verdict::Ok);
        assert_eq!(expected.judge(Some("15d")), Verdict::Differs);
        assert_eq!(expected.judge(None), Verdict::Unknown);
    }

    #[test]
    fn a_dead_feature_name_makes_no_agent() {
        let running = flags(&[("agent", "false"), ("enable-feature", "agent")]);
        assert_eq!(mode(Capabilities::of(Version::new(3, 5, 0)), &running), None);
        assert_eq!(mode(Capabilities::of(Version::new(2, 53, 0)), &running), Some(Role::Agent));
    }

    #[test]
    fn the_values_are_expected_too_but_not_twice() {
        let args = Args::new(
            ["--web.enable-remote-write-receiver", "--a=1", "--a=2", "--enable-feature=x,y"]
                .map(str::to_owned)
                .to_vec(),
        );
        let all = expectations(Role::Hub, Capabilities::of(Version::new(2, 43, 0)), &args);
        let names: Vec<_> =
            all.iter().map(|one| (one.flag.as_str(), one.expected.to_string(), one.source)).collect();
        assert_eq!(
            names,
            [
                ("web.enable-remote-write-receiver", "true".to_owned(), "hub role"),
                ("a", "2".to_owned(), "values"),
                ("enable-feature", "x".to_owned(), "values"),
                ("enable-feature", "y".to_owned(), "values"),
            ]
        );
    }
}
