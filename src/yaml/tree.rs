//! Reads a text into nodes that know their bytes.

mod build;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use serde_json::{Map, Number, Value};

use super::path::Segment;

/// The text is not YAML, or not YAML that a values file or a Prometheus config may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

/// A document: one root node, or nothing but comments.
pub(super) struct Tree {
    pub(super) root: Option<Node>,
    anchors: HashMap<usize, Value>,
    /// The anchors that some alias refers to.
    shared: HashSet<usize>,
}

/// A value in the text.
pub(super) struct Node {
    /// The bytes of the value itself, without anchor, tag, key or dash. Of a block collection: from the first
    /// child to the end of the last one. Of a block scalar: the lines below its header, blank ones included.
    pub(super) span: Range<usize>,
    /// Where the way to the value begins: the dash of an item of a block sequence, after the colon of a mapping's entry.
    pub(super) lead: usize,
    pub(super) content: Content,
    pub(super) tag: Tagged,
    anchor: usize,
}

/// What a tag says about a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tagged {
    No,
    /// `!!str`: whatever it looks like, it is a string.
    Text,
    Otherwise,
}

pub(super) enum Content {
    Scalar { text: String, style: Style },
    Mapping { layout: Layout, entries: Vec<(Node, Node)> },
    Sequence { layout: Layout, items: Vec<Node> },
    Alias(usize),
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// Nothing is written: the value of `key:`.
    Absent,
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
}

/// How a collection is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Block,
    Flow,
}

/// The value of a document; `null` where there is none.
pub fn read(text: &str) -> Result<Value, Malformed> {
    Tree::parse(text)?.value()
}

impl Tree {
    pub(super) fn parse(text: &str) -> Result<Self, Malformed> {
        build::tree(text)
    }

    pub(super) fn value(&self) -> Result<Value, Malformed> {
        self.root.as_ref().map_or(Ok(Value::Null), |root| root.value(&|anchor| self.anchors.get(&anchor)))
    }

    /// Whether an alias elsewhere stands for this node.
    pub(super) fn is_shared(&self, node: &Node) -> bool {
        self.shared.contains(&node.anchor)
    }

    /// Whether an alias stands for this node or for something in it.
    pub(super) fn holds_shared(&self, node: &Node) -> bool {
        self.is_shared(node)
            || match &node.content {
                Content::Mapping { entries, .. } => {
                    entries.iter().any(|(key, value)| self.holds_shared(key) || self.holds_shared(value))
                }
                Content::Sequence { items, .. } => items.iter().any(|item| self.holds_shared(item)),
                Content::Scalar { .. } | Content::Alias(_) => false,
            }
    }
}

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// What is below it, one step down.
    pub(super) fn child(&self, segment: &Segment) -> Option<&Self> {
        match (&self.content, segment) {
            (Content::Mapping { entries, .. }, Segment::Key(name)) => {
                entries.iter().find(|(key, _)| key.text() == Some(name)).map(|(_, value)| value)
            }
            (Content::Sequence { items, .. }, Segment::Index(index)) => items.get(*index),
            _ => None,
        }
    }

    pub(super) fn is_double_quoted(&self) -> bool {
        matches!(self.content, Content::Scalar { style: Style::DoubleQuoted, .. })
    }

    /// Whether the value has an anchor, a tag or both.
    pub(super) fn has_properties(&self) -> bool {
        self.anchor != 0 || self.tag != Tagged::No
    }

    fn value<'v>(&self, anchors: &impl Fn(usize) -> Option<&'v Value>) -> Result<Value, Malformed> {
        match &self.content {
            Content::Alias(anchor) => anchors(*anchor)
                .cloned()
                .ok_or_else(|| Malformed("an alias within its own anchor".to_owned())),
            Content::Scalar { text, .. } if self.tag == Tagged::Text => Ok(Value::String(text.clone())),
            Content::Scalar { text, style: Style::Plain } => Ok(resolve(text)),
            Content::Scalar { style: Style::Absent, .. } => Ok(Value::Null),
            Content::Scalar { text, .. } => Ok(Value::String(text.clone())),
            Content::Sequence { items, .. } => items.iter().map(|item| item.value(anchors)).collect(),
            Content::Mapping { entries, .. } => mapping(entries, anchors).map(Value::Object),
        }
    }
}

/// A mapping's own keys win over what a merge key (`<<`) brings, wherever that stands.
fn mapping<'v>(
    entries: &[(Node, Node)],
    anchors: &impl Fn(usize) -> Option<&'v Value>,
) -> Result<Map<String, Value>, Malformed> {
    let mut own = Map::with_capacity(entries.len());
    let mut merged = Vec::new();
    for (key, value) in entries {
        let name = key.text().ok_or_else(|| Malformed("a key is not a string".to_owned()))?;
        let value = value.value(anchors)?;
        if name == "<<" && matches!(&key.content, Content::Scalar { style: Style::Plain, .. }) {
            merged.push(value);
        } else {
            own.insert(name.to_owned(), value);
        }
    }
    for value in merged {
        let maps = if let Value::Array(maps) = value { maps } else { vec![value] };
        for map in maps {
            let Value::Object(map) = map else {
                return Err(Malformed("a merge key (`<<`) needs a mapping".to_owned()));
            };
            for (name, value) in map {
                own.entry(name).or_insert(value);
            }
        }
    }
    Ok(own)
}

/// A plain scalar's value by YAML's core schema. The booleans of YAML 1.1 (`yes`, `on`) stay strings, as they do in
/// Prometheus's typed string fields.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    if let Ok(number) = text.parse::<i64>()
        && number.to_string() == text
    {
        return Value::Number(number.into());
    }
    let is_decimal = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        && text.contains('.')
        && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'));
    if is_decimal && let Some(number) = text.parse::<f64>().ok().and_then(Number::from_f64) {
        return Value::Number(number);
    }
    Value::String(text.to_owned())
}
