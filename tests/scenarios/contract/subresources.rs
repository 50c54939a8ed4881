//! The status of a definition's object: written apart from the rest, and counted apart from it.

use serde_json::{Value, json};

use super::answer::same;
use super::objects::{DEPLOYMENTS, PACKAGE_INSTALLS, SECRETS, deployment, empty, failure_of, install, with};
use super::server::{MERGE, until};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a create drops the status",
        why: "an install that is written back with its old status is not reconciled already",
        run: created,
    },
    Case {
        name: "a write of the object leaves the status alone",
        why: "promfed's patches must not undo what kapp-controller says",
        run: object_only,
    },
    Case {
        name: "a write of the status leaves the object alone",
        why: "kapp-controller writes its status while promfed writes the spec",
        run: status_only,
    },
    Case {
        name: "the generation counts changes of the spec only",
        why: "`observedGeneration` is how promfed knows whose status it reads",
        run: generation,
    },
    Case {
        name: "the generation of a built-in kind counts changes of the spec only",
        why: "a rollout is over when the observed generation is the newest",
        run: built_in_generation,
    },
    Case {
        name: "the status is managed apart from the object",
        why: "a conflict names `with subresource`",
        run: managers,
    },
    Case {
        name: "a part that a kind does not have is a 404",
        why: "kubectl tells a wrong `--subresource`",
        run: unknown,
    },
];

/// A status as the definition accepts it, with this version in it.
fn status(version: &str) -> Value {
    json!({"status": {
        "conditions": [], "friendlyDescription": "", "observedGeneration": 1, "version": version,
    }})
}

fn make(server: &Server, name: &str) -> Result<String, String> {
    server.post(server.path(&PACKAGE_INSTALLS), &install(name))?.with(201)?;
    Ok(server.one(&PACKAGE_INSTALLS, name))
}

fn created(server: &Server) -> Held {
    let object = with(install("with-status"), "/status", status("7.7.7")["status"].clone());
    server.post(server.path(&PACKAGE_INSTALLS), &object)?.has(201, &json!({"status": null}))?;
    Ok(())
}

fn object_only(server: &Server) -> Held {
    let path = make(server, "object-only")?;
    // A controller may write a status of its own until it has seen the new object.
    until("the status stays", || {
        server.patch(MERGE, format!("{path}/status"), &status("7.7.7"))?.with(200)?;
        let after = server.patch(MERGE, &*path, &status("8.8.8"))?;
        after.has(200, &json!({"status": {"version": "7.7.7"}}))?;
        let change = json!({"spec": {"syncPeriod": "1h"}, "status": null});
        let after = server.patch(MERGE, &*path, &change)?;
        after.has(200, &json!({"spec": {"syncPeriod": "1h"}, "status": {"version": "7.7.7"}}))
    })?;
    Ok(())
}

fn status_only(server: &Server) -> Held {
    let path = make(server, "status-only")?;
    let mut change = status("7.7.7");
    change["spec"] = json!({"serviceAccountName": "other"});
    change["metadata"] = json!({"labels": {"a": "b"}});
    let after = server.patch(MERGE, format!("{path}/status"), &change)?;
    after.has(
        200,
        &json!({
            "status": {"version": "7.7.7"}, "spec": {"serviceAccountName": "installer"},
            "metadata": {"labels": null},
        }),
    )?;
    server.get(format!("{path}/status"))?.has(200, &json!({"kind": "PackageInstall"}))?;
    Ok(())
}

fn generation(server: &Server) -> Held {
    let path = make(server, "generation-of")?;
    let has = |number: u64| json!({"metadata": {"generation": number}});
    server.patch(MERGE, format!("{path}/status"), &status("7.7.7"))?.has(200, &has(1))?;
    server.patch(MERGE, &*path, &json!({"metadata": {"labels": {"a": "b"}}}))?.has(200, &has(1))?;
    server.patch(MERGE, &*path, &json!({"spec": {"syncPeriod": "1h"}}))?.has(200, &has(2))?;
    server.patch(MERGE, &*path, &json!({"spec": {"syncPeriod": "1h"}}))?.has(200, &has(2))?;
    Ok(())
}

fn built_in_generation(server: &Server) -> Held {
    let made = server.post(server.path(&DEPLOYMENTS), &deployment("generation-of"))?;
    made.has(201, &json!({"metadata": {"generation": 1}}))?;
    let path = server.one(&DEPLOYMENTS, "generation-of");
    let labelled = server.patch(MERGE, &*path, &json!({"metadata": {"labels": {"a": "b"}}}))?;
    labelled.has(200, &json!({"metadata": {"generation": 1}}))?;
    let changed = server.patch(MERGE, &*path, &json!({"spec": {"minReadySeconds": 5}}))?;
    changed.has(200, &json!({"metadata": {"generation": 2}}))?;
    Ok(())
}

fn managers(server: &Server) -> Held {
    let path = make(server, "status-managed")?;
    let after =
        server.patch(MERGE, format!("{path}/status?fieldManager=reporter"), &status("7.7.7"))?.with(200)?;
    let all = after.at("/metadata/managedFields");
    let entry = all.as_array().into_iter().flatten().find(|entry| entry["manager"] == "reporter");
    let expected = json!({
        "manager": "reporter", "operation": "Update", "apiVersion": "packaging.carvel.dev/v1alpha1",
        "subresource": "status", "time": "<any>", "fieldsType": "FieldsV1", "fieldsV1": {"f:status": "<any>"},
    });
    same("the manager of the status", &expected, entry.unwrap_or(&Value::Null))
}

fn unknown(server: &Server) -> Held {
    let path = make(server, "parts")?;
    let message = "packageinstalls.packaging.carvel.dev \"parts\" not found";
    let details = json!({"name": "parts", "group": "packaging.carvel.dev", "kind": "packageinstalls"});
    server.get(format!("{path}/nothing"))?.is(404, &failure_of(404, "NotFound", message, details))?;
    server.post(server.path(&SECRETS), &empty("parts"))?.with(201)?;
    let message = "the server could not find the requested resource";
    let expected = failure_of(404, "NotFound", message, json!({}));
    server.get(format!("{}/nothing", server.one(&SECRETS, "parts")))?.is(404, &expected)?;
    Ok(())
}
