//! Finds the bytes that one edit is about.

mod flow;
mod remove;
mod replace;
mod shared;

use std::ops::Range;

use serde_json::{Map, Value};

use super::block::{Habits, column, indented, line_end};
use super::document::Document;
use super::edit::{Edit, Refused};
use super::gap::newline_at;
use super::path::Segment;
use super::tree::{Content, Layout, Node, Style};

pub(super) use shared::blame;

/// Bytes to replace, and what by.
#[derive(Clone)]
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
}

impl Splice {
    fn insert(at: usize, text: String) -> Self {
        Self { range: at..at, text }
    }

    fn delete(range: Range<usize>) -> Self {
        Self { range, text: String::new() }
    }
}

/// What a node hangs from.
#[derive(Clone, Copy)]
enum Parent<'t> {
    Root,
    Entry { key: &'t Node, mapping: &'t Node },
    Item,
}

struct Editor<'t> {
    text: &'t str,
    habits: Habits,
    edit: &'t Edit,
}

/// The splices for one edit, which do not overlap. Whether they mean just that is for the caller to verify.
pub(super) fn splice(document: &Document, habits: Habits, edit: &Edit) -> Result<Vec<Splice>, Refused> {
    let (tree, value) = (document.tree(), document.value());
    let editor = Editor { text: document.body(), habits, edit };
    let Some(root) = tree.root.as_ref().filter(|root| !is_absent(root)) else {
        return editor.first_lines();
    };
    let mut at = Found { node: root, parent: Parent::Root };
    let mut above = at;
    let segments = edit.path().segments();
    for (depth, segment) in segments.iter().enumerate() {
        editor.not_shared(tree, at.node)?;
        let Some(next) = at.step(segment) else {
            editor.not_merged(value, &segments[..=depth], segments.len())?;
            return editor.below_missing(at, &segments[depth..]);
        };
        (above, at) = (at, next);
    }
    match edit {
        Edit::Remove { .. } => editor.remove(at, above),
        Edit::Set { value, .. } => {
            editor.not_shared(tree, at.node)?;
            editor.replace(at, value)
        }
        Edit::Append { item, .. } => {
            editor.not_shared(tree, at.node)?;
            editor.append(at, item)
        }
    }
}

/// The text with the splices made.
pub(super) fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| splice.range.start);
    let added = splices.iter().map(|splice| splice.text.len()).sum::<usize>();
    let mut out = String::with_capacity(text.len() + added);
    let mut at = 0;
    for splice in splices {
        out.push_str(text.get(at..splice.range.start).unwrap_or_default());
        out.push_str(&splice.text);
        at = at.max(splice.range.end);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

#[derive(Clone, Copy)]
struct Found<'t> {
    node: &'t Node,
    parent: Parent<'t>,
}

impl Found<'_> {
    fn step(self, segment: &Segment) -> Option<Self> {
        match (&self.node.content, segment) {
            (Content::Mapping { entries, .. }, Segment::Key(name)) => entries
                .iter()
                .find(|(key, _)| key.text() == Some(name))
                .map(|(key, node)| Self { node, parent: Parent::Entry { key, mapping: self.node } }),
            (Content::Sequence { items, .. }, Segment::Index(index)) => {
                items.get(*index).map(|node| Self { node, parent: Parent::Item })
            }
            _ => None,
        }
    }
}

