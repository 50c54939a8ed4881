//! A dashboard for one cluster becomes one for many.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value as Json;

use super::json::{Node, Splice, Value, escaped, parse, place_in, spliced};
use super::promql::{Insertion, Wish, expression, inserted};
use super::sites::{Kind, Site, sites};
use super::source::Sources;
use super::variable::{self, Change};
use super::{asked, place};

/// The dashboard, and what became of it.
#[derive(Clone, Debug)]
pub struct Done {
    pub text: String,
    /// The name of the variable that chooses clusters.
    pub variable: String,
    pub change: Change,
    /// How many expressions were given the label.
    pub rewritten: usize,
    /// How many needed nothing.
    pub unchanged: usize,
    pub left: Vec<Left>,
}

/// An expression that stays as it was, because nothing better is certain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// `panel "CPU"`, `variable "node"`, `annotation "deploys"`.
    pub place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ref_id: Option<String>,
    pub expression: String,
    pub why: String,
}

/// Gives a dashboard the variable, and each of its expressions the matcher. What it says otherwise stays, to the byte.
pub fn rewrite(text: &str, label: &str) -> Result<Done, String> {
    let document = parse(text)?;
    let (root, base) = dashboard(&document)?;
    let list =
        root.get("templating").and_then(|templating| templating.get("list")).map_or(&[][..], Node::items);
    let sources = Sources::of(root, list);
    let chosen = variable::chosen(list, label)?;
    let wish = Wish { label: label.to_owned(), variable: chosen.name.clone(), known: variable::known(list) };
    let needed = chosen.at.map(|at| variable::needed(list, at)).unwrap_or_default();
    let mut result = Done {
        text: String::new(),
        variable: chosen.name.clone(),
        change: chosen.change,
        rewritten: 0,
        unchanged: 0,
        left: Vec::new(),
    };
    let all = sites(root, base, list, &sources);
    let mut splices = Vec::new();
    let mut meant: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    for site in &all {
        let is_copy = site.pointer.ends_with("/definition");
        match insertions(site, &wish, &needed) {
            Ok(insertions) if insertions.is_empty() => result.unchanged += usize::from(!is_copy),
            Ok(insertions) => {
                result.rewritten += usize::from(!is_copy);
                let old = site.node.text().unwrap_or_default();
                let new = Json::from(inserted(old, &insertions));
                *meant.pointer_mut(&site.pointer).ok_or("an expression is not where it was")? = new;
                splices.extend(insertions.into_iter().map(|Insertion { at, text: more }| {
                    let at = place_in(text, site.node, at);
                    Splice { span: at..at, text: escaped(&more) }
                }));
            }
            Err(_) if is_copy => {}
            Err(why) => result.left.push(Left {
                place: site.place.clone(),
                ref_id: site.ref_id.clone(),
                expression: site.node.text().unwrap_or_default().to_owned(),
                why,
            }),
        }
    }
    let new = variable::new(&chosen.name, label, &datasource(text, &all));
    splices.extend(place::variable(text, root, list, &chosen, &new));
    place::mean(&mut meant, base, list, &chosen, new);
    result.text = spliced(text, &mut splices);
    // Another reader must see what was meant, and nothing else.
    match serde_json::from_str::<Json>(&result.text) {
        Ok(seen) if seen == meant => Ok(result),
        Ok(_) => Err("the result would not say what was meant".to_owned()),
        Err(error) => Err(format!("the result would be no JSON: {error}")),
    }
}

/// The dashboard in a document: by itself, as Grafana's API wraps it, or as an object of Kubernetes' form.
fn dashboard(document: &Node) -> Result<(&Node, &'static str), String> {
    let (root, base) = match (document.get("dashboard"), document.get("spec")) {
        (Some(inner), _) if matches!(inner.value, Value::Object(_)) => (inner, "/dashboard"),
        (_, Some(inner)) if document.get("apiVersion").is_some() => (inner, "/spec"),
        _ => (document, ""),
    };
    if root.get("elements").is_some() {
        return Err("it is a dashboard of schema v2, whose panels are called elements".to_owned());
    }
    let is_one = ["panels", "rows", "templating"].iter().any(|key| root.get(key).is_some());
    if is_one {
        Ok((root, base))
    } else {
        Err("it is no dashboard: it has neither panels nor rows".to_owned())
    }
}

fn insertions(site: &Site<'_>, wish: &Wish, needed: &BTreeSet<String>) -> Result<Vec<Insertion>, String> {
    let text = site.node.text().unwrap_or_default();
    match &site.kind {
        Kind::Elsewhere => Err("it is kept in Grafana's library of panels".to_owned()),
        Kind::Expression if text.trim().is_empty() => Ok(Vec::new()),
        Kind::Expression => expression(text, wish),
        Kind::Question(name) if *name == wish.variable => Ok(Vec::new()),
        Kind::Question(name) => {
            let insertions = asked::insertions(text, wish)?;
            if !insertions.is_empty() && needed.contains(name) {
                return Err(format!("the variable {:?} depends on it", wish.variable));
            }
            Ok(insertions)
        }
    }
}

/// The data source that most expressions name, as it is written there.
fn datasource(text: &str, sites: &[Site<'_>]) -> Json {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let named = sites.iter().filter(|site| site.kind != Kind::Elsewhere);
    for datasource in named.filter_map(|site| site.datasource) {
        *counts.entry(&text[datasource.span.clone()]).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.and_then(|(written, _)| serde_json::from_str(written).ok()).unwrap_or(Json::Null)
}
