//! What to write, and nothing else: a pure function of what the user wants and what is there.
//!
//! A plan is a list of steps over exact bytes, in an order in which every prefix does no harm. Applying it, showing
//! it, printing its manifests and comparing it are only readers of the same plan. Made again after it was applied,
//! it is empty.

mod agent;
mod diff;
mod draft;
mod hub;
mod misfits;
mod step;
mod target;

pub use agent::{AgentIntent, plan_agent};
pub use diff::unified;
pub use hub::{HubIntent, Ingress, plan_hub};
pub use step::{Action, Line, Plan, Sign, Step, TextChange};
pub use target::{Installed, Observed, PackageWish, Target};

#[cfg(test)]
mod tests;
