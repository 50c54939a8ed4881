//! Update: replacing the whole object, of the version that it was read in.

use serde_json::json;

use super::answer::same;
use super::objects::{PACKAGE_INSTALLS, SECRETS, empty, failure, failure_of, install, secret, with};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "an update replaces the object",
        why: "`kubectl edit` and `kubectl replace`",
        run: replaced,
    },
    Case {
        name: "an update of what is the same already changes no version",
        why: "a watch must not tell of a change where there is none",
        run: nothing,
    },
    Case {
        name: "an update of another version is a 409 in these words",
        why: "`kubectl edit` tells that somebody was faster",
        run: other_version,
    },
    Case {
        name: "an update without a version is for built-in kinds only",
        why: "`kubectl replace` of an install needs the version",
        run: without_version,
    },
    Case {
        name: "an update of a missing object is a 404",
        why: "`kubectl replace` tells that there is nothing to replace",
        run: missing,
    },
    Case {
        name: "an update that says otherwise than its path is a 400",
        why: "a mistake must not write something else",
        run: mismatch,
    },
];

fn replaced(server: &Server) -> Held {
    let made = server
        .post(server.path(&SECRETS), &secret("replaced", &json!({"a": "MQ==", "b": "Mg=="})))?
        .with(201)?;
    let object =
        with(secret("replaced", &json!({"c": "Mw=="})), "/metadata/resourceVersion", json!(made.version()?));
    let after = server.put(server.one(&SECRETS, "replaced"), &object)?;
    let metadata =
        json!({"uid": made.at("/metadata/uid"), "creationTimestamp": made.at("/metadata/creationTimestamp")});
    after.has(200, &json!({"data": {"a": null, "b": null, "c": "Mw=="}, "metadata": metadata}))?;
    Ok(())
}

fn nothing(server: &Server) -> Held {
    let made = server.post(server.path(&SECRETS), &secret("put-same", &json!({"a": "MQ=="})))?.with(201)?;
    let after = server.put(server.one(&SECRETS, "put-same"), &made.json())?.with(200)?;
    same("the object", &made.json(), &after.json())
}

fn other_version(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("put-version"))?.with(201)?;
    server.post(server.path(&PACKAGE_INSTALLS), &install("put-version"))?.with(201)?;
    let why = "the object has been modified; please apply your changes to the latest version and try again";
    let message = format!("Operation cannot be fulfilled on secrets \"put-version\": {why}");
    let details = json!({"name": "put-version", "kind": "secrets"});
    let object = with(empty("put-version"), "/metadata/resourceVersion", json!("1"));
    let refused = server.put(server.one(&SECRETS, "put-version"), &object)?;
    refused.is(409, &failure_of(409, "Conflict", &message, details))?;
    let kind = "packageinstalls.packaging.carvel.dev";
    let message = format!("Operation cannot be fulfilled on {kind} \"put-version\": {why}");
    let details = json!({"name": "put-version", "group": "packaging.carvel.dev", "kind": "packageinstalls"});
    let object = with(install("put-version"), "/metadata/resourceVersion", json!("1"));
    let refused = server.put(server.one(&PACKAGE_INSTALLS, "put-version"), &object)?;
    refused.is(409, &failure_of(409, "Conflict", &message, details))?;
    Ok(())
}

fn without_version(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("put-any"))?.with(201)?;
    let after = server.put(server.one(&SECRETS, "put-any"), &secret("put-any", &json!({"a": "MQ=="})))?;
    after.has(200, &json!({"data": {"a": "MQ=="}}))?;
    server.post(server.path(&PACKAGE_INSTALLS), &install("put-any"))?.with(201)?;
    let message = "Invalid value: 0: must be specified for an update";
    let cause =
        json!({"field": "metadata.resourceVersion", "reason": "FieldValueInvalid", "message": message});
    let details = json!({"name": "put-any", "group": "packaging.carvel.dev", "kind": "packageinstalls", "causes": [cause]});
    let message = format!(
        "packageinstalls.packaging.carvel.dev \"put-any\" is invalid: metadata.resourceVersion: {message}"
    );
    let refused = server.put(server.one(&PACKAGE_INSTALLS, "put-any"), &install("put-any"))?;
    refused.is(422, &failure_of(422, "Invalid", &message, details))?;
    Ok(())
}

fn missing(server: &Server) -> Held {
    let details = json!({"name": "nobody", "kind": "secrets"});
    let expected = failure_of(404, "NotFound", "secrets \"nobody\" not found", details);
    server.put(server.one(&SECRETS, "nobody"), &empty("nobody"))?.is(404, &expected)?;
    let object = with(empty("nobody"), "/metadata/resourceVersion", json!("1"));
    server.put(server.one(&SECRETS, "nobody"), &object)?.is(404, &expected)?;
    let refused = server.put(server.one(&PACKAGE_INSTALLS, "nobody"), &install("nobody"))?;
    refused.has(404, &json!({"message": "packageinstalls.packaging.carvel.dev \"nobody\" not found"}))?;
    Ok(())
}

fn mismatch(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("put-name"))?.with(201)?;
    let path = server.one(&SECRETS, "put-name");
    for (object, message) in [
        (empty("other"), "the name of the object (other) does not match the name on the URL (put-name)"),
        (
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {}}),
            "the name of the object (put-name based on URL) was undeterminable: name must be provided",
        ),
    ] {
        server.put(&*path, &object)?.is(400, &failure(400, "BadRequest", message))?;
    }
    Ok(())
}
