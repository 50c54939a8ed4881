//! Which selectors, aggregations and joins get the label. The rules and their reasons stand in the room's first lines.

use super::token::variables;
use super::tree::{Aggregation, Binary, Callee, Expr, Labels, Matcher, Matching, Selector};
use super::{Insertion, Wish};

/// What tells the series of an expression apart, the label being in place wherever it can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Nature {
    /// A number.
    Scalar,
    /// A vector that no cluster has for itself.
    Shared,
    /// A total without labels.
    Total,
    /// Labels, but not that of the cluster.
    Grouped,
    /// The label of the cluster, and others.
    Apart,
}

/// What is asked of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Clusters may be counted together.
    Together,
    /// They are kept apart where that can be.
    Apart,
    /// They are kept apart, for a join, or else there is an error.
    Joined,
}

/// Functions that give a number.
const SCALARS: [&str; 7] = ["scalar", "time", "pi", "start", "end", "step", "range"];
/// Aggregations that choose among series, and leave them their labels.
const CHOOSE: [&str; 4] = ["topk", "bottomk", "limitk", "limit_ratio"];

/// All that goes into the text, in order.
pub(super) fn insertions(expr: &Expr, wish: &Wish) -> Result<Vec<Insertion>, String> {
    let mut planner = Planner { wish, insertions: Vec::new() };
    planner.go(expr, Mode::Together)?;
    planner.insertions.sort_by_key(|insertion| insertion.at);
    Ok(planner.insertions)
}

struct Planner<'w> {
    wish: &'w Wish,
    insertions: Vec<Insertion>,
}

