//! Credentials in comments: settings that somebody turned off.

use super::sight::Sight;
use super::{Secret, inline, lines, structure};
use crate::yaml::ScalarSpan;

/// Comments on lines of their own, one below the other, are one text; one behind a value is a text alone.
pub(super) fn find(text: &str, spans: &[ScalarSpan]) -> Vec<Secret> {
    let mut all = Vec::new();
    let mut block = Block::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        match mark(line, start, spans) {
            Some(at) if line[..at].trim().is_empty() => block.push(line, start, at),
            Some(at) => {
                all.extend(std::mem::take(&mut block).finish());
                block.push(line, start, at);
                all.extend(std::mem::take(&mut block).finish());
            }
            None => all.extend(std::mem::take(&mut block).finish()),
        }
        start += line.len();
    }
    all.extend(block.finish());
    all
}

/// Where the comment of a line begins: at a `#` after white space that belongs to no value.
fn mark(line: &str, start: usize, spans: &[ScalarSpan]) -> Option<usize> {
    line.match_indices('#').map(|(at, _)| at).find(|at| {
        let is_apart = line[..*at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '\u{feff}');
        let before = spans.partition_point(|span| span.range.start <= start + at);
        is_apart && before.checked_sub(1).is_none_or(|last| spans[last].range.end <= start + at)
    })
}

/// What comments say, without their marks.
#[derive(Default)]
struct Block {
    content: String,
    starts: Vec<(usize, usize)>,
}

impl Block {
    fn push(&mut self, line: &str, start: usize, at: usize) {
        let said = line[at..].trim_start_matches('#');
        self.starts.push((self.content.len(), start + line.len() - said.len()));
        self.content.push_str(said.trim_end_matches(['\n', '\r']));
        self.content.push('\n');
    }

    /// Comments mix prose and settings: what either way of reading takes for a credential is one.
    fn finish(self) -> Vec<Secret> {
        if !inline::may_hold(&self.content) {
            return Vec::new();
        }
        let mut found = structure::find(&self.content);
        found.extend(lines::find(&self.content));
        Sight::from_lines(self.starts).through(found, 0)
    }
}
