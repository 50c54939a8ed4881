//! Command line flags: what a role needs of the arguments that the values give, and what a running process has.

mod agent;
mod args;
mod buffer;
mod dialect;
mod expected;
mod hub;
#[cfg(test)]
mod properties;
mod rewrite;

pub use agent::{AGENT_PATH, agent_args};
pub use args::{ArgEdit, Args};
pub use buffer::buffer_args;
pub use expected::{Expectation, Expected, Verdict, expectations, from_values, mode};
pub use hub::{HubArgs, hub_args};
