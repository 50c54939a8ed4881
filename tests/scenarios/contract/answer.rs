//! An answer, and holding it against what is expected.

use http::HeaderMap;
use serde_json::Value;

use super::Held;

/// Stands for a value that is there, whatever it is; inside a text, for any part of it.
pub(super) const ANY: &str = "<any>";

/// What came back.
pub(super) struct Answer {
    /// The request.
    pub(super) what: String,
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// With this status.
    pub(super) fn with(self, status: u16) -> Result<Self, String> {
        if self.status == status { Ok(self) } else { Err(self.wrong(&format!("not {status}"))) }
    }

    /// With this status, and exactly this body.
    pub(super) fn is(self, status: u16, expected: &Value) -> Result<Self, String> {
        let differs = differences(expected, &self.json(), Extent::Exact);
        self.held(status, &differs)
    }

    /// With this status, and all this in the body, which may have more. A field that is expected to be null is not there.
    pub(super) fn has(self, status: u16, expected: &Value) -> Result<Self, String> {
        let differs = differences(expected, &self.json(), Extent::AtLeast);
        self.held(status, &differs)
    }

    /// With this status, and exactly this text for a body.
    pub(super) fn says(self, status: u16, text: &str) -> Held {
        let found = String::from_utf8_lossy(&self.body).into_owned();
        let differs = if found == text { Vec::new() } else { vec![format!("the body is not {text:?}")] };
        self.held(status, &differs).map(|_| ())
    }

    /// With this header.
    pub(super) fn header(self, name: &str, value: &str) -> Result<Self, String> {
        let found = self.headers.get(name).and_then(|value| value.to_str().ok());
        match found {
            Some(found) if matches(value, found) => Ok(self),
            found => Err(self.wrong(&format!("the header {name} is {found:?} and not {value:?}"))),
        }
    }

    /// Without this header.
    pub(super) fn no_header(self, name: &str) -> Result<Self, String> {
        if self.headers.contains_key(name) {
            return Err(self.wrong(&format!("there is a header {name}")));
        }
        Ok(self)
    }

    /// The body; null where it is no JSON.
    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// A value of the body; null where there is none.
    pub(super) fn at(&self, pointer: &str) -> Value {
        self.json().pointer(pointer).cloned().unwrap_or_default()
    }

    /// A text of the body.
    pub(super) fn text(&self, pointer: &str) -> Result<String, String> {
        let found = self.at(pointer);
        found.as_str().map(str::to_owned).ok_or_else(|| self.wrong(&format!("there is no text at {pointer}")))
    }

    /// The resource version of the object, or of the list.
    pub(super) fn version(&self) -> Result<String, String> {
        self.text("/metadata/resourceVersion")
    }

    /// The names of the objects of a list.
    pub(super) fn names(&self) -> Vec<String> {
        let name = |item: &Value| item["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        self.json()["items"].as_array().into_iter().flatten().map(name).collect()
    }

    /// Says no, with all that came.
    pub(super) fn wrong(&self, why: &str) -> String {
        let body = String::from_utf8_lossy(&self.body);
        let body: String = body.chars().take(3000).collect();
        format!("{}: {why}\n{} {}", self.what, self.status, body.trim_end())
    }

    fn held(self, status: u16, differences: &[String]) -> Result<Self, String> {
        if self.status != status {
            return Err(self.wrong(&format!("not {status}")));
        }
        if differences.is_empty() { Ok(self) } else { Err(self.wrong(&differences.join("\n"))) }
    }
}

/// How much of a value is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Nothing but this.
    Exact,
    /// This, and fields of maps that are not named.
    AtLeast,
}

/// Where a value is otherwise than expected; nowhere when all is well.
pub(super) fn differences(expected: &Value, found: &Value, extent: Extent) -> Vec<String> {
    let mut all = Vec::new();
    compare(expected, found, extent, "", &mut all);
    all
}

/// The same values, or an error that says where they differ.
pub(super) fn same(what: &str, expected: &Value, found: &Value) -> Held {
    let differs = differences(expected, found, Extent::Exact);
    if differs.is_empty() { Ok(()) } else { Err(format!("{what}: {}\n{found}", differs.join("\n"))) }
}

fn compare(expected: &Value, found: &Value, extent: Extent, path: &str, all: &mut Vec<String>) {
    match (expected, found) {
        (Value::Object(wanted), Value::Object(fields)) => {
            for (name, value) in wanted {
                compare(
                    value,
                    &fields.get(name).cloned().unwrap_or_default(),
                    extent,
                    &below(path, name),
                    all,
                );
            }
            if extent == Extent::Exact {
                let more = fields.keys().filter(|name| !wanted.contains_key(*name));
                all.extend(more.map(|name| format!("{} is there", below(path, name))));
            }
        }
        (Value::Array(wanted), Value::Array(items)) if wanted.len() == items.len() => {
            for (index, (value, item)) in wanted.iter().zip(items).enumerate() {
                compare(value, item, extent, &below(path, &index.to_string()), all);
            }
        }
        (Value::String(wanted), Value::String(text)) if matches(wanted, text) => {}
        (Value::String(wanted), found) if wanted == ANY && !found.is_null() => {}
        (wanted, found) if wanted == found => {}
        (wanted, found) => all.push(format!("{path} is {found} and not {wanted}")),
    }
}

fn below(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Whether a text is as expected, with `ANY` for any part.
fn matches(expected: &str, found: &str) -> bool {
    let Some((head, rest)) = expected.split_once(ANY) else { return expected == found };
    let Some(mut left) = found.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = rest.split(ANY).collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(tail)
}

#[test]
fn answers_are_held_against_what_is_expected() {
    use serde_json::json;
    let found = json!({"a": {"b": "x 17 y", "c": [1, 2]}, "d": null});
    let holds = |expected: Value, extent| differences(&expected, &found, extent).is_empty();
    assert!(holds(json!({"a": {"b": "x <any> y"}, "z": null}), Extent::AtLeast));
    assert!(holds(json!({"a": {"b": "<any>", "c": [1, "<any>"]}, "d": null}), Extent::Exact));
    assert!(!holds(json!({"a": "<any>"}), Extent::Exact));
    assert!(!holds(json!({"a": {"c": [1]}}), Extent::AtLeast));
    assert!(!holds(json!({"z": "<any>"}), Extent::AtLeast));
}
