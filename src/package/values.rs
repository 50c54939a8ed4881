//! The values of a package: the schema's defaults, and over them the texts of the values Secrets, in order.
//!
//! kapp-controller hands all keys of all referenced Secrets to ytt; mappings are merged, lists are replaced, and the
//! last one to define a value wins. So that one is edited, too.

use serde_json::Value;

use crate::error::{Error, Result};
use crate::prometheus::flags::{ArgEdit, Args};
use crate::yaml::{self, Edit, Path, Segment};

/// The arguments of the `prometheus-server` container. Whoever sets them sets all of them.
pub const ARGS: [&str; 4] = ["prometheus", "deployment", "containers", "args"];
/// The Prometheus configuration: a string that is a YAML document itself.
pub const CONFIG: [&str; 3] = ["prometheus", "config", "prometheus_yml"];
/// The alerting rules: a string that is a YAML document itself.
pub const ALERTS: [&str; 3] = ["prometheus", "config", "alerting_rules_yml"];

/// Where a values text is kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    pub secret: String,
    pub key: String,
}

/// One values text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueSource {
    pub location: Location,
    /// The version of the Secret that the text was read at; `None` when there is no Secret yet.
    pub resource_version: Option<String>,
    pub text: String,
}

/// A values text that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceEdit {
    pub location: Location,
    pub resource_version: Option<String>,
    pub before: String,
    pub after: String,
}

/// Defaults and values texts, and the edits made to them so far.
#[derive(Clone, Debug)]
pub struct Values {
    defaults: Value,
    sources: Vec<(ValueSource, String, Value)>,
}

impl Values {
    /// Reads the texts; there must be at least one, which may be empty.
    pub fn new(defaults: Value, sources: Vec<ValueSource>) -> Result<Self> {
        let sources = sources
            .into_iter()
            .map(|source| {
                let value = yaml::read(&source.text).map_err(|error| not_yaml(&source.location, &error))?;
                if !matches!(value, Value::Null | Value::Object(_)) {
                    return Err(not_yaml(&source.location, &"it is not a mapping"));
                }
                let text = source.text.clone();
                Ok((source, text, value))
            })
            .collect::<Result<_>>()?;
        Ok(Self { defaults, sources })
    }

    /// Nothing but the defaults, where the texts are not known.
    pub fn of_defaults(defaults: Value) -> Self {
        Self { defaults, sources: Vec::new() }
    }

    /// The values as they were read, without any edit.
    #[must_use]
    pub fn as_read(&self) -> Self {
        let read = |(source, _, value): &(ValueSource, String, Value)| {
            // It was YAML when it was read.
            let before = yaml::read(&source.text).unwrap_or_else(|_| value.clone());
            (source.clone(), source.text.clone(), before)
        };
        Self { defaults: self.defaults.clone(), sources: self.sources.iter().map(read).collect() }
    }

    /// What the package runs with: defaults, then each text over them.
    pub fn effective(&self) -> Value {
        self.sources.iter().fold(self.defaults.clone(), |below, (_, _, above)| merged(below, above))
    }

    /// The value at a path, as the package runs with it.
    pub fn get(&self, path: &[&str]) -> Option<Value> {
        let mut layers: Vec<&Value> =
            std::iter::once(&self.defaults).chain(self.sources.iter().map(|(_, _, value)| value)).collect();
        // Only what is on the way is merged: the rest may be large.
        for key in path {
            layers = that_count(layers).into_iter().filter_map(|layer| layer.get(key)).collect();
        }
        let (lowest, above) = layers.split_first()?;
        Some(above.iter().fold((*lowest).clone(), |below, above| merged(below, above)))
    }

    /// What somebody wrote at a path, defaults aside.
    pub fn written(&self, path: &[&str]) -> Option<&Value> {
        let path = Path::of(path.iter().copied());
        self.sources.iter().rev().find_map(|(_, _, value)| path.find(value))
    }

    /// The arguments of the Prometheus container.
    pub fn args(&self) -> Result<Args> {
        let value = self.get(&ARGS).unwrap_or(Value::Null);
        let items = value.as_array().map_or(&[][..], Vec::as_slice);
        if !matches!(value, Value::Null | Value::Array(_)) {
            return Err(Error::usage(format!("{} is not a list", Path::of(ARGS))));
        }
        let text = |item: &Value| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
        Ok(Args::new(items.iter().map(text).collect()))
    }

