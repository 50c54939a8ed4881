//! Fields that somebody else manages: refused by name, or taken.

use serde_json::{Value, json};

use super::answer::same;
use super::objects::{PACKAGE_INSTALLS, SECRETS, failure_of, install, secret, with};
use super::server::{APPLY, MERGE};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a field that somebody else changed is a 409 that names both",
        why: "`Cause::Conflict` tells the field and its manager",
        run: one,
    },
    Case {
        name: "several conflicts are listed below the name of each manager",
        why: "kubectl prints the message, promfed the causes",
        run: several,
    },
    Case {
        name: "a manager that applies is named without a version",
        why: "`owners` reads the manager from between the first two quotes",
        run: applied,
    },
    Case {
        name: "a conflict inside the spec of an install is a 409",
        why: "somebody's hand edit of the version of a package is not overwritten in silence",
        run: inside,
    },
    Case {
        name: "force takes the field, and its manager loses it",
        why: "`Ownership::Ours` takes back what others have taken over",
        run: forced,
    },
    Case {
        name: "the same value is no conflict",
        why: "promfed applies what somebody set to the same value before",
        run: same_value,
    },
    Case {
        name: "a patch of one's own is a conflict with oneself",
        why: "promfed patches what it applied: managers by patch and by apply are two",
        run: oneself,
    },
    Case {
        name: "force is for apply only",
        why: "an option in the wrong place must not be ignored",
        run: force_elsewhere,
    },
];

fn conflict(owner: &str, field: &str) -> Value {
    json!({"reason": "FieldManagerConflict", "message": format!("conflict with {owner}"), "field": field})
}

fn one(server: &Server) -> Held {
    let path = server.one(&SECRETS, "conflict");
    let object = secret("conflict", &json!({"a": "MQ==", "b": "Mg=="}));
    server.apply(&path, "", &object)?.with(201)?;
    server.patch(MERGE, format!("{path}?fieldManager=other"), &json!({"data": {"a": "OQ=="}}))?.with(200)?;
    let message = "Apply failed with 1 conflict: conflict with \"other\" using v1: .data.a";
    let details = json!({"causes": [conflict("\"other\" using v1", ".data.a")]});
    server.apply(&path, "", &object)?.is(409, &failure_of(409, "Conflict", message, details))?;
    Ok(())
}

fn several(server: &Server) -> Held {
    let path = server.one(&SECRETS, "conflicts");
    let object = secret("conflicts", &json!({"a": "MQ==", "b": "Mg==", "c": "Mw=="}));
    server.apply(&path, "", &object)?.with(201)?;
    let theirs = json!({"data": {"a": "OQ==", "b": "OQ=="}});
    server.patch(MERGE, format!("{path}?fieldManager=other"), &theirs)?.with(200)?;
    server.patch(MERGE, format!("{path}?fieldManager=third"), &json!({"data": {"c": "OQ=="}}))?.with(200)?;
    let message = "Apply failed with 3 conflicts: conflicts with \"other\" using v1:\n- .data.a\n- .data.b\n\
                   conflicts with \"third\" using v1:\n- .data.c";
    let expected = failure_of(409, "Conflict", message, json!({"causes": "<any>"}));
    let refused = server.apply(&path, "", &object)?.is(409, &expected)?;
    // Which manager's causes come first is left to chance; the message has an order.
    let mut causes: Vec<Value> = refused.at("/details/causes").as_array().cloned().unwrap_or_default();
    causes.sort_by_key(|cause| cause["field"].to_string());
    let expected = json!([
        conflict("\"other\" using v1", ".data.a"),
        conflict("\"other\" using v1", ".data.b"),
        conflict("\"third\" using v1", ".data.c"),
    ]);
    same("the causes", &expected, &json!(causes))
}

fn applied(server: &Server) -> Held {
    let path = server.one(&SECRETS, "conflict-applied");
    server.apply(&path, "", &secret("conflict-applied", &json!({"a": "MQ=="})))?.with(201)?;
    let theirs = secret("conflict-applied", &json!({"a": "Mg=="}));
    let message = "Apply failed with 1 conflict: conflict with \"kubectl-promfed\": .data.a";
    let details = json!({"causes": [conflict("\"kubectl-promfed\"", ".data.a")]});
    let refused = server.patch(APPLY, format!("{path}?fieldManager=other"), &theirs)?;
    refused.is(409, &failure_of(409, "Conflict", message, details))?;
    Ok(())
}

