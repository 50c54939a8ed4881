//! An API that another server serves, behind an `APIService`, and that server is not there.

use serde_json::{Value, json};

use super::answer::same;
use super::discovery::{entry, in_one};
use super::objects::API_SERVICES;
use super::server::until;
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "an API whose server is not there says so in its APIService",
        why: "whoever looks for why packages are not there finds the reason in it",
        run: condition,
    },
    Case {
        name: "an API whose server is not there is a 503 in plain words",
        why: "`Presence::Broken`: kapp-controller serves packages itself",
        run: unavailable,
    },
    Case {
        name: "the group of such an API is still listed",
        why: "kubectl goes on with all other groups",
        run: listed,
    },
    Case {
        name: "such an API is stale where all groups come in one document",
        why: "kubectl tells which group could not be discovered",
        run: stale,
    },
    Case {
        name: "when its APIService goes, the API was never there",
        why: "`Presence::Absent`",
        run: removed,
    },
];

/// Looks at an API whose server is a Service that does not exist, and takes it away again: as long as it is there,
/// no namespace ends.
fn down(server: &Server, name: &str, look: impl FnOnce(&str) -> Held) -> Held {
    let group = format!("{name}.{}.promfed.test", server.namespace());
    let object = json!({
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService", "metadata": {"name": format!("v1.{group}")},
        "spec": {
            "group": group, "version": "v1", "groupPriorityMinimum": 100, "versionPriority": 100,
            "insecureSkipTLSVerify": true,
            "service": {"namespace": server.namespace(), "name": "nobody", "port": 443},
        },
    });
    let path = API_SERVICES.one("", &format!("v1.{group}"));
    server.post(API_SERVICES.everywhere(), &object)?.with(201)?;
    let held = known(server, &path, &group).and_then(|()| look(&group));
    server.delete(&path)?;
    held
}

/// Returns when the server knows that the API is down.
fn known(server: &Server, path: &str, group: &str) -> Held {
    let condition = json!({
        "type": "Available", "status": "False", "reason": "ServiceNotFound",
        "message": format!("service/nobody in \"{}\" is not present", server.namespace()),
        "lastTransitionTime": "<any>T<any>Z",
    });
    until("the APIService is found to be down", || {
        let found = server.get(path)?.with(200)?;
        same("its status", &json!({"conditions": [condition]}), &found.at("/status"))
    })?;
    until("it is served as one that is down", || server.get(format!("/apis/{group}/v1"))?.with(503))?;
    Ok(())
}

fn condition(server: &Server) -> Held {
    down(server, "condition", |_| Ok(()))
}

fn unavailable(server: &Server) -> Held {
    down(server, "unavailable", |group| {
        let things = format!("/apis/{group}/v1/namespaces/{}/things", server.namespace());
        for path in [format!("/apis/{group}/v1"), format!("/apis/{group}/v1/things"), format!("{things}/x")] {
            let answer = server.get(path)?.header("content-type", "text/plain; charset=utf-8")?;
            answer.no_header("retry-after")?.says(503, "service unavailable\n")?;
        }
        server.post(things, &json!({}))?.says(503, "service unavailable\n")
    })
}

fn listed(server: &Server) -> Held {
    down(server, "listed", |group| {
        let version = json!({"groupVersion": format!("{group}/v1"), "version": "v1"});
        let mut expected = json!({"name": group, "versions": [version], "preferredVersion": version});
        until("the group is listed", || {
            same("the group", &expected, &entry(&server.get("/apis")?.at("/groups"), "/name", group))
        })?;
        expected["kind"] = json!("APIGroup");
        expected["apiVersion"] = json!("v1");
        server.get(format!("/apis/{group}"))?.is(200, &expected)?;
        Ok(())
    })
}

fn stale(server: &Server) -> Held {
    down(server, "stale", |group| {
        until("the group is stale", || {
            let found = entry(&in_one(server, "/apis")?.at("/items"), "/metadata/name", group);
            let versions = json!([{"version": "v1", "freshness": "Stale"}]);
            same("the group", &json!({"metadata": {"name": group}, "versions": versions}), &found)
        })
    })
}

fn removed(server: &Server) -> Held {
    down(server, "removed", |group| {
        server
            .delete(&API_SERVICES.one("", &format!("v1.{group}")))?
            .has(200, &json!({"status": "Success"}))?;
        until("it is not served", || server.get(format!("/apis/{group}/v1"))?.with(404))?;
        server.get(format!("/apis/{group}/v1"))?.says(404, "404 page not found\n")?;
        until("it is not listed", || {
            same(
                "the group",
                &Value::Null,
                &entry(&in_one(server, "/apis")?.at("/items"), "/metadata/name", group),
            )
        })
    })
}
