//! `metadata.managedFields`: who owns which fields, since when, and by which kind of write.

use serde_json::{Value, json};

use super::fields::{self, Fields, Path, Step};
use super::{forms, schema};
use crate::api::kinds::{Kind, Origin};
use crate::api::status::Failure;
use crate::store::now;

/// How a manager writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum Operation {
    /// By server-side apply.
    Apply,
    /// By everything else.
    Update,
}

/// Somebody who owns fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::api) struct Manager {
    pub(super) name: String,
    pub(super) operation: Operation,
    pub(super) version: String,
    pub(super) subresource: Option<String>,
}

impl Manager {
    /// The owner of everything that was written before anybody kept account.
    pub(super) fn before_first_apply(kind: &Kind) -> Self {
        Self {
            name: "before-first-apply".to_owned(),
            operation: Operation::Update,
            version: kind.api_version(),
            subresource: None,
        }
    }

    /// As messages name a manager.
    fn text(&self) -> String {
        let subresource = self.subresource.as_ref().map(|sub| format!(" with subresource {sub:?}"));
        let using = (self.operation == Operation::Update).then(|| format!(" using {}", self.version));
        format!("{:?}{}{}", self.name, subresource.unwrap_or_default(), using.unwrap_or_default())
    }
}

struct Entry {
    manager: Manager,
    fields: Fields,
    time: String,
}

impl Entry {
    fn rank(&self) -> (bool, &str, &str, &str) {
        let Manager { name, operation, version, .. } = &self.manager;
        (*operation == Operation::Update, &self.time, name, version)
    }
}

/// A field that somebody else owns.
pub(super) struct Conflict {
    manager: Manager,
    path: Path,
}

/// All managers of an object.
#[derive(Default)]
pub(super) struct Managers(Vec<Entry>);

impl Managers {
    pub(super) fn read(object: &Value) -> Self {
        let list = object["metadata"]["managedFields"].as_array();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self(
            list.into_iter()
                .flatten()
                .map(|entry| Entry {
                    manager: Manager {
                        name: text(&entry["manager"]),
                        operation: if entry["operation"] == "Apply" {
                            Operation::Apply
                        } else {
                            Operation::Update
                        },
                        version: text(&entry["apiVersion"]),
                        subresource: entry["subresource"].as_str().map(str::to_owned),
                    },
                    fields: Fields::read(&entry["fieldsV1"]),
                    time: text(&entry["time"]),
                })
                .filter(|entry| !entry.fields.is_empty())
                .collect(),
        )
    }