fn inside(server: &Server) -> Held {
    let path = server.one(&PACKAGE_INSTALLS, "conflict");
    server.apply(&path, "", &install("conflict"))?.with(201)?;
    let edit = json!({"spec": {"packageRef": {"versionSelection": {"constraints": "2.0.0"}}}});
    server.patch(MERGE, format!("{path}?fieldManager=kubectl-edit"), &edit)?.with(200)?;
    let owner = "\"kubectl-edit\" using packaging.carvel.dev/v1alpha1";
    let field = ".spec.packageRef.versionSelection.constraints";
    let message = format!("Apply failed with 1 conflict: conflict with {owner}: {field}");
    let details = json!({"causes": [conflict(owner, field)]});
    let object = with(install("conflict"), "/spec/paused", json!(false));
    server.apply(&path, "", &object)?.is(409, &failure_of(409, "Conflict", &message, details))?;
    Ok(())
}

fn forced(server: &Server) -> Held {
    let path = server.one(&SECRETS, "forced");
    let object = secret("forced", &json!({"a": "MQ=="}));
    server.apply(&path, "", &object)?.with(201)?;
    server.patch(MERGE, format!("{path}?fieldManager=other"), &json!({"data": {"a": "OQ=="}}))?.with(200)?;
    server.apply(&path, "&force=true&dryRun=All", &object)?.has(200, &json!({"data": {"a": "MQ=="}}))?;
    server.apply(&path, "", &object)?.with(409)?;
    let forced = server.apply(&path, "&force=true", &object)?;
    let entry =
        json!({"manager": "kubectl-promfed", "operation": "Apply", "fieldsV1": {"f:data": {"f:a": {}}}});
    forced.has(200, &json!({"data": {"a": "MQ=="}, "metadata": {"managedFields": [entry]}}))?;
    Ok(())
}

fn same_value(server: &Server) -> Held {
    let object = secret("same-value", &json!({"a": "MQ=="}));
    server.post(format!("{}?fieldManager=kubectl-create", server.path(&SECRETS)), &object)?.with(201)?;
    let path = server.one(&SECRETS, "same-value");
    let entries = json!([
        {"manager": "kubectl-promfed", "operation": "Apply", "fieldsV1": {"f:data": {"f:a": {}}}},
        {"manager": "kubectl-create", "operation": "Update", "fieldsV1": {"f:data": {".": {}, "f:a": {}}, "f:type": {}}},
    ]);
    server.apply(&path, "", &object)?.has(200, &json!({"metadata": {"managedFields": entries}}))?;
    let other = server.apply(&path, "", &secret("same-value", &json!({"a": "Mg=="})))?;
    let message = "Apply failed with 1 conflict: conflict with \"kubectl-create\" using v1: .data.a";
    other.has(409, &json!({"message": message}))?;
    Ok(())
}

fn oneself(server: &Server) -> Held {
    let path = server.one(&SECRETS, "oneself");
    server.apply(&path, "", &secret("oneself", &json!({"a": "MQ=="})))?.with(201)?;
    let ours = format!("{path}?fieldManager=kubectl-promfed");
    server.patch(MERGE, ours, &json!({"data": {"a": "Mg=="}}))?.with(200)?;
    let refused = server.apply(&path, "", &secret("oneself", &json!({"a": "Mw=="})))?;
    let message = "Apply failed with 1 conflict: conflict with \"kubectl-promfed\" using v1: .data.a";
    refused.has(409, &json!({"message": message}))?;
    Ok(())
}

fn force_elsewhere(server: &Server) -> Held {
    let refused = server.patch(MERGE, format!("{}?force=true", server.one(&SECRETS, "x")), &json!({}))?;
    let message = "Forbidden: may not be specified for non-apply patch";
    let cause = json!({"field": "force", "reason": "FieldValueForbidden", "message": message});
    let details = json!({"group": "meta.k8s.io", "kind": "PatchOptions", "causes": [cause]});
    let message = format!("PatchOptions.meta.k8s.io \"\" is invalid: force: {message}");
    refused.is(422, &failure_of(422, "Invalid", &message, details))?;
    Ok(())
}
