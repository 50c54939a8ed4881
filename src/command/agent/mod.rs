//! `kubectl promfed agent …`

mod hub_side;
mod join;
mod status;

pub(super) use join::join;
pub(super) use status::{delivery_words, status};
