//! The fields of a spec, as far as they are checked: which there are, what they hold, which have to be there.

/// One field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: &'static str,
    pub form: Form,
    pub presence: Presence,
}

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Anything.
    Any,
    Text,
    Flag,
    /// These fields, and no others.
    Fields(&'static [Field]),
    /// A list of such values.
    List(&'static Form),
}

/// Whether a field has to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Optional,
    Required,
}

impl Field {
    /// The same field, which has to be there.
    pub(super) const fn required(mut self) -> Self {
        self.presence = Presence::Required;
        self
    }
}

pub(in crate::api) const fn any(name: &'static str) -> Field {
    Field { name, form: Form::Any, presence: Presence::Optional }
}

pub(super) const fn text(name: &'static str) -> Field {
    Field { form: Form::Text, ..any(name) }
}

pub(super) const fn flag(name: &'static str) -> Field {
    Field { form: Form::Flag, ..any(name) }
}

pub(super) const fn fields(name: &'static str, list: &'static [Field]) -> Field {
    Field { form: Form::Fields(list), ..any(name) }
}

pub(super) const fn list(name: &'static str, form: &'static Form) -> Field {
    Field { form: Form::List(form), ..any(name) }
}
