//! patch, in its four forms: JSON patch, merge patch, strategic merge patch, and server-side apply.

mod json_patch;
mod merge;
mod strategic;

use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};

use super::apply::{self, managers};
use super::call::Call;
use super::kinds::Origin;
use super::status::Failure;
use super::write::{self, Precondition};
use super::{admission, body, strict, validation};

/// Changes the object as the body says.
pub(super) fn patch(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let media = body::media(&call.headers);
    if media == "application/apply-patch+yaml" {
        return apply::apply(call, bytes);
    }
    let builtin = call.kind.origin == Origin::BuiltIn;
    let change: fn(&Value, &Value) -> Result<Value, Failure> = match media {
        "application/json-patch+json" => json_patch::patch,
        "application/merge-patch+json" => |object, patch| Ok(merge::patch(object, patch)),
        "application/strategic-merge-patch+json" if builtin => {
            |object, patch| Ok(strategic::patch(object, patch))
        }
        // What is built in does not even look at such a request.
        _ if builtin => {
            return Err(Failure::new(415, "UnsupportedMediaType", "415: Unsupported Media Type")
                .with_details(json!({})));
        }
        _ => {
            let accepted = [
                "application/json-patch+json",
                "application/merge-patch+json",
                "application/apply-patch+yaml",
            ];
            return Err(Failure::unsupported_media(&accepted.join(", ")));
        }
    };
    let patch = body::patch(bytes)?;
    if media != "application/json-patch+json" && !patch.is_object() {
        return Err(Failure::bad_request(format!(
            "error decoding patch: json: cannot unmarshal {} into Go value of type map[string]interface {{}}",
            body::go_type(&patch)
        )));
    }
    let manager = call.manager();
    let (object, _) = write::change(call, &Precondition::of(&patch), |before| {
        let mut after = change(before, &patch)?;
        // A JSON patch insists on a version by setting it.
        Precondition::of(&after).check(call, before)?;
        validation::typed(call, &after)?;
        admission::clean(call, &mut after)?;
        strict::check(call, &mut after)?;
        write::settle(call, before, &mut after)?;
        managers::track(call.kind, Some(before), &mut after, &manager, call.subresource());
        managers::keep_times(before, &mut after);
        Ok(after)
    })?;
    Ok(call.answer(StatusCode::OK, object))
}
