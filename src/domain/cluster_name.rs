//! The value of the `cluster` label.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::Invalid;

/// What tells one cluster's series from another's at the hub: up to 63 letters, digits, `-`, `_` and `.`, beginning
/// and ending with a letter or a digit, as a Kubernetes label value is.
///
/// Prometheus would take any text. This one needs no quoting in PromQL, YAML or a shell, has no `$` that Prometheus
/// would expand in external labels, and can label a Kubernetes object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ClusterName(String);

impl ClusterName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClusterName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let is_edge = |c: char| c.is_ascii_alphanumeric();
        let is_inner = |c: char| is_edge(c) || matches!(c, '-' | '_' | '.');
        let is_valid = text.len() <= 63
            && text.starts_with(is_edge)
            && text.ends_with(is_edge)
            && text.chars().all(is_inner);
        if is_valid {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::because(
            "a cluster name is 1 to 63 letters, digits, '-', '_' or '.', beginning and ending with a letter or a digit",
        ))
    }
}

impl fmt::Display for ClusterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_needs_no_quoting_is_valid() {
        for name in ["hub", "edge-1", "eu.west_2", "A", "1", &"x".repeat(63)] {
            assert!(name.parse::<ClusterName>().is_ok(), "{name}");
        }
    }

    #[test]
    fn a_name_that_prometheus_or_a_shell_would_take_apart_is_not() {
        for name in ["", "-a", "a-", "a b", "${X}", "a\"b", "ä", "a\n", &"x".repeat(64)] {
            assert!(name.parse::<ClusterName>().is_err(), "{name}");
        }
    }
}
