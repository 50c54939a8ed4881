//! A second opinion on a text, by another parser.
//!
//! What promfed writes is read by Go programs, whose YAML readers descend from libyaml. So does the reader that is asked
//! here, while the spans come from one that follows the specification more closely. Where both see the same, Prometheus
//! and ytt will.

use serde_json::Value;

/// Whether the other parser sees the same mappings, lists and strings. How it types plain scalars is its own: YAML 1.1
/// and 1.2 differ there, and Prometheus's fields have types of their own.
pub(super) fn agrees(text: &str, value: &Value) -> bool {
    read(text).is_ok_and(|other| same(&other, value))
}

/// What the other parser sees.
pub(super) fn read(text: &str) -> Result<serde_yaml::Value, serde_yaml::Error> {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text)?;
    value.apply_merge()?;
    Ok(value)
}

fn same(other: &serde_yaml::Value, value: &Value) -> bool {
    use serde_yaml::Value as Other;
    match (other, value) {
        (Other::Tagged(tagged), value) => same(&tagged.value, value),
        (Other::Mapping(others), Value::Object(map)) => {
            others.len() == map.len()
                && others.iter().all(|(key, other)| {
                    let value = key.as_str().and_then(|key| map.get(key));
                    // A key that is no string to the other parser, like `on`, is compared by nobody.
                    value.map_or(!key.is_string(), |value| same(other, value))
                })
        }
        (Other::Sequence(others), Value::Array(items)) => {
            others.len() == items.len() && others.iter().zip(items).all(|(other, item)| same(other, item))
        }
        (Other::Mapping(_) | Other::Sequence(_), _) | (_, Value::Object(_) | Value::Array(_)) => false,
        (Other::String(other), Value::String(text)) => other == text,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_same_text_is_seen_the_same() {
        let text = "a: &x {b: [1, two]}\nc:\n  <<: *x\n  d: |\n    text\n";
        let value = json!({"a": {"b": [1, "two"]}, "c": {"b": [1, "two"], "d": "text\n"}});
        assert!(agrees(text, &value));
        assert!(!agrees(text, &json!({"a": {"b": [1, "two"]}})));
        assert!(!agrees("a: [1\n", &Value::Null));
    }

    #[test]
    fn how_plain_scalars_are_typed_is_not_compared() {
        assert!(agrees("a: on\nb: 010\n", &json!({"a": "on", "b": "010"})));
    }
}
