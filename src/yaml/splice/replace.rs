//! Gives a place another value: inside its scalar where it can be, else below its key.

use serde_json::Value;

use super::super::block::{column, indented, line_end, scalar};
use super::super::edit::Refused;
use super::super::gap::{begins_line, newline_at, skip_properties};
use super::super::scalar::{Rewritten, Source, rewrite};
use super::super::tree::{Content, Layout, Node, Style, Tagged};
use super::{Editor, Found, Parent, Splice, is_absent};

impl Editor<'_> {
    pub(super) fn replace(&self, at: Found<'_>, value: &Value) -> Result<Vec<Splice>, Refused> {
        let stays_text = at.node.tag == Tagged::Text && value.is_string();
        if at.node.tag != Tagged::No && !stays_text || is_absent(at.node) && at.node.has_properties() {
            return Err(self
                .edit
                .refused("has a tag (`!`) or an anchor (`&`) that says what it is: take that off, first"));
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
                _ if is_absent(at.node) => {
                    let space = if self.text[..at.node.span.start].ends_with('-') { " " } else { "" };
                    Ok(vec![Splice::insert(
                        at.node.span.start,
                        format!("{space}{}", self.habits.flow(value)),
                    )])
                }
                _ if is_flow(at.node) => {
                    Ok(vec![Splice { range: at.node.span.clone(), text: self.habits.flow(value) }])
                }
                // An item that holds nothing any more, or a single value, needs one line.
                _ if !matches!(value, Value::Object(map) if !map.is_empty()) => {
                    let range = at.node.span.start..self.after(at.node);
                    Ok(vec![Splice { range, text: self.habits.flow(value) }])
                }
                _ => Err(self.edit.refused("is a list item that cannot be replaced in place")),
            };
        };
        let colon = at.node.lead;
        if !self.text[..colon].ends_with(':') || colon == key.span.end {
            return Err(self.edit.refused("has no colon"));
        }
        let Content::Mapping { layout: Layout::Block, .. } = &mapping.content else {
            let space = if is_absent(at.node) { " " } else { "" };
            let text = format!("{space}{}", self.habits.flow(value));
            return Ok(vec![Splice { range: at.node.span.clone(), text }]);
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
        let newline = newline_at(self.text, colon);
        for line in &lines[1..] {
            text.push_str(newline);
            text.push_str(&indented(column(self.text, mapping.span.start), line));
        }
        Ok(vec![Splice { range: colon..end, text }])
    }

    fn replace_scalar(&self, at: Found<'_>, old: &str, style: Style, value: &Value) -> Splice {
        let (indentation, may_be_block) = match at.parent {
            Parent::Entry { mapping, .. } => (column(self.text, mapping.span.start), !is_flow(mapping)),
            _ => (0, false),
        };
        let is_block = matches!(style, Style::Literal | Style::Folded);
        let bytes = &self.text[at.node.span.clone()];
        let newline = newline_at(self.text, at.node.span.start);
        let source = Source { bytes, style, content: old, indentation, may_be_block, newline };
        let rewritten = match value {
            Value::String(new) => rewrite(&source, new, self.habits.step()),
            other => Rewritten::Whole { first: self.habits.flow(other), lines: Vec::new() },
        };
        let (first, lines) = match rewritten {
            Rewritten::Content(text) => return Splice { range: at.node.span.clone(), text },
            Rewritten::Whole { first, lines } => (first, lines),
        };
        if !is_block && lines.is_empty() {
            return Splice { range: at.node.span.clone(), text: first };
        }
        // A comment on the line of the key stays there, before the lines of a block.
        let (start, value_end) = if is_block {
            let lead = at.node.lead;
            let from = if self.text[lead..].starts_with('-') { lead + 1 } else { lead };
            let header = skip_properties(self.text, from);
            let rest = &self.text[header..];
            (header, header + rest.find(char::is_whitespace).unwrap_or(rest.len()))
        } else {
            (at.node.span.start, at.node.span.end)
        };
        let line_end = line_end(self.text, value_end);
        let mut text = first + self.text[value_end..line_end].trim_end();
        for line in lines {
            text.push_str(newline);
            text.push_str(&line);
        }
        let end = if is_block { self.after(at.node).max(line_end) } else { line_end };
        Splice { range: start..end, text }
    }

    fn replace_root(&self, root: &Node, value: &Value) -> Result<Vec<Splice>, Refused> {
        let Value::Object(map) = value else {
            return Err(self.edit.refused("is not a mapping"));
        };
        if map.is_empty() {
            return Ok(vec![Splice {
                range: root.span.start..self.after(root),
                text: self.habits.flow(value),
            }]);
        }
        let newline = newline_at(self.text, root.span.start);
        let lines: Vec<_> = map.iter().flat_map(|(key, value)| self.habits.entry(key, value)).collect();
        // After `---`, on its line, no block may begin.
        let start = if begins_line(self.text, root.span.start) { "" } else { newline };
        Ok(vec![Splice { range: root.span.clone(), text: format!("{start}{}", lines.join(newline)) }])
    }
}

fn is_flow(node: &Node) -> bool {
    matches!(
        node.content,
        Content::Mapping { layout: Layout::Flow, .. } | Content::Sequence { layout: Layout::Flow, .. }
    )
}
