//! Expressions of every form, each looked at by an outside judge too.

mod arbitrary;
mod forms;
mod joins;
mod judge;

use std::collections::BTreeMap;

use super::{Stands, Wish, expression, inserted};

/// What a dashboard with the label and the variable `cluster` wants.
fn wish() -> Wish {
    let known = [("metric", Stands::ForAMetric), ("threshold", Stands::ForANumber)];
    Wish {
        label: "cluster".to_owned(),
        variable: "cluster".to_owned(),
        known: BTreeMap::from(known.map(|(name, stands)| (name.to_owned(), stands))),
    }
}

/// The expression as it comes out, or why it does not.
fn rewritten(text: &str) -> String {
    match expression(text, &wish()) {
        Ok(insertions) => {
            let result = inserted(text, &insertions);
            judge::agrees(text, &result);
            result
        }
        Err(why) => format!("refused: {why}"),
    }
}

/// Each with what comes out below it.
fn all(texts: &[&str]) -> String {
    let all: Vec<_> = texts.iter().map(|text| format!("{text}\n  {}", rewritten(text))).collect();
    all.join("\n")
}
