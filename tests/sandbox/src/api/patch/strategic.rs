//! Strategic merge patch: like a merge patch, but lists of named things are merged item by item.

use serde_json::{Map, Value};

/// Lists that are merged, with the field that tells the items apart.
const KEYS: &[(&str, &str)] = &[
    ("containers", "name"),
    ("initContainers", "name"),
    ("ephemeralContainers", "name"),
    ("volumes", "name"),
    ("env", "name"),
    ("imagePullSecrets", "name"),
    ("secrets", "name"),
    ("volumeMounts", "mountPath"),
    ("volumeDevices", "devicePath"),
    ("hostAliases", "ip"),
    ("conditions", "type"),
    ("addresses", "type"),
    ("ownerReferences", "uid"),
];

/// Lists of values that are merged as sets.
const SETS: &[&str] = &["finalizers"];

/// The value after the patch.
pub(super) fn patch(value: &Value, patch: &Value) -> Value {
    let Value::Object(changes) = patch else { return patch.clone() };
    if changes.get("$patch").and_then(Value::as_str) == Some("replace") {
        return Value::Object(plain(changes));
    }
    let mut fields = match value {
        Value::Object(fields) => fields.clone(),
        _ => Map::new(),
    };
    if let Some(retained) = changes.get("$retainKeys").and_then(Value::as_array) {
        fields.retain(|name, _| retained.iter().any(|kept| kept == name));
    }
    for (name, change) in changes {
        if let Some(list) = name.strip_prefix("$deleteFromPrimitiveList/") {
            let gone = change.as_array().cloned().unwrap_or_default();
            if let Some(items) = fields.get_mut(list).and_then(Value::as_array_mut) {
                items.retain(|item| !gone.contains(item));
            }
            continue;
        }
        if name.starts_with('$') {
            continue;
        }
        let deleted = change.is_null() || change.get("$patch").and_then(Value::as_str) == Some("delete");
        if deleted {
            fields.shift_remove(name);
            continue;
        }
        let old = fields.get(name).unwrap_or(&Value::Null);
        let new = match (old, change) {
            (Value::Array(old), Value::Array(changes)) => list(name, old, changes),
            _ => self::patch(old, change),
        };
        fields.insert(name.clone(), new);
    }
    Value::Object(fields)
}

fn list(name: &str, old: &[Value], changes: &[Value]) -> Value {
    if SETS.contains(&name) {
        let mut all = old.to_vec();
        all.extend(changes.iter().filter(|item| !old.contains(item)).cloned());
        return Value::Array(all);
    }
    let replace = |item: &Value| item["$patch"] == "replace";
    let key = key(name, changes).filter(|_| !changes.iter().any(replace));
    let Some(key) = key else {
        return Value::Array(changes.iter().filter(|item| !replace(item)).cloned().collect());
    };
    let mut all = old.to_vec();
    for change in changes {
        let place = all.iter().position(|item| item[key] == change[key]);
        match (place, change["$patch"] == "delete") {
            (Some(place), true) => {
                all.remove(place);
            }
            (Some(place), false) => all[place] = patch(&all[place], change),
            (None, true) => {}
            (None, false) => all.push(patch(&Value::Null, change)),
        }
    }
    Value::Array(all)
}

/// The ports of containers and of Services have different keys.
fn key(name: &str, changes: &[Value]) -> Option<&'static str> {
    if name == "ports" {
        let of_container = changes.iter().any(|port| port.get("containerPort").is_some());
        let of_service = changes.iter().any(|port| port.get("port").is_some());
        return if of_container {
            Some("containerPort")
        } else if of_service {
            Some("port")
        } else {
            None
        };
    }
    KEYS.iter().find(|(list, _)| *list == name).map(|(_, key)| *key)
}

fn plain(fields: &Map<String, Value>) -> Map<String, Value> {
    fields.iter().filter(|(name, _)| !name.starts_with('$')).map(|(n, v)| (n.clone(), v.clone())).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn containers_are_merged_by_name() {
        let before = json!({"containers": [{"name": "a", "image": "1", "args": ["x"]}, {"name": "b"}]});
        let change = json!({"containers": [{"name": "a", "image": "2"}, {"name": "b", "$patch": "delete"}, {"name": "c"}],
            "$setElementOrder/containers": [{"name": "a"}, {"name": "c"}]});
        let after = patch(&before, &change);
        assert_eq!(after, json!({"containers": [{"name": "a", "image": "2", "args": ["x"]}, {"name": "c"}]}));
    }

    #[test]
    fn other_lists_are_replaced() {
        let before = json!({"args": ["a", "b"], "finalizers": ["x"], "map": {"k": 1}});
        let change = json!({"args": ["c"], "finalizers": ["y"], "map": {"$patch": "replace", "l": 2}});
        let after = patch(&before, &change);
        assert_eq!(after, json!({"args": ["c"], "finalizers": ["x", "y"], "map": {"l": 2}}));
    }
}
