//! Namespaces: what is in them from the start, and how they end.

use serde_json::json;

use super::objects::failure_of;
use super::objects::{CONFIG_MAPS, NAMESPACES, PACKAGE_INSTALLS, SECRETS, SERVICE_ACCOUNTS, empty, install};
use super::server::{MERGE, until};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a namespace says its name as a label, and is active",
        why: "kubectl shows the phase; policies select by the label",
        run: made,
    },
    Case {
        name: "a namespace gets its account and the authority of the cluster",
        why: "a package that is installed into a new namespace runs as that account",
        run: furnished,
    },
    Case {
        name: "a namespace that is being deleted refuses new objects in these words",
        why: "promfed tells why nothing can be installed there",
        run: terminating,
    },
    Case {
        name: "a namespace ends when the last of its objects is gone",
        why: "kubectl waits for the end of a namespace",
        run: ended,
    },
];

/// A namespace that is leaving and that a finalizer in it holds.
fn held(server: &Server, name: &str) -> Result<String, String> {
    let name = server.own_name(&NAMESPACES, name);
    server.post(NAMESPACES.everywhere(), &json!({"metadata": {"name": name}}))?.with(201)?;
    let map = json!({"metadata": {"name": "hold", "finalizers": ["promfed.test/hold"]}});
    server.post(CONFIG_MAPS.path(&name), &map)?.with(201)?;
    let left = server.delete(&NAMESPACES.one("", &name))?;
    let metadata = json!({"deletionTimestamp": "<any>", "finalizers": null});
    left.has(
        200,
        &json!({
            "kind": "Namespace", "metadata": metadata, "spec": {"finalizers": ["kubernetes"]},
            "status": {"phase": "Terminating"},
        }),
    )?;
    Ok(name)
}

fn release(server: &Server, namespace: &str) -> Held {
    let path = CONFIG_MAPS.one(namespace, "hold");
    server.patch(MERGE, path, &json!({"metadata": {"finalizers": null}}))?.with(200)?;
    until("the namespace is gone", || server.get(NAMESPACES.one("", namespace))?.with(404))?;
    Ok(())
}

fn made(server: &Server) -> Held {
    let name = server.own_name(&NAMESPACES, "made");
    let answer = server.post(NAMESPACES.everywhere(), &json!({"metadata": {"name": name}}))?;
    let fields = json!({"f:metadata": {"f:labels": {".": {}, "f:kubernetes.io/metadata.name": {}}}});
    let metadata = json!({
        "name": name, "namespace": null, "labels": {"kubernetes.io/metadata.name": name}, "generation": null,
        "managedFields": [{"manager": "contract", "operation": "Update", "fieldsV1": fields}],
    });
    answer.has(
        201,
        &json!({"metadata": metadata, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}}),
    )?;
    Ok(())
}

fn furnished(server: &Server) -> Held {
    until("the account", || server.get(server.one(&SERVICE_ACCOUNTS, "default"))?.with(200))?;
    until("the authority", || {
        let map = server.get(server.one(&CONFIG_MAPS, "kube-root-ca.crt"))?;
        map.has(200, &json!({"data": {"ca.crt": "-----BEGIN CERTIFICATE-----<any>"}}))
    })?;
    Ok(())
}

fn terminating(server: &Server) -> Held {
    let name = held(server, "terminating")?;
    let cause = json!({
        "reason": "NamespaceTerminating", "message": format!("namespace {name} is being terminated"),
        "field": "metadata.namespace",
    });
    let why = format!(
        "is forbidden: unable to create new content in namespace {name} because it is being terminated"
    );
    // Where the server learns of the end a little later, the namespace still takes objects until then.
    let refused = until("the namespace refuses", || {
        server.post(SECRETS.path(&name), &json!({"metadata": {"generateName": "x-"}}))?.with(403)
    })?;
    let details = json!({"name": "x-", "kind": "secrets", "causes": [cause]});
    refused.is(403, &failure_of(403, "Forbidden", &format!("secrets \"x-\" {why}"), details))?;
    let details = json!({"name": "x", "kind": "secrets", "causes": [cause]});
    let expected = failure_of(403, "Forbidden", &format!("secrets \"x\" {why}"), details);
    server.post(SECRETS.path(&name), &empty("x"))?.is(403, &expected)?;
    server.apply(&SECRETS.one(&name, "x"), "", &empty("x"))?.is(403, &expected)?;
    let refused = server.post(PACKAGE_INSTALLS.path(&name), &install("x"))?;
    let message = format!("packageinstalls.packaging.carvel.dev \"x\" {why}");
    let details =
        json!({"name": "x", "group": "packaging.carvel.dev", "kind": "packageinstalls", "causes": [cause]});
    refused.is(403, &failure_of(403, "Forbidden", &message, details))?;
    release(server, &name)
}

fn ended(server: &Server) -> Held {
    let name = held(server, "ended")?;
    let phase = json!({"status": {"phase": "Terminating"}, "metadata": {"deletionTimestamp": "<any>"}});
    server.get(NAMESPACES.one("", &name))?.has(200, &phase)?;
    release(server, &name)
}