    /// The text of the Prometheus configuration, and its value.
    pub fn config(&self) -> Result<(String, Value)> {
        self.text(&CONFIG)
    }

    /// A value that is a YAML document itself, as a text, and what it means.
    pub fn text(&self, path: &[&str]) -> Result<(String, Value)> {
        let place = Path::of(path.iter().copied());
        let text = match self.get(path) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text,
            Some(_) => {
                let key = path.last().copied().unwrap_or_default();
                return Err(Error::usage(format!("{place} is not a string"))
                    .because(format!("the package wants this file of Prometheus as one text: `{key}: |`"))
                    .hint("put a `|` after the key and indent what belongs to it below"));
            }
        };
        let value = yaml::read(&text)
            .map_err(|error| Error::usage(format!("{place} is not YAML")).because(error.to_string()))?;
        if !matches!(value, Value::Null | Value::Object(_)) {
            return Err(
                Error::usage(format!("{place} is not a file of Prometheus")).because("it is not a mapping")
            );
        }
        Ok((text, value))
    }

    /// Gives a path a value. Nothing is written when the package runs with it anyway.
    pub fn set(&mut self, path: &[&str], value: Value) -> Result<()> {
        if self.get(path).as_ref() == Some(&value) {
            return Ok(());
        }
        let path = Path::of(path.iter().copied());
        let source = self.source_for(&path);
        self.edit(source, &[Edit::Set { path, value }])
    }

    /// A value that is written over a default replaces all of it: nobody may do that without knowing the default.
    fn require_known(&self, path: &[&str]) -> Result<()> {
        if !self.defaults.is_null() || self.written(path).is_some() {
            return Ok(());
        }
        let path = Path::of(path.iter().copied());
        Err(Error::failed(format!(
            "the package's default of {path} is not known, so nothing can be added to it"
        ))
        .because("the installed version of the package is not offered any more, and no values set it")
        .hint("kubectl get packages -A"))
    }

    /// Changes the arguments: item by item where somebody wrote the list, else as a whole list over the default.
    pub fn edit_args(&mut self, edits: &[ArgEdit]) -> Result<()> {
        if edits.is_empty() {
            return Ok(());
        }
        self.require_known(&ARGS)?;
        let path = Path::of(ARGS);
        let source = self.source_for(&path);
        if path.find(&self.sources[source].2).is_none_or(|list| list.as_array().is_none_or(Vec::is_empty)) {
            let list = self.args()?.edited(edits).as_slice().to_vec();
            return self.edit(source, &[Edit::Set { path, value: list.into() }]);
        }
        let mut replaced = Vec::new();
        let mut removed = Vec::new();
        let mut appended = Vec::new();
        for edit in edits {
            match edit {
                ArgEdit::Replace { index, with } => {
                    replaced.push(Edit::Set { path: path.index(*index), value: with.clone().into() });
                }
                ArgEdit::Remove { index } => removed.push(*index),
                ArgEdit::Append { arg } => {
                    appended.push(Edit::Append { path: path.clone(), item: arg.clone().into() });
                }
            }
        }
        // From the last to the first, so that each index still means what it meant. New items come before old ones
        // go: a list that loses its last item would lose its style.
        removed.sort_unstable();
        removed.dedup();
        let removed = removed.into_iter().rev().map(|index| Edit::Remove { path: path.index(index) });
        let all: Vec<_> = replaced.into_iter().chain(appended).chain(removed).collect();
        self.edit(source, &all)
    }

    /// Changes the Prometheus configuration inside its string.
    pub fn edit_config(&mut self, edits: &[Edit]) -> Result<()> {
        self.edit_text(&CONFIG, edits)
    }

    /// Changes a YAML document inside its string; where nobody wrote it, the default becomes part of the values.
    pub fn edit_text(&mut self, path: &[&str], edits: &[Edit]) -> Result<()> {
        if edits.is_empty() {
            return Ok(());
        }
        self.require_known(path)?;
        let (text, _) = self.text(path)?;
        let after = yaml::edit(&text, edits).map_err(|refused| {
            let place = Path::of(path.iter().copied());
            Error::failed(format!("{place} cannot be changed")).because(refused.to_string())
        })?;
        self.set(path, Value::String(after))
    }

    /// Gives a source another text as a whole. `None` when the install has no such source.
    pub fn restore(&mut self, location: &Location, text: &str) -> Result<Option<()>> {
        let Some((_, current, value)) =
            self.sources.iter_mut().find(|(source, _, _)| source.location == *location)
        else {
            return Ok(None);
        };
        *value = yaml::read(text).map_err(|error| not_yaml(location, &error))?;
        text.clone_into(current);
        Ok(Some(()))
    }

    /// Puts every value of a text over what is there, leaf by leaf; lists as a whole.
    pub fn overlay(&mut self, over: &Value) -> Result<()> {
        let mut leaves = Vec::new();
        leaves_of(over, &mut Vec::new(), &mut leaves);
        for (path, value) in leaves {
            self.set(&path.iter().map(String::as_str).collect::<Vec<_>>(), value)?;
        }
        Ok(())
    }

    /// The texts that differ from what was read.
    pub fn changes(&self) -> Vec<SourceEdit> {
        self.sources
            .iter()
            .filter(|(source, text, _)| source.text != *text)
            .map(|(source, text, _)| SourceEdit {
                location: source.location.clone(),
                resource_version: source.resource_version.clone(),
                before: source.text.clone(),
                after: text.clone(),
            })
            .collect()
    }

    /// The texts as they are now.
    pub fn texts(&self) -> impl Iterator<Item = (&Location, &str)> {
        self.sources.iter().map(|(source, text, _)| (&source.location, text.as_str()))
    }

    /// The last source that defines the path, or the most of its beginning: a new key goes where its siblings are.
    fn source_for(&self, path: &Path) -> usize {
        let depth = |value: &Value| {
            let mut at = value;
            path.segments()
                .iter()
                .take_while(|segment| match segment {
                    Segment::Key(key) => at.get(key).is_some_and(|next| {
                        at = next;
                        true
                    }),
                    Segment::Index(_) => false,
                })
                .count()
        };
        let depths = self.sources.iter().map(|(_, _, value)| depth(value)).enumerate();
        depths.max_by_key(|(position, depth)| (*depth, *position)).map_or(0, |(position, _)| position)
    }

    fn edit(&mut self, source: usize, edits: &[Edit]) -> Result<()> {
        let (origin, text, value) = &mut self.sources[source];
        let refused = |reason: String| {
            let Location { secret, key } = &origin.location;
            Error::failed(format!("the values cannot be changed (Secret {secret}, key {key})"))
                .because(reason)
        };
        *text = yaml::edit(text, edits).map_err(|error| refused(error.to_string()))?;
        *value = yaml::read(text).map_err(|error| refused(error.to_string()))?;
        Ok(())
    }
}

