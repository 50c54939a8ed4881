//! Keeping the content of a Secret out of what is told about a failure.

use http::StatusCode;
use k8s_openapi::ByteString;
use serde_json::Value;

use super::Asked;

const WITHHELD: &str = "the server's words are withheld: they may quote the Secret";
const REDACTED: &str = "<redacted>";

/// Shorter pieces are words like `yes`: taking them out hides nothing and spoils the sentence.
const SHORTEST: usize = 4;

/// What may not be repeated from an answer to one request. Empty unless the request is about Secrets.
pub(in crate::cluster) struct Scrub {
    secret: bool,
    /// Longest first, so that no rest of a longer piece stays.
    pieces: Vec<String>,
}

impl Scrub {
    pub(in crate::cluster) fn of(asked: &Asked, body: &[u8]) -> Self {
        let secret = asked.resource == "secrets";
        let mut pieces = Vec::new();
        if secret && let Ok(object) = serde_json::from_slice::<Value>(body) {
            for value in values(&object, "data") {
                if let Ok(ByteString(bytes)) = serde_json::from_value(value.clone().into()) {
                    add(&mut pieces, &String::from_utf8_lossy(&bytes));
                }
                add(&mut pieces, &value);
            }
            for value in values(&object, "stringData") {
                add(&mut pieces, &value);
            }
        }
        pieces.sort_by_key(|piece| std::cmp::Reverse(piece.len()));
        Self { secret, pieces }
    }

    /// The message of a `Status`. A server that finds an object wrong (400, 422) or falls over it (5xx) quotes parts of
    /// it, shortened and escaped in ways that no list of pieces foresees: those messages are not repeated at all.
    pub(in crate::cluster) fn message(&self, code: StatusCode, message: &str) -> String {
        let quotes = code.is_server_error()
            || [StatusCode::BAD_REQUEST, StatusCode::UNPROCESSABLE_ENTITY].contains(&code);
        if self.secret && quotes && !message.is_empty() { WITHHELD.into() } else { self.text(message) }
    }

    /// The text without the pieces that were sent.
    pub(in crate::cluster) fn text(&self, text: &str) -> String {
        self.pieces.iter().fold(text.to_owned(), |text, piece| text.replace(piece, REDACTED))
    }
}

fn values(object: &Value, field: &str) -> Vec<String> {
    let entries = object.get(field).and_then(Value::as_object);
    entries.into_iter().flatten().filter_map(|(_, value)| value.as_str().map(str::to_owned)).collect()
}

/// The value as a whole, as JSON would quote it, and line by line: messages show all three.
fn add(pieces: &mut Vec<String>, value: &str) {
    let quoted = Value::from(value).to_string();
    let lines = value.lines().chain([value, quoted.trim_matches('"')]);
    pieces.extend(lines.map(str::trim).filter(|piece| piece.len() >= SHORTEST).map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(resource: &str) -> Asked {
        Asked { verb: "patch", resource: resource.into(), namespace: None, name: None }
    }

    #[test]
    fn what_was_sent_to_a_secret_is_not_repeated_in_any_form() {
        // "hunter2-and-more", encoded and not.
        let body = br#"{"data":{"a":"aHVudGVyMi1hbmQtbW9yZQ=="},"stringData":{"b":"line one\nline two"}}"#;
        let scrub = Scrub::of(&asked("secrets"), body);
        assert_eq!(
            scrub.text("aHVudGVyMi1hbmQtbW9yZQ== hunter2-and-more 'line one\\nline two' line two"),
            "<redacted> <redacted> '<redacted>' <redacted>"
        );
    }

    #[test]
    fn the_complaint_about_a_secret_is_withheld() {
        let scrub = Scrub::of(&asked("secrets"), b"{}");
        assert_eq!(scrub.message(StatusCode::UNPROCESSABLE_ENTITY, "Invalid value: hunt..."), WITHHELD);
    }

    #[test]
    fn other_objects_are_quoted_in_full() {
        let scrub = Scrub::of(&asked("configmaps"), br#"{"data":{"a":"some text"}}"#);
        assert_eq!(scrub.message(StatusCode::BAD_REQUEST, "some text is wrong"), "some text is wrong");
    }
}
