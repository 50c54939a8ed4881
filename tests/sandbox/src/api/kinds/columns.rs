//! Columns of tables: what `kubectl get` prints about an object.

use serde_json::{Value, json};

use super::cells;

/// One column.
#[derive(Debug)]
pub struct Column {
    pub name: &'static str,
    /// The `OpenAPI` type: string, integer, date.
    pub form: &'static str,
    /// 0: always shown; 1: only with `-o wide`.
    pub priority: u8,
    pub cell: Cell,
}

/// Where a cell comes from.
#[derive(Debug)]
pub enum Cell {
    /// A JSON pointer; nothing when the field is not there.
    Field(&'static str),
    /// A JSON pointer to a time; shown as the time that went by since.
    Since(&'static str),
    /// Computed from the object.
    Made(fn(&Value) -> Value),
}

impl Column {
    /// A field, as text.
    pub(super) const fn field(name: &'static str, pointer: &'static str) -> Self {
        Self { name, form: "string", priority: 0, cell: Cell::Field(pointer) }
    }

    /// A time, as an age.
    pub(super) const fn since(name: &'static str, pointer: &'static str) -> Self {
        Self { name, form: "string", priority: 0, cell: Cell::Since(pointer) }
    }

    /// Text that is computed.
    pub(super) const fn made(name: &'static str, cell: fn(&Value) -> Value) -> Self {
        Self { name, form: "string", priority: 0, cell: Cell::Made(cell) }
    }

    /// A number that is computed.
    pub(super) const fn number(name: &'static str, cell: fn(&Value) -> Value) -> Self {
        Self { name, form: "integer", priority: 0, cell: Cell::Made(cell) }
    }

    /// A number that is computed, and that the table calls a text.
    pub(super) const fn counted(name: &'static str, cell: fn(&Value) -> Value) -> Self {
        Self { name, form: "string", priority: 0, cell: Cell::Made(cell) }
    }

    /// The same column, which the table calls a time.
    pub(super) const fn date(mut self) -> Self {
        self.form = "date";
        self
    }

    /// The same column, shown with `-o wide` only.
    pub(super) const fn wide(mut self) -> Self {
        self.priority = 1;
        self
    }

    /// The cell of an object.
    pub fn of(&self, object: &Value) -> Value {
        match self.cell {
            Cell::Field(pointer) => object.pointer(pointer).cloned().unwrap_or_default(),
            Cell::Since(pointer) => match object.pointer(pointer).and_then(Value::as_str) {
                Some(time) => json!(cells::since(time)),
                None => json!("<unknown>"),
            },
            Cell::Made(make) => make(object),
        }
    }
}

/// The object's name.
pub(super) const NAME: Column = Column::field("Name", "/metadata/name");

/// The object's age.
pub(super) const AGE: Column = Column::since("Age", "/metadata/creationTimestamp");

/// The columns of a kind that has none of its own.
pub(super) const PLAIN: &[Column] = &[NAME, AGE];
