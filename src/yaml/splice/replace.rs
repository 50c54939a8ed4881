//! Gives a place another value: inside its scalar where it can be, else below its key.

use serde_json::Value;

use super::super::block::{column, flow, indented, line_end, scalar};
use super::super::edit::Refused;
use super::super::scalar::{Rewritten, Source, rewrite};
use super::super::tree::{Content, Layout, Node, Style};
use super::{Editor, Found, Parent, Splice, is_absent};

impl Editor<'_> {
    pub(super) fn replace(&self, at: Found<'_>, value: &Value) -> Result<Vec<Splice>, Refused> {
        if at.node.is_anchored() {
            return Err(self.edit.refused("has an anchor that other places may share"));
        }
        if let Content::Scalar { text, style } = &at.node.content
            && *style != Style::Absent
            && !matches!(value, Value::Object(_) | Value::Array(_))
        {
            return Ok(vec![self.replace_scalar(at, text, *style, value)]);
        }
        let Parent::Entry { key, mapping } = at.parent else {
            return match at.parent {
                Parent::Root => self.replace_root(at.node, value),
                _ if matches!(&at.node.content, Content::Mapping { layout: Layout::Flow, .. }) => {
                    Ok(vec![Splice { range: at.node.span.clone(), text: flow(value) }])
                }
                // An item that holds nothing any more, or a single value, needs one line.
                _ if !matches!(value, Value::Object(map) if !map.is_empty()) => {
                    Ok(vec![Splice { range: at.node.span.start..self.after(at.node), text: flow(value) }])
                }
                _ => Err(self.edit.refused("is a list item that cannot be replaced in place")),
            };
        };
        let Content::Mapping { layout: Layout::Block, .. } = &mapping.content else {
            return Ok(vec![Splice { range: at.node.span.clone(), text: flow(value) }]);
        };
        let Some(colon) = self.text[key.span.end..].find(':').map(|offset| key.span.end + offset + 1) else {
            return Err(self.edit.refused("has no colon"));
        };
        let name = key.text().unwrap_or_default();
        let lines = self.habits.entry(name, value);
        let head = lines[0].strip_prefix(&scalar(name)).unwrap_or_default();
        let head = head.strip_prefix(':').unwrap_or_default();
        let key_line_end = line_end(self.text, colon);
        let mut text = head.to_owned();
        let end = if at.node.span.start >= key_line_end && !is_absent(at.node) {
            // The old value stands below its key: a comment after the key stays.
            text.push_str(&self.text[colon..key_line_end]);
            self.after(at.node)
        } else {
            let value_end = if is_absent(at.node) { colon } else { at.node.span.end };
            let end = line_end(self.text, value_end);
            text.push_str(self.text[value_end..end].trim_end());
            end
        };
        let indentation = column(self.text, key.span.start);
        for line in &lines[1..] {
            text.push_str(self.habits.newline);
            text.push_str(&indented(indentation, line));
        }
        Ok(vec![Splice { range: colon..end, text }])
    }

    fn replace_scalar(&self, at: Found<'_>, old: &str, style: Style, value: &Value) -> Splice {
        let (indentation, may_be_block) = match at.parent {
            Parent::Entry { key, mapping } => (
                column(self.text, key.span.start),
                matches!(mapping.content, Content::Mapping { layout: Layout::Block, .. }),
            ),
            _ => (0, false),
        };
        let Value::String(new) = value else {
            return Splice { range: at.node.span.clone(), text: flow(value) };
        };
        let bytes = &self.text[at.node.span.clone()];
        let source = Source { bytes, style, content: old, indentation, may_be_block };
        let (first, lines) = match rewrite(&source, new, &self.habits) {
            Rewritten::Content(text) => return Splice { range: at.node.span.clone(), text },
            Rewritten::Whole { first, lines } => (first, lines),
        };
        let is_block = matches!(style, Style::Literal | Style::Folded);
        if !is_block && lines.is_empty() {
            return Splice { range: at.node.span.clone(), text: first };
        }
        // A comment on the line of the key stays there, before the lines of a block.
        let (start, value_end) = if is_block {
            let header = self.text[..at.node.span.start].rfind(['|', '>']).unwrap_or(at.node.span.start);
            let rest = &self.text[header..];
            (header, header + rest.find(char::is_whitespace).unwrap_or(rest.len()))
        } else {
            (at.node.span.start, at.node.span.end)
        };
        let line_end = line_end(self.text, value_end);
        let mut text = first + self.text[value_end..line_end].trim_end();
        for line in lines {
            text.push_str(self.habits.newline);
            text.push_str(&line);
        }
        let end = if is_block { self.after(at.node) } else { line_end };
        Splice { range: start..end, text }
    }

    fn replace_root(&self, root: &Node, value: &Value) -> Result<Vec<Splice>, Refused> {
        let Value::Object(map) = value else {
            return Err(self.edit.refused("is not a mapping"));
        };
        if map.is_empty() {
            return Ok(vec![Splice { range: root.span.start..self.after(root), text: flow(value) }]);
        }
        let lines: Vec<_> = map.iter().flat_map(|(key, value)| self.habits.entry(key, value)).collect();
        Ok(vec![Splice { range: root.span.clone(), text: lines.join(self.habits.newline) }])
    }
}
