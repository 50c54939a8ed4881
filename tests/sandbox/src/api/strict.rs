//! Fields that a kind does not have, and fields that stand there twice: refused, warned about, or dropped, as
//! `fieldValidation` says.

use serde_json::{Value, json};

use super::call::Call;
use super::kinds::Kind;
use super::status::{Cause, Failure};
use super::{duplicates, schema};

/// What to do about fields that do not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Policy {
    Ignore,
    Warn,
    Strict,
}

fn policy(call: &Call) -> Policy {
    match call.params.get("fieldValidation") {
        Some("Ignore") => Policy::Ignore,
        Some("Strict") => Policy::Strict,
        _ => Policy::Warn,
    }
}

/// Drops the fields that do not exist; an error when the request wants none to be dropped.
pub(super) fn check(call: &Call, object: &mut Value) -> Result<(), Failure> {
    let whole = object.clone();
    let unknown = schema::prune(call.kind, object);
    let texts: Vec<String> = unknown.iter().map(|field| format!("unknown field {field:?}")).collect();
    tell(call, &texts, &whole)
}

/// Of a field that stands in a body twice, only one value can be meant.
pub(super) fn once(call: &Call, bytes: &[u8]) -> Result<(), Failure> {
    let texts: Vec<String> =
        duplicates::of(bytes).iter().map(|field| format!("duplicate field {field:?}")).collect();
    tell(call, &texts, &Value::Null)
}

fn tell(call: &Call, texts: &[String], object: &Value) -> Result<(), Failure> {
    match policy(call) {
        _ if texts.is_empty() => return Ok(()),
        Policy::Ignore => return Ok(()),
        Policy::Warn => {
            for text in texts {
                call.warn(text);
            }
            return Ok(());
        }
        Policy::Strict => {}
    }
    let why = format!("strict decoding error: {}", texts.join(", "));
    if call.method == http::Method::PATCH {
        let cause = Cause::invalid("patch", &json!(object.to_string()), &why);
        return Err(Failure::invalid_of("", "", "", &[cause]));
    }
    let (kind, version) = (call.kind.name, call.kind.version);
    Err(Failure::bad_request(format!("{kind} in version {version:?} cannot be handled as a {kind}: {why}")))
}

/// Server-side apply refuses what does not fit its schema whatever the request says, and says of which object.
pub(super) fn declared(kind: &Kind, object: &Value) -> Result<(), Failure> {
    let Some(why) = schema::refusal(kind, object) else { return Ok(()) };
    let text = |name: &str| object["metadata"][name].as_str().unwrap_or_default();
    let message = format!(
        "failed to create typed patch object ({}/{}; {}/{}, Kind={}): {why}",
        text("namespace"),
        text("name"),
        kind.group,
        kind.version,
        kind.name
    );
    Err(Failure::new(500, "", message))
}
