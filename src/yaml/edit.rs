//! What to change in a document, and what that means for its value.

mod proof;
mod round;

use serde_json::{Map, Value};

use super::document::Document;
use super::path::{Path, Segment};

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
    /// Where it changes something.
    pub fn path(&self) -> &Path {
        match self {
            Self::Set { path, .. } | Self::Append { path, .. } | Self::Remove { path } => path,
        }
    }

    pub(super) fn refused(&self, reason: impl Into<String>) -> Refused {
        Refused { path: self.path().clone(), reason: reason.into() }
    }

    /// What the edit means for the value of the document. Whether it means anything: it may say what is so anyway.
    pub fn apply(&self, root: &mut Value) -> Result<Changes, Refused> {
        match self {
            Self::Set { path, value } => {
                if path.find(root) == Some(value) {
                    return Ok(Changes::Nothing);
                }
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
                if path.find(root).is_none() {
                    return Ok(Changes::Nothing);
                }
                match (reach(root, above.segments()), last) {
                    (Some(Value::Object(map)), Segment::Key(key)) => drop(map.shift_remove(key)),
                    (Some(Value::Array(items)), Segment::Index(index)) => drop(items.remove(*index)),
                    _ => return Ok(Changes::Nothing),
                }
            }
        }
        Ok(Changes::Something)
    }
}

/// What an edit does to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changes {
    Nothing,
    Something,
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
/// the edits mean, and nothing else, and when another reader sees the same: otherwise the edit is refused with the
/// reason.
///
/// A byte order mark stays where it is. Line ends of added lines are those of the lines beside them.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, Refused> {
    let Some(first) = edits.first() else {
        return Ok(text.to_owned());
    };
    let before = Document::read(text).map_err(|error| first.refused(error.to_string()))?;
    let after = before.edited(edits)?;
    Ok(after.map_or_else(|| text.to_owned(), Document::into_text))
}

impl Document {
    /// As [`edit`], of a text that was read. `None` where the edits say what is so anyway.
    pub fn edited(&self, edits: &[Edit]) -> Result<Option<Self>, Refused> {
        match round::edited(self, edits) {
            Some(after) => Ok(Some(after)),
            None => proof::edited(self, edits),
        }
    }
}

#[cfg(test)]
mod odd;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod texts;
