//! Takes a key or an item away: its lines, or one comma with it.

use std::ops::Range;

use serde_json::{Map, Value};

use super::super::block::{line_end, line_start};
use super::super::edit::Refused;
use super::super::gap::begins_line;
use super::super::tree::{Content, Layout, Node};
use super::{Editor, Found, Parent, Splice};

impl Editor<'_> {
    pub(super) fn remove(&self, at: Found<'_>, above: Found<'_>) -> Result<Vec<Splice>, Refused> {
        match (at.parent, &above.node.content) {
            (Parent::Entry { key, .. }, Content::Mapping { layout, entries }) => {
                let index =
                    entries.iter().position(|(other, _)| std::ptr::eq(other, key)).unwrap_or_default();
                if entries.len() == 1 {
                    return self.last_of_its_kind(at, above, key.span.start, &Value::Object(Map::new()));
                }
                if *layout == Layout::Flow {
                    let ends: Vec<_> = entries.iter().map(|(_, value)| value.span.end).collect();
                    return Ok(self.remove_from_flow(above.node, &ends, index));
                }
                // An entry may begin before its key, with `? ` or an anchor; the first one begins with the mapping.
                let begins = if index == 0 { above.node.span.start } else { self.entry_begins(key) };
                Ok(vec![Splice::delete(self.block_child(begins, at.node))])
            }
            (_, Content::Sequence { layout, items }) => {
                let index = items.iter().position(|item| std::ptr::eq(item, at.node)).unwrap_or_default();
                if items.len() == 1 {
                    return self.last_of_its_kind(at, above, at.node.lead, &Value::Array(Vec::new()));
                }
                if *layout == Layout::Flow {
                    let ends: Vec<_> = items.iter().map(|item| item.span.end).collect();
                    return Ok(self.remove_from_flow(above.node, &ends, index));
                }
                Ok(vec![Splice::delete(self.block_child(at.node.lead, at.node))])
            }
            _ => Err(self.edit.refused("the whole document cannot be removed")),
        }
    }

    /// A collection is not left without a word: `[]` or `{}` goes where its children were. Comments between the key
    /// and the child stay.
    fn last_of_its_kind(
        &self,
        at: Found<'_>,
        above: Found<'_>,
        begins: usize,
        empty: &Value,
    ) -> Result<Vec<Splice>, Refused> {
        let is_block = matches!(
            above.node.content,
            Content::Mapping { layout: Layout::Block, .. } | Content::Sequence { layout: Layout::Block, .. }
        );
        if is_block
            && let Parent::Entry { .. } = above.parent
            && begins_line(self.text, begins)
            && line_start(self.text, begins) > above.node.lead
            && !above.node.has_properties()
        {
            let word = format!(" {}", self.habits.flow(empty));
            let lines = self.block_child(begins, at.node);
            return Ok(vec![Splice::insert(above.node.lead, word), Splice::delete(lines)]);
        }
        self.replace(above, empty)
    }

    /// The start of an entry's line, after its indentation.
    fn entry_begins(&self, key: &Node) -> usize {
        let start = line_start(self.text, key.span.start);
        let line = &self.text[start..key.span.start];
        start + line.len() - line.trim_start_matches([' ', '\t']).len()
    }

    /// The lines of a child of a block collection.
    fn block_child(&self, begins: usize, node: &Node) -> Range<usize> {
        let mut end = self.after(node).max(line_end(self.text, begins));
        let newline = self.text[end..].find('\n');
        end = newline.map_or(self.text.len(), |newline| end + newline + 1);
        let start = line_start(self.text, begins);
        if !begins_line(self.text, begins) {
            // The entry shares its line with a dash: the next one moves up to it.
            return begins..end + self.text[end..].len() - self.text[end..].trim_start().len();
        }
        if newline.is_none() && start > 0 {
            // A text without a line end at its end stays without.
            let above = self.text[..start].strip_suffix('\n').unwrap_or(&self.text[..start]);
            return above.strip_suffix('\r').unwrap_or(above).len()..end;
        }
        start..end
    }
}
