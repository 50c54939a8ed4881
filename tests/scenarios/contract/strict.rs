//! Fields that a kind does not have: `fieldValidation`, and the options of a request.

use serde_json::{Value, json};

use super::objects::{
    DEPLOYMENTS, PACKAGE_INSTALLS, SECRETS, deployment, empty, failure, failure_of, install, with,
};
use super::server::{JSON, JSON_PATCH, MERGE, OURS};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a strict create refuses an unknown field by its name",
        why: "promfed writes with `fieldValidation=Strict`, so that nothing is dropped in silence",
        run: refused,
    },
    Case {
        name: "a strict create refuses an unknown field inside the spec",
        why: "a package's install is where a misspelled field would do harm",
        run: refused_inside,
    },
    Case {
        name: "a strict create refuses the same field twice",
        why: "of two values of a field nobody knows which one is meant",
        run: twice,
    },
    Case {
        name: "a strict patch refuses an unknown field",
        why: "`Cluster::patch` writes strictly too",
        run: patched,
    },
    Case {
        name: "without a wish an unknown field is dropped with a warning",
        why: "kubectl prints the warning",
        run: warned,
    },
    Case {
        name: "an unknown field can be dropped in silence",
        why: "`kubectl apply --validate=false`",
        run: ignored,
    },
    Case {
        name: "an unknown policy for fields is a 422 that lists the known ones",
        why: "an option that is misspelled must not be taken for none",
        run: unknown_policy,
    },
    Case {
        name: "an unknown kind of dry run is a 422 that lists the known one",
        why: "a dry run that is misspelled must not write",
        run: unknown_dry_run,
    },
    Case {
        name: "a manager with a name that is too long is a 422",
        why: "kubectl's `--field-manager`",
        run: long_manager,
    },
];

fn refused(server: &Server) -> Held {
    let place = server.path(&SECRETS);
    let answer = server.post(format!("{place}{OURS}"), &with(empty("strict"), "/dat", json!({})))?;
    let message = "Secret in version \"v1\" cannot be handled as a Secret: strict decoding error: unknown field \"dat\"";
    answer.is(400, &failure(400, "BadRequest", message))?;
    let two = with(with(empty("strict"), "/dat", json!({})), "/metadata/label", json!({}));
    let message = "Secret in version \"v1\" cannot be handled as a Secret: strict decoding error: \
                   unknown field \"metadata.label\", unknown field \"dat\"";
    server.post(format!("{place}{OURS}"), &two)?.is(400, &failure(400, "BadRequest", message))?;
    server.get(server.one(&SECRETS, "strict"))?.with(404)?;
    Ok(())
}

fn refused_inside(server: &Server) -> Held {
    let place = format!("{}{OURS}", server.path(&PACKAGE_INSTALLS));
    for field in ["spec.pausd", "spec.packageRef.refNam"] {
        let object = with(install("strict"), &format!("/{}", field.replace('.', "/")), json!("x"));
        let message = format!(
            "PackageInstall in version \"v1alpha1\" cannot be handled as a PackageInstall: strict decoding error: \
             unknown field \"{field}\""
        );
        server.post(&*place, &object)?.is(400, &failure(400, "BadRequest", &message))?;
    }
    let object = with(deployment("strict"), "/spec/replica", json!(3));
    let message = "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: \
                   unknown field \"spec.replica\"";
    let answer = server.post(format!("{}{OURS}", server.path(&DEPLOYMENTS)), &object)?;
    answer.is(400, &failure(400, "BadRequest", message))?;
    Ok(())
}

fn twice(server: &Server) -> Held {
    let body = r#"{"apiVersion":"v1","kind":"Secret","metadata":{"name":"twice"},"type":"a","type":"b"}"#;
    let answer = server.ask("POST", format!("{}{OURS}", server.path(&SECRETS))).text(JSON, body).send()?;
    let message = "Secret in version \"v1\" cannot be handled as a Secret: strict decoding error: duplicate field \"type\"";
    answer.is(400, &failure(400, "BadRequest", message))?;
    Ok(())
}

