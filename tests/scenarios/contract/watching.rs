//! Watches: what happens, from a version on.

use serde_json::{Value, json};

use super::answer::same;
use super::objects::{PACKAGE_INSTALLS, SECRETS, empty, failure, failure_of, install, secret, with};
use super::server::MERGE;
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a watch of one name tells what happens to it, and to nothing else",
        why: "`wait_for` watches one object by `metadata.name` from the version of a list",
        run: one_name,
    },
    Case {
        name: "a watch of a definition's objects tells their type",
        why: "`wait_for` looks at installs",
        run: custom,
    },
    Case {
        name: "what leaves a selection is deleted to its watch, and what enters it added",
        why: "`kubectl get -w -l`",
        run: selection,
    },
    Case {
        name: "a watch from nowhere begins with what is there",
        why: "`kubectl get -w`",
        run: from_nowhere,
    },
    Case {
        name: "a watch ends in order after its time",
        why: "`wait_for` renews its watch every half minute",
        run: ends,
    },
    Case {
        name: "a watch that wants bookmarks gets one before it ends",
        why: "kube's watcher goes on from the last bookmark",
        run: bookmark,
    },
    Case {
        name: "a watch without that wish gets no bookmarks",
        why: "`wait_for` skips bookmarks, others may not know them",
        run: no_bookmark,
    },
    Case {
        name: "a watch of the distant past is one ERROR event with a 410",
        why: "`wait_for` begins anew where the version is too old",
        run: too_old,
    },
    Case {
        name: "a watch of the future waits",
        why: "a version of another cluster must not be taken for an error",
        run: future,
    },
    Case {
        name: "a watch can begin with the list, and says where that ends",
        why: "kube's and kubectl's streaming lists",
        run: initial_events,
    },
    Case {
        name: "a watch that begins with the list has to say of which version",
        why: "the sandbox must refuse what a server refuses",
        run: initial_events_of_nothing,
    },
    Case {
        name: "a watch with a wrong selector is a 400, and no stream",
        why: "`wait_for` tells a refused watch from one that ended",
        run: wrong_selector,
    },
];

/// The path of a watch of Secrets from now on, with this for a selector.
fn from_now(server: &Server, more: &str) -> Result<String, String> {
    let version = server.get(server.path(&SECRETS))?.with(200)?.version()?;
    Ok(format!("{}?watch=true&resourceVersion={version}&{more}", server.path(&SECRETS)))
}

fn one_name(server: &Server) -> Held {
    let path = from_now(server, "timeoutSeconds=30&fieldSelector=metadata.name%3Dwatched")?;
    let mut events = server.watch(path)?;
    server.post(server.path(&SECRETS), &secret("watched", &json!({"a": "MQ=="})))?.with(201)?;
    server.post(server.path(&SECRETS), &empty("not-watched"))?.with(201)?;
    let one = server.one(&SECRETS, "watched");
    let changed = server.patch(MERGE, &*one, &json!({"data": {"a": "Mg=="}}))?.with(200)?;
    server.delete(&one)?.with(200)?;
    let object = |value: &str| {
        json!({
            "kind": "Secret", "apiVersion": "v1", "data": {"a": value},
            "metadata": {"name": "watched", "namespace": server.namespace(), "resourceVersion": "<any>"},
        })
    };
    events.has(&json!({"type": "ADDED", "object": object("MQ==")}))?;
    let modified = events.has(&json!({"type": "MODIFIED", "object": object("Mg==")}))?;
    same("the changed object", &changed.json(), &modified["object"])?;
    let deleted = events.has(&json!({"type": "DELETED", "object": object("Mg==")}))?;
    // What went carries the version of its end, not of its last change.
    let versions = [&modified, &deleted].map(|event| event["object"]["metadata"]["resourceVersion"].clone());
    if versions[0] == versions[1] { Err(format!("deleted in the version {}", versions[0])) } else { Ok(()) }
}

fn custom(server: &Server) -> Held {
    let place = server.path(&PACKAGE_INSTALLS);
    let version = server.get(&*place)?.with(200)?.version()?;
    let selector = "fieldSelector=metadata.name%3Dwatched&timeoutSeconds=30";
    let mut events = server.watch(format!("{place}?watch=true&resourceVersion={version}&{selector}"))?;
    server.post(&*place, &install("watched"))?.with(201)?;
    let object = json!({
        "kind": "PackageInstall", "apiVersion": "packaging.carvel.dev/v1alpha1", "metadata": {"name": "watched"},
    });
    events.has(&json!({"type": "ADDED", "object": object}))?;
    Ok(())
}

