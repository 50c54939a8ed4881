//! JSON patch (RFC 6902): a list of operations on paths.

use serde_json::Value;

use crate::api::status::Failure;

/// The value after all operations.
pub(super) fn patch(value: &Value, patch: &Value) -> Result<Value, Failure> {
    let Some(operations) = patch.as_array() else {
        return Err(Failure::bad_request("error decoding patch: a JSON patch is a list of operations"));
    };
    let mut value = value.clone();
    for operation in operations {
        if apply(&mut value, operation).is_none() {
            return Err(Failure::code(422).with_details(serde_json::json!({})));
        }
    }
    Ok(value)
}

/// One operation; `None` when it does not fit.
fn apply(value: &mut Value, operation: &Value) -> Option<()> {
    let path = operation["path"].as_str()?;
    let new = || operation.get("value").cloned();
    match operation["op"].as_str()? {
        "add" => add(value, path, new()?),
        "remove" => remove(value, path).map(|_| ()),
        "replace" => replace(value, path, new()?),
        "move" => {
            let moved = remove(value, operation["from"].as_str()?)?;
            add(value, path, moved)
        }
        "copy" => {
            let copied = value.pointer(operation["from"].as_str()?)?.clone();
            add(value, path, copied)
        }
        "test" => {
            let wanted = operation.get("value").unwrap_or(&Value::Null);
            (value.pointer(path).unwrap_or(&Value::Null) == wanted).then_some(())
        }
        _ => None,
    }
}

fn parent<'a>(value: &'a mut Value, path: &str) -> Option<(&'a mut Value, String)> {
    let (parent, last) = path.rsplit_once('/')?;
    Some((value.pointer_mut(parent)?, last.replace("~1", "/").replace("~0", "~")))
}

fn add(value: &mut Value, path: &str, new: Value) -> Option<()> {
    if path.is_empty() {
        *value = new;
        return Some(());
    }
    match parent(value, path)? {
        (Value::Object(fields), name) => {
            fields.insert(name, new);
        }
        (Value::Array(items), index) => {
            let index = if index == "-" { items.len() } else { index.parse().ok()? };
            if index > items.len() {
                return None;
            }
            items.insert(index, new);
        }
        _ => return None,
    }
    Some(())
}

/// Puts a value where another one is; into a map also where none is.
fn replace(value: &mut Value, path: &str, new: Value) -> Option<()> {
    if let Some(old) = value.pointer_mut(path) {
        *old = new;
        return Some(());
    }
    match parent(value, path)? {
        (Value::Object(fields), name) => drop(fields.insert(name, new)),
        _ => return None,
    }
    Some(())
}

fn remove(value: &mut Value, path: &str) -> Option<Value> {
    match parent(value, path)? {
        (Value::Object(fields), name) => fields.shift_remove(&name),
        (Value::Array(items), index) => {
            let index: usize = index.parse().ok()?;
            (index < items.len()).then(|| items.remove(index))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operations() {
        let before = json!({"metadata": {"annotations": {"a/b": "1"}}, "l": [1, 3]});
        let operations = json!([
            {"op": "test", "path": "/metadata/annotations/a~1b", "value": "1"},
            {"op": "remove", "path": "/metadata/annotations/a~1b"},
            {"op": "add", "path": "/l/1", "value": 2},
            {"op": "add", "path": "/l/-", "value": 4},
            {"op": "copy", "from": "/l/0", "path": "/x"},
            {"op": "move", "from": "/x", "path": "/y"},
            {"op": "replace", "path": "/y", "value": 7},
            {"op": "replace", "path": "/z", "value": 8},
        ]);
        let after = patch(&before, &operations).unwrap();
        assert_eq!(after, json!({"metadata": {"annotations": {}}, "l": [1, 2, 3, 4], "y": 7, "z": 8}));
    }

    #[test]
    fn a_failed_test_is_422() {
        let failure =
            patch(&json!({"a": 1}), &json!([{"op": "test", "path": "/a", "value": 2}])).unwrap_err();
        assert_eq!(failure.status()["code"], 422);
    }
}
