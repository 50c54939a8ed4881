//! Discovery: which groups, versions and kinds there are.

use serde_json::{Value, json};

use super::answer::{Answer, Extent, differences, same};
use super::objects::failure_of;
use super::{Case, Held, Server};

pub(super) const AGGREGATED: &str =
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

pub(super) const CASES: &[Case] = &[
    Case { name: "the core versions are listed", why: "kubectl's discovery of old", run: core },
    Case {
        name: "the groups are listed, and one group says its versions",
        why: "kubectl's discovery of old",
        run: groups,
    },
    Case {
        name: "a version of a group is one document",
        why: "`Cluster::api_group` asks for it to know whether kapp-controller is there",
        run: version_of_a_group,
    },
    Case { name: "a version of a group that is not there is a 404", why: "`Presence::Absent`", run: absent },
    Case {
        name: "the kinds of the core say how they are called and what can be done",
        why: "kubectl finds a kind by its short name, promfed's users type those",
        run: kinds_of_the_core,
    },
    Case {
        name: "the kinds of definitions say how they are called and what can be done",
        why: "`kubectl get pkgi` is in the README",
        run: kinds_of_definitions,
    },
    Case {
        name: "scale and status are listed beside a Deployment",
        why: "`kubectl scale`",
        run: subresources,
    },
    Case {
        name: "all groups come in one document",
        why: "kubectl asks for this form first",
        run: aggregated,
    },
    Case {
        name: "the core comes in one document",
        why: "kubectl asks for this form first",
        run: aggregated_core,
    },
    Case {
        name: "the server says its version",
        why: "`Cluster::server_version` reads `gitVersion`",
        run: version,
    },
    Case {
        name: "the server says that it is well, to anybody",
        why: "whoever starts a server waits for it so",
        run: healthy,
    },
    Case {
        name: "a path that is no API is a plain 404",
        why: "a URL with a wrong prefix is told from an API server's own refusals",
        run: elsewhere,
    },
];

const VERBS: [&str; 8] = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

fn core(server: &Server) -> Held {
    let expected = json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": "<any>"});
    server.get("/api")?.is(200, &expected)?;
    Ok(())
}

/// The entry of a list whose field has this value.
pub(super) fn entry(list: &Value, pointer: &str, wanted: &str) -> Value {
    let found =
        list.as_array().into_iter().flatten().find(|entry| entry.pointer(pointer) == Some(&json!(wanted)));
    found.cloned().unwrap_or_default()
}

fn groups(server: &Server) -> Held {
    let list = server.get("/apis")?.has(200, &json!({"kind": "APIGroupList", "apiVersion": "v1"}))?;
    for (group, version) in [("apps", "v1"), ("packaging.carvel.dev", "v1alpha1")] {
        let version = json!({"groupVersion": format!("{group}/{version}"), "version": version});
        let mut expected = json!({"name": group, "versions": [version], "preferredVersion": version});
        same(group, &expected, &entry(&list.at("/groups"), "/name", group))?;
        expected["kind"] = json!("APIGroup");
        expected["apiVersion"] = json!("v1");
        server.get(format!("/apis/{group}"))?.is(200, &expected)?;
    }
    server.get("/apis/nowhere.example.com")?.says(404, "404 page not found\n")
}

fn version_of_a_group(server: &Server) -> Held {
    for group in ["packaging.carvel.dev", "kappctrl.k14s.io"] {
        let answer = server.get(format!("/apis/{group}/v1alpha1"))?;
        let expected = json!({
            "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": format!("{group}/v1alpha1"),
            "resources": "<any>",
        });
        answer.is(200, &expected)?;
    }
    let expected = json!({"kind": "APIResourceList", "groupVersion": "v1", "resources": "<any>"});
    server.get("/api/v1")?.is(200, &expected)?;
    Ok(())
}

fn absent(server: &Server) -> Held {
    for path in ["/apis/nowhere.example.com/v1", "/apis/packaging.carvel.dev/v9"] {
        server.get(path)?.says(404, "404 page not found\n")?;
    }
    // A built-in group knows that it is one.
    let message = "the server could not find the requested resource";
    let expected = failure_of(404, "NotFound", message, json!({}));
    for path in ["/apis/apps/v9", "/api/v9"] {
        server.get(path)?.is(404, &expected)?;
    }
    Ok(())
}

/// A kind of a list; its verbs in the order of the alphabet, for that of the server is no part of the contract.
fn kind(list: &Answer, name: &str) -> Value {
    let mut found = entry(&list.at("/resources"), "/name", name);
    sort_verbs(&mut found);
    found
}

fn sort_verbs(value: &mut Value) {
    if let Some(verbs) = value["verbs"].as_array_mut() {
        verbs.sort_by_key(ToString::to_string);
    }
}

fn holds(what: &str, expected: &Value, found: &Value) -> Held {
    let differs = differences(expected, found, Extent::AtLeast);
    if differs.is_empty() { Ok(()) } else { Err(format!("{what}: {}\n{found}", differs.join("\n"))) }
}

