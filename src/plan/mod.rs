//! What to write, and nothing else: a pure function of what the user wants and what is there.
//!
//! A plan is a list of steps over exact bytes, in an order in which every prefix does no harm. Applying it, showing
//! it, printing its manifests and comparing it are only readers of the same plan. Made again after it was applied,
//! it is empty.

mod agent;
mod back;
mod buffer;
mod diff;
mod door;
mod draft;
mod forgets;
mod hub;
mod keep;
mod misfits;
mod mount;
mod overlay;
mod rules;
mod step;
mod target;

pub use agent::{AgentIntent, Order, plan_agent};
pub use back::{NoWayBack, Others, plan_back, plan_removal};
pub use buffer::{Buffer, Lateness};
pub use diff::{
    DiffLine, Hunk, LevelDiff, LineKind, LineRange, Part, changed_texts, diff, hidden, hunks, masked, unified,
};
pub use door::{Admission, Auth, DoorWish, Ended, Guests, admission, expulsion};
pub use forgets::Forgets;
pub use hub::{HubIntent, Ingress, plan_hub};
pub use keep::Keep;
pub use mount::Served;
pub use step::{Action, Line, Place, Plan, Sign, Step, TextChange, Then};
pub use target::{Installed, Moves, Observed, PackageWish, Reference, Target};

#[cfg(test)]
mod tests;
