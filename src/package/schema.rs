//! What a package says of its values, and the defaults that this holds.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// `spec.valuesSchema` of a Package: null, with no defaults, where it has none.
///
/// Clusters that offer the same version of a package say the same of it, at length; they share one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ValuesSchema(Arc<Parts>);

#[derive(Debug, Default, PartialEq)]
struct Parts {
    open_api: Value,
    defaults: Arc<Value>,
}

impl ValuesSchema {
    fn read(text: &str) -> serde_json::Result<Self> {
        let mut envelope: Value = serde_json::from_str(text)?;
        let open_api = envelope.get_mut("openAPIv3").map(Value::take).unwrap_or_default();
        let defaults = Arc::new(default_of(&open_api).unwrap_or_default());
        Ok(Self(Arc::new(Parts { open_api, defaults })))
    }

    /// The schema itself (`openAPIv3`).
    pub fn open_api(&self) -> &Value {
        &self.0.open_api
    }

    /// Every default, as one tree of values: what the package runs with when nobody says anything.
    pub fn defaults(&self) -> &Arc<Value> {
        &self.0.defaults
    }
}

impl<'de> Deserialize<'de> for ValuesSchema {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        static READ: LazyLock<Mutex<HashMap<String, ValuesSchema>>> = LazyLock::new(Mutex::default);
        let text = Box::<RawValue>::deserialize(deserializer)?;
        let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = read.get(text.get()) {
            return Ok(schema.clone());
        }
        let schema = Self::read(text.get()).map_err(serde::de::Error::custom)?;
        read.insert(text.get().to_owned(), schema.clone());
        Ok(schema)
    }
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
        let schema = ValuesSchema::deserialize(schema).unwrap();
        assert_eq!(**schema.defaults(), json!({"namespace": "monitoring", "prometheus": {"args": ["--a"]}}));
        assert_eq!(ValuesSchema::deserialize(Value::Null).unwrap(), ValuesSchema::default());
    }

    #[test]
    fn what_two_clusters_say_alike_is_kept_once() {
        let read = || ValuesSchema::deserialize(json!({"openAPIv3": {"default": "alike"}})).unwrap();
        let other = ValuesSchema::deserialize(json!({"openAPIv3": {"default": "different"}})).unwrap();
        assert!(Arc::ptr_eq(read().defaults(), read().defaults()));
        assert_ne!(read(), other);
    }
}
