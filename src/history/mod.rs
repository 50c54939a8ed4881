//! What each write kept of the values before it, and the way back.
//!
//! A write that changes values begins by keeping them: one Secret per write, immutable, numbered. A revision is a write
//! and what was there before it, so going back to revision 3 means the values as they were before the write that is
//! called 3. Going back over several is done write by write, newest first, and takes back promfed's own changes only:
//! what others changed meanwhile stays, or the way back stops and shows where the two meet.
//!
//! `record` is one revision, `kept` its Secret, `begun` what of them happened, `back` the way back, `three_way` a text that two have changed.
//! Pure: the time and the user come from outside.

mod back;
mod begun;
mod kept;
mod record;
mod three_way;

pub use back::{Back, Conflict, way_back};
pub use begun::{Present, origin};
pub use kept::{History, INSTALL_LABEL, KEPT, Unreadable, name, to_prune};
pub use record::{Author, Constraint, KeptText, Note, Record, Verb};
pub use three_way::{ThreeWay, merge};
