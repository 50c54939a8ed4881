//! One short file per verb, each read from top to bottom: intent, observe, plan, apply, verify, report.
//!
//! This is the shell around the pure rooms: it asks clusters, decides nothing that a plan could decide, and hands what
//! came out to `report`. `site` reads what a context has, `prometheus` asks the process behind it, `apply` carries a
//! plan out, `verify` waits until the processes prove it, and `conclude` tells. `observe` is what a plan needs to know,
//! `change` runs from there to what is written; `way` plans the other way, and `back` and `leave` go it. `facts` reads
//! everything that `check` can judge, `fleet` is many clusters at once, and `rollout` changes many as one file declares
//! them. `shell` is what all have at hand, and `run` chooses among them. `dashboard` rewrites files and asks no cluster,
//! `completion` answers while somebody types.

mod agent;
mod apply;
mod author;
mod back;
mod backlog;
mod change;
mod check;
mod clusters;
mod completion;
mod conclude;
mod crash;
mod dashboard;
mod denied;
mod diff;
mod explain;
mod export;
mod facts;
mod flags;
mod fleet;
mod history;
mod hub;
mod input;
mod leave;
mod man;
mod members;
mod observe;
mod prometheus;
mod query;
mod rbac;
mod receiver;
mod role;
mod rollout;
mod rules;
mod run;
mod shell;
mod site;
mod status;
mod take_back;
mod turn;
mod ui;
mod verify;
mod version;
mod watch;
mod way;
mod write;

pub use completion::answer as answer_a_shell;
pub use run::{cannot_start, refused, run};
