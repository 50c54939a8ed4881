//! Deleting: what comes back, what it may insist on, what is held back by a finalizer.

use serde_json::{Value, json};

use super::objects::{CONFIG_MAPS, PACKAGE_INSTALLS, SECRETS, empty, failure_of, secret, with};
use super::server::{JSON, MERGE, until};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a deleted object is a 200 with a Status that names it",
        why: "`Cluster::delete` takes any 2xx for success",
        run: deleted,
    },
    Case {
        name: "deleting what is not there is a 404",
        why: "`Cluster::delete` takes this 404 for success too",
        run: missing,
    },
    Case {
        name: "a dry run in the body deletes nothing",
        why: "`kubectl delete --dry-run=server`",
        run: dry_run,
    },
    Case {
        name: "a dry run in the query of a delete without a body deletes nothing",
        why: "kube's `DeleteParams` without options of its own",
        run: dry_run_in_query,
    },
    Case {
        name: "the query does not count where a delete has a body",
        why: "a dry run must be asked for in the body: in the query it deletes",
        run: query_beside_body,
    },
    Case {
        name: "a delete of another UID or version is a 409",
        why: "kubectl's preconditions: not what was made anew under the same name",
        run: preconditions,
    },
    Case {
        name: "an object with a finalizer stays, marked, until that is gone",
        why: "an install stays until its package is gone, and promfed waits for it",
        run: finalizer,
    },
    Case {
        name: "an object that is leaving cannot be made anew, but changed",
        why: "promfed tells that an install is being deleted",
        run: leaving,
    },
    Case {
        name: "a leaving object gets no more finalizers",
        why: "a controller that comes too late must be told",
        run: late_finalizer,
    },
    Case {
        name: "every policy for what the object owns is accepted",
        why: "promfed deletes in the background; `kubectl delete --cascade=foreground`",
        run: policies,
    },
    Case {
        name: "an unknown policy is a 422",
        why: "a policy that is misspelled must not delete",
        run: unknown_policy,
    },
    Case {
        name: "what an object owns goes with it",
        why: "an App goes with its PackageInstall",
        run: dependents,
    },
    Case { name: "several are deleted by a selector", why: "`kubectl delete -l`", run: collection },
];

fn delete_with(server: &Server, path: &str, options: &Value) -> Result<super::answer::Answer, String> {
    server.ask("DELETE", path).json(JSON, options).send()
}

fn make(server: &Server, name: &str) -> Result<super::answer::Answer, String> {
    server.post(server.path(&SECRETS), &secret(name, &json!({"a": "MQ=="})))?.with(201)
}

fn gone(server: &Server, path: &str) -> Held {
    until("it is gone", || server.get(path)?.with(404)).map(|_| ())
}

fn deleted(server: &Server) -> Held {
    let made = make(server, "deleted")?;
    let path = server.one(&SECRETS, "deleted");
    let options = json!({"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"});
    delete_with(server, &path, &options)?.is(
        200,
        &json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
            "details": {"name": "deleted", "kind": "secrets", "uid": made.at("/metadata/uid")},
        }),
    )?;
    server.get(path)?.with(404)?;
    Ok(())
}

fn missing(server: &Server) -> Held {
    let details = json!({"name": "nobody", "kind": "secrets"});
    let expected = failure_of(404, "NotFound", "secrets \"nobody\" not found", details);
    server.delete(&server.one(&SECRETS, "nobody"))?.is(404, &expected)?;
    let options = json!({"propagationPolicy": "Background"});
    let refused = delete_with(server, &server.one(&PACKAGE_INSTALLS, "nobody"), &options)?;
    refused.has(404, &json!({"message": "packageinstalls.packaging.carvel.dev \"nobody\" not found"}))?;
    Ok(())
}

