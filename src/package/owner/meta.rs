//! What is read of any object to tell whose it is.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A whole object, as far as it is read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Ownership {
    pub metadata: OwnershipMeta,
    /// The type of a Secret.
    #[serde(rename = "type")]
    pub secret_type: String,
}

/// The metadata that tells of others.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnershipMeta {
    pub labels: BTreeMap<String, String>,
    pub annotations: BTreeMap<String, String>,
    pub owner_references: Vec<OwnerReference>,
    pub managed_fields: Vec<FieldManager>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct OwnerReference {
    pub api_version: String,
    pub kind: String,
    pub name: String,
    pub controller: bool,
}

/// Who wrote which fields, and how.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct FieldManager {
    pub manager: String,
    /// `Apply`, which means to keep them so, or `Update`.
    pub operation: String,
    pub time: Option<jiff::Timestamp>,
    pub subresource: String,
    #[serde(rename = "fieldsV1")]
    pub fields: Value,
}
