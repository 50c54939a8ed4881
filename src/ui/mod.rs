//! What the process says to a person, and asks: its streams, made once and passed down.
//!
//! stdout holds the result of a command and nothing else. Everything else, progress, hints, warnings, questions, goes to
//! stderr. `decision` is how a terminal, the environment and the flags decide about colour, progress and questions, as
//! pure functions; `streams` writes; `progress` is the one line that changes; `screen` draws a result again and again;
//! `confirm` asks; `interrupt` hears Ctrl-C; `trace` is what `-v` shows.

mod confirm;
mod decision;
mod interrupt;
mod progress;
mod screen;
mod streams;
mod trace;

pub use confirm::Answer;
pub use decision::{ColourChoice, Surroundings, Terminals, Verbosity};
pub use interrupt::INTERRUPTED;
pub use progress::Progress;
pub use screen::Screen;
pub use streams::{Reader, Ui};
