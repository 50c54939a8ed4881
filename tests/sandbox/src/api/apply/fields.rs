//! Sets of fields: what somebody owns of an object.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::schema::{self, ListForm};
use crate::api::kinds::Kind;

/// One step of a path into an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// A field of a map.
    Field(String),
    /// An item of a list, by its key fields, as JSON.
    Key(String),
    /// An item of a list of values, as JSON.
    Value(String),
}

/// Where a field is.
pub(super) type Path = Vec<Step>;

/// A set of fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields(pub(super) BTreeSet<Path>);

impl Fields {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn has(&self, path: &[Step]) -> bool {
        self.0.contains(path)
    }

    /// Whether the field or something inside it is in the set.
    pub(super) fn has_within(&self, path: &[Step]) -> bool {
        self.0.range(path.to_vec()..).next().is_some_and(|next| next.starts_with(path))
    }

    pub(super) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter()
    }

    pub(super) fn without(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).cloned().collect())
    }
}

/// The fields that an object sets, without those that identify it or belong to the server.
pub(super) fn of(kind: &Kind, object: &Value) -> Fields {
    let mut fields = Fields::default();
    collect(kind, object, Maps::Without, &mut Vec::new(), &mut fields);
    fields
}

/// The same, and every map and list around them.
pub(super) fn with_maps(kind: &Kind, object: &Value) -> Fields {
    let mut fields = Fields::default();
    collect(kind, object, Maps::With, &mut Vec::new(), &mut fields);
    fields
}

/// Whether the maps and lists around fields count as fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Maps {
    With,
    Without,
}

fn collect(kind: &Kind, value: &Value, maps: Maps, path: &mut Path, fields: &mut Fields) {
    let whole = path.is_empty() || path == &[Step::Field("metadata".to_owned())];
    if maps == Maps::With && !whole && (value.is_object() || value.is_array()) {
        fields.0.insert(path.clone());
    }
    match value {
        Value::Object(map) if !map.is_empty() && !schema::is_atomic_map(kind, path) => {
            for (name, value) in map {
                path.push(Step::Field(name.clone()));
                if !is_the_servers(path) {
                    collect(kind, value, maps, path, fields);
                }
                path.pop();
            }
        }
        Value::Array(items) if !items.is_empty() => match schema::list(kind, path) {
            ListForm::Atomic => {
                fields.0.insert(path.clone());
            }
            form => {
                for item in items {
                    path.push(step(form, item));
                    fields.0.insert(path.clone());
                    if let (ListForm::Map(_), Value::Object(map)) = (form, item)
                        && !map.is_empty()
                    {
                        collect(kind, item, maps, path, fields);
                    }
                    path.pop();
                }
            }
        },
        _ if whole => {}
        _ => {
            fields.0.insert(path.clone());
        }
    }
}

fn is_the_servers(path: &[Step]) -> bool {
    let field =
        |step: &Step, names: &[&str]| matches!(step, Step::Field(name) if names.contains(&name.as_str()));
    match path {
        [only] => field(only, &["apiVersion", "kind"]),
        [first, second] => {
            field(first, &["metadata"])
                && field(
                    second,
                    &[
                        "name",
                        "namespace",
                        "uid",
                        "creationTimestamp",
                        "deletionTimestamp",
                        "generation",
                        "deletionGracePeriodSeconds",
                        "resourceVersion",
                        "selfLink",
                        "managedFields",
                    ],
                )
        }
        _ => false,
    }
}

/// The step that leads to an item of a list.
pub(super) fn step(form: ListForm, item: &Value) -> Step {
    let ListForm::Map(keys) = form else { return Step::Value(item.to_string()) };
    let mut key: Vec<(&str, Value)> = keys
        .iter()
        .filter_map(|name| match item.get(*name) {
            Some(value) if !value.is_null() => Some((*name, value.clone())),
            _ => schema::default_key(name).map(|value| (*name, value.into())),
        })
        .collect();
    key.sort_by_key(|(name, _)| *name);
    let key: Map<String, Value> = key.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Step::Key(Value::Object(key).to_string())
}

/// The value at a path.
pub(super) fn at<'a>(kind: &Kind, object: &'a Value, path: &[Step]) -> Option<&'a Value> {
    let mut value = object;
    for (depth, next) in path.iter().enumerate() {
        value = match next {
            Step::Field(name) => value.get(name)?,
            item => {
                let form = schema::list(kind, &path[..depth]);
                value.as_array()?.iter().find(|candidate| step(form, candidate) == *item)?
            }
        };
    }
    Some(value)
}