fn selection(server: &Server) -> Held {
    let path = from_now(server, "timeoutSeconds=30&labelSelector=case%3Dwatched")?;
    let mut events = server.watch(path)?;
    server.post(server.path(&SECRETS), &empty("selection"))?.with(201)?;
    let one = server.one(&SECRETS, "selection");
    let label = |value: Value| json!({"metadata": {"labels": {"case": value}}});
    server.patch(MERGE, &*one, &label(json!("watched")))?.with(200)?;
    server.patch(MERGE, &*one, &json!({"data": {"a": "MQ=="}}))?.with(200)?;
    server.patch(MERGE, &*one, &label(Value::Null))?.with(200)?;
    for name in ["ADDED", "MODIFIED", "DELETED"] {
        events.has(&json!({"type": name, "object": {"metadata": {"name": "selection"}}}))?;
    }
    Ok(())
}

fn from_nowhere(server: &Server) -> Held {
    let object = with(empty("from-nowhere"), "/metadata/labels", json!({"case": "from-nowhere"}));
    server.post(server.path(&SECRETS), &object)?.with(201)?;
    let path =
        format!("{}?watch=true&labelSelector=case%3Dfrom-nowhere&timeoutSeconds=30", server.path(&SECRETS));
    let mut events = server.watch(path)?;
    events.has(&json!({"type": "ADDED", "object": {"metadata": {"name": "from-nowhere"}}}))?;
    server.delete(&server.one(&SECRETS, "from-nowhere"))?.with(200)?;
    events.has(&json!({"type": "DELETED", "object": {"metadata": {"name": "from-nowhere"}}}))?;
    Ok(())
}

fn ends(server: &Server) -> Held {
    let path = from_now(server, "timeoutSeconds=1&fieldSelector=metadata.name%3Dnobody")?;
    server.watch(path)?.ends()
}

fn bookmark(server: &Server) -> Held {
    let path =
        from_now(server, "timeoutSeconds=3&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dnobody")?;
    let mut events = server.watch(path)?;
    // A bookmark says that something happened, though nothing that the watch is about.
    let other = server.post(server.path(&SECRETS), &empty("beside-the-bookmark"))?.with(201)?.version()?;
    let metadata = json!({"resourceVersion": other});
    let object = json!({"kind": "Secret", "apiVersion": "v1", "metadata": metadata});
    let mut count = 0;
    while let Some(event) = events.next()? {
        same("the bookmark", &json!({"type": "BOOKMARK", "object": object}), &event)?;
        count += 1;
    }
    // How often it says so is the server's to choose.
    if count == 0 { Err("no bookmark comes".to_owned()) } else { Ok(()) }
}

fn no_bookmark(server: &Server) -> Held {
    let path = from_now(server, "timeoutSeconds=3&fieldSelector=metadata.name%3Dnobody")?;
    server.watch(path)?.ends()
}

fn too_old(server: &Server) -> Held {
    let place = PACKAGE_INSTALLS.everywhere();
    let mut events = server.watch(format!("{place}?watch=true&resourceVersion=1&timeoutSeconds=10"))?;
    let event = events.next()?.ok_or("no event comes")?;
    let status = failure(410, "Expired", "too old resource version: 1 (<any>)");
    same("the event", &json!({"type": "ERROR", "object": status}), &event)?;
    events.ends()
}

fn future(server: &Server) -> Held {
    let place = server.path(&SECRETS);
    server.watch(format!("{place}?watch=true&resourceVersion=987654321&timeoutSeconds=1"))?.ends()
}

fn initial_events(server: &Server) -> Held {
    let object = with(empty("initial"), "/metadata/labels", json!({"case": "initial"}));
    server.post(server.path(&SECRETS), &object)?.with(201)?;
    let query =
        "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let place = server.path(&SECRETS);
    let mut events =
        server.watch(format!("{place}?{query}&labelSelector=case%3Dinitial&timeoutSeconds=30"))?;
    events.has(&json!({"type": "ADDED", "object": {"metadata": {"name": "initial"}}}))?;
    let event = events.next()?.ok_or("no bookmark comes")?;
    let metadata = json!({"resourceVersion": "<any>", "annotations": {"k8s.io/initial-events-end": "true"}});
    let object = json!({"kind": "Secret", "apiVersion": "v1", "metadata": metadata});
    same("the bookmark", &json!({"type": "BOOKMARK", "object": object}), &event)
}

fn initial_events_of_nothing(server: &Server) -> Held {
    let refused = server.get(format!("{}?watch=true&sendInitialEvents=true", server.path(&SECRETS)))?;
    let message = "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    let cause = json!({"field": "resourceVersionMatch", "reason": "FieldValueForbidden", "message": message});
    let details = json!({"group": "meta.k8s.io", "kind": "ListOptions", "causes": [cause]});
    let message = format!("ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: {message}");
    refused.is(422, &failure_of(422, "Invalid", &message, details))?;
    Ok(())
}

fn wrong_selector(server: &Server) -> Held {
    let refused =
        server.get(format!("{}?watch=true&fieldSelector=spec.nothing%3Dx", server.path(&SECRETS)))?;
    refused.is(400, &failure(400, "BadRequest", "field label not supported: spec.nothing"))?;
    Ok(())
}
