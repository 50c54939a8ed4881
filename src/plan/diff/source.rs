//! A text whose scalars are known, so that it is read once for its levels and its credentials.

use crate::yaml::{Malformed, ScalarSpan, scalars};

/// One side of a change.
pub(super) struct Source {
    pub(super) text: String,
    /// In the order of the text; an error where it is not YAML.
    pub(super) scalars: Result<Vec<ScalarSpan>, Malformed>,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        Self { text: text.to_owned(), scalars: scalars(text) }
    }

    /// The text without the content of the scalars at these places: a block loses its lines, and a quoted string keeps
    /// its quotes.
    pub(super) fn without(self, cut: &[ScalarSpan]) -> Self {
        let Ok(scalars) = self.scalars else { return self };
        let mut cut: Vec<_> = cut.iter().map(|span| span.range.clone()).collect();
        cut.sort_by_key(|range| range.start);
        let mut cut = cut.into_iter().peekable();
        let (mut text, mut at) = (String::with_capacity(self.text.len()), 0);
        let mut left = Vec::with_capacity(scalars.len());
        for span in scalars {
            if cut.next_if_eq(&span.range).is_none() {
                // What is before it is as much shorter as all that was cut from that.
                let start = text.len() + (span.range.start - at);
                left.push(ScalarSpan { range: start..start + span.range.len(), ..span });
                continue;
            }
            text.push_str(&self.text[at..span.range.start]);
            at = span.range.end;
            let is_block = span.range.is_empty() || text.ends_with('\n');
            let instead = if is_block { "" } else { "..." };
            let range = text.len()..text.len() + instead.len();
            text.push_str(instead);
            left.push(ScalarSpan { path: span.path, range, text: instead.to_owned() });
        }
        text.push_str(&self.text[at..]);
        Self { text, scalars: Ok(left) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::unified;
    use super::*;
    use crate::plan::TextChange;

    #[test]
    fn what_is_left_of_a_text_stands_where_it_would_be_read() {
        let text = "a: 1\nb: |\n  x: 1\n  y: 2\nc: \"x: 1\\ny: 2\" # c\nd: ['x', y]\ne: |\n  z: 1\n";
        let all = Source::read(text);
        let inner = ["x: 1\ny: 2\n", "x: 1\ny: 2", "z: 1\n"];
        let spans = all.scalars.clone().expect("YAML");
        let cut: Vec<_> = spans.into_iter().filter(|span| inner.contains(&span.text.as_str())).collect();
        assert_eq!(cut.len(), 3);
        let left = all.without(&cut);
        assert_eq!(left.text, "a: 1\nb: |\nc: \"...\" # c\nd: ['x', y]\ne: |\n");
        assert_eq!(left.scalars, scalars(&left.text));
    }

    /// Read again, what is left of a text could be no YAML, and its credentials were looked for line by line.
    #[test]
    fn a_credential_beside_what_was_cut_is_known_by_its_place() {
        let after = "  env:\n  - {name: TOKEN, value: v}\n  rules: |\n    groups:\n      a: 1\n  more: 1\n";
        let change = TextChange { title: "x".to_owned(), before: String::new(), after: after.to_owned() };
        let shown = unified(&change);
        assert!(shown.contains("+  - {name: TOKEN, value: <masked>}\n"), "{shown}");
    }
}
