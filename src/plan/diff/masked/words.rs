//! Credentials of a single word or sentence: a flag, a URL, a cause of an error.
//!
//! In a text of values `token: …` is a credential. In a sentence it is the beginning of what is wrong with one.

use super::lines::{key_before, value_after};
use super::place::is_no_credential;
use super::{Secret, inline, structure};

/// Names that no sentence has before a colon.
const HEADERS: [&str; 3] = ["authorization", "cookie", "set-cookie"];

pub(super) fn find(text: &str) -> Vec<Secret> {
    if text.lines().any(is_numbered) {
        return lines_of_their_own(text);
    }
    // What has lines or escapes quotes something that is no sentence.
    if text.contains(['\n', '\\']) {
        return structure::find(text);
    }
    sentence(text)
}

fn sentence(text: &str) -> Vec<Secret> {
    let mut all = inline::find(text);
    for (at, _) in text.match_indices(':') {
        let Some(name) = key_before(&text[..at]) else { continue };
        let range = value_after(text, at);
        let said = text[range.clone()].trim();
        let before = text[..at].rsplit('|').next().unwrap_or_default();
        let before = before.trim_end_matches(['"', '\'']).trim_end_matches(name);
        let is_key = !before.chars().any(char::is_alphanumeric) || before.ends_with(['"', '\'', '{']);
        let is_header = HEADERS.iter().any(|header| name.to_ascii_lowercase().ends_with(header));
        let is_word = range.start > 0 && text[..range.start].ends_with(['"', '\'']) || !said.contains(' ');
        if !is_no_credential(said) && (is_key || is_header || is_word) {
            all.push(Secret::of(text, range, said));
        }
    }
    all
}

/// `  12 |   key: value`: as ytt quotes a line of values.
fn is_numbered(line: &str) -> bool {
    let margin = line.split_once(" |").map_or("", |(margin, _)| margin.trim());
    !margin.is_empty() && margin.chars().all(|c| c.is_ascii_digit())
}

/// Numbered lines are quoted one by one: what stands below a key is not its value.
fn lines_of_their_own(text: &str) -> Vec<Secret> {
    let mut all = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let shift = |piece: std::ops::Range<usize>| piece.start + start..piece.end + start;
        let found = sentence(line.trim_end_matches('\n')).into_iter();
        all.extend(found.map(|secret| Secret {
            pieces: secret.pieces.into_iter().map(shift).collect(),
            value: secret.value,
        }));
        start += line.len();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::hidden;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(hidden(text), expected);
    }

    #[test]
    fn flags_and_urls() {
        check("http://me:x7Qx@hub.test/?token=x7Qx&b=1", "http://me:<masked>@hub.test/?token=<masked>&b=1");
        check(
            "--web.external-url=http://me:x7Qx@hub.test/",
            "--web.external-url=http://me:<masked>@hub.test/",
        );
    }

    #[test]
    fn what_a_server_repeats_of_a_request() {
        check("nobody knows authorization: Bearer x7Qx", "nobody knows authorization: <masked>");
        check("refused {password: x7Qx, user: me}", "refused {password: <masked>, user: me}");
        check("refused password: \"x7Qx and more\"", "refused password: \"<masked>\"");
        check("password: x7Qx and more", "password: <masked>");
        check("wrong password: x7Qx", "wrong password: <masked>");
    }

    #[test]
    fn a_sentence_about_a_credential_stays() {
        let words = "failed OIDC: invalid ID token: it has expired";
        check(words, words);
        let words = "cannot read the secret: no such file or directory";
        check(words, words);
    }
}
