//! `metadata.managedFields`: who wrote what.

use serde_json::{Value, json};

use super::answer::same;
use super::objects::{DEPLOYMENTS, PACKAGE_INSTALLS, SECRETS, deployment, install, secret, with};
use super::server::{MERGE, OURS};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a create is an update by the manager that it names",
        why: "`fieldManager` of a create shows who made an install",
        run: created,
    },
    Case {
        name: "without a name the manager is the program",
        why: "the hand edits of a user are found by the name of their program",
        run: program,
    },
    Case {
        name: "the maps of a definition's object belong to whoever made them",
        why: "`kubectl apply --server-side` shares an install with whoever created it",
        run: custom,
    },
    Case {
        name: "an apply owns the fields that it sends, and no map around them",
        why: "two who apply different keys of a map must not conflict",
        run: applied,
    },
    Case {
        name: "a patch owns what it changed, and the manager before it loses that",
        why: "a conflict names whoever wrote a field last",
        run: patched,
    },
    Case {
        name: "a patch that changes nothing owns nothing",
        why: "`kubectl annotate` of what is there already",
        run: unchanged,
    },
    Case {
        name: "those who apply come first",
        why: "kubectl shows managers in the server's order",
        run: order,
    },
    Case {
        name: "the items of a keyed list are owned one by one",
        why: "containers, ports and volumes are lists with keys",
        run: keyed,
    },
    Case {
        name: "what the server adds by itself belongs to nobody, what it fills in to whoever wrote",
        why: "a Deployment that was created by kubectl is applied by promfed's users",
        run: filled_in,
    },
];

fn entries(managers: &Value) -> Value {
    json!({"metadata": {"managedFields": managers}})
}

fn created(server: &Server) -> Held {
    let object = secret("managed", &json!({"a": "MQ=="}));
    let made = server.post(format!("{}{OURS}", server.path(&SECRETS)), &object)?.with(201)?;
    let entry = json!({
        "manager": "kubectl-promfed", "operation": "Update", "apiVersion": "v1", "time": "<any>T<any>Z",
        "fieldsType": "FieldsV1", "fieldsV1": {"f:data": {".": {}, "f:a": {}}, "f:type": {}},
    });
    same("managedFields", &json!([entry]), &made.at("/metadata/managedFields"))
}

fn program(server: &Server) -> Held {
    let mut object = secret("managed-program", &json!({"a": "MQ=="}));
    object["metadata"]["labels"] = json!({"a": "b"});
    let made = server.post(server.path(&SECRETS), &object)?;
    let fields = json!({
        "f:data": {".": {}, "f:a": {}}, "f:metadata": {"f:labels": {".": {}, "f:a": {}}}, "f:type": {},
    });
    made.has(201, &entries(&json!([{"manager": "contract", "operation": "Update", "fieldsV1": fields}])))?;
    Ok(())
}

fn install_fields(dot: bool) -> Value {
    let mut selection = json!({"f:constraints": {}});
    let mut reference = json!({"f:refName": {}});
    let mut spec = json!({"f:paused": {}, "f:serviceAccountName": {}});
    if dot {
        for map in [&mut selection, &mut reference, &mut spec] {
            map["."] = json!({});
        }
    }
    reference["f:versionSelection"] = selection;
    spec["f:packageRef"] = reference;
    json!({"f:spec": spec})
}

fn custom(server: &Server) -> Held {
    let made =
        server.post(format!("{}{OURS}", server.path(&PACKAGE_INSTALLS)), &install("managed"))?.with(201)?;
    same("the fields", &install_fields(true), &made.at("/metadata/managedFields/0/fieldsV1"))
}

fn applied(server: &Server) -> Held {
    let path = server.one(&PACKAGE_INSTALLS, "managed-apply");
    let made = server.apply(&path, "", &install("managed-apply"))?.with(201)?;
    let entry = json!({
        "manager": "kubectl-promfed", "operation": "Apply", "apiVersion": "packaging.carvel.dev/v1alpha1",
        "time": "<any>T<any>Z", "fieldsType": "FieldsV1", "fieldsV1": install_fields(false),
    });
    same("managedFields", &json!([entry]), &made.at("/metadata/managedFields"))
}

