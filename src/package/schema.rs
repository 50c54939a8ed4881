//! The defaults that a Package's own values schema holds.

use serde_json::{Map, Value};

/// Every default of `spec.valuesSchema`, as one tree of values: what the package runs with when nobody says anything.
/// `null` when the package has no schema.
pub fn defaults(values_schema: &Value) -> Value {
    default_of(&values_schema["openAPIv3"]).unwrap_or(Value::Null)
}

/// A default given at a node wins over those of its properties.
fn default_of(schema: &Value) -> Option<Value> {
    if let Some(default) = schema.get("default") {
        return Some(default.clone());
    }
    let properties = schema["properties"].as_object()?;
    let values: Map<String, Value> =
        properties.iter().filter_map(|(name, schema)| Some((name.clone(), default_of(schema)?))).collect();
    (!values.is_empty()).then_some(Value::Object(values))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_defaults_become_a_tree() {
        let schema = json!({"openAPIv3": {"properties": {
            "namespace": {"type": "string", "default": "monitoring"},
            "prometheus": {"properties": {
                "args": {"type": "array", "items": {"default": ""}, "default": ["--a"]},
                "resources": {"type": "object", "properties": {}}
            }}
        }}});
        assert_eq!(defaults(&schema), json!({"namespace": "monitoring", "prometheus": {"args": ["--a"]}}));
        assert_eq!(defaults(&Value::Null), Value::Null);
    }
}