impl Planner<'_> {
    fn insert(&mut self, at: usize, text: String) {
        self.insertions.push(Insertion { at, text });
    }

    fn cannot(&self, what: &str) -> String {
        format!("{what} has no {}, and is joined with what has", self.wish.label)
    }

    fn go(&mut self, expr: &Expr, mode: Mode) -> Result<(), String> {
        match expr {
            Expr::Number | Expr::Text(_) => Ok(()),
            Expr::Variable { name, .. } => Err(format!("what ${name} stands for cannot be told")),
            Expr::Selector(selector) => {
                self.select(selector);
                Ok(())
            }
            Expr::Around(inner) => self.go(inner, mode),
            Expr::Call { callee: Callee::Function(name), args } => self.call(name, args, mode),
            Expr::Call { callee: Callee::Unknown(name), args } => self.unknown(name, args, mode),
            Expr::Aggregation(aggregation) => self.aggregate(aggregation, mode),
            Expr::Binary(binary) => self.binary(binary, mode),
        }
    }

    fn select(&mut self, selector: &Selector) {
        let Wish { label, variable, .. } = self.wish;
        let matcher = format!("{label}=~\"${variable}\"");
        let separator = if selector.spaced { ", " } else { "," };
        let text = match &selector.matchers {
            None => format!("{{{matcher}}}"),
            Some(matchers) if matchers.is_empty() => matcher,
            Some(matchers) => {
                let is_chosen = |one: &Matcher| matches!(one, Matcher::Label { label: name, value } if name == label && !variables(value).is_empty());
                if matchers.iter().any(is_chosen) {
                    return;
                }
                matcher + separator
            }
        };
        self.insert(selector.place, text);
    }

    fn name(&mut self, labels: &Labels) {
        let label = &self.wish.label;
        let text = match (labels.names.is_empty(), labels.spaced) {
            (true, _) => label.clone(),
            (false, true) => format!("{label}, "),
            (false, false) => format!("{label},"),
        };
        self.insert(labels.place, text);
    }

    fn call(&mut self, name: &str, args: &[Expr], mode: Mode) -> Result<(), String> {
        let asks = args.iter().any(Expr::asks);
        let has_no_cluster = match name {
            "info" => return Err("info() joins by instance and job alone".to_owned()),
            "scalar" => asks,
            "vector" | "absent" | "absent_over_time" => true,
            name if SCALARS.contains(&name) => false,
            _ => args.is_empty() || self.overwrites(name, args),
        };
        if !has_no_cluster {
            return args.iter().try_for_each(|arg| self.go(arg, mode));
        }
        if mode == Mode::Joined {
            return Err(self.cannot(&format!("{name}()")));
        }
        args.iter().try_for_each(|arg| self.go(arg, Mode::Together))
    }

    /// A function that gives the label another value.
    fn overwrites(&self, name: &str, args: &[Expr]) -> bool {
        let target = args.get(1).map(|arg| match arg {
            Expr::Text(text) => text.as_str(),
            _ => "",
        });
        matches!(name, "label_replace" | "label_join") && target == Some(&self.wish.label)
    }

    /// A variable is called. As a function it would pass on what is asked of it, as an aggregation it would not.
    fn unknown(&mut self, name: &str, args: &[Expr], mode: Mode) -> Result<(), String> {
        let why = || format!("whether {name} is a function or an aggregation cannot be told, and it matters");
        if mode != Mode::Together {
            return Err(why());
        }
        let plan = |mode| {
            let mut planner = Planner { wish: self.wish, insertions: Vec::new() };
            args.iter().try_for_each(|arg| planner.go(arg, mode)).map(|()| planner.insertions)
        };
        let (function, aggregation) = (plan(Mode::Together)?, plan(Mode::Apart)?);
        if function != aggregation {
            return Err(why());
        }
        self.insertions.extend(function);
        Ok(())
    }

    fn aggregate(&mut self, aggregation: &Aggregation, mode: Mode) -> Result<(), String> {
        let Some((arg, parameters)) = aggregation.args.split_last() else {
            return Err(format!("{}() has no argument", aggregation.name));
        };
        for parameter in parameters {
            if mode == Mode::Joined && parameter.asks() {
                return Err(self.cannot("a parameter"));
            }
            self.go(parameter, Mode::Together)?;
        }
        let is_choice = CHOOSE.contains(&aggregation.name.as_str());
        let label = &self.wish.label;
        if mode != Mode::Together && self.nature(arg) > Nature::Shared {
            match &aggregation.grouping {
                None if aggregation.spaced => self.insert(aggregation.end, format!(" by ({label})")),
                None => self.insert(aggregation.end, format!(" by ({label}) ")),
                Some(grouping) if grouping.keeps && !grouping.labels.has(label) => {
                    self.name(&grouping.labels);
                }
                Some(grouping) if !grouping.keeps && grouping.labels.has(label) && mode == Mode::Joined => {
                    return Err(self.cannot(&format!("{} without ({label})", aggregation.name)));
                }
                Some(_) => {}
            }
        }
        let inner = if mode == Mode::Together && !is_choice { Mode::Apart } else { mode };
        self.go(arg, inner)
    }

    fn binary(&mut self, binary: &Binary, mode: Mode) -> Result<(), String> {
        let Binary { operator, left, right, matching, group } = binary;
        let label = &self.wish.label;
        let sides = (self.nature(left), self.nature(right));
        if sides.0 == Nature::Scalar || sides.1 == Nature::Scalar {
            self.go(left, mode)?;
            return self.go(right, mode);
        }
        let says = match matching {
            Matching::Ignoring(labels) => labels.has(label),
            Matching::On(labels) => !labels.has(label) && group.iter().flatten().any(|name| name == label),
            Matching::AllLabels => false,
        };
        let is_total = sides.0 <= Nature::Total && sides.1 <= Nature::Total;
        let is_shared = sides.0 == Nature::Shared || sides.1 == Nature::Shared;
        if says || (is_total && (is_shared || mode == Mode::Together)) {
            if mode == Mode::Joined {
                return Err(self.cannot(&format!("one side of {operator}")));
            }
            self.go(left, Mode::Together)?;
            return self.go(right, Mode::Together);
        }
        if is_shared {
            return self.beside_shared(binary, sides, mode);
        }
        if let Matching::On(labels) = matching
            && !labels.has(label)
        {
            self.name(labels);
        }
        self.go(left, Mode::Joined)?;
        self.go(right, Mode::Joined)
    }

    /// One side has series of clusters, the other is the same for all.
    fn beside_shared(&mut self, binary: &Binary, sides: (Nature, Nature), mode: Mode) -> Result<(), String> {
        let Binary { operator, left, right, matching, group } = binary;
        let why = self.cannot(&format!("one side of {operator}"));
        if operator == "or" {
            self.go(left, mode)?;
            return self.go(right, mode);
        }
        let other = sides.0.max(sides.1);
        let is_filter = operator == "and" || operator == "unless";
        let names_labels = matches!(matching, Matching::On(_));
        // Many of one side may find the one of the other.
        let takes_many = names_labels && (is_filter || group.is_some());
        let stays = mode == Mode::Together && other != Nature::Apart;
        if !takes_many && !stays {
            return Err(why);
        }
        for (side, nature) in [(left, sides.0), (right, sides.1)] {
            let is_kept = nature != Nature::Shared && takes_many;
            self.go(side, if is_kept { mode } else { Mode::Together })?;
        }
        if mode == Mode::Joined && is_filter && sides.0 == Nature::Shared { Err(why) } else { Ok(()) }
    }

    fn nature(&self, expr: &Expr) -> Nature {
        let label = &self.wish.label;
        match expr {
            Expr::Number | Expr::Text(_) => Nature::Scalar,
            Expr::Selector(_) | Expr::Variable { .. } => Nature::Apart,
            Expr::Around(inner) => self.nature(inner),
            Expr::Call { callee: Callee::Function(name), args } => match name.as_str() {
                name if SCALARS.contains(&name) => Nature::Scalar,
                "vector" | "absent" | "absent_over_time" => Nature::Shared,
                name if args.is_empty() || self.overwrites(name, args) => Nature::Shared,
                _ => args.iter().map(|arg| self.nature(arg)).max().unwrap_or(Nature::Shared),
            },
            Expr::Call { args, .. } => {
                args.iter().map(|arg| self.nature(arg)).max().unwrap_or(Nature::Shared)
            }
            Expr::Aggregation(aggregation) => {
                let of = aggregation.args.last().map_or(Nature::Shared, |arg| self.nature(arg));
                match &aggregation.grouping {
                    _ if of <= Nature::Shared => Nature::Shared,
                    _ if CHOOSE.contains(&aggregation.name.as_str()) => of,
                    Some(grouping) if grouping.labels.has(label) == grouping.keeps => Nature::Apart,
                    None if aggregation.name != "count_values" => Nature::Total,
                    Some(grouping) if grouping.labels.names.is_empty() => Nature::Total,
                    _ => Nature::Grouped,
                }
            }
            Expr::Binary(binary) => {
                let (left, right) = (self.nature(&binary.left), self.nature(&binary.right));
                match binary.operator.as_str() {
                    _ if left.min(right) == Nature::Scalar => left.max(right),
                    "and" | "unless" => left,
                    "or" => left.max(right),
                    _ if left.min(right) == Nature::Shared || left.max(right) <= Nature::Total => {
                        left.max(right)
                    }
                    _ => Nature::Apart,
                }
            }
        }
    }
}
