//! Finds the bytes that one edit is about.

mod remove;
mod replace;

use std::ops::Range;

use serde_json::{Map, Value};

use super::block::{Habits, column, dash_of, flow, indented, line_end};
use super::edit::{Edit, Refused};
use super::path::Segment;
use super::tree::{Content, Layout, Node, Style, Tree};

/// Bytes to replace, and what by. Several splices of one edit come last position first.
pub(super) struct Splice {
    pub(super) range: Range<usize>,
    pub(super) text: String,
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

/// The splices for one edit. Whether they mean just that is for the caller to verify.
pub(super) fn splice(text: &str, tree: &Tree, edit: &Edit) -> Result<Vec<Splice>, Refused> {
    let editor = Editor { text, habits: Habits::of(text, tree), edit };
    let Some(root) = tree.root.as_ref().filter(|root| !is_absent(root)) else {
        return editor.first_lines();
    };
    let mut at = Found { node: root, parent: Parent::Root };
    let mut above = at;
    let segments = edit.path().segments();
    for (depth, segment) in segments.iter().enumerate() {
        match at.step(segment) {
            Some(next) => (above, at) = (at, next),
            None => return editor.below_missing(at, &segments[depth..]),
        }
    }
    match edit {
        Edit::Set { value, .. } => editor.replace(at, value),
        Edit::Append { item, .. } => editor.append(at, item),
        Edit::Remove { .. } => editor.remove(at, above),
    }
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
        Ok(vec![self.lines_at(self.text.len(), 0, &self.habits.entry(&key, &value))])
    }

    /// Something on the way is missing: it is made below the last thing that is there.
    fn below_missing(&self, at: Found<'_>, missing: &[Segment]) -> Result<Vec<Splice>, Refused> {
        let (key, value) = self.nested(missing)?;
        match &at.node.content {
            Content::Mapping { layout: Layout::Block, entries } => {
                let Some((first, _)) = entries.first() else {
                    return Err(self.edit.refused("is an empty block"));
                };
                let indentation = column(self.text, first.span.start);
                Ok(vec![self.lines_at(self.after(at.node), indentation, &self.habits.entry(&key, &value))])
            }
            Content::Mapping { layout: Layout::Flow, entries } => match entries.last() {
                None => self.replace(at, &object(key, value)),
                Some((_, last)) => {
                    let entry = flow(&object(key, value));
                    let text = format!(", {}", &entry[1..entry.len() - 1]);
                    Ok(vec![Splice { range: last.span.end..last.span.end, text }])
                }
            },
            Content::Scalar { text, style: Style::Plain | Style::Absent }
                if super::tree::resolve(text).is_null() =>
            {
                self.replace(at, &object(key, value))
            }
            Content::Alias(_) => Err(self.edit.refused("is shared with another place by an anchor")),
            _ => Err(self.edit.refused("is not below a mapping")),
        }
    }

    fn append(&self, at: Found<'_>, item: &Value) -> Result<Vec<Splice>, Refused> {
        match &at.node.content {
            Content::Sequence { layout: Layout::Block, items } => {
                let dash = items.first().and_then(|first| dash_of(self.text, first));
                let Some(dash) = dash else {
                    return Err(self.edit.refused("has no dash to go below"));
                };
                let indentation = column(self.text, dash);
                Ok(vec![self.lines_at(self.after(at.node), indentation, &self.habits.item(item))])
            }
            Content::Sequence { layout: Layout::Flow, items } => match items.last() {
                None => self.replace(at, &Value::Array(vec![item.clone()])),
                Some(last) => {
                    let text = format!(", {}", flow(item));
                    Ok(vec![Splice { range: last.span.end..last.span.end, text }])
                }
            },
            Content::Alias(_) => Err(self.edit.refused("is shared with another place by an anchor")),
            _ => self.replace(at, &Value::Array(vec![item.clone()])),
        }
    }

    /// The end of the last line that belongs to the node: before the line end, after a comment on that line.
    fn after(&self, node: &Node) -> usize {
        let mut last = node;
        loop {
            last = match &last.content {
                Content::Mapping { layout: Layout::Block, entries } => match entries.last() {
                    Some((key, value)) if is_absent(value) => return line_end(self.text, key.span.end),
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
        let end = last.span.end;
        if let Content::Scalar { style: Style::Literal | Style::Folded, text } = &last.content {
            // Blank lines after a block belong to nobody, unless they are content (`|+`).
            let content = self.text[..end].trim_end_matches(['\n', '\r', ' ']).len();
            let blank = text.len() - text.trim_end_matches('\n').len();
            let keep = blank.saturating_sub(1);
            return (0..keep).fold(line_end(self.text, content), |at, _| {
                self.text[at..].find('\n').map_or(at, |newline| line_end(self.text, at + newline + 1))
            });
        }
        line_end(self.text, end)
    }

    /// New lines after the line that ends at `position`.
    fn lines_at(&self, position: usize, indentation: usize, lines: &[String]) -> Splice {
        let newline = self.habits.newline;
        let block = lines.iter().map(|line| indented(indentation, line)).collect::<Vec<_>>().join(newline);
        let text = if position == 0 || self.text[..position].ends_with('\n') {
            format!("{block}{newline}")
        } else {
            format!("{newline}{block}")
        };
        Splice { range: position..position, text }
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
