//! A store as the mirror of a real API server: what a watch tells is observed, and writes go upstream.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Key, Kind, Refused, Store};

/// Which part of an object a patch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All but the status.
    Object,
    /// The status, which is a subresource of all kinds that are written here.
    Status,
}

/// The API server behind a mirror. Its methods block.
pub trait Upstream: Send + Sync {
    /// Creates an object.
    fn create(&self, key: &Key, object: &Value) -> Result<Value, Refused>;

    /// Applies a JSON merge patch.
    fn patch(&self, key: &Key, part: Part, patch: &Value) -> Result<Value, Refused>;

    /// Asks for an object's deletion.
    fn delete(&self, key: &Key) -> Result<Value, Refused>;
}

impl Store {
    /// An empty store whose writes go upstream. It is filled by `observe`.
    pub fn mirror(upstream: Arc<dyn Upstream>) -> Self {
        Self { upstream: Some(upstream), ..Self::default() }
    }

    /// Takes over an object as it is upstream now; `None` when it is gone. Whatever is older than what is known
    /// already is left out.
    pub fn observe(&self, key: &Key, object: Option<Value>) {
        let mut inner = self.lock();
        let before = inner.objects.get(key);
        let (kind, object) = match (before, object) {
            (None, None) => return,
            (Some(before), None) => (Kind::Deleted, before.clone()),
            (None, Some(object)) => (Kind::Added, object),
            (Some(before), Some(object)) if version(before) >= version(&object) => return,
            (Some(_), Some(object)) => (Kind::Modified, object),
        };
        self.note(&mut inner, kind, key, object);
    }

    pub(super) fn created_upstream(
        &self,
        upstream: &dyn Upstream,
        key: &Key,
        object: &Value,
    ) -> Result<Value, Refused> {
        let created = upstream.create(key, object)?;
        self.observe(key, Some(created.clone()));
        Ok(created)
    }

    pub(super) fn modified_upstream(
        &self,
        upstream: &dyn Upstream,
        key: &Key,
        change: impl FnOnce(&mut Value),
    ) -> Result<Value, Refused> {
        let before = self.get(key).ok_or(Refused::NotFound)?;
        let mut after = before.clone();
        change(&mut after);
        let Some(Value::Object(mut patch)) = difference(&before, &after) else { return Ok(before) };
        let mut result = before;
        if let Some(status) = patch.remove("status") {
            let patch = Value::Object(Map::from_iter([("status".to_owned(), status)]));
            result = upstream.patch(key, Part::Status, &patch)?;
        }
        if !patch.is_empty() {
            result = upstream.patch(key, Part::Object, &Value::Object(patch))?;
        }
        self.observe(key, Some(result.clone()));
        Ok(result)
    }
}

/// The version as a number: newer versions are greater.
fn version(object: &Value) -> u64 {
    object["metadata"]["resourceVersion"].as_str().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// The JSON merge patch that leads from one value to the other; `None` when they are the same.
fn difference(before: &Value, after: &Value) -> Option<Value> {
    let (Value::Object(old), Value::Object(new)) = (before, after) else {
        return (before != after).then(|| after.clone());
    };
    let gone = old.keys().filter(|key| !new.contains_key(*key)).map(|key| (key.clone(), Value::Null));
    let changed = new.iter().filter_map(|(key, value)| {
        let patch = match old.get(key) {
            Some(before) => difference(before, value)?,
            None if value.is_null() => return None,
            None => value.clone(),
        };
        Some((key.clone(), patch))
    });
    let patch: Map<String, Value> = gone.chain(changed).collect();
    (!patch.is_empty()).then_some(Value::Object(patch))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use serde_json::json;

    use super::*;

    #[derive(Default)]
    struct Recorder(Mutex<Vec<(Part, Value)>>);

    impl Upstream for Recorder {
        fn create(&self, _: &Key, object: &Value) -> Result<Value, Refused> {
            Ok(object.clone())
        }

        fn patch(&self, _: &Key, part: Part, patch: &Value) -> Result<Value, Refused> {
            self.0.lock().unwrap().push((part, patch.clone()));
            Ok(json!({"metadata": {"resourceVersion": "9"}}))
        }

        fn delete(&self, _: &Key) -> Result<Value, Refused> {
            Err(Refused::NotFound)
        }
    }

    #[test]
    fn the_parts_of_a_change_go_where_they_belong() {
        let recorder = Arc::new(Recorder::default());
        let store = Store::mirror(Arc::clone(&recorder) as Arc<dyn Upstream>);
        let key = Key::namespaced("", "pods", "n", "p");
        store.observe(&key, Some(json!({"metadata": {"resourceVersion": "8"}, "spec": {"a": 1, "b": [1]}})));
        let change = |object: &mut Value| {
            object["spec"] = json!({"b": [1, 2]});
            object["status"]["phase"] = json!("Running");
        };
        store.modify(&key, None, change).unwrap();
        assert_eq!(
            *recorder.0.lock().unwrap(),
            [
                (Part::Status, json!({"status": {"phase": "Running"}})),
                (Part::Object, json!({"spec": {"a": null, "b": [1, 2]}})),
            ]
        );
    }

    #[test]
    fn what_is_old_is_left_out() {
        let store = Store::mirror(Arc::new(Recorder::default()));
        let key = Key::cluster("", "nodes", "n");
        let with = |version: &str| Some(json!({"metadata": {"resourceVersion": version}}));
        store.observe(&key, with("10"));
        store.observe(&key, with("9"));
        assert_eq!(store.get(&key), with("10"));
        store.observe(&key, None);
        assert_eq!(store.get(&key), None);
    }
}
