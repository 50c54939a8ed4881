//! Merge patch, JSON patch and strategic merge patch.

use serde_json::json;

use super::answer::same;
use super::objects::{PACKAGE_INSTALLS, SECRETS, empty, failure, failure_of, install, secret};
use super::server::{JSON, JSON_PATCH, MERGE, OURS, STRATEGIC};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a merge patch changes what it names, and null removes",
        why: "`Cluster::patch` changes the values of a package so",
        run: merged,
    },
    Case {
        name: "a merge patch of another version is a 409 in these words",
        why: "a plan is carried out on what it was made for, or not at all",
        run: other_version,
    },
    Case {
        name: "a version is checked even where nothing would change",
        why: "a plan that is out of date is told, whatever it holds",
        run: other_version_of_nothing,
    },
    Case {
        name: "a merge patch with text folds it into the data of a Secret",
        why: "`kubectl patch secret` with `stringData`",
        run: folded,
    },
    Case {
        name: "a dry run of a patch says what would be and stores nothing",
        why: "`--dry-run=server` of promfed",
        run: dry_run,
    },
    Case {
        name: "a patch of a missing object is a 404",
        why: "`Cause::NotFound`: somebody deleted it since it was read",
        run: missing,
    },
    Case {
        name: "a patch that makes an object invalid is a 422",
        why: "`Cause::Invalid` tells the field",
        run: invalid,
    },
    Case {
        name: "a patch cannot change the name of an object",
        why: "a mistake of promfed's own must not write something else",
        run: other_name,
    },
    Case {
        name: "a merge patch that is no map is a 400",
        why: "the sandbox must not crash on what it cannot read",
        run: no_map,
    },
    Case {
        name: "a JSON patch adds, removes, replaces and tests",
        why: "`kubectl patch --type=json`",
        run: operations,
    },
    Case {
        name: "a JSON patch replaces what is not there too",
        why: "scripts replace annotations of which they do not know whether they are there",
        run: replaced_nothing,
    },
    Case {
        name: "a JSON patch whose test fails is a 422 and changes nothing",
        why: "`test` is how scripts make a change conditional",
        run: failed_test,
    },
    Case {
        name: "a JSON patch of another version is a 409",
        why: "`test` and `replace` of the version are how scripts are careful",
        run: json_version,
    },
    Case {
        name: "a JSON patch that is no list is a 400",
        why: "the sandbox must not crash on what it cannot read",
        run: no_list,
    },
    Case {
        name: "a strategic merge patch is for built-in kinds only",
        why: "kubectl chooses the form of its patch by the answer",
        run: strategic,
    },
    Case {
        name: "a patch of an unknown form is a 415",
        why: "a patch without the right content type must not be guessed at",
        run: unknown_form,
    },
];

const MODIFIED: &str =
    "the object has been modified; please apply your changes to the latest version and try again";

fn merged(server: &Server) -> Held {
    let made = server
        .post(server.path(&SECRETS), &secret("merged", &json!({"a": "MQ==", "b": "Mg=="})))?
        .with(201)?;
    let patch = json!({
        "metadata": {"resourceVersion": made.version()?, "annotations": {"promfed.test/x": "1"}},
        "data": {"a": "Mw==", "b": null, "c": "NA=="},
    });
    let after = server.patch(MERGE, format!("{}{OURS}", server.one(&SECRETS, "merged")), &patch)?;
    let expected = json!({
        "data": {"a": "Mw==", "b": null, "c": "NA=="},
        "metadata": {"annotations": {"promfed.test/x": "1"}, "uid": made.at("/metadata/uid")},
    });
    let after = after.has(200, &expected)?;
    if after.version()? == made.version()? { Err("the version is the same".to_owned()) } else { Ok(()) }
}

fn other_version(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("patch-version"))?.with(201)?;
    server.post(server.path(&PACKAGE_INSTALLS), &install("patch-version"))?.with(201)?;
    let change = |field: &str| json!({"metadata": {"resourceVersion": "1"}, field: {}});
    let message = format!("Operation cannot be fulfilled on secrets \"patch-version\": {MODIFIED}");
    let details = json!({"name": "patch-version", "kind": "secrets"});
    let refused =
        server.patch(MERGE, format!("{}{OURS}", server.one(&SECRETS, "patch-version")), &change("data"))?;
    refused.is(409, &failure_of(409, "Conflict", &message, details))?;
    let kind = "packageinstalls.packaging.carvel.dev";
    let message = format!("Operation cannot be fulfilled on {kind} \"patch-version\": {MODIFIED}");
    let details =
        json!({"name": "patch-version", "group": "packaging.carvel.dev", "kind": "packageinstalls"});
    let path = format!("{}{OURS}", server.one(&PACKAGE_INSTALLS, "patch-version"));
    let refused = server.patch(MERGE, path, &change("spec"))?;
    refused.is(409, &failure_of(409, "Conflict", &message, details))?;
    Ok(())
}

