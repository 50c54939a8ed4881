//! One values text, and the edits that are wanted of it.
//!
//! What the edits mean is known at once. What they make of the text is found out when all of them are known: to prove
//! that the text means that, and no byte of others is lost, it has to be read again by two readers.

use std::sync::Arc;

use serde_json::Value;

use super::{Location, SourceEdit, ValueSource};
use crate::error::{Error, Result};
use crate::yaml::{Changes, Document, Edit, Refused};

#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) origin: ValueSource,
    read: Arc<Document>,
    /// The text that it gets as a whole, in place of the one that was read.
    restored: Option<Arc<Document>>,
    edits: Vec<Edit>,
    /// What the text means after the edits, where there are any.
    meant: Option<Value>,
}

impl Source {
    pub(super) fn read(origin: ValueSource) -> Result<Self> {
        let read = Document::read(&origin.text).map_err(|error| not_yaml(&origin.location, &error))?;
        if !matches!(read.value(), Value::Null | Value::Object(_)) {
            return Err(not_yaml(&origin.location, &"it is not a mapping"));
        }
        Ok(Self { origin, read: Arc::new(read), restored: None, edits: Vec::new(), meant: None })
    }

    /// Without edits.
    pub(super) fn as_read(&self) -> Self {
        let (origin, read) = (self.origin.clone(), Arc::clone(&self.read));
        Self { origin, read, restored: None, edits: Vec::new(), meant: None }
    }

    /// What the text will mean.
    pub(super) fn value(&self) -> &Value {
        self.meant.as_ref().unwrap_or_else(|| self.base().value())
    }

    /// Wants edits. What they mean can be had from now on; whether they can be made in the text, the change tells.
    pub(super) fn edit(&mut self, edits: &[Edit]) -> Result<()> {
        let mut meant = self.meant.take().unwrap_or_else(|| self.base().value().clone());
        for edit in edits {
            if edit.apply(&mut meant).map_err(|error| self.refused(&error))? == Changes::Something {
                self.edits.push(edit.clone());
            }
        }
        self.meant = Some(meant);
        Ok(())
    }

    /// Wants another text as a whole.
    pub(super) fn restore(&mut self, text: &str) -> Result<()> {
        let document = Document::read(text).map_err(|error| not_yaml(&self.origin.location, &error))?;
        self.restored = Some(Arc::new(document));
        self.edits.clear();
        self.meant = None;
        Ok(())
    }

    /// What becomes of the text; `None` where it stays.
    pub(super) fn change(&self) -> Result<Option<SourceEdit>> {
        let edited = self.base().edited(&self.edits).map_err(|error| self.refused(&error))?;
        let after = edited.as_ref().unwrap_or_else(|| self.base()).text();
        if after == self.origin.text {
            return Ok(None);
        }
        Ok(Some(SourceEdit {
            location: self.origin.location.clone(),
            resource_version: self.origin.resource_version.clone(),
            before: self.origin.text.clone(),
            after: after.to_owned(),
        }))
    }

    fn base(&self) -> &Document {
        self.restored.as_ref().unwrap_or(&self.read)
    }

    fn refused(&self, refused: &Refused) -> Error {
        let Location { secret, key } = &self.origin.location;
        Error::failed(format!("the values cannot be changed (Secret {secret}, key {key})"))
            .because(refused.to_string())
    }
}

fn not_yaml(location: &Location, error: &dyn ToString) -> Error {
    let Location { secret, key } = location;
    Error::usage(format!("the values in Secret {secret}, key {key}, are not YAML")).because(error.to_string())
}
