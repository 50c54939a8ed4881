//! Where every scalar of a document stands.

use std::ops::Range;

use super::block::line_start;
use super::path::Path;
use super::tree::{Content, Malformed, Node, Style, Tree};

/// A scalar that is the value of a key or an item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalarSpan {
    pub path: Path,
    /// The bytes of the content as it stands in the text: within the quotes, escapes as they are written. Of a block
    /// scalar: its lines with their indentation, from the start of the first one, without the header.
    pub range: Range<usize>,
    /// What the scalar means: unescaped, unfolded, without indentation.
    pub text: String,
}

/// The scalars of a document, in its order. A key with nothing after it has none, and an alias stands only for what is
/// listed at its anchor already. Keys are not listed; a byte order mark counts as the bytes that it is.
pub fn scalars(text: &str) -> Result<Vec<ScalarSpan>, Malformed> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let tree = Tree::parse(body)?;
    let mut all = Vec::new();
    if let Some(root) = &tree.root {
        collect(body, root, &Path::default(), &mut all)?;
    }
    let mark = text.len() - body.len();
    for scalar in &mut all {
        scalar.range = scalar.range.start + mark..scalar.range.end + mark;
    }
    Ok(all)
}

fn collect(body: &str, node: &Node, path: &Path, all: &mut Vec<ScalarSpan>) -> Result<(), Malformed> {
    match &node.content {
        Content::Alias(_) | Content::Scalar { style: Style::Absent, .. } => {}
        Content::Scalar { text: content, style } => {
            let range = content_range(body, node, *style);
            all.push(ScalarSpan { path: path.clone(), range, text: content.clone() });
        }
        Content::Sequence { items, .. } => {
            for (index, item) in items.iter().enumerate() {
                collect(body, item, &path.index(index), all)?;
            }
        }
        Content::Mapping { entries, .. } => {
            for (key, value) in entries {
                let name = key.text().ok_or_else(|| Malformed("a key is not a string".to_owned()))?;
                collect(body, value, &path.key(name), all)?;
            }
        }
    }
    Ok(())
}

fn content_range(body: &str, node: &Node, style: Style) -> Range<usize> {
    let Range { start, end } = node.span.clone();
    match style {
        Style::SingleQuoted | Style::DoubleQuoted => start + 1..end - 1,
        // The parser may say where the next key begins, whose indentation is none of the block's.
        Style::Literal | Style::Folded if end < body.len() => start..line_start(body, end).max(start),
        _ => start..end,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each scalar as `path: bytes`, and its text.
    fn seen(text: &str) -> Vec<(String, String, String)> {
        let all = scalars(text).expect("YAML");
        assert!(
            all.windows(2).all(|pair| pair[0].range.end <= pair[1].range.start),
            "in order, not overlapping"
        );
        all.into_iter().map(|one| (one.path.to_string(), text[one.range].to_owned(), one.text)).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str, &str)]) {
        let owned =
            |&(path, bytes, text): &(&str, &str, &str)| (path.to_owned(), bytes.to_owned(), text.to_owned());
        assert_eq!(seen(text), expected.iter().map(owned).collect::<Vec<_>>());
    }

    #[test]
    fn plain_and_quoted_scalars_in_block_and_flow() {
        check(
            "a: 1 # one\nb: 'it''s'\nc: [x, {d: \"y\\n\"}]\n",
            &[("a", "1", "1"), ("b", "it''s", "it's"), ("c[0]", "x", "x"), ("c[1].d", "y\\n", "y\n")],
        );
    }

    #[test]
    fn the_lines_of_a_block_without_its_header() {
        check("a: |-\n  x: 1\n  y\nb: 2\n", &[("a", "  x: 1\n  y\n", "x: 1\ny"), ("b", "2", "2")]);
        check("- >\n  x\n  y\n", &[("[0]", "  x\n  y\n", "x y\n")]);
        check("a:\n  b: |\n    x\n  c: 1\n", &[("a.b", "    x\n", "x\n"), ("a.c", "1", "1")]);
    }

    #[test]
    fn anchors_are_listed_once_and_empty_values_not() {
        check("a: &x secret\nb: *x\nc:\nd: !t e\n", &[("a", "secret", "secret"), ("d", "e", "e")]);
    }

    #[test]
    fn bytes_are_counted_as_bytes() {
        check("\u{feff}ä: ö # ü\r\nß: 'é'\r\n", &[("ä", "ö", "ö"), ("ß", "é", "é")]);
    }

    #[test]
    fn a_scalar_alone_and_nothing_at_all() {
        check("x\n", &[("", "x", "x")]);
        check("# nothing\n", &[]);
        assert!(scalars("a: [\n").is_err());
    }
}
