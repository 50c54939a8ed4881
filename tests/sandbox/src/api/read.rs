//! get and list.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::kinds::Origin;
use super::selector::Selector;
use super::status::Failure;
use crate::store::{Key, Refused};

/// The namespace whose packages are visible in every namespace.
const GLOBAL_PACKAGING: &str = "tkg-system";

/// One object.
pub(super) fn get(call: &Call) -> Result<Response, Failure> {
    let object = match (call.read(), global(call)) {
        (Err(failure), Some(namespace)) => {
            let key = Key { namespace: Some(GLOBAL_PACKAGING.to_owned()), ..call.key() };
            let mut object = call.api.store.get(&key).ok_or(failure)?;
            object["metadata"]["namespace"] = json!(namespace);
            object
        }
        (read, _) => read?,
    };
    Ok(call.answer(StatusCode::OK, object))
}

/// The objects of the call's resource and namespace that the selector matches, and the version of the list.
pub(super) fn matching(call: &Call, selector: &Selector) -> (Vec<Value>, u64) {
    let list = |namespace| call.api.store.list(call.kind.group, call.kind.plural, namespace);
    let (mut objects, version) = list(call.namespace());
    if let Some(namespace) = global(call) {
        let own: Vec<Value> = objects.iter().map(|object| object["metadata"]["name"].clone()).collect();
        for mut object in list(Some(GLOBAL_PACKAGING)).0 {
            if !own.contains(&object["metadata"]["name"]) {
                object["metadata"]["namespace"] = json!(namespace);
                objects.push(object);
            }
        }
        objects.sort_by_key(place);
    }
    objects.retain(|object| selector.matches(object));
    (objects, version)
}

/// The namespace into which the global packages are to be shown, as if they were its own.
fn global(call: &Call) -> Option<&str> {
    let namespace = call.namespace().filter(|namespace| *namespace != GLOBAL_PACKAGING)?;
    (call.kind.origin == Origin::Aggregated).then_some(namespace)
}

/// A list, or a page of one.
pub(super) fn list(call: &Call) -> Result<Response, Failure> {
    let selector = Selector::of(call.kind, &call.params)?;
    let (mut objects, now) = matching(call, &selector);
    let mut version = now;
    if let Some(wanted) = call.params.number("resourceVersion")
        && wanted > now
    {
        let message = format!("Timeout: Too large resource version: {wanted}, current: {now}");
        return Err(Failure::new(504, "Timeout", message)
            .with_details(json!({"causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}], "retryAfterSeconds": 1})));
    }
    if let Some(token) = call.params.get("continue") {
        let page = Page::read(token)?;
        if matches!(call.api.store.since(page.version), Err(Refused::TooOld)) {
            return Err(Failure::expired(
                "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.",
            ));
        }
        version = page.version;
        objects.retain(|object| place(object) > page.after);
    }
    let mut meta = json!({"resourceVersion": version.to_string()});
    let limit = call.params.number("limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
    if limit > 0 && objects.len() > limit {
        let left = objects.len() - limit;
        objects.truncate(limit);
        let after = objects.last().map(place).unwrap_or_default();
        meta["continue"] = json!(Page { version, after }.write());
        if call.params.get("labelSelector").is_none() && call.params.get("fieldSelector").is_none() {
            meta["remainingItemCount"] = json!(left);
        }
    }
    let list = call.form.list(call.kind, objects, meta, call.include());
    Ok(call.form.answer(StatusCode::OK, &list))
}

/// Where an object stands in a list.
fn place(object: &Value) -> (String, String) {
    let part = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    (part("namespace"), part("name"))
}

/// Where the next page of a list begins.
#[derive(Debug, PartialEq, Eq)]
struct Page {
    version: u64,
    after: (String, String),
}

impl Page {
    fn write(&self) -> String {
        URL_SAFE_NO_PAD.encode(json!([self.version, self.after.0, self.after.1]).to_string())
    }

    fn read(token: &str) -> Result<Self, Failure> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok();
        let parts: Option<(u64, String, String)> =
            bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        parts
            .map(|(version, namespace, name)| Self { version, after: (namespace, name) })
            .ok_or_else(|| Failure::bad_request("continue key is not valid: unable to decode the token"))
    }
}
