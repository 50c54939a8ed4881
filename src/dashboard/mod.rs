//! Grafana dashboards for a Prometheus that holds many clusters.
//!
//! A dashboard that was made for one cluster shows all of a hub's at once, added up and mixed up, and joins fail for
//! series that are there twice. `rewrite` gives it a variable to choose clusters by and its expressions the matcher, and
//! says what it left alone and why. `federation` is a dashboard of what arrives at the hub, made of promfed's own
//! queries.
//!
//! `promql` decides what an expression needs; `asked` is the same for what template variables ask; `sites` finds where in
//! the document PromQL stands, `source` whether it is Prometheus that is asked, `variable` which variable chooses and
//! what the others stand for. `json` knows places, `place` puts the variable there. Nothing is parsed and printed again:
//! the result is the text with insertions, and another reader must see in it what was meant.

mod asked;
mod federation;
mod json;
mod place;
mod promql;
mod rewrite;
mod sites;
mod source;
#[cfg(test)]
mod tests;
mod variable;

pub use federation::{FEDERATION, federation};
pub use rewrite::{Done, Left, rewrite};
pub use variable::Change;
