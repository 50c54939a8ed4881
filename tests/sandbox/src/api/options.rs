//! The options of a write, which stand in its query.

use http::Method;
use serde_json::json;

use super::body;
use super::call::Call;
use super::status::{Cause, Failure};

/// The most that the name of a manager may have.
const LONGEST: usize = 128;

/// Refuses options that mean nothing.
pub(super) fn check(call: &Call) -> Result<(), Failure> {
    let kind = match call.method {
        Method::POST => "CreateOptions",
        Method::PUT => "UpdateOptions",
        Method::PATCH => "PatchOptions",
        _ => return Ok(()),
    };
    let mut causes = Vec::new();
    if call.params.get("fieldManager").is_some_and(|manager| manager.len() > LONGEST) {
        causes.push(Cause::too_long("fieldManager", LONGEST));
    }
    causes.extend(dry_run(call));
    if let Some(policy) = call.params.get("fieldValidation")
        && !["Ignore", "Strict", "Warn"].contains(&policy)
    {
        let supported = ["", "Ignore", "Strict", "Warn"];
        causes.push(Cause::unsupported("fieldValidation", &json!(policy), &supported));
    }
    let applies = body::media(&call.headers) == "application/apply-patch+yaml";
    if call.method == Method::PATCH && applies && call.params.get("fieldManager").is_none() {
        causes.push(Cause::required("fieldManager", "is required for apply patch"));
    }
    if call.method == Method::PATCH && !applies && call.params.flag("force") {
        causes.push(Cause::forbidden("force", "may not be specified for non-apply patch"));
    }
    if causes.is_empty() { Ok(()) } else { Err(Failure::invalid_of("meta.k8s.io", kind, "", &causes)) }
}

/// A dry run is of all that would be done, or it is none.
pub(super) fn dry_run(call: &Call) -> Option<Cause> {
    let wanted = call.params.get("dryRun").filter(|wanted| *wanted != "All")?;
    Some(Cause::unsupported("dryRun", &json!([wanted]), &["All"]))
}
