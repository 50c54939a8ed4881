//! `kubectl promfed agent …`

mod at_url;
mod awaited;
mod buffered;
mod guest;
mod hub_side;
mod join;
mod leave;
mod login;
mod request;
mod status;
mod trusted;

pub(super) use guest::Admitting;
pub(super) use join::{join, join_plan, joined};
pub(super) use leave::leave;
pub(super) use login::{Credentials, authorities_in};
pub(super) use status::{delivery_words, status};
