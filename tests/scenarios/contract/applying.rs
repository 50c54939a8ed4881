//! Server-side apply: create, nothing to do, change, take away. Conflicts are a topic of their own.

use serde_json::{Value, json};

use super::answer::same;
use super::objects::{
    CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, DEPLOYMENTS, PACKAGE_INSTALLS, PACKAGE_REPOSITORIES, Place,
    SECRETS, SERVICE_ACCOUNTS, binding, deployment, empty, failure, failure_of, install, repository, role,
    secret, with,
};
use super::server::{APPLY, OURS, until};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "applied and not there: 201; applied again: 200, and the same version",
        why: "every kind that promfed applies; a second run must not look like a change",
        run: created_once,
    },
    Case {
        name: "an applied object that changed is a 200 with a new version",
        why: "`Cluster::apply` gives back the object as the server has it now",
        run: changed,
    },
    Case {
        name: "a field that is no longer applied goes",
        why: "a value that promfed gives up must not stay",
        run: given_up,
    },
    Case {
        name: "a field that somebody else set stays",
        why: "fields that promfed did not set are the user's",
        run: left_alone,
    },
    Case {
        name: "the text of an applied Secret is folded in, and owned as text",
        why: "`kubectl apply --server-side` of a Secret with `stringData`",
        run: folded,
    },
    Case {
        name: "a dry run of an apply says what would be and stores nothing",
        why: "`--dry-run=server` of promfed and of kubectl",
        run: dry_run,
    },
    Case {
        name: "an apply of another version is a 409",
        why: "a plan is made for the version that was read",
        run: other_version,
    },
    Case {
        name: "a version does not keep an apply from creating",
        why: "what was deleted meanwhile is made anew",
        run: version_of_nothing,
    },
    Case {
        name: "an apply of an unknown field is a 500 that says where",
        why: "server-side apply checks fields in its own way, whatever `fieldValidation` says",
        run: unknown_field,
    },
    Case {
        name: "an apply of a number for a text is a 500 that says where",
        why: "server-side apply checks types in its own way",
        run: wrong_type,
    },
    Case {
        name: "an apply without a manager is a 422",
        why: "`Cluster::apply` names its manager; the sandbox must notice when it does not",
        run: no_manager,
    },
    Case {
        name: "an apply that says otherwise than its path is a 400",
        why: "a mistake of promfed's own must not write something else",
        run: mismatch,
    },
    Case {
        name: "an apply to a missing namespace is a 404 that names the namespace",
        why: "`Cause::NotFound` tells which of the two is not there",
        run: missing_namespace,
    },
    Case {
        name: "an apply without a spec is refused by the definition",
        why: "the definition of an install requires it",
        run: no_spec,
    },
    Case {
        name: "the role of a binding cannot be changed",
        why: "an install of an older promfed may have bound another role",
        run: other_role,
    },
];

fn created_once(server: &Server) -> Held {
    let name = server.own_name(&CLUSTER_ROLES, "applied");
    server.own_name(&CLUSTER_ROLE_BINDINGS, "applied");
    let rules = json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]);
    let account = (server.namespace(), "applied");
    let objects: [(&Place, &str, Value); 7] = [
        (
            &SERVICE_ACCOUNTS,
            "applied",
            json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "applied", "annotations": {"a/b": "c"}}}),
        ),
        (&CLUSTER_ROLES, &name, role("ClusterRole", &name, &rules)),
        (
            &CLUSTER_ROLE_BINDINGS,
            &name,
            binding("ClusterRoleBinding", &name, ("ClusterRole", &name), account),
        ),
        (&SECRETS, "applied", secret("applied", &json!({"values.yaml": "YTogMQo="}))),
        (&PACKAGE_INSTALLS, "applied", install("applied")),
        (&PACKAGE_REPOSITORIES, "applied", repository("applied")),
        (&DEPLOYMENTS, "applied", deployment("applied")),
    ];
    for (place, name, object) in &objects {
        let path = server.one(place, name);
        server.apply(&path, "&force=true", object)?.has(201, &json!({"kind": object["kind"]}))?;
        // A controller may look at the new object meanwhile; it comes to rest.
        until("an apply that changes nothing", || {
            let before = server.get(&*path)?.with(200)?.version()?;
            let again = server.apply(&path, "&force=true", object)?.with(200)?;
            same(&path, &json!(before), &json!(again.version()?))
        })?;
    }
    Ok(())
}

fn changed(server: &Server) -> Held {
    let path = server.one(&SECRETS, "changed");
    let before = server.apply(&path, "", &secret("changed", &json!({"a": "MQ=="})))?.with(201)?;
    let after = server.apply(&path, "", &secret("changed", &json!({"a": "Mg=="})))?;
    let after = after.has(200, &json!({"data": {"a": "Mg=="}}))?;
    if before.version()? == after.version()? { Err("the version is the same".to_owned()) } else { Ok(()) }
}

