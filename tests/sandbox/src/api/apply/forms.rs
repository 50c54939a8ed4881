//! How sets of fields are written: as the tree `fieldsV1`, and as text in messages.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::fields::{Fields, Path, Step};

impl Fields {
    /// Writes the set as the tree that `managedFields` holds: a field that is in the set, with others below it, has a dot.
    pub(super) fn tree(&self) -> Value {
        let mut root = Value::Object(Map::new());
        for path in &self.0 {
            let mut place = &mut root;
            for step in path {
                let name = match step {
                    Step::Field(name) => format!("f:{name}"),
                    Step::Key(key) => format!("k:{key}"),
                    Step::Value(value) => format!("v:{value}"),
                };
                place = &mut place[name];
                if place.is_null() {
                    *place = json!({});
                }
            }
            place["."] = json!({});
        }
        leaves(&mut root);
        root
    }

    /// Reads the tree.
    pub(super) fn read(tree: &Value) -> Self {
        let mut fields = Self::default();
        walk(tree, &mut Vec::new(), &mut fields);
        fields
    }
}

/// What has nothing below it needs no dot.
fn leaves(tree: &mut Value) {
    let Some(map) = tree.as_object_mut() else { return };
    if map.len() == 1 && map.contains_key(".") {
        map.clear();
    }
    for (_, value) in map.iter_mut() {
        leaves(value);
    }
}

fn walk(tree: &Value, path: &mut Path, fields: &mut Fields) {
    let Some(map) = tree.as_object() else { return };
    if (map.is_empty() || map.contains_key(".")) && !path.is_empty() {
        fields.0.insert(path.clone());
    }
    for (name, value) in map {
        let step = match name.split_once(':') {
            Some(("f", name)) => Step::Field(name.to_owned()),
            Some(("k", key)) => Step::Key(key.to_owned()),
            Some(("v", value)) => Step::Value(value.to_owned()),
            _ => continue,
        };
        path.push(step);
        walk(value, path, fields);
        path.pop();
    }
}

/// A path as messages write it.
pub(super) fn text(path: &[Step]) -> String {
    let mut text = String::new();
    for step in path {
        match step {
            Step::Field(name) => {
                write!(text, ".{name}").ok();
            }
            Step::Key(key) => {
                let key: Map<String, Value> = serde_json::from_str(key).unwrap_or_default();
                let parts: Vec<String> = key.iter().map(|(name, value)| format!("{name}={value}")).collect();
                write!(text, "[{}]", parts.join(",")).ok();
            }
            Step::Value(value) => {
                write!(text, "[={value}]").ok();
            }
        }
    }
    text
}
