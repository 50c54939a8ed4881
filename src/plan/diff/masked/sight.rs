//! Where the content of a string stands in its text.

use std::ops::Range;

use super::Secret;

/// For each line of the content where it begins, and where its bytes begin in the text.
pub(super) struct Sight(Vec<(usize, usize)>);

impl Sight {
    /// `None` where the content does not stand in the text as it is, line by line.
    pub(super) fn of(raw: &str, content: &str) -> Option<Self> {
        if raw == content {
            return Some(Self(vec![(0, 0)]));
        }
        let mut starts = Vec::new();
        let (mut at, mut raw_at) = (0, 0);
        let mut raws = raw.split_inclusive('\n');
        for line in content.split('\n') {
            match raws.next() {
                Some(raw_line) => {
                    let body = raw_line.trim_end_matches(['\n', '\r']);
                    let indentation = body.strip_suffix(line)?;
                    if !indentation.chars().all(|c| c == ' ') {
                        return None;
                    }
                    starts.push((at, raw_at + indentation.len()));
                    raw_at += raw_line.len();
                }
                // The text ends without a newline where the content ends with one.
                None if line.is_empty() => {}
                None => return None,
            }
            at += line.len() + 1;
        }
        raws.all(|line| line.trim().is_empty()).then_some(Self(starts))
    }

    /// From pairs that somebody else found.
    pub(super) fn from_lines(starts: Vec<(usize, usize)>) -> Self {
        Self(starts)
    }

    /// Credentials of the content as credentials of the text, in which the bytes begin at `start`.
    pub(super) fn through(&self, found: Vec<Secret>, start: usize) -> Vec<Secret> {
        let shifted = |piece: &Range<usize>| {
            let line = self.0.partition_point(|(content, _)| *content <= piece.start).saturating_sub(1);
            let (content, raw) = self.0.get(line).copied().unwrap_or_default();
            let begin = start + raw + (piece.start - content);
            begin..begin + piece.len()
        };
        found
            .into_iter()
            .map(|secret| Secret { pieces: secret.pieces.iter().map(shifted).collect(), value: secret.value })
            .collect()
    }
}
