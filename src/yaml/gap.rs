//! What stands between two values: blanks, line ends, comments, and the signs that YAML is made of.

/// The next byte from here on that is neither blank nor part of a comment.
pub(super) fn skip_blank(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => at += 1,
            b'#' if at == 0 || matches!(bytes[at - 1], b' ' | b'\t' | b'\r' | b'\n') => {
                at = text[at..].find(['\n', '\r']).map_or(text.len(), |end| at + end);
            }
            _ => break,
        }
    }
    at
}

/// Past blanks, comments, an anchor and a tag.
pub(super) fn skip_properties(text: &str, from: usize) -> usize {
    let mut at = skip_blank(text, from);
    while text[at..].starts_with(['&', '!']) {
        let end = text[at..].find(char::is_whitespace).map_or(text.len(), |end| at + end);
        at = skip_blank(text, end);
    }
    at
}

/// The position of this sign, if nothing but blanks and comments comes before it.
pub(super) fn sign(text: &str, from: usize, sign: char) -> Option<usize> {
    let at = skip_blank(text, from);
    text[at..].starts_with(sign).then_some(at)
}

/// Whether nothing but blanks stands before this position on its line.
pub(super) fn begins_line(text: &str, position: usize) -> bool {
    text[..position].chars().rev().find(|c| !matches!(c, ' ' | '\t')).is_none_or(|c| c == '\n')
}

/// The line end that the text has here: that of this line, or where it has none, of the one before.
pub(super) fn newline_at(text: &str, position: usize) -> &'static str {
    let here = text[position..].find('\n').map(|offset| position + offset);
    match here.or_else(|| text[..position].rfind('\n')) {
        Some(end) if text[..end].ends_with('\r') => "\r\n",
        _ => "\n",
    }
}

/// Where the header of a block scalar ends and its lines begin, given where the parser saw its content.
///
/// The parser begins at the first line that is not blank, after its indentation; or, when there is no content, at the
/// header itself.
pub(super) fn block_lines_begin(text: &str, seen: usize, content: &str) -> usize {
    let line = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    if content.trim_matches('\n').is_empty() && text[seen..].starts_with(['|', '>']) {
        return text[seen..].find('\n').map_or(text.len(), |newline| seen + newline + 1);
    }
    let mut begins = line(seen);
    while begins > 0 {
        let above = line(begins - 1);
        if !text[above..begins].trim().is_empty() {
            break;
        }
        begins = above;
    }
    begins
}