impl Editor<'_> {
    /// The document has no value yet, at most comments: the new lines go to its end.
    fn first_lines(&self) -> Result<Vec<Splice>, Refused> {
        let (key, value) = self.nested(self.edit.path().segments())?;
        let is_end = |line: &str| line.strip_prefix("...").is_some_and(|rest| rest.trim().is_empty());
        let lines = self.text.split_inclusive('\n').scan(0, |at, line| {
            *at += line.len();
            Some((*at - line.len(), line))
        });
        let end = lines.filter(|(_, line)| is_end(line)).map(|(at, _)| at).next().unwrap_or(self.text.len());
        Ok(vec![self.lines_at(end, 0, &self.habits.entry(&key, &value))])
    }

    /// Something on the way is missing: it is made below the last thing that is there.
    fn below_missing(&self, at: Found<'_>, missing: &[Segment]) -> Result<Vec<Splice>, Refused> {
        let (key, value) = self.nested(missing)?;
        match &at.node.content {
            Content::Mapping { layout: Layout::Block, entries } => {
                if entries.is_empty() {
                    return Err(self.edit.refused("is an empty block"));
                }
                let indentation = column(self.text, at.node.span.start);
                Ok(vec![self.lines_at(self.after(at.node), indentation, &self.habits.entry(&key, &value))])
            }
            Content::Mapping { layout: Layout::Flow, entries } if !entries.is_empty() => {
                let ends: Vec<_> = entries.iter().map(|(_, value)| value.span.end).collect();
                Ok(self.add_to_flow(at.node, &ends, &self.habits.flow_entry(&key, &value)))
            }
            Content::Mapping { .. } => {
                if self.is_commented(at.node) {
                    return Ok(self.add_to_flow(at.node, &[], &self.habits.flow_entry(&key, &value)));
                }
                self.replace(at, &object(key, value))
            }
            Content::Scalar { text, style: Style::Plain | Style::Absent }
                if super::tree::resolve(text).is_null() =>
            {
                self.replace(at, &object(key, value))
            }
            _ => Err(self.edit.refused("is not below a mapping")),
        }
    }

    fn append(&self, at: Found<'_>, item: &Value) -> Result<Vec<Splice>, Refused> {
        match &at.node.content {
            Content::Sequence { layout: Layout::Block, items } => {
                let Some(dash) = items.first().map(|first| first.lead) else {
                    return Err(self.edit.refused("has no dash to go below"));
                };
                let indentation = column(self.text, dash);
                Ok(vec![self.lines_at(self.after(at.node), indentation, &self.habits.item(item))])
            }
            Content::Sequence { layout: Layout::Flow, items } if !items.is_empty() => {
                let ends: Vec<_> = items.iter().map(|item| item.span.end).collect();
                Ok(self.add_to_flow(at.node, &ends, &self.habits.flow(item)))
            }
            Content::Sequence { .. } if self.is_commented(at.node) => {
                Ok(self.add_to_flow(at.node, &[], &self.habits.flow(item)))
            }
            _ => self.replace(at, &Value::Array(vec![item.clone()])),
        }
    }

    /// The end of the last line that belongs to the node: before the line end, after a comment on that line.
    fn after(&self, node: &Node) -> usize {
        let mut last = node;
        loop {
            last = match &last.content {
                Content::Mapping { layout: Layout::Block, entries } => match entries.last() {
                    Some((_, value)) => value,
                    None => break,
                },
                Content::Sequence { layout: Layout::Block, items } => match items.last() {
                    Some(item) => item,
                    None => break,
                },
                _ => break,
            };
        }
        match &last.content {
            Content::Scalar { style: Style::Literal, text } => {
                // Blank lines after a block belong to nobody, unless they are content (`|+`).
                let lines = text.split_inclusive('\n').count();
                self.nth_line_end(last.span.start, lines)
            }
            Content::Scalar { style: Style::Folded, text } => {
                let content = self.text[..last.span.end].trim_end_matches(['\n', '\r', ' ']).len();
                let blank = text.len() - text.trim_end_matches('\n').len();
                self.nth_line_end(content, blank.max(1))
            }
            _ => line_end(self.text, last.span.end),
        }
    }

    /// The end of the n-th line from here on; of the line before, where there are none.
    fn nth_line_end(&self, from: usize, lines: usize) -> usize {
        if lines == 0 {
            let above = &self.text[..from];
            let above = above.strip_suffix('\n').unwrap_or(above);
            return above.strip_suffix('\r').unwrap_or(above).len();
        }
        (1..lines).fold(line_end(self.text, from), |at, _| {
            self.text[at..].find('\n').map_or(at, |newline| line_end(self.text, at + newline + 1))
        })
    }

    /// New lines after the line that ends at `position`.
    fn lines_at(&self, position: usize, indentation: usize, lines: &[String]) -> Splice {
        let newline = newline_at(self.text, position);
        let block = lines.iter().map(|line| indented(indentation, line)).collect::<Vec<_>>().join(newline);
        let text = if position == 0 || self.text[..position].ends_with('\n') {
            format!("{block}{newline}")
        } else {
            format!("{newline}{block}")
        };
        Splice::insert(position, text)
    }

    /// The edit's value below the keys that are missing: the first of them, and what it holds.
    fn nested(&self, missing: &[Segment]) -> Result<(String, Value), Refused> {
        let value = match self.edit {
            Edit::Set { value, .. } => value.clone(),
            Edit::Append { item, .. } => Value::Array(vec![item.clone()]),
            Edit::Remove { .. } => return Err(self.edit.refused("is not there")),
        };
        let mut keys = missing.iter().map(|segment| match segment {
            Segment::Key(key) => Ok(key.clone()),
            Segment::Index(_) => Err(self.edit.refused("the list has no such item")),
        });
        let first = keys.next().ok_or_else(|| self.edit.refused("is the whole document"))??;
        let rest: Vec<_> = keys.collect::<Result<_, _>>()?;
        Ok((first, rest.into_iter().rev().fold(value, |value, key| object(key, value))))
    }
}

fn is_absent(node: &Node) -> bool {
    matches!(node.content, Content::Scalar { style: Style::Absent, .. })
}

fn object(key: String, value: Value) -> Value {
    Value::Object(Map::from_iter([(key, value)]))
}
