//! The values of a package: the schema's defaults, and over them the texts of the values Secrets, in order.
//!
//! kapp-controller hands all keys of all referenced Secrets to ytt; mappings are merged, lists are replaced, and the
//! last one to define a value wins. So that one is edited, too.

mod source;

use std::sync::{Arc, OnceLock};

use serde_json::Value;

use self::source::Source;
use crate::error::{Error, Result};
use crate::prometheus::flags::{ArgEdit, Args};
use crate::yaml::{Document, Edit, Path, Segment};

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

/// Defaults and values texts, and the edits that are wanted of them so far.
#[derive(Clone, Debug)]
pub struct Values {
    defaults: Arc<Value>,
    sources: Vec<Source>,
    /// The Prometheus configuration, since somebody asked for it.
    config: OnceLock<Arc<Document>>,
    /// The one that was read, if it was one, since it is to be another.
    config_as_read: OnceLock<Option<Arc<Document>>>,
}

impl Values {
    /// Reads the texts; there must be at least one, which may be empty.
    pub fn new(defaults: impl Into<Arc<Value>>, sources: Vec<ValueSource>) -> Result<Self> {
        let sources = sources.into_iter().map(Source::read).collect::<Result<_>>()?;
        let (config, config_as_read) = (OnceLock::new(), OnceLock::new());
        Ok(Self { defaults: defaults.into(), sources, config, config_as_read })
    }

    /// Nothing but the defaults, where the texts are not known.
    pub fn of_defaults(defaults: Arc<Value>) -> Self {
        let (config, config_as_read) = (OnceLock::new(), OnceLock::new());
        Self { defaults, sources: Vec::new(), config, config_as_read }
    }

    /// The values as they were read, without any edit.
    #[must_use]
    pub fn as_read(&self) -> Self {
        let config = match self.config_as_read.get() {
            Some(config) => config.clone().map_or_else(OnceLock::new, OnceLock::from),
            None => self.config.clone(),
        };
        Self {
            defaults: Arc::clone(&self.defaults),
            sources: self.sources.iter().map(Source::as_read).collect(),
            config,
            config_as_read: OnceLock::new(),
        }
    }

    /// What the package runs with: defaults, then each text over them.
    pub fn effective(&self) -> Value {
        self.sources.iter().fold((*self.defaults).clone(), |below, above| merged(below, above.value()))
    }

    /// The value at a path, as the package runs with it.
    pub fn get(&self, path: &[&str]) -> Option<Value> {
        let mut layers: Vec<&Value> =
            std::iter::once(&*self.defaults).chain(self.sources.iter().map(Source::value)).collect();
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
        self.sources.iter().rev().find_map(|source| path.find(source.value()))
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

    /// The Prometheus configuration.
    pub fn config(&self) -> Result<&Arc<Document>> {
        if let Some(config) = self.config.get() {
            return Ok(config);
        }
        let config = Arc::new(self.document(&CONFIG)?);
        Ok(self.config.get_or_init(|| config))
    }

    /// A value that is a YAML document itself.
    pub fn document(&self, path: &[&str]) -> Result<Document> {
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
        let document = Document::read(&text)
            .map_err(|error| Error::usage(format!("{place} is not YAML")).because(error.to_string()))?;
        if !matches!(document.value(), Value::Null | Value::Object(_)) {
            return Err(
                Error::usage(format!("{place} is not a file of Prometheus")).because("it is not a mapping")
            );
        }
        Ok(document)
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
        if path
            .find(self.sources[source].value())
            .is_none_or(|list| list.as_array().is_none_or(Vec::is_empty))
        {
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
        let before = if path == CONFIG { Arc::clone(self.config()?) } else { Arc::new(self.document(path)?) };
        let after = before.edited(edits).map_err(|refused| {
            let place = Path::of(path.iter().copied());
            Error::failed(format!("{place} cannot be changed")).because(refused.to_string())
        })?;
        let after = after.map_or(before, Arc::new);
        self.set(path, Value::String(after.text().to_owned()))?;
        if path == CONFIG {
            self.config = OnceLock::from(after);
        }
        Ok(())
    }

    /// Gives a source another text as a whole. `None` when the install has no such source.
    pub fn restore(&mut self, location: &Location, text: &str) -> Result<Option<()>> {
        self.forget_config();
        let source = self.sources.iter_mut().find(|source| source.origin.location == *location);
        source.map(|source| source.restore(text)).transpose()
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

    /// The texts that the edits change.
    ///
    /// # Errors
    ///
    /// An edit cannot be made in the text as it is.
    pub fn changes(&self) -> Result<Vec<SourceEdit>> {
        self.sources.iter().filter_map(|source| source.change().transpose()).collect()
    }

    /// The texts as they were read.
    pub fn texts(&self) -> impl Iterator<Item = (&Location, &str)> {
        self.sources.iter().map(|source| (&source.origin.location, source.origin.text.as_str()))
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
        let depths = self.sources.iter().map(|source| depth(source.value())).enumerate();
        depths.max_by_key(|(position, depth)| (*depth, *position)).map_or(0, |(position, _)| position)
    }

    fn edit(&mut self, source: usize, edits: &[Edit]) -> Result<()> {
        let is_about_config = |edit: &Edit| {
            let keys = CONFIG.iter().map(|key| Segment::Key((*key).to_owned()));
            edit.path().segments().iter().zip(keys).all(|(segment, key)| *segment == key)
        };
        if edits.iter().any(is_about_config) {
            self.forget_config();
        }
        self.sources[source].edit(edits)
    }

    /// The configuration is going to be another one.
    fn forget_config(&mut self) {
        self.config_as_read
            .get_or_init(|| self.config.get().cloned().or_else(|| self.config().ok().cloned()));
        self.config = OnceLock::new();
    }
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
