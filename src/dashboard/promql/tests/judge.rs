//! Another parser of PromQL must see in the result what it sees in the text, the label aside.

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{Expr, LabelModifier, parse};

use super::super::token::variable;

/// A selector or a list of labels, as the other parser sees it.
#[derive(Debug, PartialEq)]
enum Place {
    Selector(Vec<Matcher>),
    Labels(Vec<String>),
}

#[track_caller]
pub(super) fn agrees(text: &str, result: &str) {
    let read = |text: &str| {
        let text = substituted(text);
        parse(&text).unwrap_or_else(|why| panic!("{text}: {why}"))
    };
    let (mut before, mut after) = (read(text), read(result));
    let (mut places, mut others) = (Vec::new(), Vec::new());
    strip(&mut before, &mut places);
    strip(&mut after, &mut others);
    assert_eq!(before, after, "{text} became {result}");
    assert_eq!(places.len(), others.len());
    for (before, after) in places.iter_mut().zip(others) {
        let is_chosen = |matcher: &Matcher| {
            matcher.name == "cluster" && matcher.value == "one" && !matches!(matcher.op, MatchOp::NotRe(_))
        };
        match (before, after) {
            (Place::Selector(before), Place::Selector(after)) => {
                assert!(after.iter().any(is_chosen), "{result}");
                if !before.iter().any(is_chosen) {
                    let first = after.iter().position(is_chosen).expect("the matcher");
                    before.insert(first, after[first].clone());
                }
                assert_eq!(*before, after, "{text} became {result}");
            }
            (Place::Labels(before), Place::Labels(after)) => {
                if *before != after {
                    before.insert(0, "cluster".to_owned());
                }
                assert_eq!(*before, after, "{text} became {result}");
            }
            _ => panic!("{text} became {result}"),
        }
    }
}

/// Takes out, and gives, what may differ.
fn strip(expr: &mut Expr, places: &mut Vec<Place>) {
    let labels = |modifier: Option<&mut LabelModifier>, places: &mut Vec<Place>| {
        let taken = modifier.map(|modifier| match modifier {
            LabelModifier::Include(labels) | LabelModifier::Exclude(labels) => {
                std::mem::take(&mut labels.labels)
            }
        });
        places.push(Place::Labels(taken.unwrap_or_default()));
    };
    match expr {
        Expr::VectorSelector(selector) => {
            places.push(Place::Selector(std::mem::take(&mut selector.matchers.matchers)));
        }
        Expr::MatrixSelector(matrix) => {
            places.push(Place::Selector(std::mem::take(&mut matrix.vs.matchers.matchers)));
        }
        Expr::Aggregate(aggregate) => {
            labels(aggregate.modifier.as_mut(), places);
            // None, and `by ()`, are one.
            if aggregate.modifier.as_ref().is_some_and(LabelModifier::is_include) {
                aggregate.modifier = None;
            }
            if let Some(parameter) = &mut aggregate.param {
                strip(parameter, places);
            }
            strip(&mut aggregate.expr, places);
        }
        Expr::Binary(binary) => {
            labels(binary.modifier.as_mut().and_then(|modifier| modifier.matching.as_mut()), places);
            strip(&mut binary.lhs, places);
            strip(&mut binary.rhs, places);
        }
        Expr::Call(call) => call.args.args.iter_mut().for_each(|arg| strip(arg, places)),
        Expr::Paren(paren) => strip(&mut paren.expr, places),
        Expr::Unary(unary) => strip(&mut unary.expr, places),
        Expr::Subquery(subquery) => strip(&mut subquery.expr, places),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

/// The text as Grafana would send it.
fn substituted(text: &str) -> String {
    let mut result = String::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let Some(variable) = variable(&text[at..]) else {
            result.push(c);
            at += c.len_utf8();
            continue;
        };
        result.push_str(match variable.name {
            "cluster" => "one",
            "threshold" | "__range_s" | "k" => "3",
            "metric" | "label" | "namespace" => "some_name",
            "aggregation" => "sum",
            "function" => "rate",
            "filters" => "a=\"b\"",
            "to" => "1700000000",
            _ => "5m",
        });
        at += variable.length;
    }
    result
}
