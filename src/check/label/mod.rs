//! Whether the label `cluster` tells the clusters apart: every series has one, it is the right one, and nobody else
//! writes under it. `names` is which clusters write to a hub, `namesakes` which contexts share a name, and `own_rules`
//! the rules that somebody here wrote.

mod alert;
mod awaited;
mod brought;
mod federated;
mod few;
mod ghost;
pub(in crate::check) mod identity;
mod jobs;
mod level;
mod named;
mod names;
mod namesake;
mod namesakes;
mod own_rules;
mod replica;
mod rule;
mod up;
mod variable;
mod window;

pub(super) use few::few;
pub(super) use names::members;

use super::check::Check;

/// In causal order.
pub(super) const CHECKS: &[&Check] = &[
    &variable::CHECK,
    &named::CHECK,
    &jobs::CHECK,
    &up::CHECK,
    &replica::CHECK,
    &namesake::CHECK,
    &identity::CHECK,
    &window::CHECK,
    &brought::CHECK,
    &ghost::CHECK,
    &federated::CHECK,
    &alert::CHECK,
    &rule::CHECK,
    &level::CHECK,
    &awaited::CHECK,
];
