//! JSON merge patch (RFC 7396): maps are merged, null removes, everything else replaces.

use serde_json::{Map, Value};

/// The value after the patch.
pub(super) fn patch(value: &Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    let mut fields = match value {
        Value::Object(fields) => fields.clone(),
        _ => Map::new(),
    };
    for (name, change) in changes {
        if change.is_null() {
            fields.shift_remove(name);
        } else {
            let value = self::patch(fields.get(name).unwrap_or(&Value::Null), change);
            fields.insert(name.clone(), value);
        }
    }
    Value::Object(fields)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_removes_and_lists_are_replaced() {
        let before = json!({"a": {"b": 1, "c": 2}, "l": [1, 2]});
        let after = patch(&before, &json!({"a": {"b": null, "d": {"e": null, "f": 1}}, "l": [3]}));
        assert_eq!(after, json!({"a": {"c": 2, "d": {"f": 1}}, "l": [3]}));
    }
}
