//! Values held to the schema, in two passes: what is a map or a list where something else has to be, and only if there
//! is no such thing, unknown keys and scalars of another type.

use super::report::Failure;
use super::tree::{Content, Entry};
use crate::carvel::schema::{Declared, Type};

/// All that the pass that fails finds.
pub(super) fn failures<'t>(root: &Declared, values: &Entry<'t>) -> Vec<Failure<'t>> {
    let mut failures = Vec::new();
    structure(root, values, &mut failures);
    if failures.is_empty() {
        content(root, values, &mut failures);
    }
    failures
}

fn structure<'t>(declared: &Declared, entry: &Entry<'t>, failures: &mut Vec<Failure<'t>>) {
    match (declared.kind, &entry.value) {
        (Type::Any, _) | (_, Content::Scalar(_)) => {}
        (Type::Map, Content::Map(entries)) => {
            for entry in entries {
                if let Some(declared) = declared.field(&entry.key) {
                    structure(declared, entry, failures);
                }
            }
        }
        (Type::Strings, Content::List(items)) => {
            for item in items {
                structure(&declared.item(), item, failures);
            }
        }
        _ => failures.push(mismatch(declared, entry)),
    }
}

fn content<'t>(declared: &Declared, entry: &Entry<'t>, failures: &mut Vec<Failure<'t>>) {
    match (declared.kind, &entry.value) {
        (Type::Any, _) => {}
        (Type::Map, Content::Map(entries)) => {
            let unknown = entries.iter().filter(|entry| declared.field(&entry.key).is_none());
            failures.extend(unknown.map(|entry| Failure::Unknown {
                place: entry.place,
                found: entry.key.clone(),
                known: declared.keys(),
                line: declared.line,
            }));
            for entry in entries {
                if let Some(declared) = declared.field(&entry.key) {
                    content(declared, entry, failures);
                }
            }
        }
        (Type::Strings, Content::List(items)) => {
            for item in items {
                content(&declared.item(), item, failures);
            }
        }
        (kind, Content::Scalar(value)) if kind.admits(value) => {}
        _ => failures.push(mismatch(declared, entry)),
    }
}

fn mismatch<'t>(declared: &Declared, entry: &Entry<'t>) -> Failure<'t> {
    Failure::Mismatch {
        place: entry.place,
        found: entry.value.type_name(),
        expected: declared.kind.name(),
        line: declared.line,
    }
}
