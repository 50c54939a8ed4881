//! The clusters that joined a hub by promfed: a ConfigMap beside the hub's PackageInstall, one key for each cluster
//! name, so that two that join at once write two keys.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::objects::{MANAGED_BY, US};
use crate::domain::ClusterName;

/// A cluster that joined.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Member {
    /// The UID of its namespace `kube-system`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<String>,
    /// When it joined first under this name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub joined: Option<Timestamp>,
}

/// The members by cluster name.
pub type Members = BTreeMap<String, Member>;

/// The name of the ConfigMap of a hub's install.
pub fn members_name(install: &str) -> String {
    format!("{install}.promfed.clusters")
}

/// Reads the ConfigMap's data. A value that cannot be read is still a member.
pub fn members(data: &BTreeMap<String, String>) -> Members {
    let member = |text: &String| serde_json::from_str(text).unwrap_or_default();
    data.iter().map(|(name, text)| (name.clone(), member(text))).collect()
}

/// The ConfigMap with its first member.
pub fn new_members(install: &str, namespace: &str, name: &ClusterName, member: &Member) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": members_name(install), "namespace": namespace, "labels": {MANAGED_BY: US}},
        "data": {name.as_str(): text(member)},
    })
}

/// The merge patch that adds a member.
pub fn joining(name: &ClusterName, member: &Member) -> Value {
    json!({"data": {name.as_str(): text(member)}})
}

/// The merge patch that takes a member out.
pub fn leaving(name: &str) -> Value {
    json!({"data": {name: null}})
}

fn text(member: &Member) -> String {
    serde_json::to_string(member).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let name: ClusterName = "edge".parse().expect("a name");
        let member = Member { uid: Some("1".into()), joined: "2026-01-02T03:04:05Z".parse().ok() };
        let object = new_members("prometheus", "tkg-system", &name, &member);
        let data: BTreeMap<String, String> = serde_json::from_value(object["data"].clone()).expect("texts");
        assert_eq!(members(&data), BTreeMap::from([("edge".to_owned(), member)]));
    }

    #[test]
    fn a_value_of_other_hands_is_a_member_of_whom_nothing_is_known() {
        let data = BTreeMap::from([("edge".to_owned(), "by hand".to_owned())]);
        assert_eq!(members(&data), BTreeMap::from([("edge".to_owned(), Member::default())]));
    }
}