fn other_version_of_nothing(server: &Server) -> Held {
    let path = server.one(&SECRETS, "patch-nothing");
    let made = server.post(server.path(&SECRETS), &empty("patch-nothing"))?.with(201)?;
    let change = |version: &str| json!({"metadata": {"resourceVersion": version}});
    let after = server.patch(MERGE, &*path, &change(&made.version()?))?.with(200)?;
    same("the object", &made.json(), &after.json())?;
    server.patch(MERGE, path, &change("1"))?.has(409, &json!({"reason": "Conflict"}))?;
    Ok(())
}

fn folded(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &secret("patch-text", &json!({"a": "MQ=="})))?.with(201)?;
    let patch = json!({"stringData": {"b": "2"}});
    let after = server.patch(MERGE, server.one(&SECRETS, "patch-text"), &patch)?;
    after.has(200, &json!({"data": {"a": "MQ==", "b": "Mg=="}, "stringData": null}))?;
    Ok(())
}

fn dry_run(server: &Server) -> Held {
    let path = server.one(&SECRETS, "patch-dry");
    let made = server.post(server.path(&SECRETS), &secret("patch-dry", &json!({"a": "MQ=="})))?.with(201)?;
    let dry = server.patch(MERGE, format!("{path}{OURS}&dryRun=All"), &json!({"data": {"a": "Mg=="}}))?;
    dry.has(200, &json!({"data": {"a": "Mg=="}}))?;
    same("the object", &made.json(), &server.get(path)?.json())
}

fn missing(server: &Server) -> Held {
    let details = json!({"name": "nobody", "kind": "secrets"});
    let expected = failure_of(404, "NotFound", "secrets \"nobody\" not found", details);
    let path = server.one(&SECRETS, "nobody");
    server.patch(MERGE, &*path, &json!({"data": {}}))?.is(404, &expected)?;
    server.patch(MERGE, &*path, &json!({"metadata": {"resourceVersion": "1"}}))?.is(404, &expected)?;
    server.patch(JSON_PATCH, &*path, &json!([]))?.is(404, &expected)?;
    Ok(())
}

fn invalid(server: &Server) -> Held {
    server.post(server.path(&PACKAGE_INSTALLS), &install("patch-invalid"))?.with(201)?;
    let path = server.one(&PACKAGE_INSTALLS, "patch-invalid");
    let refused = server.patch(MERGE, &*path, &json!({"spec": {"serviceAccountName": 5}}))?;
    let message =
        "Invalid value: \"integer\": spec.serviceAccountName in body must be of type string: \"integer\"";
    let cause =
        json!({"field": "spec.serviceAccountName", "reason": "FieldValueTypeInvalid", "message": message});
    refused.has(422, &json!({"reason": "Invalid", "details": {"causes": [cause]}}))?;
    let refused = server.patch(MERGE, path, &json!({"spec": null}))?;
    let cause = json!({"field": "spec", "reason": "FieldValueRequired", "message": "Required value"});
    refused.has(422, &json!({"reason": "Invalid", "details": {"causes": [cause]}}))?;
    server.post(server.path(&SECRETS), &empty("patch-invalid"))?.with(201)?;
    let refused = server.patch(MERGE, server.one(&SECRETS, "patch-invalid"), &json!({"type": "other"}))?;
    let message = "Invalid value: \"other\": field is immutable";
    let cause = json!({"field": "type", "reason": "FieldValueInvalid", "message": message});
    refused.has(422, &json!({"reason": "Invalid", "details": {"causes": [cause]}}))?;
    Ok(())
}

fn other_name(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("patch-name"))?.with(201)?;
    let refused =
        server.patch(MERGE, server.one(&SECRETS, "patch-name"), &json!({"metadata": {"name": "other"}}))?;
    let message = "the name of the object (other) does not match the name on the URL (patch-name)";
    refused.is(400, &failure(400, "BadRequest", message))?;
    Ok(())
}

fn no_map(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("patch-no-map"))?.with(201)?;
    let path = server.one(&SECRETS, "patch-no-map");
    let message =
        "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}";
    server.patch(MERGE, &*path, &json!([1]))?.is(400, &failure(400, "BadRequest", message))?;
    let refused = server.ask("PATCH", &*path).text(MERGE, "{").send()?;
    refused.is(400, &failure(400, "BadRequest", "error decoding patch: <any>"))?;
    Ok(())
}

