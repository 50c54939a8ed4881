//! get and list.

use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};

use super::call::Call;
use super::kinds::Origin;
use super::negotiate::Form;
use super::selector::Selector;
use super::status::Failure;
use crate::store::Key;

/// The namespace whose packages are visible in every namespace.
const GLOBAL_PACKAGING: &str = "tkg-system";

const TOO_OLD: &str = "The provided continue parameter is too old to display a consistent list result. You can start a \
                       new list without the continue parameter.";

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
    let (objects, version) = list(call.namespace());
    (selected(call, selector, objects, || list(Some(GLOBAL_PACKAGING)).0), version)
}

/// The same as it was at a version.
fn matching_at(call: &Call, selector: &Selector, version: u64) -> Result<Vec<Value>, Failure> {
    let list = |namespace| {
        let list = call.api.store.list_at(call.kind.group, call.kind.plural, namespace, version);
        list.map_err(|_| Failure::expired(TOO_OLD))
    };
    let global = list(Some(GLOBAL_PACKAGING))?;
    Ok(selected(call, selector, list(call.namespace())?, || global))
}

/// Those that the selector matches, with the global ones where they are to be seen.
fn selected(
    call: &Call,
    selector: &Selector,
    mut objects: Vec<Value>,
    globals: impl FnOnce() -> Vec<Value>,
) -> Vec<Value> {
    if let Some(namespace) = global(call) {
        let own: Vec<Value> = objects.iter().map(|object| object["metadata"]["name"].clone()).collect();
        for mut object in globals() {
            if !own.contains(&object["metadata"]["name"]) {
                object["metadata"]["namespace"] = json!(namespace);
                objects.push(object);
            }
        }
        objects.sort_by_key(place);
    }
    objects.retain(|object| selector.matches(object));
    objects
}

/// The namespace into which the global packages are to be shown, as if they were its own.
fn global(call: &Call) -> Option<&str> {
    let namespace = call.namespace().filter(|namespace| *namespace != GLOBAL_PACKAGING)?;
    (call.kind.origin == Origin::Aggregated).then_some(namespace)
}

/// A list, or a page of one.
pub(super) fn list(call: &Call) -> Result<Response, Failure> {
    let selector = Selector::of(call.kind, &call.params)?;
    let (mut objects, mut version) = matching(call, &selector);
    let wanted = call.params.get("resourceVersion");
    not_ahead(wanted, version)?;
    if let Some(token) = call.params.get("continue") {
        let page = Page::read(token)?;
        objects = matching_at(call, &selector, page.version)?;
        version = page.version;
        objects.retain(|object| place(object) > page.after);
    }
    let mut meta = json!({"resourceVersion": version.to_string()});
    if call.kind.origin == Origin::Custom && matches!(call.form, Form::Whole(_)) {
        meta["continue"] = json!("");
    }
    // What may be as old as it likes comes from memory, in one piece.
    let limit = if wanted == Some("0") { None } else { call.params.number("limit") };
    let limit = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(0);
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

/// The version that is asked for has to be a number, and to have been.
fn not_ahead(wanted: Option<&str>, now: u64) -> Result<(), Failure> {
    let Some(text) = wanted else { return Ok(()) };
    let Ok(wanted) = text.parse::<u64>() else {
        return Err(Failure::bad_request(format!(
            "invalid resource version: resourceVersion: Invalid value: {text:?}: \
             strconv.ParseUint: parsing {text:?}: invalid syntax"
        )));
    };
    if wanted <= now {
        return Ok(());
    }
    let message = format!("Timeout: Too large resource version: {wanted}, current: {now}");
    let cause = json!({"reason": "ResourceVersionTooLarge", "message": "Too large resource version"});
    Err(Failure::new(504, "Timeout", message)
        .with_details(json!({"causes": [cause], "retryAfterSeconds": 1}))
        .with_header("Retry-After", "1"))
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
        parts.map(|(version, namespace, name)| Self { version, after: (namespace, name) }).ok_or_else(|| {
            let why = "invalid continue token: continue key is not valid: unable to decode the token";
            Failure::bad_request(why)
        })
    }
}
