//! Everything that can go wrong, as data: facts in, findings out. Pure: nothing here asks a cluster, and no check
//! writes.
//!
//! `facts` is what was read, `view` what a check may look at of it, `check` what a check is, `judgement` what it says.
//! The folders hold the checks by category, one file each; `list` has them all in causal order; `engine` judges.
//! To add a check, write its file beside its like, with its tests, and name it in its folder's list.

mod alerts;
mod capacity;
#[expect(clippy::module_inception, reason = "what a check is")]
mod check;
mod connection;
mod delivery;
mod engine;
mod facts;
mod flags;
#[cfg(test)]
mod healthy;
mod judgement;
mod label;
mod list;
mod named_hub;
mod package;
mod safety;
mod time;
mod view;

pub use alerts::{Alert, GROUP, alerts, awaited, awaited_by, rule_file, rule_group};
pub use check::{Category, Check, Page, Subject};
pub use connection::READING_RIGHTS;
pub use engine::{Examined, Moment, Outcome, Result, examine};
pub use facts::{
    Api, Crash, Facts, Known, Package, Process, Reading, Served, Stored, Unread, WayIn, WaysIn, Workload,
};
pub use judgement::{By, Finding, Fix, Judged, Judgement, Severity, Verdict};
pub use list::{all, by_code};
pub use safety::UNVERIFIED;
pub use view::View;