fn given_up(server: &Server) -> Held {
    let path = server.one(&SECRETS, "given-up");
    let mut object = secret("given-up", &json!({"a": "MQ==", "b": "Mg=="}));
    object["metadata"]["annotations"] = json!({"promfed.test/x": "1"});
    server.apply(&path, "", &object)?.with(201)?;
    let after = server.apply(&path, "", &secret("given-up", &json!({"a": "MQ=="})))?;
    after.has(200, &json!({"data": {"a": "MQ==", "b": null}, "metadata": {"annotations": null}}))?;
    server.apply(&path, "", &empty("given-up"))?.has(200, &json!({"data": null, "type": "Opaque"}))?;
    Ok(())
}

fn left_alone(server: &Server) -> Held {
    let path = server.one(&SECRETS, "left-alone");
    server.apply(&path, "", &secret("left-alone", &json!({"a": "MQ=="})))?.with(201)?;
    let other = format!("{path}?fieldManager=other");
    server.patch(APPLY, &*other, &secret("left-alone", &json!({"b": "Mg=="})))?.with(200)?;
    let after = server.apply(&path, "", &secret("left-alone", &json!({"c": "Mw=="})))?;
    after.has(200, &json!({"data": {"a": null, "b": "Mg==", "c": "Mw=="}}))?;
    // Applied by two, it goes when the last one gives it up.
    server.apply(&path, "", &secret("left-alone", &json!({"b": "Mg=="})))?.with(200)?;
    let after = server.apply(&path, "", &empty("left-alone"))?;
    after.has(200, &json!({"data": {"b": "Mg==", "c": null}}))?;
    server.patch(APPLY, other, &empty("left-alone"))?.has(200, &json!({"data": null}))?;
    Ok(())
}

fn folded(server: &Server) -> Held {
    let path = server.one(&SECRETS, "folded-apply");
    let object = with(empty("folded-apply"), "/stringData", json!({"a": "b"}));
    let entry = json!({"manager": "kubectl-promfed", "operation": "Apply", "fieldsV1": {"f:stringData": {"f:a": {}}}});
    let metadata = json!({"managedFields": [entry]});
    let made = server.apply(&path, "", &object)?;
    made.has(201, &json!({"data": {"a": "Yg=="}, "stringData": null, "metadata": metadata}))?;
    Ok(())
}

fn dry_run(server: &Server) -> Held {
    let path = server.one(&SECRETS, "dry-apply");
    let made = server.apply(&path, "&dryRun=All", &secret("dry-apply", &json!({"a": "MQ=="})))?;
    made.has(201, &json!({"data": {"a": "MQ=="}, "metadata": {"name": "dry-apply", "uid": "<any>"}}))?;
    server.get(&*path)?.with(404)?;
    server.apply(&path, "", &secret("dry-apply", &json!({"a": "MQ=="})))?.with(201)?;
    let after = server.apply(&path, "&dryRun=All", &secret("dry-apply", &json!({"a": "Mg=="})))?;
    after.has(200, &json!({"data": {"a": "Mg=="}}))?;
    server.get(path)?.has(200, &json!({"data": {"a": "MQ=="}}))?;
    Ok(())
}

fn other_version(server: &Server) -> Held {
    let path = server.one(&SECRETS, "apply-version");
    server.apply(&path, "", &secret("apply-version", &json!({"a": "MQ=="})))?.with(201)?;
    let object =
        with(secret("apply-version", &json!({"a": "Mg=="})), "/metadata/resourceVersion", json!("1"));
    let message = "Operation cannot be fulfilled on secrets \"apply-version\": the object has been modified; \
                   please apply your changes to the latest version and try again";
    let details = json!({"name": "apply-version", "kind": "secrets"});
    server.apply(&path, "", &object)?.is(409, &failure_of(409, "Conflict", message, details))?;
    Ok(())
}

fn version_of_nothing(server: &Server) -> Held {
    let object = with(empty("apply-nothing"), "/metadata/resourceVersion", json!("1"));
    server.apply(&server.one(&SECRETS, "apply-nothing"), "", &object)?.with(201)?;
    Ok(())
}

/// 500 with a message and nothing else.
fn plain_failure(message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message, "code": 500,
    })
}

