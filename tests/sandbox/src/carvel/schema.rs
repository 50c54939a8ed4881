//! The schema of a package's values. The tree of defaults is the schema: every value has the type of its default.

use serde_json::{Map, Value, json};

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

/// The name of a given value's type in a message.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "map",
    }
}

/// The defaults as the `OpenAPI` document that a Package carries.
pub(super) fn open_api(defaults: &Value) -> Value {
    node("", defaults)
}

fn node(name: &str, default: &Value) -> Value {
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
                .map(|(name, default)| (name.clone(), node(name, default)))
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
        let schema = open_api(&json!({"a": {"on": false, "labels": {}}, "list": ["x"], "class": null}));
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
}