fn patched(server: &Server) -> Held {
    let object = secret("managed-patch", &json!({"a": "MQ=="}));
    server.post(format!("{}?fieldManager=creator", server.path(&SECRETS)), &object)?.with(201)?;
    let path = format!("{}?fieldManager=patcher", server.one(&SECRETS, "managed-patch"));
    let after = server.patch(MERGE, path, &json!({"data": {"a": null, "b": "Mg=="}}))?.with(200)?;
    let expected = json!([
        {"manager": "creator", "operation": "Update", "apiVersion": "v1", "time": "<any>", "fieldsType": "FieldsV1",
         "fieldsV1": {"f:data": {}, "f:type": {}}},
        {"manager": "patcher", "operation": "Update", "apiVersion": "v1", "time": "<any>", "fieldsType": "FieldsV1",
         "fieldsV1": {"f:data": {"f:b": {}}}},
    ]);
    same("managedFields", &expected, &after.at("/metadata/managedFields"))
}

fn unchanged(server: &Server) -> Held {
    let object = secret("managed-same", &json!({"a": "MQ=="}));
    let made = server.post(format!("{}?fieldManager=creator", server.path(&SECRETS)), &object)?.with(201)?;
    let path = format!("{}?fieldManager=patcher", server.one(&SECRETS, "managed-same"));
    let after = server.patch(MERGE, path, &json!({"data": {"a": "MQ=="}}))?.with(200)?;
    same("the object", &made.json(), &after.json())
}

fn order(server: &Server) -> Held {
    let object = secret("managed-order", &json!({"a": "MQ=="}));
    server.post(format!("{}?fieldManager=a-creator", server.path(&SECRETS)), &object)?.with(201)?;
    let path = server.one(&SECRETS, "managed-order");
    server
        .patch(MERGE, format!("{path}?fieldManager=b-patcher"), &json!({"data": {"b": "Mg=="}}))?
        .with(200)?;
    let after = server.apply(&path, "", &secret("managed-order", &json!({"c": "Mw=="})))?;
    let managers = json!([
        {"manager": "kubectl-promfed", "operation": "Apply"},
        {"manager": "a-creator", "operation": "Update"},
        {"manager": "b-patcher", "operation": "Update"},
    ]);
    after.has(200, &entries(&managers))?;
    Ok(())
}

fn keyed(server: &Server) -> Held {
    let path = server.one(&DEPLOYMENTS, "managed-keyed");
    let mut object = deployment("managed-keyed");
    object["spec"]["template"]["spec"]["containers"][0]["ports"] =
        json!([{"name": "http", "containerPort": 9090}]);
    let made = server.apply(&path, "", &object)?.with(201)?;
    let port = json!({".": {}, "f:containerPort": {}, "f:name": {}});
    let container = json!({
        ".": {}, "f:image": {}, "f:name": {},
        "f:ports": {"k:{\"containerPort\":9090,\"protocol\":\"TCP\"}": port},
    });
    let template = json!({
        "f:metadata": {"f:labels": {"f:app": {}}},
        "f:spec": {"f:containers": {"k:{\"name\":\"main\"}": container}},
    });
    let fields = json!({"f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": template}});
    same("the fields", &fields, &made.at("/metadata/managedFields/0/fieldsV1"))
}

fn filled_in(server: &Server) -> Held {
    let path = format!("{}?fieldManager=kubectl-create", server.path(&DEPLOYMENTS));
    let object = with(deployment("managed-filled"), "/metadata/labels", json!({"app": "x"}));
    let made = server.post(path, &object)?.with(201)?;
    let container = json!({
        ".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {},
        "f:terminationMessagePath": {}, "f:terminationMessagePolicy": {},
    });
    let template = json!({
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
        "f:spec": {
            "f:containers": {"k:{\"name\":\"main\"}": container}, "f:dnsPolicy": {}, "f:restartPolicy": {},
            "f:schedulerName": {}, "f:securityContext": {}, "f:terminationGracePeriodSeconds": {},
        },
    });
    let fields = json!({
        "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
        "f:spec": {
            "f:progressDeadlineSeconds": {}, "f:replicas": {}, "f:revisionHistoryLimit": {}, "f:selector": {},
            "f:strategy": {"f:rollingUpdate": {".": {}, "f:maxSurge": {}, "f:maxUnavailable": {}}, "f:type": {}},
            "f:template": template,
        },
    });
    same("the fields", &fields, &made.at("/metadata/managedFields/0/fieldsV1"))
}
