//! One document laid over the values before it: maps are merged, everything else is replaced.

use serde_json::Value;

use super::tree::{Content, Entry, Place};

/// Lays a document over the values. The error is a chain, outermost first.
pub(super) fn document<'t>(values: &mut Entry<'t>, given: Entry<'t>) -> Result<(), String> {
    match (&mut values.value, given.value) {
        (Content::Map(left), Content::Map(right)) => {
            map(left, right).map_err(|problem| format!("Document on {}: {problem}", line(given.place)))
        }
        (_, other) => {
            *values = Entry { value: other, ..given };
            Ok(())
        }
    }
}

fn map<'t>(left: &mut Vec<Entry<'t>>, right: Vec<Entry<'t>>) -> Result<(), String> {
    for item in right {
        let (key, place) = (item.key.clone(), item.place);
        entry(left, item)
            .map_err(|problem| format!("Map item (key '{key}') on {}: {problem}", line(place)))?;
    }
    Ok(())
}

fn entry<'t>(left: &mut Vec<Entry<'t>>, given: Entry<'t>) -> Result<(), String> {
    let Some(before) = left.iter_mut().find(|entry| entry.key == given.key) else {
        left.push(given);
        return Ok(());
    };
    match (&mut before.value, given.value) {
        (Content::Map(left), Content::Map(right)) => map(left, right),
        (Content::Scalar(Value::Null), value) => {
            *before = Entry { value, ..given };
            Ok(())
        }
        (other, Content::Map(_)) => Err(format!("Expected map, but was {}", other.type_name())),
        (_, value) => {
            *before = Entry { value, ..given };
            Ok(())
        }
    }
}

fn line(place: Place<'_>) -> String {
    format!("line {}:{}", place.file, place.line)
}
