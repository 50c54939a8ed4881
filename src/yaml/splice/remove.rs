//! Takes a key or an item away: its lines, or one comma with it.

use std::ops::Range;

use serde_json::{Map, Value};

use super::super::block::{dash_of, line_end, line_start};
use super::super::edit::Refused;
use super::super::tree::{Content, Layout, Node};
use super::{Editor, Found, Parent, Splice};

impl Editor<'_> {
    pub(super) fn remove(&self, at: Found<'_>, above: Found<'_>) -> Result<Vec<Splice>, Refused> {
        let (begins, is_first) = match (at.parent, &above.node.content) {
            (Parent::Entry { .. }, Content::Mapping { entries, .. }) if entries.len() == 1 => {
                return self.replace(above, &Value::Object(Map::new()));
            }
            (_, Content::Sequence { items, .. }) if items.len() == 1 => {
                return self.replace(above, &Value::Array(Vec::new()));
            }
            (Parent::Entry { key, .. }, Content::Mapping { entries, .. }) => {
                (key.span.start, entries.first().is_some_and(|(first, _)| std::ptr::eq(first, key)))
            }
            (_, Content::Sequence { layout, items }) => {
                let dash = if *layout == Layout::Block { dash_of(self.text, at.node) } else { None };
                (
                    dash.unwrap_or(at.node.span.start),
                    items.first().is_some_and(|first| std::ptr::eq(first, at.node)),
                )
            }
            _ => return Err(self.edit.refused("the whole document cannot be removed")),
        };
        let range = match above.node.content {
            Content::Mapping { layout: Layout::Flow, .. }
            | Content::Sequence { layout: Layout::Flow, .. } => {
                self.flow_child(begins, at.node.span.end, is_first)
            }
            _ => self.block_child(begins, at.node),
        };
        Ok(vec![Splice { range, text: String::new() }])
    }

    /// A child of a flow collection with one of the commas beside it.
    fn flow_child(&self, begins: usize, ends: usize, is_first: bool) -> Range<usize> {
        if !is_first {
            return self.text[..begins].rfind(',').unwrap_or(begins)..ends;
        }
        let rest = &self.text[ends..];
        let after_comma = rest.find(',').map_or(0, |comma| comma + 1);
        let spaces = rest[after_comma..].len() - rest[after_comma..].trim_start().len();
        begins..ends + after_comma + spaces
    }

    /// The lines of a child of a block collection.
    fn block_child(&self, begins: usize, node: &Node) -> Range<usize> {
        let end = self.after(node).max(line_end(self.text, begins));
        let end = end + self.text[end..].find('\n').map_or(self.text[end..].len(), |newline| newline + 1);
        let start = line_start(self.text, begins);
        if self.text[start..begins].trim().is_empty() {
            return start..end;
        }
        // The entry shares its line with a dash: the next one moves up to it.
        begins..end + self.text[end..].len() - self.text[end..].trim_start().len()
    }
}