fn unknown_field(server: &Server) -> Held {
    for (place, object, kind, field) in [
        (&SECRETS, with(empty("unknown"), "/dat", json!({})), "/v1, Kind=Secret", "dat"),
        (
            &SECRETS,
            with(empty("unknown"), "/metadata/label", json!({})),
            "/v1, Kind=Secret",
            "metadata.label",
        ),
        (
            &PACKAGE_INSTALLS,
            with(install("unknown"), "/spec/packageRef/refNam", json!("x")),
            "packaging.carvel.dev/v1alpha1, Kind=PackageInstall",
            "spec.packageRef.refNam",
        ),
    ] {
        let message = format!(
            "failed to create typed patch object (/unknown; {kind}): .{field}: field not declared in schema"
        );
        server.apply(&server.one(place, "unknown"), "", &object)?.is(500, &plain_failure(&message))?;
    }
    Ok(())
}

fn wrong_type(server: &Server) -> Held {
    let object = with(install("apply-type"), "/spec/serviceAccountName", json!(5));
    let message = "failed to create typed patch object (/apply-type; packaging.carvel.dev/v1alpha1, \
                   Kind=PackageInstall): .spec.serviceAccountName: expected string, got \
                   &value.valueUnstructured{Value:5}";
    server
        .apply(&server.one(&PACKAGE_INSTALLS, "apply-type"), "", &object)?
        .is(500, &plain_failure(message))?;
    Ok(())
}

fn no_manager(server: &Server) -> Held {
    let refused = server.patch(APPLY, server.one(&SECRETS, "no-manager"), &empty("no-manager"))?;
    let message = "Required value: is required for apply patch";
    let cause = json!({"field": "fieldManager", "reason": "FieldValueRequired", "message": message});
    let details = json!({"group": "meta.k8s.io", "kind": "PatchOptions", "causes": [cause]});
    let message = format!("PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: {message}");
    refused.is(422, &failure_of(422, "Invalid", &message, details))?;
    Ok(())
}

fn mismatch(server: &Server) -> Held {
    let path = server.one(&SECRETS, "mismatch");
    for (object, message) in [
        (empty("other"), "the name of the object (other) does not match the name on the URL (mismatch)"),
        (
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {}}),
            "the name of the object (mismatch based on URL) was undeterminable: name must be provided",
        ),
        (json!({"metadata": {"name": "mismatch"}}), "invalid object type: /, Kind="),
        (
            json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "mismatch"}}),
            "invalid object type: /v1, Kind=ConfigMap",
        ),
        (
            with(empty("mismatch"), "/metadata/namespace", json!("elsewhere")),
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            with(empty("mismatch"), "/metadata/managedFields", json!([{"manager": "x"}])),
            "metadata.managedFields must be nil",
        ),
    ] {
        server.apply(&path, "", &object)?.is(400, &failure(400, "BadRequest", message))?;
    }
    let refused = server.ask("PATCH", format!("{path}{OURS}")).text(APPLY, "{a: ]").send()?;
    refused.is(400, &failure(400, "BadRequest", "error decoding YAML: <any>"))?;
    Ok(())
}

fn missing_namespace(server: &Server) -> Held {
    let details = json!({"name": "contract-nowhere", "kind": "namespaces"});
    let expected = failure_of(404, "NotFound", "namespaces \"contract-nowhere\" not found", details);
    server.apply(&SECRETS.one("contract-nowhere", "x"), "", &empty("x"))?.is(404, &expected)?;
    server.apply(&PACKAGE_INSTALLS.one("contract-nowhere", "x"), "", &install("x"))?.is(404, &expected)?;
    Ok(())
}

fn no_spec(server: &Server) -> Held {
    let object = json!({
        "apiVersion": "packaging.carvel.dev/v1alpha1", "kind": "PackageInstall", "metadata": {"name": "bare"},
    });
    let cause = json!({"field": "spec", "reason": "FieldValueRequired", "message": "Required value"});
    let details =
        json!({"name": "bare", "group": "packaging.carvel.dev", "kind": "PackageInstall", "causes": [cause]});
    let message = "PackageInstall.packaging.carvel.dev \"bare\" is invalid: spec: Required value";
    let refused = server.apply(&server.one(&PACKAGE_INSTALLS, "bare"), "", &object)?;
    refused.is(422, &failure_of(422, "Invalid", message, details))?;
    Ok(())
}

fn other_role(server: &Server) -> Held {
    let name = server.own_name(&CLUSTER_ROLE_BINDINGS, "other-role");
    let path = CLUSTER_ROLE_BINDINGS.one("", &name);
    let to =
        |role: &str| binding("ClusterRoleBinding", &name, ("ClusterRole", role), (server.namespace(), "x"));
    server.apply(&path, "", &to("view"))?.with(201)?;
    let message = "Invalid value: {\"APIGroup\":\"rbac.authorization.k8s.io\",\"Kind\":\"ClusterRole\",\
                   \"Name\":\"edit\"}: cannot change roleRef";
    let cause = json!({"field": "roleRef", "reason": "FieldValueInvalid", "message": message});
    server.apply(&path, "", &to("edit"))?.has(422, &json!({"details": {"causes": [cause]}}))?;
    Ok(())
}