fn operations(server: &Server) -> Held {
    server
        .post(server.path(&SECRETS), &secret("operations", &json!({"a": "MQ==", "b": "Mg=="})))?
        .with(201)?;
    let patch = json!([
        {"op": "test", "path": "/data/a", "value": "MQ=="},
        {"op": "remove", "path": "/data/b"},
        {"op": "replace", "path": "/data/a", "value": "Mw=="},
        {"op": "add", "path": "/data/c", "value": "NA=="},
        {"op": "copy", "from": "/data/c", "path": "/data/d"},
        {"op": "move", "from": "/data/d", "path": "/data/e"},
    ]);
    let after = server.patch(JSON_PATCH, server.one(&SECRETS, "operations"), &patch)?;
    after.has(200, &json!({"data": {"a": "Mw==", "b": null, "c": "NA==", "d": null, "e": "NA=="}}))?;
    Ok(())
}

fn replaced_nothing(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &secret("replaced-nothing", &json!({"a": "MQ=="})))?.with(201)?;
    let change = json!([{"op": "replace", "path": "/data/b", "value": "Mg=="}]);
    let after = server.patch(JSON_PATCH, server.one(&SECRETS, "replaced-nothing"), &change)?;
    after.has(200, &json!({"data": {"a": "MQ==", "b": "Mg=="}}))?;
    Ok(())
}

fn failed_test(server: &Server) -> Held {
    let made =
        server.post(server.path(&SECRETS), &secret("failed-test", &json!({"a": "MQ=="})))?.with(201)?;
    let path = server.one(&SECRETS, "failed-test");
    let message = "the server rejected our request due to an error in our request";
    let expected = failure_of(422, "Invalid", message, json!({}));
    for patch in [
        json!([{"op": "add", "path": "/data/b", "value": "Mg=="}, {"op": "test", "path": "/data/a", "value": "x"}]),
        json!([{"op": "test", "path": "/data/nothing", "value": "x"}]),
        json!([{"op": "remove", "path": "/data/nothing"}]),
        json!([{"op": "add", "path": "/nothing/x", "value": "x"}]),
        json!([{"op": "mend", "path": "/data/a", "value": "x"}]),
    ] {
        server.patch(JSON_PATCH, &*path, &patch)?.is(422, &expected)?;
    }
    same("the object", &made.json(), &server.get(path)?.json())
}

fn json_version(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("json-version"))?.with(201)?;
    let patch = json!([{"op": "replace", "path": "/metadata/resourceVersion", "value": "1"}]);
    let refused = server.patch(JSON_PATCH, server.one(&SECRETS, "json-version"), &patch)?;
    let message = format!("Operation cannot be fulfilled on secrets \"json-version\": {MODIFIED}");
    refused.has(409, &json!({"reason": "Conflict", "message": message}))?;
    Ok(())
}

fn no_list(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("no-list"))?.with(201)?;
    let path = server.one(&SECRETS, "no-list");
    let expected = failure(400, "BadRequest", "error decoding patch: <any>");
    server.patch(JSON_PATCH, &*path, &json!({"a": 1}))?.is(400, &expected)?;
    server.ask("PATCH", path).text(JSON_PATCH, "[").send()?.is(400, &expected)?;
    Ok(())
}

fn strategic(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &secret("strategic", &json!({"a": "MQ=="})))?.with(201)?;
    let after =
        server.patch(STRATEGIC, server.one(&SECRETS, "strategic"), &json!({"data": {"b": "Mg=="}}))?;
    after.has(200, &json!({"data": {"a": "MQ==", "b": "Mg=="}}))?;
    server.post(server.path(&PACKAGE_INSTALLS), &install("strategic"))?.with(201)?;
    let refused =
        server.patch(STRATEGIC, server.one(&PACKAGE_INSTALLS, "strategic"), &json!({"spec": {}}))?;
    let message = "the body of the request was in an unknown format - accepted media types include: \
                   application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
    refused.is(415, &failure(415, "UnsupportedMediaType", message))?;
    Ok(())
}

fn unknown_form(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("patch-form"))?.with(201)?;
    let path = server.one(&SECRETS, "patch-form");
    let expected = failure_of(415, "UnsupportedMediaType", "415: Unsupported Media Type", json!({}));
    for form in ["text/plain", JSON] {
        server.patch(form, &*path, &json!({"data": {"a": "MQ=="}}))?.is(415, &expected)?;
    }
    server.get(path)?.has(200, &json!({"data": null}))?;
    Ok(())
}
