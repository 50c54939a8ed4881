//! A text that was read: what it says, and where.

use std::fmt;

use serde_json::Value;

use super::tree::{Malformed, Tree};

/// A text with its value, so that nobody has to read it again who wants to know or to change something.
pub struct Document {
    text: String,
    /// How many bytes a byte order mark takes.
    mark: usize,
    /// Of the text without the mark.
    tree: Tree,
    value: Value,
}

impl Document {
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let mark = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
        let tree = Tree::parse(&text[mark..])?;
        let value = tree.value()?;
        Ok(Self { text: text.to_owned(), mark, tree, value })
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn value(&self) -> &Value {
        &self.value
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The text without the byte order mark.
    pub(super) fn body(&self) -> &str {
        &self.text[self.mark..]
    }

    pub(super) fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Another text behind the same byte order mark.
    pub(super) fn with_body(&self, body: &str) -> Result<Self, Malformed> {
        Self::read(&format!("{}{body}", &self.text[..self.mark]))
    }
}

const MARK: char = '\u{feff}';

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Document").field(&self.text).finish()
    }
}
