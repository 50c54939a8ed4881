//! What to change in a document, and the proof that just this was changed.

use serde_json::{Map, Value};

use super::path::{Path, Segment};
use super::second_reader;
use super::splice::splice;
use super::tree::{Tree, read};

/// One change.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// Gives the place this value. Mappings above it that are missing are made.
    Set { path: Path, value: Value },
    /// Adds an item at the end of the sequence, which is made if it is missing.
    Append { path: Path, item: Value },
    /// Takes the key with its value, or the item, away. Nothing if it is not there.
    Remove { path: Path },
}

/// Why a text was left as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct Refused {
    pub path: Path,
    pub reason: String,
}

impl Edit {
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Set { path, .. } | Self::Append { path, .. } | Self::Remove { path } => path,
        }
    }

    pub(super) fn refused(&self, reason: impl Into<String>) -> Refused {
        Refused { path: self.path().clone(), reason: reason.into() }
    }

    /// What the edit means for the value of the document.
    fn apply(&self, root: &mut Value) -> Result<(), Refused> {
        match self {
            Self::Set { path, value } => {
                *reach(root, path.segments()).ok_or_else(|| self.refused("is not below a mapping"))? =
                    value.clone();
            }
            Self::Append { path, item } => {
                let place =
                    reach(root, path.segments()).ok_or_else(|| self.refused("is not below a mapping"))?;
                if place.is_null() {
                    *place = Value::Array(Vec::new());
                }
                place.as_array_mut().ok_or_else(|| self.refused("is not a list"))?.push(item.clone());
            }
            Self::Remove { path } => {
                let Some((above, last)) = path.split_last() else {
                    return Err(self.refused("the whole document cannot be removed"));
                };
                if above.find(root).and_then(|_| path.find(root)).is_some()
                    && let Some(above) = reach(root, above.segments())
                {
                    match (above, last) {
                        (Value::Object(map), Segment::Key(key)) => drop(map.shift_remove(key)),
                        (Value::Array(items), Segment::Index(index)) => drop(items.remove(*index)),
                        _ => {}
                    }
                }
            }
        }
        Ok(())
    }
}

/// The place at the end of the path; mappings on the way are made where nothing is.
fn reach<'v>(root: &'v mut Value, path: &[Segment]) -> Option<&'v mut Value> {
    path.iter().try_fold(root, |value, segment| match segment {
        Segment::Key(key) => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            value.as_object_mut().map(|map| map.entry(key.as_str()).or_insert(Value::Null))
        }
        Segment::Index(index) => value.as_array_mut()?.get_mut(*index),
    })
}

/// Makes the edits in order and returns the new text. The text is only returned when, parsed, it has the value that
/// the edits mean, and nothing else: otherwise the edit is refused with the reason.
///
/// A byte order mark stays where it is. Line ends of added lines are those of the text.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, Refused> {
    let (mark, body) = text.strip_prefix('\u{feff}').map_or(("", text), |body| ("\u{feff}", body));
    let mut current = body.to_owned();
    for edit in edits {
        let tree = Tree::parse(&current).map_err(|error| edit.refused(error.to_string()))?;
        let before = tree.value().map_err(|error| edit.refused(error.to_string()))?;
        let mut meant = before.clone();
        edit.apply(&mut meant)?;
        if meant == before {
            continue;
        }
        let mut changed = current.clone();
        for splice in splice(&current, &tree, edit)? {
            changed.replace_range(splice.range, &splice.text);
        }
        let after =
            read(&changed).map_err(|error| edit.refused(format!("cannot be changed in place: {error}")))?;
        if after != meant {
            return Err(edit.refused("cannot be changed in place without changing something else"));
        }
        current = changed;
    }
    let Some(last) = edits.last().filter(|_| current != body && second_reader::can_read(body)) else {
        return Ok(format!("{mark}{current}"));
    };
    let value = read(&current).map_err(|error| last.refused(error.to_string()))?;
    if !second_reader::agrees(&current, &value) {
        // A block at the very end of a text needs a line end: without one, readers differ over its last line.
        current.push('\n');
        if read(&current).as_ref() != Ok(&value) || !second_reader::agrees(&current, &value) {
            return Err(last.refused("cannot be changed in place so that every YAML reader sees the same"));
        }
    }
    Ok(format!("{mark}{current}"))
}

#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
