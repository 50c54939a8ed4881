//! A label matcher for every selector of an expression, and the label in every join: where to put what, and nothing else.
//!
//! The series of many clusters lie in one Prometheus, each with a `cluster` label. Two things must hold of what comes
//! out. With one cluster chosen it gives what the expression gave in a Prometheus that has this cluster alone. With
//! several chosen it gives no error that one does not give, and nothing of one cluster is joined with, or counted as,
//! something of another. So:
//!
//! * **Every selector** is given `cluster=~"$cluster"`, unless it has a matcher on the label that a variable decides.
//! * **The outermost aggregation stays as it is.** `sum by (namespace) (x)` is a total over the clusters that are chosen.
//!   That is what an overview wants, and its legend tells no cluster. So do `topk`, `histogram_quantile` over
//!   `sum by (le)`, and functions around them.
//! * **What is aggregated again keeps clusters apart**: in `count(sum by (node) (x))` two clusters' nodes of one name are
//!   two, so the inner one becomes `by (cluster, node)`.
//! * **What is joined is joined within a cluster.** Between two vectors `on (…)` gets `cluster`, and so does every
//!   aggregation on both sides: `sum(x)` becomes `sum by (cluster) (x)`. `ignoring (…)` and a match by all labels have it
//!   already, once both sides carry it; `without (…)` carries it. This holds for `and` and `unless`, and for `or`, whose
//!   right side fills the gaps of a cluster of its own.
//! * **Totals are not joined**: in `sum(a) / sum(b)` neither side has labels that could be mistaken. It stays one number,
//!   the ratio of all that is chosen. Nor are numbers: `x > 5`, `x * scalar(y)`.
//! * **What has no cluster is left alone**: `vector(0)`, `hour()`, `absent(x)` beside `or`, and beside other operators
//!   where `on (…)` says how they match. `scalar(x)` is one value of all that is chosen.
//! * What says `cluster` already, in `by`, `on`, `ignoring` or `group_left`, was written by somebody who knew.
//!
//! Where a join would need the label of what cannot carry it (`absent(x) * on (job) y`, `label_replace` that overwrites
//! it, `without (cluster)`), where `$x` may be a function or an aggregation, a number or a metric and that matters, and
//! with `info()`, which joins by `instance` and `job` alone, the expression is refused with the reason.
//!
//! `token` cuts a text in which any word may be a variable of Grafana's, `parse` reads it into a `tree` that knows where
//! its parts stand, `stand` says what variables stand for, `join` decides. Nothing is printed from the tree: the result is
//! a handful of insertions, so every byte of the text is still there, in its order. The result is read and planned again,
//! and must need nothing more. No crate for PromQL gives places, and none reads Grafana's variables; one of them is the
//! judge in the tests, where it must see the same tree but for what was inserted, and Prometheus itself is the other.

mod join;
mod parse;
mod stand;
#[cfg(test)]
mod tests;
pub(super) mod token;
mod tree;

use std::collections::BTreeMap;

pub(super) use stand::Stands;

/// What a text is given.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    /// The label that tells clusters apart.
    pub label: String,
    /// The variable of the dashboard that holds the chosen ones.
    pub variable: String,
    /// What the dashboard's other variables are known to stand for.
    pub known: BTreeMap<String, Stands>,
}

/// A text that goes in at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Insertion {
    pub at: usize,
    pub text: String,
}

/// What must be inserted so that an expression keeps clusters apart; nothing where it does already.
pub(super) fn expression(text: &str, wish: &Wish) -> Result<Vec<Insertion>, String> {
    checked(text, |text| {
        let mut expr = parse::parse(text)?;
        stand::resolve(&mut expr, &wish.known)?;
        join::insertions(&expr, wish)
    })
}

/// The same for a text that is one selector, as Grafana's variables and series queries have it.
pub(super) fn selector(text: &str, wish: &Wish) -> Result<Vec<Insertion>, String> {
    checked(text, |text| {
        let mut expr = parse::parse(text)?;
        stand::resolve(&mut expr, &wish.known)?;
        match expr {
            tree::Expr::Selector(_) => join::insertions(&expr, wish),
            _ => Err("it is no selector of series".to_owned()),
        }
    })
}

/// Plans, and plans again over the result, which must need nothing.
fn checked(
    text: &str,
    plan: impl Fn(&str) -> Result<Vec<Insertion>, String>,
) -> Result<Vec<Insertion>, String> {
    let insertions = plan(text)?;
    match plan(&inserted(text, &insertions)) {
        Ok(more) if more.is_empty() => Ok(insertions),
        Ok(_) => Err("it does not come to rest".to_owned()),
        Err(why) => Err(format!("the result cannot be read: {why}")),
    }
}

/// A text with what goes in.
pub(super) fn inserted(text: &str, insertions: &[Insertion]) -> String {
    let mut result = String::with_capacity(text.len() + insertions.len() * 24);
    let mut from = 0;
    for insertion in insertions {
        result.push_str(&text[from..insertion.at]);
        result.push_str(&insertion.text);
        from = insertion.at;
    }
    result.push_str(&text[from..]);
    result
}
