//! What a variable of Grafana's stands for, where PromQL alone does not tell.

use std::collections::BTreeMap;

use super::tree::{Aggregation, Callee, Expr, Selector};

/// What all values of a variable are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::dashboard) enum Stands {
    ForANumber,
    ForAMetric,
}

/// Grafana's own, all of them numbers or durations.
const OWN: [&str; 9] = [
    "__interval",
    "__interval_ms",
    "__rate_interval",
    "__rate_interval_ms",
    "__range",
    "__range_s",
    "__range_ms",
    "__from",
    "__to",
];

/// Puts what they stand for in the place of variables.
pub(super) fn resolve(expr: &mut Expr, known: &BTreeMap<String, Stands>) -> Result<(), String> {
    match expr {
        Expr::Variable { name, end } => {
            let own = OWN.contains(&name.as_str()).then_some(Stands::ForANumber);
            *expr = match own.or_else(|| known.get(name).copied()) {
                Some(Stands::ForANumber) => Expr::Number,
                Some(Stands::ForAMetric) => {
                    Expr::Selector(Selector { place: *end, matchers: None, spaced: true })
                }
                None => return Err(format!("whether ${name} is a number or a metric cannot be told")),
            };
            Ok(())
        }
        Expr::Call { callee, args } => {
            let name = match callee {
                Callee::Function(name) => name.clone(),
                Callee::Unknown(_) => String::new(),
            };
            all(&name, args, known)
        }
        Expr::Aggregation(Aggregation { name, args, .. }) => all(&name.clone(), args, known),
        Expr::Binary(binary) => {
            resolve(&mut binary.left, known)?;
            resolve(&mut binary.right, known)
        }
        Expr::Around(inner) => resolve(inner, known),
        Expr::Number | Expr::Text(_) | Expr::Selector(_) => Ok(()),
    }
}

fn all(name: &str, args: &mut [Expr], known: &BTreeMap<String, Stands>) -> Result<(), String> {
    for (at, arg) in args.iter_mut().enumerate() {
        if matches!(arg, Expr::Variable { .. }) && numbers(name).contains(&at) {
            *arg = Expr::Number;
        }
        resolve(arg, known)?;
    }
    Ok(())
}

/// The arguments of a function or an aggregation that are numbers.
fn numbers(name: &str) -> &'static [usize] {
    match name {
        "topk" | "bottomk" | "quantile" | "limitk" | "limit_ratio" | "histogram_quantile"
        | "quantile_over_time" | "vector" => &[0],
        "clamp_min" | "clamp_max" | "round" | "predict_linear" => &[1],
        "clamp" | "double_exponential_smoothing" | "holt_winters" => &[1, 2],
        "histogram_fraction" => &[0, 1],
        _ => &[],
    }
}
