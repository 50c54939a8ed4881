//! Joining what a client applies with what is there.

use serde_json::{Map, Value};

use super::fields::{self, Path, Step};
use super::schema::{self, ListForm};
use crate::api::kinds::Kind;

/// The object with everything that `applied` sets.
pub(super) fn merge(kind: &Kind, live: &Value, applied: &Value) -> Value {
    join(kind, live, applied, &mut Vec::new())
}

fn join(kind: &Kind, live: &Value, applied: &Value, path: &mut Path) -> Value {
    match (live, applied) {
        (Value::Object(old), Value::Object(new)) if !schema::is_atomic_map(kind, path) => {
            let mut all: Map<String, Value> = old.clone();
            for (name, value) in new {
                if value.is_null() {
                    all.shift_remove(name);
                    continue;
                }
                path.push(Step::Field(name.clone()));
                let value = join(kind, old.get(name).unwrap_or(&Value::Null), value, path);
                path.pop();
                all.insert(name.clone(), value);
            }
            Value::Object(all)
        }
        (Value::Array(old), Value::Array(new)) => match schema::list(kind, path) {
            ListForm::Atomic => applied.clone(),
            form => items(kind, form, old, new, path),
        },
        _ => applied.clone(),
    }
}

/// Items that are in both lists are merged where they stand; new ones come last.
fn items(kind: &Kind, form: ListForm, old: &[Value], new: &[Value], path: &mut Path) -> Value {
    let mut all = old.to_vec();
    for item in new {
        let step = fields::step(form, item);
        let place = all.iter().position(|other| fields::step(form, other) == step);
        path.push(step);
        match place {
            Some(place) => all[place] = join(kind, &all[place], item, path),
            None => all.push(item.clone()),
        }
        path.pop();
    }
    Value::Array(all)
}

/// Takes a field out of the object, and the maps and lists that it leaves empty.
pub(super) fn remove(kind: &Kind, object: &mut Value, path: &[Step]) {
    take(kind, object, path, 0);
}

fn take(kind: &Kind, value: &mut Value, path: &[Step], depth: usize) {
    let Some(step) = path.get(depth) else { return };
    let last = depth + 1 == path.len();
    match step {
        Step::Field(name) => {
            let Some(map) = value.as_object_mut() else { return };
            let Some(child) = map.get_mut(name) else { return };
            take(kind, child, path, depth + 1);
            if last || is_empty(child) {
                map.shift_remove(name);
            }
        }
        item => {
            let form = schema::list(kind, &path[..depth]);
            let Some(items) = value.as_array_mut() else { return };
            let Some(place) = items.iter().position(|candidate| fields::step(form, candidate) == *item)
            else {
                return;
            };
            if last {
                items.remove(place);
            } else {
                take(kind, &mut items[place], path, depth + 1);
            }
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}
