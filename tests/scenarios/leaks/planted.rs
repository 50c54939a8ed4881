//! Secrets that are known when they are seen again, in whatever form.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;

use crate::support::Ran;

/// What every made-up secret ends with; before it stands what it is for.
const MARK: &str = "+leak/7Qx9Zk";

/// The password, token or key of this name.
pub(crate) fn secret(name: &str) -> String {
    format!("{name}{MARK}")
}

/// The same, as it stands in a URL.
pub(crate) fn in_url(name: &str) -> String {
    secret(name).replace('+', "%2B").replace('/', "%2F")
}

pub(crate) fn base64(text: &str) -> String {
    let encoded = serde_json::to_value(ByteString(text.as_bytes().to_vec())).expect("base64");
    encoded.as_str().expect("base64").to_owned()
}

/// What must not be seen, each with a name for it.
pub(crate) struct Planted(BTreeMap<String, String>);

impl Planted {
    /// All that were made up here, by what they have in common: as it is, in a URL, and in base64 from wherever.
    pub(crate) fn new() -> Self {
        let mut all = Self(BTreeMap::new());
        all.0.insert("a secret".into(), MARK.into());
        all.0.insert("a secret in a URL".into(), MARK.replace('+', "%2B").replace('/', "%2F"));
        for before in 0..3 {
            let text = format!("{}{MARK}", "x".repeat(before));
            // The letters that hold six bits of the mark, and none of what stands before and after it.
            let inner = (before * 8).div_ceil(6)..text.len() * 8 / 6;
            let inner = &base64(&text)[inner];
            all.0.insert(format!("a secret in base64 ({before})"), inner.into());
        }
        all
    }

    /// A secret that something else made: a token, or the lines of a key.
    pub(crate) fn also(&mut self, name: &str, text: &str) {
        let lines = text.lines().map(str::trim).filter(|line| line.len() >= 16 && !line.starts_with('-'));
        for (number, line) in lines.enumerate() {
            self.0.insert(format!("{name} (line {number})"), line.to_owned());
            let encoded = base64(line);
            self.0.insert(format!("{name} (line {number}, in base64)"), encoded.trim_end_matches('=').into());
        }
    }

    /// The lines of what a command said that have any of them, each with the name.
    pub(crate) fn seen(&self, what: &str, ran: &Ran) -> Vec<String> {
        let said = ran.stdout.lines().chain(ran.stderr.lines());
        let found = said.filter_map(|line| {
            let named = self.0.iter().find(|(_, text)| line.contains(text.as_str()));
            named.map(|(name, _)| format!("{what}: {name}: {line}"))
        });
        found.collect()
    }
}

#[test]
fn a_secret_is_known_in_every_form() {
    let planted = Planted::new();
    let ran = |said: String| Ran { code: 0, stdout: said, stderr: String::new() };
    for user in ["", "u:", "me:", "her:", "http://u:", "long-name:"] {
        let text = format!("{user}{}@x", secret("password"));
        for form in [text.clone(), format!("{user}{}", in_url("password")), base64(&text)] {
            assert!(!planted.seen("a test", &ran(form.clone())).is_empty(), "{form}");
        }
    }
    assert!(planted.seen("a test", &ran("password: <masked>".to_owned())).is_empty());
}