fn patched(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("strict-patch"))?.with(201)?;
    server.post(server.path(&PACKAGE_INSTALLS), &install("strict-patch"))?.with(201)?;
    // The whole of the patched object stands in the words, as text inside of text.
    let expected = |field: &str| {
        let message =
            format!("Invalid value: \"{{<any>}}\": strict decoding error: unknown field \"{field}\"");
        let cause = json!({"field": "patch", "reason": "FieldValueInvalid", "message": message});
        failure_of(422, "Invalid", &format!(" \"\" is invalid: patch: {message}"), json!({"causes": [cause]}))
    };
    let secret = format!("{}{OURS}", server.one(&SECRETS, "strict-patch"));
    server.patch(MERGE, &*secret, &json!({"dat": {"b": "x"}}))?.is(422, &expected("dat"))?;
    let add = json!([{"op": "add", "path": "/dat", "value": {}}]);
    server.patch(JSON_PATCH, &*secret, &add)?.is(422, &expected("dat"))?;
    let install = format!("{}{OURS}", server.one(&PACKAGE_INSTALLS, "strict-patch"));
    let patch = json!({"spec": {"pausd": true}});
    server.patch(MERGE, install, &patch)?.is(422, &expected("spec.pausd"))?;
    Ok(())
}

fn warned(server: &Server) -> Held {
    let answer = server.post(server.path(&SECRETS), &with(empty("warned"), "/dat", json!({})))?;
    let answer = answer.header("warning", "299 - \"unknown field \\\"dat\\\"\"")?;
    answer.has(201, &json!({"dat": null}))?;
    let place = format!("{}?fieldValidation=Warn", server.path(&PACKAGE_INSTALLS));
    let object = with(install("warned"), "/spec/packageRef/refNam", json!("x"));
    let answer = server.post(place, &object)?;
    let answer = answer.header("warning", "299 - \"unknown field \\\"spec.packageRef.refNam\\\"\"")?;
    answer.has(201, &json!({"spec": {"packageRef": {"refNam": null, "refName": "contract.example.com"}}}))?;
    let answer = server.patch(MERGE, server.one(&SECRETS, "warned"), &json!({"dat": {}}))?;
    answer.header("warning", "299 - \"unknown field \\\"dat\\\"\"")?.has(200, &json!({"dat": null}))?;
    Ok(())
}

fn ignored(server: &Server) -> Held {
    let place = format!("{}?fieldValidation=Ignore", server.path(&SECRETS));
    let answer = server.post(place, &with(empty("ignored"), "/dat", json!({})))?;
    answer.no_header("warning")?.has(201, &json!({"dat": null}))?;
    Ok(())
}

/// 422 of the options of a create.
fn option(field: &str, reason: &str, message: &str) -> Value {
    let cause = json!({"field": field, "reason": reason, "message": message});
    let details = json!({"group": "meta.k8s.io", "kind": "CreateOptions", "causes": [cause]});
    let message = format!("CreateOptions.meta.k8s.io \"\" is invalid: {field}: {message}");
    failure_of(422, "Invalid", &message, details)
}

fn unknown_policy(server: &Server) -> Held {
    let answer = server.post(format!("{}?fieldValidation=Strikt", server.path(&SECRETS)), &empty("x"))?;
    let message = "Unsupported value: \"Strikt\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"";
    answer.is(422, &option("fieldValidation", "FieldValueNotSupported", message))?;
    Ok(())
}

fn unknown_dry_run(server: &Server) -> Held {
    let answer = server.post(format!("{}?dryRun=server", server.path(&SECRETS)), &empty("x"))?;
    let message = "Unsupported value: [\"server\"]: supported values: \"All\"";
    answer.is(422, &option("dryRun", "FieldValueNotSupported", message))?;
    Ok(())
}

fn long_manager(server: &Server) -> Held {
    let path = format!("{}?fieldManager={}", server.path(&SECRETS), "a".repeat(129));
    let message = "Too long: may not be more than 128 bytes";
    server.post(path, &empty("x"))?.is(422, &option("fieldManager", "FieldValueTooLong", message))?;
    Ok(())
}
