//! A document laid over an object.

use serde_json::Value;

use super::annotation::{Annotation, Match, Missing};
use super::{Content, Entry, Over};

/// ytt's words where an entry is laid over nothing.
const NOTHING: &str = "Expected number of matched nodes to be 1, but was 0";

impl Over<'_> {
    /// Lays an entry's value over what is there.
    pub(super) fn lay(&self, below: &mut Value, entry: Entry<'_>) -> Result<(), String> {
        if let Some(value) = self.computed(&entry) {
            *below = value?;
            return Ok(());
        }
        match entry.value {
            Content::Map(entries) if below.is_object() => {
                let line = entry.place.line;
                entries.into_iter().try_for_each(|entry| self.key(below, entry, line))
            }
            Content::List(items) if below.is_array() => {
                items.into_iter().try_for_each(|item| self.item(below, item))
            }
            _ => {
                *below = self.plain(entry)?;
                Ok(())
            }
        }
    }

    /// The value as it stands, for what lies over nothing.
    pub(super) fn plain(&self, entry: Entry<'_>) -> Result<Value, String> {
        if let Some(value) = self.computed(&entry) {
            return value;
        }
        match entry.value {
            Content::Map(entries) => {
                let pairs = entries.into_iter().map(|entry| Ok((entry.key.clone(), self.plain(entry)?)));
                pairs.collect::<Result<_, String>>().map(Value::Object)
            }
            Content::List(items) => items.into_iter().map(|item| self.plain(item)).collect(),
            scalar @ Content::Scalar(_) => Ok(scalar.into_json()),
        }
    }

    /// A key of a map that begins on some line: what stands above that line is the map's own.
    fn key(&self, below: &mut Value, entry: Entry<'_>, line: usize) -> Result<(), String> {
        let is_first = entry.place.line == line;
        let annotation = if is_first { Annotation::None } else { self.annotation(&entry)? };
        match (annotation, below.get_mut(&entry.key)) {
            (Annotation::None | Annotation::Match(Match::Key), Some(there)) => self.lay(there, entry),
            (Annotation::Match(Match::Key), None) => {
                let key = entry.key.clone();
                below[key] = self.plain(entry)?;
                Ok(())
            }
            (Annotation::None, None) => Err(format!("{}: {NOTHING}", entry.key)),
            (other, _) => Err(format!("a key cannot be annotated with {other:?}")),
        }
    }

    fn item(&self, below: &mut Value, item: Entry<'_>) -> Result<(), String> {
        let Some(there) = below.as_array_mut() else { return Err(NOTHING.to_owned()) };
        match self.annotation(&item)? {
            Annotation::Append => there.push(self.plain(item)?),
            Annotation::Match(Match::Name(missing)) => {
                let name = self.plain(item.clone())?["name"].clone();
                match (there.iter_mut().find(|other| other["name"] == name), missing) {
                    (Some(same), _) => self.lay(same, item)?,
                    (None, Missing::Ok) => there.push(self.plain(item)?),
                    (None, Missing::Refused) => return Err(format!("{name}: {NOTHING}")),
                }
            }
            other => return Err(format!("an item of a list cannot be annotated with {other:?}")),
        }
        Ok(())
    }
}
