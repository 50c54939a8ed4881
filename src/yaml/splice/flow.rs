//! Entries and items of flow collections: on one line, or each on a line of its own.

use std::ops::Range;

use super::super::block::{column, line_end, line_start};
use super::super::gap::{begins_line, newline_at, sign, skip_blank};
use super::super::tree::Node;
use super::{Editor, Splice};

impl Editor<'_> {
    /// Whether there is something to lose between the brackets of an empty collection.
    pub(super) fn is_commented(&self, node: &Node) -> bool {
        !self.text[inside(node)].trim().is_empty()
    }

    /// Adds a child after those that end at `ends`. Where the last one has a line of its own, so gets the new one.
    pub(super) fn add_to_flow(&self, node: &Node, ends: &[usize], child: &str) -> Vec<Splice> {
        let Some(&end) = ends.last() else {
            return vec![Splice::insert(node.span.start + 1, child.to_owned())];
        };
        let begins = self.flow_child(node, ends, ends.len() - 1);
        let is_on_own_line =
            begins_line(self.text, begins) && line_start(self.text, begins) > node.span.start;
        if !is_on_own_line {
            return vec![Splice::insert(end, format!(", {child}"))];
        }
        let newline = newline_at(self.text, begins);
        let line = format!("{newline}{}{child}", " ".repeat(column(self.text, begins)));
        let bracket = node.span.end - 1;
        match sign(self.text, end, ',') {
            Some(comma) if line_end(self.text, comma) < bracket => {
                vec![Splice::insert(line_end(self.text, comma), format!("{line},"))]
            }
            None if line_end(self.text, end) < bracket => {
                vec![Splice::insert(end, ",".to_owned()), Splice::insert(line_end(self.text, end), line)]
            }
            _ => vec![Splice::insert(end, format!(",{line}"))],
        }
    }

    /// Takes a child away, with the comma that it leaves over.
    pub(super) fn remove_from_flow(&self, node: &Node, ends: &[usize], index: usize) -> Vec<Splice> {
        let begins = self.flow_child(node, ends, index);
        let end = ends[index];
        let comma = sign(self.text, end, ',');
        let is_last = index + 1 == ends.len();
        let before = index.checked_sub(1).and_then(|before| sign(self.text, ends[before], ','));
        let closing = comma.map_or(end, |comma| comma + 1);
        let line = line_end(self.text, closing);
        let has_own_line = begins_line(self.text, begins)
            && line_start(self.text, begins) > node.span.start
            && skip_blank(self.text, closing) >= line;
        if has_own_line && line < node.span.end {
            let after = line + self.text[line..].find('\n').map_or(0, |newline| newline + 1);
            let mut all = vec![Splice::delete(line_start(self.text, begins)..after)];
            if is_last && comma.is_none() {
                all.extend(before.map(|before| Splice::delete(before..before + 1)));
            }
            return all;
        }
        match before {
            // Nothing but blanks between the comma and the child: they go together.
            Some(before) if is_last && self.text[before + 1..begins].trim().is_empty() => {
                vec![Splice::delete(before..end)]
            }
            Some(before) if is_last => vec![Splice::delete(before..before + 1), Splice::delete(begins..end)],
            _ if is_last => vec![Splice::delete(begins..closing)],
            _ => {
                let next = self.flow_child(node, ends, index + 1);
                let on_same_line = next <= line_end(self.text, begins);
                vec![Splice::delete(begins..if on_same_line { next } else { closing })]
            }
        }
    }

    /// Where a child begins: after the bracket, or after the comma behind the one before.
    fn flow_child(&self, node: &Node, ends: &[usize], index: usize) -> usize {
        let after = match index.checked_sub(1) {
            None => node.span.start + 1,
            Some(before) => sign(self.text, ends[before], ',').map_or(ends[before], |comma| comma + 1),
        };
        skip_blank(self.text, after)
    }
}

fn inside(node: &Node) -> Range<usize> {
    let end = node.span.end.saturating_sub(1);
    (node.span.start + 1).min(end)..end
}
