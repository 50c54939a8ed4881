//! Which keys hold credentials.

use crate::yaml::{ScalarSpan, Segment};

/// Keys whose values are credentials, in lower case with underscores.
const NAMES: [&str; 17] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "pass",
    "credentials",
    "credential",
    "bearer_token",
    "authorization",
    "proxy_authorization",
    "secret",
    "token",
    "api_key",
    "apikey",
    "slack_api_url",
    "webhook_url",
    "url_secret",
];

/// Ends of keys whose values are credentials, such as `client_secret` and `tls.key`.
const ENDS: [&str; 7] = ["_password", "_passwd", "_passphrase", "_secret", "_token", "_key", "_credentials"];

/// Keys that end like a credential and are none.
const PUBLIC: [&str; 3] = ["public_key", "ssh_public_key", "ca_secret"];

/// What only says where a credential is.
const POINTERS: [&str; 6] = ["_file", "_files", "_ref", "_name", "_path", "_namespace"];

/// Whether a key's value is a credential.
pub(super) fn is_credential_name(key: &str) -> bool {
    let name = normal(key);
    !is_pointer(&name)
        && !PUBLIC.contains(&name.as_str())
        && (NAMES.contains(&name.as_str()) || ENDS.iter().any(|end| name.ends_with(end)))
}

/// Whether a header's value is a credential.
pub(super) fn is_credential_header(key: &str) -> bool {
    is_credential_name(key) || matches!(normal(key).as_str(), "cookie" | "set_cookie" | "x_auth" | "x_api")
}

/// Whether a parameter of a URL is a credential.
pub(super) fn is_credential_parameter(key: &str) -> bool {
    is_credential_name(key) || matches!(normal(key).as_str(), "key" | "sig" | "signature" | "auth")
}

/// Whether a text says that there is nothing, or is a switch: `automountServiceAccountToken: false`.
pub(super) fn is_no_credential(text: &str) -> bool {
    ["", "~", "null", "true", "false"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether the scalar at this index is a credential by its place: the keys above it, or the item before it.
pub(in crate::plan::diff) fn is_credential(all: &[ScalarSpan], index: usize) -> bool {
    let span = &all[index];
    !is_no_credential(&span.text)
        && (is_below_credential(span.path.segments())
            || is_value_of_flag(all, index)
            || is_value_of_variable(all, index))
}

pub(super) fn is_below_credential(path: &[Segment]) -> bool {
    let names: Vec<String> = path
        .iter()
        .filter_map(|segment| match segment {
            Segment::Key(key) => Some(normal(key)),
            Segment::Index(_) => None,
        })
        .collect();
    let Some((leaf, above)) = names.split_last() else {
        return false;
    };
    if is_pointer(leaf) {
        return false;
    }
    if is_credential_name(leaf) {
        return true;
    }
    for (position, name) in above.iter().enumerate() {
        let below = &names[position + 1..];
        let is_header = matches!(name.as_str(), "headers" | "http_headers" | "proxy_connect_header");
        if is_header && below.first().is_some_and(|header| is_credential_header(header)) {
            // `files` of a header only name where its values are.
            return leaf != "files";
        }
        if is_credential_name(name) {
            let says_how = name.ends_with("authorization") && leaf == "type";
            return !says_how && !matches!(leaf.as_str(), "kind" | "optional");
        }
        // Whoever knows these URLs may post: Alertmanager hides them, too.
        let is_url = matches!(
            (name.as_str(), leaf.as_str()),
            ("slack_configs", "api_url") | ("webhook_configs", "url")
        );
        if is_url {
            return true;
        }
    }
    false
}

/// `--token` and its value as two items of a list.
fn is_value_of_flag(all: &[ScalarSpan], index: usize) -> bool {
    let Some((Segment::Index(position), list)) = all[index].path.segments().split_last() else {
        return false;
    };
    let Some(before) = index.checked_sub(1).map(|before| &all[before]) else {
        return false;
    };
    *position > 0
        && before.path.segments().split_last() == Some((&Segment::Index(position - 1), list))
        && before.text.starts_with('-')
        && !before.text.contains(['=', ' '])
        && is_credential_name(before.text.trim_start_matches('-'))
        && !all[index].text.starts_with("--")
}

/// The `value` of a variable whose `name` is that of a credential.
fn is_value_of_variable(all: &[ScalarSpan], index: usize) -> bool {
    let Some((Segment::Key(key), variable)) = all[index].path.segments().split_last() else {
        return false;
    };
    // Both are items of one small mapping, so they stand near each other.
    let near = &all[index.saturating_sub(4)..all.len().min(index + 5)];
    let is_name = |span: &ScalarSpan| {
        let last = span.path.segments().split_last();
        matches!(last, Some((Segment::Key(key), above)) if key == "name" && above == variable)
    };
    key == "value" && near.iter().any(|span| is_name(span) && is_credential_header(&span.text))
}

fn is_pointer(name: &str) -> bool {
    POINTERS.iter().any(|end| name.ends_with(end) || name == &end[1..])
}

/// `clientSecret`, `client-secret` and `client.secret` are all `client_secret`.
fn normal(key: &str) -> String {
    let mut out = String::new();
    let mut last = ' ';
    for c in key.trim().chars() {
        if c.is_ascii_uppercase() && (last.is_ascii_lowercase() || last.is_ascii_digit()) {
            out.push('_');
        }
        out.push(if matches!(c, '-' | '.' | ' ' | '/') { '_' } else { c.to_ascii_lowercase() });
        last = c;
    }
    out
}
