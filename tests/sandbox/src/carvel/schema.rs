//! The schema of a package's values. The tree of defaults is the schema: every value has the type of its default.

use serde_json::{Map, Value, json};

use super::defaults;
use super::values::tree::{self, Content, Entry};

/// The package's real schema. From here its lines are taken, because ytt tells them.
const SCHEMA: &str = include_str!("../../../e2e/package/config/values-schema.yaml");
/// The name of its file in messages.
pub(super) const FILE: &str = "values-schema.yaml";

/// Below these names anything goes.
const FREE: &[&str] = &["annotations", "labels", "podAnnotations", "podLabels", "resources"];

/// What a value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// A map with known keys.
    Map,
    /// Anything at all.
    Any,
    /// A list of strings.
    Strings,
    String,
    /// A string, or null.
    NullableString,
    Integer,
    Boolean,
}

impl Type {
    /// The type of the value with this name and this default.
    pub(super) fn of(name: &str, default: &Value) -> Self {
        match default {
            _ if FREE.contains(&name) => Self::Any,
            Value::Object(_) => Self::Map,
            Value::Array(_) => Self::Strings,
            Value::Number(_) => Self::Integer,
            Value::Bool(_) => Self::Boolean,
            Value::Null => Self::NullableString,
            Value::String(_) => Self::String,
        }
    }

    /// Whether a value is of this type. Keys of maps and elements of lists are looked at elsewhere.
    pub(super) fn admits(self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::Map => value.is_object(),
            Self::Strings => value.is_array(),
            Self::String => value.is_string(),
            Self::NullableString => value.is_string() || value.is_null(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Boolean => value.is_boolean(),
        }
    }

    /// The type's name in a message.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Map => "map",
            Self::Any => "any",
            Self::Strings => "array",
            Self::String | Self::NullableString => "string",
            Self::Integer => "integer",
            Self::Boolean => "boolean",
        }
    }
}

/// The schema of a package: its defaults, and where ytt reads that they are declared.
#[derive(Debug)]
pub(super) struct Schema {
    defaults: Value,
    root: Declared,
}

/// A value that is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) kind: Type,
    /// The line of the schema; 0 where it is not found there.
    pub(super) line: usize,
    /// Of a list: the line of its element.
    item_line: usize,
    fields: Vec<(String, Declared)>,
}

impl Schema {
    /// The schema of a package that deploys to a namespace.
    pub(super) fn of_package(namespace: &str) -> Self {
        Self::new(defaults::values(namespace), SCHEMA)
    }

    /// A schema with these defaults, declared in this text.
    pub(super) fn new(defaults: Value, text: &str) -> Self {
        let documents = tree::documents(FILE, text).unwrap_or_default();
        let root = Declared::new("", &defaults, documents.first().map(|document| &document.root));
        Self { defaults, root }
    }

    pub(super) fn defaults(&self) -> &Value {
        &self.defaults
    }

    pub(super) fn root(&self) -> &Declared {
        &self.root
    }

    /// The `OpenAPI` document that a Package carries: what ytt makes of its schema.
    pub(super) fn open_api(&self) -> Value {
        open_api("", &self.defaults)
    }
}

impl Declared {
    fn new(name: &str, default: &Value, source: Option<&Entry<'_>>) -> Self {
        let below = |name: &str| match source.map(|source| &source.value) {
            Some(Content::Map(entries)) => entries.iter().find(|entry| entry.key == name),
            _ => None,
        };
        let line = |source: Option<&Entry<'_>>| source.map_or(0, |source| source.place.line);
        let item = match source.map(|source| &source.value) {
            Some(Content::List(items)) => items.first(),
            _ => None,
        };
        let fields = default.as_object().into_iter().flatten();
        Self {
            kind: Type::of(name, default),
            line: line(source),
            item_line: line(item),
            fields: fields.map(|(name, value)| (name.clone(), Self::new(name, value, below(name)))).collect(),
        }
    }

    /// What a map has under this key.
    pub(super) fn field(&self, key: &str) -> Option<&Self> {
        self.fields.iter().find(|(name, _)| name == key).map(|(_, declared)| declared)
    }

    /// The keys of a map.
    pub(super) fn keys(&self) -> Vec<String> {
        self.fields.iter().map(|(name, _)| name.clone()).collect()
    }

    /// What every element of a list of strings is.
    pub(super) fn item(&self) -> Self {
        Self { kind: Type::String, line: self.item_line, item_line: 0, fields: Vec::new() }
    }
}

fn open_api(name: &str, default: &Value) -> Value {
    match Type::of(name, default) {
        Type::Any => json!({"nullable": true, "default": default}),
        Type::NullableString => json!({"type": "string", "nullable": true, "default": null}),
        Type::Strings => {
            json!({"type": "array", "items": {"type": "string", "default": ""}, "default": default})
        }
        Type::Map => {
            let properties: Map<String, Value> = default
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, default)| (name.clone(), open_api(name, default)))
                .collect();
            json!({"type": "object", "additionalProperties": false, "properties": properties})
        }
        scalar => json!({"type": scalar.name(), "default": default}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_in_the_schema() {
        let defaults = json!({"a": {"on": false, "labels": {}}, "list": ["x"], "class": null});
        let schema = Schema::new(defaults, "").open_api();
        assert_eq!(
            schema["properties"]["a"]["properties"]["on"],
            json!({"type": "boolean", "default": false})
        );
        assert_eq!(
            schema["properties"]["a"]["properties"]["labels"],
            json!({"nullable": true, "default": {}})
        );
        assert_eq!(schema["properties"]["list"]["default"], json!(["x"]));
        assert_eq!(schema["properties"]["class"]["nullable"], true);
    }

    #[test]
    fn lines_are_those_of_the_text() {
        let text = "#! first\n#@data/values-schema\n---\na:\n  list:\n  - x\n";
        let schema = Schema::new(json!({"a": {"list": ["x"]}, "gone": 1}), text);
        let list = schema.root().field("a").and_then(|a| a.field("list")).unwrap();
        assert_eq!((schema.root().line, list.line, list.item().line), (3, 5, 6));
        assert_eq!(schema.root().field("gone").unwrap().line, 0);
    }

    #[test]
    fn every_value_of_the_packages_is_declared() {
        fn lines(declared: &Declared) -> Vec<usize> {
            declared.fields.iter().flat_map(|(_, field)| lines(field)).chain([declared.line]).collect()
        }
        assert!(!lines(Schema::of_package("ns").root()).contains(&0));
    }
}