fn dry_run(server: &Server) -> Held {
    make(server, "delete-dry")?;
    let path = server.one(&SECRETS, "delete-dry");
    let options = json!({"propagationPolicy": "Background", "dryRun": ["All"]});
    delete_with(server, &path, &options)?.has(200, &json!({"status": "Success"}))?;
    server.get(path)?.with(200)?;
    Ok(())
}

fn dry_run_in_query(server: &Server) -> Held {
    make(server, "delete-query")?;
    let path = server.one(&SECRETS, "delete-query");
    server.delete(&format!("{path}?dryRun=All"))?.has(200, &json!({"status": "Success"}))?;
    server.get(path)?.with(200)?;
    Ok(())
}

fn query_beside_body(server: &Server) -> Held {
    make(server, "delete-both")?;
    let path = server.one(&SECRETS, "delete-both");
    let options = json!({"propagationPolicy": "Background"});
    delete_with(server, &format!("{path}?dryRun=All"), &options)?.has(200, &json!({"status": "Success"}))?;
    server.get(path)?.with(404)?;
    Ok(())
}

fn preconditions(server: &Server) -> Held {
    let made = make(server, "insisted")?;
    let path = server.one(&SECRETS, "insisted");
    let (uid, version) = (made.text("/metadata/uid")?, made.version()?);
    let why = format!(
        "the UID in the precondition (other) does not match the UID in record ({uid}). The object might have been \
         deleted and then recreated"
    );
    let message = format!("Operation cannot be fulfilled on Secret \"insisted\": {why}");
    let details = json!({"name": "insisted", "kind": "Secret"});
    let refused = delete_with(server, &path, &json!({"preconditions": {"uid": "other"}}))?;
    refused.is(409, &failure_of(409, "Conflict", &message, details.clone()))?;
    let why = format!(
        "the ResourceVersion in the precondition (1) does not match the ResourceVersion in record ({version}). The \
         object might have been modified"
    );
    let message = format!("Operation cannot be fulfilled on Secret \"insisted\": {why}");
    let refused = delete_with(server, &path, &json!({"preconditions": {"resourceVersion": "1"}}))?;
    refused.is(409, &failure_of(409, "Conflict", &message, details))?;
    let insisted = json!({"preconditions": {"uid": uid, "resourceVersion": version}});
    delete_with(server, &path, &insisted)?.has(200, &json!({"status": "Success"}))?;
    server.get(path)?.with(404)?;
    Ok(())
}

/// An object that is leaving, and whose finalizer holds it.
fn held(server: &Server, name: &str) -> Result<String, String> {
    let object = with(empty(name), "/metadata/finalizers", json!(["promfed.test/hold"]));
    server.post(server.path(&SECRETS), &object)?.with(201)?;
    let path = server.one(&SECRETS, name);
    let left = delete_with(server, &path, &json!({"propagationPolicy": "Background"}))?;
    let metadata = json!({
        "name": name, "deletionTimestamp": "<any>T<any>Z", "deletionGracePeriodSeconds": 0,
        "finalizers": ["promfed.test/hold"],
    });
    left.has(200, &json!({"kind": "Secret", "metadata": metadata}))?;
    Ok(path)
}

fn release(server: &Server, path: &str) -> Held {
    let freed = server.patch(MERGE, path, &json!({"metadata": {"finalizers": null}}))?;
    freed.has(200, &json!({"metadata": {"finalizers": null, "deletionTimestamp": "<any>"}}))?;
    server.get(path)?.with(404)?;
    Ok(())
}

fn finalizer(server: &Server) -> Held {
    let path = held(server, "held")?;
    server.get(&*path)?.has(200, &json!({"metadata": {"deletionTimestamp": "<any>"}}))?;
    server.delete(&path)?.has(200, &json!({"kind": "Secret", "metadata": {"deletionTimestamp": "<any>"}}))?;
    release(server, &path)
}

