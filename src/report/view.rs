//! What every result is: something that can be a table, a document, or names.

use serde::Serialize;

use super::{Columns, Document, Format, Paint};
use crate::error::{Error, Result};

/// A result. Its fields are the frozen form of the document: they are added to, never renamed.
pub trait View: Serialize {
    /// The `kind` of the document.
    const KIND: &'static str;

    /// What a person reads, ending with a newline; or nothing.
    fn text(&self, columns: Columns, paint: Paint) -> String;

    /// `-o name`: one a line.
    fn names(&self) -> Vec<String>;

    /// What `-o yaml` prints where that is a file for another program, and no document of promfed's.
    fn file(&self) -> Option<String> {
        None
    }

    /// A format that only some results have; `None` where this one has not.
    fn other(&self, _: Format) -> Option<Result<String>> {
        None
    }
}

/// A result in the format that was asked for.
pub fn render<V: View>(view: &V, format: Format, paint: Paint) -> Result<String> {
    match format {
        Format::Table => Ok(view.text(Columns::Usual, paint)),
        Format::Wide => Ok(view.text(Columns::Wide, paint)),
        Format::Json => Document::new(V::KIND, view).to_json(),
        Format::Yaml => view.file().map_or_else(|| Document::new(V::KIND, view).to_yaml(), Ok),
        Format::Name => Ok(view.names().into_iter().map(|name| name + "\n").collect()),
        Format::Short | Format::Junit | Format::Mermaid => {
            view.other(format).unwrap_or_else(|| Err(not_for_this(format)))
        }
    }
}

/// A format that the result does not have.
pub fn not_for_this(format: Format) -> Error {
    let command = format.only_of().unwrap_or("check");
    Error::usage(format!("-o {format} is for kubectl promfed {command}"))
        .hint(format!("kubectl promfed {command} -o {format}"))
}
