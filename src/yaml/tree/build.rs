//! Builds the tree from what the parser reports.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::Range;

use granit_parser::{Event, Parser, ScalarStyle, StructureStyle, Tag};
use serde_json::Value;

use super::super::gap::{block_lines_begin, skip_blank, skip_properties};
use super::{Content, Layout, Malformed, Node, Style, Tagged, Tree};

/// Nobody nests values deeper, and the readers of libyaml's family stop at about this.
const DEEPEST: usize = 100;
/// How many entries a mapping has at most that is looked through again and again.
const SMALL: usize = 16;
/// How many bytes and values aliases may stand for in all: beyond, they are no shorthand but a bomb.
const MOST_COPIED: usize = 1_000_000;

/// The document of a text, bounded in depth and in what its aliases stand for.
pub(super) fn tree(text: &str) -> Result<Tree, Malformed> {
    let mut builder = Builder {
        text,
        // Comments are found between the values where they matter, and there is no limit to them.
        parser: Parser::new_from_str_with_options(text, granit_parser::options! { emit_comments: false }),
        anchors: HashMap::new(),
        shared: HashSet::new(),
        depth: 0,
        copied: 0,
    };
    let root = builder.document()?;
    let anchors = builder.anchors.into_iter().map(|(anchor, (value, _))| (anchor, value)).collect();
    Ok(Tree { root, anchors, shared: builder.shared })
}

struct Builder<'a> {
    text: &'a str,
    parser: Parser<'a, granit_parser::StrInput<'a>>,
    /// What each anchor stands for, and how much that is.
    anchors: HashMap<usize, (Value, usize)>,
    shared: HashSet<usize>,
    depth: usize,
    copied: usize,
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
                event => {
                    let lead = span.start;
                    root = Some(self.node(event, span, lead)?);
                }
            }
        }
    }

    fn next(&mut self) -> Result<(Event<'a>, Range<usize>), Malformed> {
        match self.parser.next_event() {
            None => Ok((Event::StreamEnd, 0..0)),
            Some(Err(error)) => Err(Malformed(error.to_string())),
            Some(Ok((event, span))) => {
                let range = span.byte_range().ok_or_else(|| Malformed("no byte range".to_owned()))?;
                Ok((event, range))
            }
        }
    }

    fn node(&mut self, event: Event<'a>, span: Range<usize>, lead: usize) -> Result<Node, Malformed> {
        if self.depth == DEEPEST {
            return Err(Malformed(format!("it is nested deeper than {DEEPEST} levels")));
        }
        self.depth += 1;
        let node = match event {
            Event::Alias(anchor) => {
                self.shared.insert(anchor);
                self.copied += self.anchors.get(&anchor).map_or(0, |(_, weight)| *weight);
                if self.copied > MOST_COPIED {
                    return Err(Malformed("its aliases stand for too much when written out".to_owned()));
                }
                Node { span, lead, content: Content::Alias(anchor), tag: Tagged::No, anchor: 0 }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let (style, tag) = (Style::of(style, &span), Tagged::of(tag.as_ref()));
                let text = if style == Style::Absent { String::new() } else { text.into_owned() };
                let span = match style {
                    // The parser says where the next token begins.
                    Style::Absent if anchor == 0 && tag == Tagged::No => self.nothing_after(lead),
                    Style::Literal | Style::Folded => {
                        let begins = block_lines_begin(self.text, span.start, &text);
                        begins..span.end.max(begins)
                    }
                    _ => span,
                };
                Node { span, lead, content: Content::Scalar { text, style }, tag, anchor }
            }
            Event::SequenceStart(style, anchor, tag) => {
                let (span, content) = self.sequence(style.into(), span, lead)?;
                Node { span, lead, content, tag: Tagged::of(tag.as_ref()), anchor }
            }
            Event::MappingStart(style, anchor, tag) => {
                let (span, content) = self.mapping(style.into(), span)?;
                Node { span, lead, content, tag: Tagged::of(tag.as_ref()), anchor }
            }
            other => return Err(Malformed(format!("unexpected {other:?}"))),
        };
        self.depth -= 1;
        if node.anchor != 0 {
            let value = node.value(&|anchor| self.anchors.get(&anchor).map(|(value, _)| value))?;
            let weight = weight(&value);
            self.anchors.insert(node.anchor, (value, weight));
        }
        Ok(node)
    }

    /// The place of a value that is not there: after its dash or colon.
    fn nothing_after(&self, lead: usize) -> Range<usize> {
        let at = if self.text[lead..].starts_with('-') { lead + 1 } else { lead };
        at..at
    }

    fn sequence(
        &mut self,
        layout: Layout,
        start: Range<usize>,
        lead: usize,
    ) -> Result<(Range<usize>, Content), Malformed> {
        let mut items: Vec<Node> = Vec::new();
        // The first dash: the parser knows it, but for a list that is not indented below its key.
        let mut end = start.start;
        if layout == Layout::Block && lead < start.start {
            let dash = skip_properties(self.text, self.nothing_after(lead).start);
            end = if self.text[dash..].starts_with('-') { dash } else { end };
        }
        let begins = end;
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                let end = layout.end(items.last(), &start, &span);
                items.shrink_to_fit();
                return Ok((begins..end.max(begins), Content::Sequence { layout, items }));
            }
            let lead = if layout == Layout::Block { skip_blank(self.text, end) } else { span.start };
            let item = self.node(event, span, lead)?;
            end = item.span.end;
            items.push(item);
        }
    }

    fn mapping(&mut self, layout: Layout, start: Range<usize>) -> Result<(Range<usize>, Content), Malformed> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                if let Some(name) = twice(&entries) {
                    return Err(Malformed(format!("the key `{name}` stands twice in one mapping")));
                }
                let end = layout.end(entries.last().map(|(_, value)| value), &start, &span);
                entries.shrink_to_fit();
                return Ok((start.start..end, Content::Mapping { layout, entries }));
            }
            let lead = span.start;
            let key = self.node(event, span, lead)?;
            let (event, span) = self.next()?;
            let colon = skip_blank(self.text, key.span.end);
            let lead = if self.text[colon..].starts_with(':') { colon + 1 } else { key.span.end };
            let value = self.node(event, span, lead)?;
            entries.push((key, value));
        }
    }
}

/// A key that stands twice. Only merge keys may.
fn twice(entries: &[(Node, Node)]) -> Option<&str> {
    let names = || entries.iter().filter_map(|(key, _)| key.text()).filter(|name| *name != "<<");
    // Most mappings are small, and looking through one is quicker than making a set of it.
    if entries.len() <= SMALL {
        let is_before = |(at, name): &(usize, &str)| names().take(*at).any(|other| other == *name);
        return names().enumerate().find(is_before).map(|(_, name)| name);
    }
    let mut seen = HashSet::with_capacity(entries.len());
    names().find(|name| !seen.insert(*name))
}

fn weight(value: &Value) -> usize {
    1 + match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(weight).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + weight(value)).sum(),
        _ => 0,
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

impl Tagged {
    fn of(tag: Option<&Cow<'_, Tag>>) -> Self {
        match tag {
            None => Self::No,
            Some(tag) if tag.suffix() == "str" && tag.handle() == "tag:yaml.org,2002:" => Self::Text,
            Some(_) => Self::Otherwise,
        }
    }
}
