//! The only room that knows YAML: reading with spans, editing in place, writing.
//!
//! People own the YAML that promfed changes. So a change is never made by reading a document into values and writing
//! it out again: it is a handful of splices into the text, each as long as the change itself, and the result is
//! parsed and compared with what was meant before anybody may use it. Comments, order, quoting, indentation and line
//! ends of everything else stay, byte for byte.
//!
//! `tree` reads a text into nodes that know their byte ranges, `edit` says what to change and proves that it was,
//! `splice` finds the bytes for one edit, `scalar` changes the inside of a string that is a document itself, `block`
//! writes new values in the style of their surroundings, `second_reader` asks another parser, `scalars` lists where
//! every scalar stands, and `write` prints whole documents for kubectl.

mod block;
mod document;
mod edit;
mod gap;
mod path;
mod scalar;
mod scalars;
mod second_reader;
mod splice;
mod tree;
pub mod write;

pub use document::Document;
pub use edit::{Changes, Edit, Refused, edit};
pub use path::{Path, Segment};
pub use scalars::{ScalarSpan, scalars};
pub use tree::{Malformed, read};
