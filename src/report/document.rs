//! One JSON or YAML document per command, with a version and a kind of its own.

use serde::Serialize;
use serde_json::Value;

use crate::error::Error;
use crate::yaml::write::to_yaml;

/// The version of everything that promfed prints for programs.
pub const API_VERSION: &str = "promfed.dev/v1alpha1";

/// A result with its kind in front.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document<T> {
    api_version: &'static str,
    kind: &'static str,
    #[serde(flatten)]
    body: T,
}

impl<T: Serialize> Document<T> {
    /// The body must be a struct or a map with string keys.
    pub fn new(kind: &'static str, body: T) -> Self {
        Self { api_version: API_VERSION, kind, body }
    }

    /// Pretty JSON, and a newline.
    ///
    /// # Errors
    ///
    /// A body that is not a map with string keys.
    pub fn to_json(&self) -> Result<String, Error> {
        serde_json::to_string_pretty(self).map(|text| text + "\n").map_err(|error| self.not_a_map(&error))
    }

    /// YAML that readers of version 1.1 and 1.2 understand the same.
    ///
    /// # Errors
    ///
    /// A body that is not a map with string keys.
    pub fn to_yaml(&self) -> Result<String, Error> {
        serde_json::to_value(self).map(|value: Value| to_yaml(&value)).map_err(|error| self.not_a_map(&error))
    }

    fn not_a_map(&self, error: &serde_json::Error) -> Error {
        Error::failed(format!("the result cannot be printed as {}", self.kind)).because(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Body {
        cluster_name: &'static str,
        ready: &'static str,
        replicas: u32,
    }

    fn document() -> Document<Body> {
        Document::new("HubStatus", Body { cluster_name: "edge", ready: "on", replicas: 1 })
    }

    #[test]
    fn json_has_version_and_kind_first() {
        insta::assert_snapshot!(document().to_json().unwrap(), @r#"
        {
          "apiVersion": "promfed.dev/v1alpha1",
          "kind": "HubStatus",
          "clusterName": "edge",
          "ready": "on",
          "replicas": 1
        }
        "#);
    }

    #[test]
    fn yaml_says_the_same() {
        insta::assert_snapshot!(document().to_yaml().unwrap(), @r#"
        apiVersion: promfed.dev/v1alpha1
        kind: HubStatus
        clusterName: edge
        ready: "on"
        replicas: 1
        "#);
    }

    #[test]
    fn a_body_that_is_no_map_is_an_error() {
        assert!(Document::new("Text", "only text").to_json().is_err());
    }
}