fn not_yaml(location: &Location, error: &dyn ToString) -> Error {
    let Location { secret, key } = location;
    Error::usage(format!("the values in Secret {secret}, key {key}, are not YAML")).because(error.to_string())
}

/// Of values that lie over each other, the lowest first: those that something of is left when they are merged.
fn that_count(layers: Vec<&Value>) -> Vec<&Value> {
    let mut counted: Vec<&Value> = Vec::new();
    for layer in layers {
        match (counted.last(), layer) {
            (Some(_), Value::Null) => {}
            (Some(Value::Object(_)), Value::Object(_)) => counted.push(layer),
            _ => counted = vec![layer],
        }
    }
    counted
}

/// Mappings merge, everything else is replaced.
fn merged(below: Value, above: &Value) -> Value {
    match (below, above) {
        (below, Value::Null) => below,
        (Value::Object(mut below), Value::Object(above)) => {
            for (key, value) in above {
                let merged = match below.remove(key) {
                    Some(old) => merged(old, value),
                    None => value.clone(),
                };
                below.insert(key.clone(), merged);
            }
            Value::Object(below)
        }
        (_, above) => above.clone(),
    }
}

fn leaves_of(value: &Value, path: &mut Vec<String>, leaves: &mut Vec<(Vec<String>, Value)>) {
    match value {
        Value::Object(map) if !map.is_empty() || path.is_empty() => {
            for (key, value) in map {
                path.push(key.clone());
                leaves_of(value, path, leaves);
                path.pop();
            }
        }
        Value::Null if path.is_empty() => {}
        leaf => leaves.push((path.clone(), leaf.clone())),
    }
}

#[cfg(test)]
mod tests;
