//! A values file as a tree whose entries know where they stand.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use serde_json::Value;

use super::scalar;

/// The tags under which a scalar is not just its text.
const RESOLVED: &[&str] = &["bool", "float", "int", "null"];

/// Where an entry stands: what ytt shows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place<'t> {
    pub(crate) file: &'t str,
    pub(crate) line: usize,
    /// The whole line.
    pub(crate) text: &'t str,
}

/// A value, with the key under which it is found in a map. Documents and elements of lists have no key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry<'t> {
    pub(crate) key: String,
    pub(crate) place: Place<'t>,
    pub(crate) value: Content<'t>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content<'t> {
    Scalar(Value),
    List(Vec<Entry<'t>>),
    /// In the order of the text. A key may be there twice; the last one counts.
    Map(Vec<Entry<'t>>),
}

/// One document of a file.
pub(crate) struct Document<'t> {
    pub(crate) root: Entry<'t>,
    /// Whether a comment is meant for ytt (`#@`). One after all entries belongs to the next document.
    pub(crate) annotated: bool,
}

impl Entry<'_> {
    /// The defaults, which stand nowhere: they fit, so nobody asks for their place.
    pub(super) fn of_defaults(defaults: &Value) -> Self {
        let keyed = |(key, value): (&String, &Value)| Self { key: key.clone(), ..Self::of_defaults(value) };
        let value = match defaults {
            Value::Object(map) => Content::Map(map.iter().map(keyed).collect()),
            Value::Array(items) => Content::List(items.iter().map(Self::of_defaults).collect()),
            scalar => Content::Scalar(scalar.clone()),
        };
        Self { key: String::new(), place: Place::default(), value }
    }
}

impl Content<'_> {
    /// The name of the type in a message.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Map(_) => "map",
            Self::List(_) => "array",
            Self::Scalar(Value::Null) => "null",
            Self::Scalar(Value::Bool(_)) => "boolean",
            Self::Scalar(Value::Number(number)) if number.is_f64() => "float",
            Self::Scalar(Value::Number(_)) => "integer",
            Self::Scalar(_) => "string",
        }
    }

    pub(crate) fn into_json(self) -> Value {
        match self {
            Self::Scalar(value) => scalar::printed(value),
            Self::List(items) => items.into_iter().map(|item| item.value.into_json()).collect(),
            Self::Map(entries) => {
                Value::Object(entries.into_iter().map(|entry| (entry.key, entry.value.into_json())).collect())
            }
        }
    }
}

/// All documents of a text.
pub(crate) fn documents<'t>(file: &'t str, text: &'t str) -> Result<Vec<Document<'t>>, String> {
    let mut reader = Reader {
        parser: Parser::new_from_str(text),
        file,
        lines: text.lines().collect(),
        anchors: HashMap::new(),
        comments: Vec::new(),
        last: 0,
    };
    let mut documents = Vec::new();
    let mut left_over = false;
    while let Some(root) = reader.document()? {
        let last = reader.last;
        let annotated = left_over || reader.comments.iter().any(|line| *line <= last);
        left_over = reader.comments.iter().any(|line| *line > last);
        reader.comments.clear();
        documents.push(Document { root, annotated });
    }
    Ok(documents)
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
    file: &'t str,
    lines: Vec<&'t str>,
    anchors: HashMap<usize, Content<'t>>,
    /// The lines of comments that are meant for ytt.
    comments: Vec<usize>,
    /// The last line on which an entry begins.
    last: usize,
}

impl<'t> Reader<'t> {
    /// The next document; `None` after the last one.
    fn document(&mut self) -> Result<Option<Entry<'t>>, String> {
        // A document without a marker begins nowhere: a comment on its line belongs to an entry, or to nobody.
        self.last = 0;
        let place = loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(None),
                (Event::DocumentStart(true, _), span) => break self.begin(&span),
                (Event::DocumentStart(..), _) => break Place { file: self.file, line: 1, text: "" },
                _ => {}
            }
        };
        let (event, _) = self.next()?;
        let value = self.content(event)?;
        // Comments behind the last value are read on the way to the end.
        while !matches!(self.next()?.0, Event::DocumentEnd) {}
        Ok(Some(Entry { key: String::new(), place, value }))
    }

    fn next(&mut self) -> Result<(Event<'t>, Span), String> {
        loop {
            match self.parser.next_event() {
                None => return Err("the text ends too early".to_owned()),
                Some(Err(error)) => return Err(error.to_string()),
                Some(Ok((Event::Comment(text, _), span))) => {
                    if text.starts_with('@') {
                        self.comments.push(span.start.line());
                    }
                }
                Some(Ok(next)) => return Ok(next),
            }
        }
    }

    fn place(&self, span: &Span) -> Place<'t> {
        let line = span.start.line();
        Place {
            file: self.file,
            line,
            text: self.lines.get(line.saturating_sub(1)).copied().unwrap_or_default(),
        }
    }

    fn content(&mut self, event: Event<'t>) -> Result<Content<'t>, String> {
        let (anchor, content) = match event {
            Event::Alias(anchor) => {
                let content = self.anchors.get(&anchor).cloned();
                return content.ok_or_else(|| "an alias within its own anchor".to_owned());
            }
            Event::Scalar(text, style, anchor, tag) => {
                let resolved = tag.map_or(style == ScalarStyle::Plain, |tag| {
                    RESOLVED.iter().any(|name| tag.is_yaml_core_schema_tag(name))
                });
                let value = if resolved { scalar::resolve(&text) } else { Value::String(text.into_owned()) };
                (anchor, Content::Scalar(value))
            }
            Event::SequenceStart(_, anchor, _) => (anchor, self.list()?),
            Event::MappingStart(_, anchor, _) => (anchor, self.map()?),
            other => return Err(format!("unexpected {other:?}")),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, content.clone());
        }
        Ok(content)
    }

    fn list(&mut self) -> Result<Content<'t>, String> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Ok(Content::List(items));
            }
            let place = self.begin(&span);
            items.push(Entry { key: String::new(), place, value: self.content(event)? });
        }
    }

    fn map(&mut self) -> Result<Content<'t>, String> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(Content::Map(entries));
            }
            let place = self.begin(&span);
            let merges = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, ..) if text == "<<");
            let key = match self.content(event)? {
                Content::Scalar(Value::String(key)) => key,
                Content::Scalar(Value::Null) => "<nil>".to_owned(),
                Content::Scalar(key) => key.to_string(),
                other => return Err(format!("a key that is no scalar but {}", other.type_name())),
            };
            let (event, _) = self.next()?;
            let value = self.content(event)?;
            if merges {
                entries.extend(merged(value)?);
            } else {
                entries.push(Entry { key, place, value });
            }
        }
    }

    /// An entry begins here.
    fn begin(&mut self, span: &Span) -> Place<'t> {
        self.last = self.last.max(span.start.line());
        self.place(span)
    }
}

/// What a merge key (`<<`) brings, in its place between the other entries. Lists of maps are not for ytt.
fn merged(value: Content<'_>) -> Result<Vec<Entry<'_>>, String> {
    match value {
        Content::Map(entries) => Ok(entries),
        _ => Err("map merge requires map or sequence of maps as the value".to_owned()),
    }
}
