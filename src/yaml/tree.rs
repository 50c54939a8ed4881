//! Reads a text into nodes that know their bytes.

use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle};
use serde_json::{Map, Number, Value};

/// The text is not YAML, or not YAML that a values file or a Prometheus config may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub String);

/// A document: one root node, or nothing but comments.
pub(super) struct Tree {
    pub(super) root: Option<Node>,
    anchors: HashMap<usize, Value>,
}

/// A value in the text.
pub(super) struct Node {
    /// The bytes of the value itself, without anchor, tag, key or dash. Of a block collection: from the first
    /// child to the end of the last one. Of a block scalar: its content lines, trailing blank lines included.
    pub(super) span: Range<usize>,
    pub(super) content: Content,
    anchor: usize,
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
        let mut builder = Builder { parser: Parser::new_from_str(text), anchors: HashMap::new() };
        let root = builder.document()?;
        Ok(Self { root, anchors: builder.anchors })
    }

    pub(super) fn value(&self) -> Result<Value, Malformed> {
        self.root.as_ref().map_or(Ok(Value::Null), |root| root.value(&self.anchors))
    }
}

struct Builder<'a> {
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    anchors: HashMap<usize, Value>,
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Result<Option<Node>, Malformed> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
                Event::StreamEnd => return Ok(root),
                _ if root.is_some() => {
                    return Err(Malformed("there is more than one document (`---`)".to_owned()));
                }
                event => root = Some(self.node(event, span)?),
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), Malformed> {
        loop {
            match self.parser.next_event() {
                None => return Ok((Event::StreamEnd, 0..0)),
                Some(Err(error)) => return Err(Malformed(error.to_string())),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => {
                    let range = span.byte_range().ok_or_else(|| Malformed("no byte range".to_owned()))?;
                    return Ok((event, range));
                }
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Range<usize>) -> Result<Node, Malformed> {
        let node = match event {
            Event::Alias(anchor) => Node { span, content: Content::Alias(anchor), anchor: 0 },
            Event::Scalar(text, style, anchor, _) => {
                let style = Style::of(style, &span);
                let text = if style == Style::Absent { String::new() } else { text.into_owned() };
                Node { span, content: Content::Scalar { text, style }, anchor }
            }
            Event::SequenceStart(style, anchor, _) => self.sequence(style.into(), anchor, span)?,
            Event::MappingStart(style, anchor, _) => self.mapping(style.into(), anchor, span)?,
            other => return Err(Malformed(format!("unexpected {other:?}"))),
        };
        if node.anchor != 0 {
            let value = node.value(&self.anchors)?;
            self.anchors.insert(node.anchor, value);
        }
        Ok(node)
    }

    fn sequence(&mut self, layout: Layout, anchor: usize, start: Range<usize>) -> Result<Node, Malformed> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                let end = layout.end(items.last(), &start, &span);
                let content = Content::Sequence { layout, items };
                return Ok(Node { span: start.start..end, content, anchor });
            }
            items.push(self.node(event, span)?);
        }
    }

    fn mapping(&mut self, layout: Layout, anchor: usize, start: Range<usize>) -> Result<Node, Malformed> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                let end = layout.end(entries.last().map(|(_, value)| value), &start, &span);
                let content = Content::Mapping { layout, entries };
                return Ok(Node { span: start.start..end, content, anchor });
            }
            let key = self.node(event, span)?;
            let (event, span) = self.next()?;
            let value = self.node(event, span)?;
            if let Some(name) = key.text()
                && name != "<<"
                && entries.iter().any(|(other, _)| other.text() == Some(name))
            {
                return Err(Malformed(format!("the key `{name}` stands twice in one mapping")));
            }
            entries.push((key, value));
        }
    }
}

impl Layout {
    /// The parser says where the next token begins; a block collection ends with its last child.
    fn end(self, last: Option<&Node>, start: &Range<usize>, end: &Range<usize>) -> usize {
        match self {
            Self::Flow => end.end,
            Self::Block => last.map_or(start.end, |last| last.span.end),
        }
    }
}

impl From<StructureStyle> for Layout {
    fn from(style: StructureStyle) -> Self {
        match style {
            StructureStyle::Flow => Self::Flow,
            StructureStyle::Block => Self::Block,
        }
    }
}

impl Style {
    fn of(style: ScalarStyle, span: &Range<usize>) -> Self {
        match style {
            ScalarStyle::Plain if span.is_empty() => Self::Absent,
            ScalarStyle::Plain => Self::Plain,
            ScalarStyle::SingleQuoted => Self::SingleQuoted,
            ScalarStyle::DoubleQuoted => Self::DoubleQuoted,
            ScalarStyle::Literal => Self::Literal,
            ScalarStyle::Folded => Self::Folded,
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

    /// Whether other nodes may refer to this one.
    pub(super) fn is_anchored(&self) -> bool {
        self.anchor != 0
    }

    fn value(&self, anchors: &HashMap<usize, Value>) -> Result<Value, Malformed> {
        match &self.content {
            Content::Alias(anchor) => anchors
                .get(anchor)
                .cloned()
                .ok_or_else(|| Malformed("an alias within its own anchor".to_owned())),
            Content::Scalar { text, style: Style::Plain } => Ok(resolve(text)),
            Content::Scalar { style: Style::Absent, .. } => Ok(Value::Null),
            Content::Scalar { text, .. } => Ok(Value::String(text.clone())),
            Content::Sequence { items, .. } => items.iter().map(|item| item.value(anchors)).collect(),
            Content::Mapping { entries, .. } => mapping(entries, anchors).map(Value::Object),
        }
    }
}

/// A mapping's own keys win over what a merge key (`<<`) brings, wherever that stands.
fn mapping(
    entries: &[(Node, Node)],
    anchors: &HashMap<usize, Value>,
) -> Result<Map<String, Value>, Malformed> {
    let mut own = Map::new();
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
