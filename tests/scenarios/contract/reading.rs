//! Reading one object, and paths that lead nowhere.

use serde_json::json;

use super::objects::{CLUSTER_ROLES, DEPLOYMENTS, PACKAGE_INSTALLS, SECRETS, empty, failure_of, install};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a missing object is a 404 that names it",
        why: "`Cluster::get` takes a 404 with a name for absence",
        run: missing_object,
    },
    Case {
        name: "a missing object of a group is a 404 that names the group",
        why: "the words of the failure name the resource as kubectl does",
        run: missing_object_of_a_group,
    },
    Case {
        name: "an object in a missing namespace is just missing",
        why: "`Cluster::get` looks for installs in namespaces that may not be there",
        run: missing_namespace,
    },
    Case {
        name: "a kind that a built-in group does not have is a 404 without a name",
        why: "a 404 without a name is `NotServed`, which is told otherwise than absence",
        run: unknown_kind,
    },
    Case {
        name: "a kind that a group of definitions does not have is a plain 404",
        why: "a cluster without kapp-controller is recognised by this answer",
        run: unknown_custom_kind,
    },
    Case {
        name: "a group that is not served is a plain 404",
        why: "a cluster without kapp-controller is recognised by this answer",
        run: unknown_group,
    },
    Case {
        name: "an object comes with its type and all of its metadata",
        why: "every read of one object is parsed from this form",
        run: whole_object,
    },
    Case {
        name: "objects of built-in kinds without a spec have no generation",
        why: "a plan must not wait for a generation that never comes",
        run: generation,
    },
    Case {
        name: "a method that a path does not have is a 405",
        why: "kubectl tells a wrong verb from a missing object by it",
        run: wrong_method,
    },
    Case {
        name: "a form that nobody can write is a 406",
        why: "`Form::of` of the sandbox must not answer what was not asked for",
        run: unknown_form,
    },
];

fn missing_object(server: &Server) -> Held {
    let expected = failure_of(
        404,
        "NotFound",
        "secrets \"nobody\" not found",
        json!({"name": "nobody", "kind": "secrets"}),
    );
    server
        .get(server.one(&SECRETS, "nobody"))?
        .is(404, &expected)?
        .header("content-type", "application/json")?;
    Ok(())
}

fn missing_object_of_a_group(server: &Server) -> Held {
    for (place, group, kind) in [
        (&DEPLOYMENTS, "apps", "deployments"),
        (&PACKAGE_INSTALLS, "packaging.carvel.dev", "packageinstalls"),
        (&CLUSTER_ROLES, "rbac.authorization.k8s.io", "clusterroles"),
    ] {
        let message = format!("{kind}.{group} \"nobody\" not found");
        let details = json!({"name": "nobody", "group": group, "kind": kind});
        server.get(server.one(place, "nobody"))?.is(404, &failure_of(404, "NotFound", &message, details))?;
    }
    Ok(())
}

fn missing_namespace(server: &Server) -> Held {
    let message = "secrets \"x\" not found";
    let expected = failure_of(404, "NotFound", message, json!({"name": "x", "kind": "secrets"}));
    server.get("/api/v1/namespaces/contract-nowhere/secrets/x")?.is(404, &expected)?;
    let list = server.get("/api/v1/namespaces/contract-nowhere/secrets")?;
    list.has(200, &json!({"kind": "SecretList", "items": []}))?;
    Ok(())
}

fn unknown_kind(server: &Server) -> Held {
    let message = "the server could not find the requested resource";
    let expected = failure_of(404, "NotFound", message, json!({}));
    for path in [
        "/api/v1/namespaces/default/nothings",
        "/api/v1/nothings",
        "/apis/apps/v1/namespaces/default/nothings/x",
        "/apis/apps/v9/deployments",
    ] {
        server.get(path)?.is(404, &expected)?;
    }
    Ok(())
}

fn unknown_custom_kind(server: &Server) -> Held {
    for path in [
        "/apis/packaging.carvel.dev/v1alpha1/nothings",
        "/apis/packaging.carvel.dev/v1alpha1/namespaces/default/nothings/x",
        "/apis/packaging.carvel.dev/v9/packageinstalls",
    ] {
        server.get(path)?.says(404, "404 page not found\n")?;
    }
    Ok(())
}

fn unknown_group(server: &Server) -> Held {
    for path in
        ["/apis/nowhere.example.com/v1/things", "/apis/nowhere.example.com/v1/namespaces/default/things/x"]
    {
        let answer = server.get(path)?.header("content-type", "text/plain; charset=utf-8")?;
        answer.says(404, "404 page not found\n")?;
    }
    let path = "/apis/nowhere.example.com/v1/namespaces/default/things";
    server.post(path, &json!({"kind": "Thing"}))?.says(404, "404 page not found\n")
}

fn whole_object(server: &Server) -> Held {
    server.post(server.path(&SECRETS), &empty("whole"))?.with(201)?;
    server.get(server.one(&SECRETS, "whole"))?.is(
        200,
        &json!({
            "kind": "Secret", "apiVersion": "v1", "type": "Opaque",
            "metadata": {
                "name": "whole", "namespace": server.namespace(), "uid": "<any>-<any>-<any>-<any>-<any>",
                "resourceVersion": "<any>", "creationTimestamp": "<any>T<any>Z", "managedFields": "<any>",
            },
        }),
    )?;
    Ok(())
}

fn generation(server: &Server) -> Held {
    server
        .post(server.path(&SECRETS), &empty("generation"))?
        .has(201, &json!({"metadata": {"generation": null}}))?;
    let made = server.post(server.path(&PACKAGE_INSTALLS), &install("generation"))?;
    made.has(201, &json!({"metadata": {"generation": 1}}))?;
    Ok(())
}

fn wrong_method(server: &Server) -> Held {
    let message = "the server does not allow this method on the requested resource";
    let expected = failure_of(405, "MethodNotAllowed", message, json!({}));
    server.post(server.one(&SECRETS, "x"), &json!({}))?.is(405, &expected)?;
    server.put(server.path(&SECRETS), &json!({}))?.is(405, &expected)?;
    server.post(SECRETS.everywhere(), &empty("x"))?.is(405, &expected)?;
    server.delete(&SECRETS.everywhere())?.is(405, &expected)?;
    Ok(())
}

fn unknown_form(server: &Server) -> Held {
    let answer = server.ask("GET", server.one(&SECRETS, "x")).header("accept", "text/html").send()?;
    let message = "406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, \
                   application/vnd.kubernetes.protobuf";
    answer.is(406, &failure_of(406, "NotAcceptable", message, json!({})))?;
    Ok(())
}