fn leaving(server: &Server) -> Held {
    let path = held(server, "leaving")?;
    let message = "object is being deleted: secrets \"leaving\" already exists";
    let expected = failure_of(409, "AlreadyExists", message, json!({"name": "leaving", "kind": "secrets"}));
    server.post(server.path(&SECRETS), &empty("leaving"))?.is(409, &expected)?;
    server
        .apply(&path, "", &secret("leaving", &json!({"a": "MQ=="})))?
        .has(200, &json!({"data": {"a": "MQ=="}}))?;
    release(server, &path)
}

fn late_finalizer(server: &Server) -> Held {
    let path = held(server, "late")?;
    let change = json!({"metadata": {"finalizers": ["promfed.test/hold", "promfed.test/late"]}});
    let message = "Secret \"late\" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the \
                   object is being deleted, found new finalizers []string{\"promfed.test/late\"}";
    server.patch(MERGE, &*path, &change)?.has(422, &json!({"reason": "Invalid", "message": message}))?;
    release(server, &path)
}

fn policies(server: &Server) -> Held {
    for (policy, finalizer) in [("Foreground", "foregroundDeletion"), ("Orphan", "orphan")] {
        let name = format!("policy-{}", policy.to_lowercase());
        make(server, &name)?;
        let path = server.one(&SECRETS, &name);
        let left = delete_with(server, &path, &json!({"propagationPolicy": policy}))?;
        let metadata = json!({"deletionTimestamp": "<any>", "finalizers": [finalizer]});
        left.has(200, &json!({"kind": "Secret", "metadata": metadata}))?;
        gone(server, &path)?;
    }
    make(server, "policy-query")?;
    let path = server.one(&SECRETS, "policy-query");
    server
        .delete(&format!("{path}?propagationPolicy=Background"))?
        .has(200, &json!({"status": "Success"}))?;
    server.get(path)?.with(404)?;
    Ok(())
}

fn unknown_policy(server: &Server) -> Held {
    make(server, "policy-unknown")?;
    let path = server.one(&SECRETS, "policy-unknown");
    let message = "Unsupported value: \"Backround\": supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\"";
    let cause = json!({"field": "propagationPolicy", "reason": "FieldValueNotSupported", "message": message});
    let details = json!({"group": "meta.k8s.io", "kind": "DeleteOptions", "causes": [cause]});
    let message = format!("DeleteOptions.meta.k8s.io \"\" is invalid: propagationPolicy: {message}");
    let refused = delete_with(server, &path, &json!({"propagationPolicy": "Backround"}))?;
    refused.is(422, &failure_of(422, "Invalid", &message, details))?;
    server.get(path)?.with(200)?;
    Ok(())
}

fn dependents(server: &Server) -> Held {
    let owner = make(server, "owner")?;
    let reference =
        json!({"apiVersion": "v1", "kind": "Secret", "name": "owner", "uid": owner.at("/metadata/uid")});
    let map = json!({"metadata": {"name": "owned", "ownerReferences": [reference]}});
    server.post(server.path(&CONFIG_MAPS), &map)?.with(201)?;
    delete_with(server, &server.one(&SECRETS, "owner"), &json!({"propagationPolicy": "Background"}))?
        .with(200)?;
    gone(server, &server.one(&CONFIG_MAPS, "owned"))
}

fn collection(server: &Server) -> Held {
    for (name, case) in [("several-a", "several"), ("several-b", "several"), ("several-c", "other")] {
        let object = with(empty(name), "/metadata/labels", json!({"case": case}));
        server.post(server.path(&SECRETS), &object)?.with(201)?;
    }
    let answer = server.delete(&format!("{}?labelSelector=case%3Dseveral", server.path(&SECRETS)))?;
    let names = json!([{"metadata": {"name": "several-a"}}, {"metadata": {"name": "several-b"}}]);
    answer.has(200, &json!({"kind": "SecretList", "items": names}))?;
    server.get(server.one(&SECRETS, "several-a"))?.with(404)?;
    server.get(server.one(&SECRETS, "several-c"))?.with(200)?;
    Ok(())
}