    /// Those who apply come first, then whoever wrote longest ago.
    pub(super) fn write(&self, object: &mut Value) {
        let mut entries: Vec<&Entry> = self.0.iter().collect();
        entries.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let list: Vec<Value> = entries
            .into_iter()
            .map(|entry| {
                let manager = &entry.manager;
                let operation = if manager.operation == Operation::Apply { "Apply" } else { "Update" };
                let mut value = json!({
                    "manager": manager.name, "operation": operation, "apiVersion": manager.version,
                    "time": entry.time, "fieldsType": "FieldsV1", "fieldsV1": entry.fields.tree(),
                });
                if let Some(subresource) = &manager.subresource {
                    value["subresource"] = json!(subresource);
                }
                value
            })
            .collect();
        if list.is_empty() {
            if let Some(meta) = object["metadata"].as_object_mut() {
                meta.shift_remove("managedFields");
            }
        } else {
            object["metadata"]["managedFields"] = json!(list);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, manager: &Manager) -> Option<&Fields> {
        self.0.iter().find(|entry| entry.manager == *manager).map(|entry| &entry.fields)
    }

    /// Gives a manager these fields and no others.
    pub(super) fn insert(&mut self, manager: Manager, fields: Fields) {
        match self.0.iter_mut().find(|entry| entry.manager == manager) {
            Some(entry) if entry.fields == fields => {}
            Some(entry) => {
                entry.fields = fields;
                entry.time = now();
            }
            None => self.0.push(Entry { manager, fields, time: now() }),
        }
        self.0.retain(|entry| !entry.fields.is_empty());
    }

    pub(super) fn owned_by_another(&self, manager: &Manager, path: &[Step]) -> bool {
        self.0.iter().any(|entry| entry.manager != *manager && entry.fields.has_within(path))
    }

    /// The fields that others own and that would get another value.
    pub(super) fn conflicts(
        &self,
        kind: &Kind,
        manager: &Manager,
        wanted: &Fields,
        live: &Value,
        applied: &Value,
    ) -> Vec<Conflict> {
        let differs = |path: &Path| {
            !matches!(path.last(), Some(Step::Key(_) | Step::Value(_)))
                && fields::at(kind, live, path) != fields::at(kind, applied, path)
        };
        let others = self.0.iter().filter(|entry| entry.manager != *manager);
        others
            .flat_map(|entry| {
                wanted
                    .paths()
                    .filter(|path| entry.fields.has(path) && differs(path))
                    .map(|path| Conflict { manager: entry.manager.clone(), path: path.clone() })
            })
            .collect()
    }

    /// Takes the fields that are in conflict away from those who own them.
    pub(super) fn take(&mut self, conflicts: &[Conflict]) {
        for conflict in conflicts {
            for entry in self.0.iter_mut().filter(|entry| entry.manager == conflict.manager) {
                entry.fields.0.remove(&conflict.path);
            }
        }
        self.0.retain(|entry| !entry.fields.is_empty());
    }
}

/// 409 with every conflict as a cause.
pub(super) fn refusal(conflicts: &[Conflict]) -> Failure {
    let causes: Vec<Value> = conflicts
        .iter()
        .map(|conflict| {
            json!({
                "reason": "FieldManagerConflict",
                "message": format!("conflict with {}", conflict.manager.text()),
                "field": forms::text(&conflict.path),
            })
        })
        .collect();
    let message = if let [one] = conflicts {
        format!(
            "Apply failed with 1 conflict: conflict with {}: {}",
            one.manager.text(),
            forms::text(&one.path)
        )
    } else {
        let mut lines = Vec::new();
        let mut last = None;
        for conflict in conflicts {
            if last != Some(&conflict.manager) {
                lines.push(format!("conflicts with {}:", conflict.manager.text()));
            }
            last = Some(&conflict.manager);
            lines.push(format!("- {}", forms::text(&conflict.path)));
        }
        format!("Apply failed with {} conflicts: {}", conflicts.len(), lines.join("\n"))
    };
    Failure::new(409, "Conflict", message).with_details(json!({"causes": causes}))
}

/// Writes down that somebody wrote an object otherwise than by apply: what changed is theirs.
pub(in crate::api) fn track(
    kind: &'static Kind,
    before: Option<&Value>,
    after: &mut Value,
    name: &str,
    subresource: Option<&str>,
) {
    let mut managers = Managers::read(after);
    if before.is_some_and(|before| before["metadata"]["managedFields"].is_null()) {
        // Nobody kept account of this object; that begins with the first apply.
        return;
    }
    let none = Value::Null;
    let old = before.unwrap_or(&none);
    let has = fields::with_maps(kind, after);
    let mut had = fields::with_maps(kind, old);
    if before.is_none() && kind.origin == Origin::BuiltIn {
        had.0.extend(has.paths().filter(|path| schema::is_always_there(path)).cloned());
    }
    let leaves = fields::of(kind, after);
    let changed: Vec<Path> = has
        .paths()
        .filter(|path| {
            let item = matches!(path.last(), Some(Step::Key(_) | Step::Value(_)));
            !had.has(path)
                || (!item && leaves.has(path) && fields::at(kind, old, path) != fields::at(kind, after, path))
        })
        .cloned()
        .collect();
    let gone = had.without(&has);
    for entry in &mut managers.0 {
        entry.fields.0.retain(|path| !gone.has(path) && !changed.contains(path));
    }
    let manager = Manager {
        name: name.to_owned(),
        operation: Operation::Update,
        version: kind.api_version(),
        subresource: subresource.map(str::to_owned),
    };
    if !changed.is_empty() {
        let mut own = managers.get(&manager).cloned().unwrap_or_default();
        own.0.extend(changed);
        managers.insert(manager, own);
    }
    managers.0.retain(|entry| !entry.fields.is_empty());
    managers.write(after);
}

/// A write that changed nothing but the times in the account of managers changed nothing.
pub(in crate::api) fn keep_times(before: &Value, after: &mut Value) {
    let strip = |object: &Value| {
        let mut object = object.clone();
        for entry in object["metadata"]["managedFields"].as_array_mut().into_iter().flatten() {
            entry["time"] = Value::Null;
        }
        object
    };
    if strip(before) == strip(after) {
        *after = before.clone();
    }
}
