//! What to change in a document, and the proof that just this was changed.

use serde_json::{Map, Value};

use super::gap::newline_at;
use super::path::{Path, Segment};
use super::second_reader;
use super::splice::{blame, splice};
use super::tree::{Malformed, Tree, read};

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
/// the edits mean, and nothing else, and when another reader sees the same: otherwise the edit is refused with the
/// reason.
///
/// A byte order mark stays where it is. Line ends of added lines are those of the lines beside them.
pub fn edit(text: &str, edits: &[Edit]) -> Result<String, Refused> {
    let Some(first) = edits.first() else {
        return Ok(text.to_owned());
    };
    let (mark, body) = text.strip_prefix('\u{feff}').map_or(("", text), |body| ("\u{feff}", body));
    let mut state = State::read(body.to_owned()).map_err(|error| first.refused(error.to_string()))?;
    for edit in edits {
        if let Some(changed) = state.after(edit)? {
            state = changed;
        }
    }
    if state.text == body {
        return Ok(text.to_owned());
    }
    let last = edits.last().unwrap_or(first);
    if let Err(error) = second_reader::read(body) {
        return Err(last.refused(format!("another YAML reader cannot read the text as it is: {error}")));
    }
    if !second_reader::agrees(&state.text, &state.value) {
        // A block at the very end of a text needs a line end: without one, readers differ over its last line.
        state.text.push_str(newline_at(&state.text, state.text.len()));
        if read(&state.text).as_ref() != Ok(&state.value) || !second_reader::agrees(&state.text, &state.value)
        {
            return Err(last.refused(match read(body) {
                Ok(before) if !second_reader::agrees(body, &before) => {
                    "two YAML readers already differ over what the text means"
                }
                _ => "cannot be changed in place so that every YAML reader sees the same",
            }));
        }
    }
    Ok(format!("{mark}{}", state.text))
}

/// A text and what it means. Each edit is verified by the parse that the next one starts from.
struct State {
    text: String,
    tree: Tree,
    value: Value,
}

impl State {
    fn read(text: String) -> Result<Self, Malformed> {
        let tree = Tree::parse(&text)?;
        let value = tree.value()?;
        Ok(Self { text, tree, value })
    }

    /// The text after one edit; `None` where it says what is so anyway.
    fn after(&self, edit: &Edit) -> Result<Option<Self>, Refused> {
        let mut meant = self.value.clone();
        edit.apply(&mut meant)?;
        if meant == self.value {
            return Ok(None);
        }
        let mut splices = splice(&self.text, &self.tree, &self.value, edit)?;
        splices.sort_by_key(|splice| splice.range.start);
        let mut text = String::with_capacity(self.text.len() + 256);
        let mut at = 0;
        for splice in splices {
            text.push_str(self.text.get(at..splice.range.start).unwrap_or_default());
            text.push_str(&splice.text);
            at = at.max(splice.range.end);
        }
        text.push_str(self.text.get(at..).unwrap_or_default());
        let why = |reason: String| edit.refused(blame(&self.text, &self.tree, edit).unwrap_or(reason));
        let after = Self::read(text).map_err(|error| why(format!("cannot be changed in place: {error}")))?;
        if after.value != meant {
            return Err(why("cannot be changed in place without changing something else".to_owned()));
        }
        Ok(Some(after))
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
