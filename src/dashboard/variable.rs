//! The variable by which a reader of the dashboard chooses clusters: the one that is there, or a new one.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value as Json, json};

use super::asked::{Asked, asked};
use super::json::Node;
use super::promql::Stands;
use super::promql::token::variables;

/// Grafana's word for a variable that nobody sees.
const HIDDEN: f64 = 2.0;

/// What happens to the variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// There was none.
    Added,
    /// It was hidden.
    Shown,
    /// It held one value for ever.
    Replaced,
    Kept,
}

/// The variable, by name, and its place in the list where it is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chosen {
    pub name: String,
    pub change: Change,
    pub at: Option<usize>,
}

/// Looks for the variable that chooses by a label: the one of its name, or one that offers its values under another
/// name. What has its name and is something else cannot be built upon.
pub(super) fn chosen(list: &[Node], label: &str) -> Result<Chosen, String> {
    let named = list.iter().position(|one| one.text_of("name") == Some(label));
    let is_open = |one: &Node| one.get("hide").and_then(Node::number) != Some(HIDDEN);
    let other = || list.iter().position(|one| lists(one) == Some(label) && is_open(one));
    let Some(at) = named.or_else(other) else {
        return Ok(Chosen { name: label.to_owned(), change: Change::Added, at: None });
    };
    let variable = &list[at];
    let kind = variable.text_of("type").unwrap_or_default();
    let change = match kind {
        "constant" => Change::Replaced,
        "query" if question(variable).is_some_and(|text| is_other(text, label)) => {
            let asks = question(variable).unwrap_or_default();
            return Err(format!("its variable {label:?} asks for something else: {asks}"));
        }
        "query" | "custom" | "textbox" if !is_open(variable) => Change::Shown,
        "query" | "custom" | "textbox" => Change::Kept,
        kind => {
            return Err(format!("its variable {label:?} is of the type {kind:?}, and chooses no clusters"));
        }
    };
    Ok(Chosen { name: variable.text_of("name").unwrap_or(label).to_owned(), change, at: Some(at) })
}

/// The question asks for the values of another label.
fn is_other(text: &str, label: &str) -> bool {
    matches!(asked(text), Asked::Values { label: other, .. } if other != label)
        || matches!(asked(text), Asked::Names)
}

/// The label whose values a variable offers.
fn lists(variable: &Node) -> Option<&str> {
    match asked(question(variable).filter(|_| variable.text_of("type") == Some("query"))?) {
        Asked::Values { label, .. } => Some(label),
        _ => None,
    }
}

/// The text of a question, in the form of old dashboards or of new ones.
pub(super) fn question(variable: &Node) -> Option<&str> {
    let query = variable.get("query")?;
    query.text().or_else(|| query.text_of("query"))
}

/// The variables that a variable needs to know before it can be asked: they cannot depend on it.
pub(super) fn needed(list: &[Node], at: usize) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    let mut next = vec![at];
    while let Some(at) = next.pop() {
        let names = question(&list[at]).map(variables).unwrap_or_default();
        for (place, one) in list.iter().enumerate() {
            let Some(name) = one.text_of("name").filter(|name| names.contains(name)) else { continue };
            if needed.insert(name.to_owned()) {
                next.push(place);
            }
        }
    }
    needed
}

/// A new variable. All that is chosen is everything, also what has no such label, so that nothing gets lost.
pub(super) fn new(name: &str, label: &str, datasource: &Json) -> Json {
    let title: String = label.split('_').map(capital).collect::<Vec<_>>().join(" ");
    let query = format!("label_values(up, {label})");
    json!({
        "allValue": ".*",
        "current": {"selected": true, "text": ["All"], "value": ["$__all"]},
        "datasource": datasource,
        "definition": query,
        "hide": 0,
        "includeAll": true,
        "label": title,
        "multi": true,
        "name": name,
        "options": [],
        "query": query,
        "refresh": 2,
        "regex": "",
        "skipUrlSync": false,
        "sort": 1,
        "type": "query",
    })
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
}

/// What variables stand for, where all their values are known to be of one kind.
pub(super) fn known(list: &[Node]) -> BTreeMap<String, Stands> {
    list.iter().filter_map(|one| Some((one.text_of("name")?.to_owned(), stands(one)?))).collect()
}

fn stands(variable: &Node) -> Option<Stands> {
    let kind = variable.text_of("type")?;
    if kind == "interval" {
        return Some(Stands::ForANumber);
    }
    if kind == "query" {
        let is_metric = match asked(question(variable)?) {
            Asked::Values { label, .. } => label == "__name__",
            asked => asked == Asked::Names && question(variable)?.starts_with("metrics"),
        };
        return is_metric.then_some(Stands::ForAMetric);
    }
    if !matches!(kind, "custom" | "constant" | "textbox") {
        return None;
    }
    let text = variable.text_of("query").unwrap_or_default();
    // `name : value`, between commas.
    let of_text = text.split(',').map(|one| one.rsplit(" : ").next().unwrap_or(one).trim().to_owned());
    let options = variable.get("options").map_or(&[][..], Node::items).iter();
    let options = options.filter_map(|option| option.text_of("value").map(str::to_owned));
    let values: Vec<String> =
        of_text.chain(options).filter(|one| !one.is_empty() && one != "$__all").collect();
    let is_name = |value: &String| {
        value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_' || c == ':')
            && value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
    };
    if values.is_empty() {
        None
    } else if values.iter().all(|value| value.parse::<f64>().is_ok()) {
        Some(Stands::ForANumber)
    } else {
        values.iter().all(is_name).then_some(Stands::ForAMetric)
    }
}