fn kinds_of_the_core(server: &Server) -> Held {
    let list = server.get("/api/v1")?.with(200)?;
    for (plural, singular, name, short) in [
        ("secrets", "secret", "Secret", Value::Null),
        ("serviceaccounts", "serviceaccount", "ServiceAccount", json!(["sa"])),
        ("configmaps", "configmap", "ConfigMap", json!(["cm"])),
        ("persistentvolumeclaims", "persistentvolumeclaim", "PersistentVolumeClaim", json!(["pvc"])),
    ] {
        let expected = json!({
            "name": plural, "singularName": singular, "namespaced": true, "kind": name, "verbs": VERBS,
            "shortNames": short, "group": null, "version": null,
        });
        holds(plural, &expected, &kind(&list, plural))?;
    }
    let verbs = ["create", "delete", "get", "list", "patch", "update", "watch"];
    let expected = json!({
        "name": "namespaces", "singularName": "namespace", "namespaced": false, "kind": "Namespace",
        "verbs": verbs, "shortNames": ["ns"],
    });
    holds("namespaces", &expected, &kind(&list, "namespaces"))?;
    for (name, kind_name, verbs) in [
        ("services/proxy", "ServiceProxyOptions", json!(["create", "delete", "get", "patch", "update"])),
        ("pods/log", "Pod", json!(["get"])),
    ] {
        let expected =
            json!({"name": name, "singularName": "", "namespaced": true, "kind": kind_name, "verbs": verbs});
        holds(name, &expected, &kind(&list, name))?;
    }
    Ok(())
}

fn kinds_of_definitions(server: &Server) -> Held {
    let list = server.get("/apis/packaging.carvel.dev/v1alpha1")?.with(200)?;
    for (plural, singular, name, short) in [
        ("packageinstalls", "packageinstall", "PackageInstall", "pkgi"),
        ("packagerepositories", "packagerepository", "PackageRepository", "pkgr"),
    ] {
        let expected = json!({
            "name": plural, "singularName": singular, "namespaced": true, "kind": name, "verbs": VERBS,
            "shortNames": [short], "categories": ["carvel"],
        });
        holds(plural, &expected, &kind(&list, plural))?;
        let status = format!("{plural}/status");
        let expected = json!({
            "name": status, "singularName": "", "namespaced": true, "kind": name, "verbs": ["get", "patch", "update"],
        });
        holds(&status, &expected, &kind(&list, &status))?;
    }
    Ok(())
}

fn subresources(server: &Server) -> Held {
    let list = server.get("/apis/apps/v1")?.with(200)?;
    let expected =
        json!({"kind": "Deployment", "shortNames": ["deploy"], "categories": ["all"], "verbs": VERBS});
    holds("deployments", &expected, &kind(&list, "deployments"))?;
    let verbs = ["get", "patch", "update"];
    let expected = json!({"kind": "Scale", "group": "autoscaling", "version": "v1", "verbs": verbs});
    holds("deployments/scale", &expected, &kind(&list, "deployments/scale"))?;
    let expected = json!({"kind": "Deployment", "group": null, "verbs": verbs});
    holds("deployments/status", &expected, &kind(&list, "deployments/status"))
}

/// Discovery in one document.
pub(super) fn in_one(server: &Server, path: &str) -> Result<Answer, String> {
    let answer = server.ask("GET", path).header("accept", AGGREGATED).send()?;
    let form = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    let expected =
        json!({"kind": "APIGroupDiscoveryList", "apiVersion": "apidiscovery.k8s.io/v2", "metadata": {}});
    answer.header("content-type", form)?.has(200, &expected)
}

fn aggregated(server: &Server) -> Held {
    let list = in_one(server, "/apis")?;
    let group = entry(&list.at("/items"), "/metadata/name", "packaging.carvel.dev");
    holds("the version", &json!({"version": "v1alpha1", "freshness": "Current"}), &group["versions"][0])?;
    let mut found = entry(&group["versions"][0]["resources"], "/resource", "packageinstalls");
    sort_verbs(&mut found);
    let response = json!({"group": "packaging.carvel.dev", "version": "v1alpha1", "kind": "PackageInstall"});
    let status =
        json!({"subresource": "status", "responseKind": response, "verbs": ["get", "patch", "update"]});
    let expected = json!({
        "resource": "packageinstalls", "responseKind": response, "scope": "Namespaced",
        "singularResource": "packageinstall", "verbs": VERBS, "shortNames": ["pkgi"], "categories": ["carvel"],
        "subresources": [status],
    });
    same("packageinstalls", &expected, &found)?;
    let apps = entry(&list.at("/items"), "/metadata/name", "apps");
    let found = entry(&apps["versions"][0]["resources"], "/resource", "deployments");
    let expected =
        json!({"responseKind": {"kind": "Deployment"}, "scope": "Namespaced", "shortNames": ["deploy"]});
    holds("deployments", &expected, &found)
}

fn aggregated_core(server: &Server) -> Held {
    let list = in_one(server, "/api")?;
    let version = list.at("/items/0/versions/0");
    holds("the version", &json!({"version": "v1", "freshness": "Current"}), &version)?;
    let mut found = entry(&version["resources"], "/resource", "secrets");
    sort_verbs(&mut found);
    let expected = json!({
        "resource": "secrets", "responseKind": {"group": "", "version": "", "kind": "Secret"},
        "scope": "Namespaced", "singularResource": "secret", "verbs": VERBS,
    });
    same("secrets", &expected, &found)
}

fn version(server: &Server) -> Held {
    let expected = json!({
        "major": "1", "minor": "<any>", "gitVersion": "v1.<any>", "gitCommit": "<any>", "gitTreeState": "<any>",
        "buildDate": "<any>", "goVersion": "<any>", "compiler": "<any>", "platform": "<any>/<any>",
    });
    server.get("/version")?.has(200, &expected)?;
    server.ask("GET", "/version").token("").send()?.has(200, &expected)?;
    Ok(())
}

fn healthy(server: &Server) -> Held {
    for path in ["/healthz", "/livez", "/readyz"] {
        server.ask("GET", path).token("").send()?.says(200, "ok")?;
    }
    Ok(())
}

fn elsewhere(server: &Server) -> Held {
    server.get("/nowhere")?.says(404, "404 page not found\n")?;
    server.get("/k8s/clusters/c-1/api/v1/secrets")?.says(404, "404 page not found\n")
}
