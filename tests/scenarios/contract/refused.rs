//! What a user may not do, in the words that name the right.

use serde_json::{Value, json};

use super::answer::Answer;
use super::objects::{
    CLUSTER_ROLE_BINDINGS, NAMESPACES, PACKAGE_INSTALLS, PODS, ROLE_BINDINGS, ROLES, SECRETS, SERVICES,
    binding, empty, failure_of, role, secret,
};
use super::server::{APPLY, JSON, MERGE, until};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "reading without the right is a 403 that names user, verb and resource",
        why: "`Denied` is read out of these words, and the hint is made of it",
        run: reading,
    },
    Case {
        name: "writing without the right is a 403 that names user, verb and resource",
        why: "`Denied` is read out of these words, and the hint is made of it",
        run: writing,
    },
    Case {
        name: "what is in no namespace is refused at the cluster scope",
        why: "`Denied` has no namespace there",
        run: cluster,
    },
    Case {
        name: "a list of one name is refused by that name",
        why: "`wait_for` lists one name, and reads instead where that is forbidden",
        run: by_name,
    },
    Case {
        name: "parts of an object are refused by their name",
        why: "promfed asks Prometheus through `services/proxy`, and reads `pods/log`",
        run: parts,
    },
    Case {
        name: "who may not know is not told that a group is not served",
        why: "a 403 comes before the 404: promfed must not take it for an absent kapp-controller",
        run: unknown_group,
    },
    Case {
        name: "a path without the right is a 403 that names the path",
        why: "`kubectl get --raw /metrics`",
        run: path,
    },
    Case {
        name: "somebody without a token is called anonymous",
        why: "a kubeconfig without credentials is told by this name",
        run: anonymous,
    },
    Case {
        name: "a right to one name is a right to that name only",
        why: "`resourceNames` is how an administrator lets promfed write one Secret",
        run: one_name,
    },
    Case {
        name: "an apply that creates needs the right to create",
        why: "`Cluster::apply` asks for both rights before it writes",
        run: apply_creates,
    },
    Case {
        name: "nobody hands out rights that they do not have",
        why: "promfed binds a role to the account of a package: only an administrator can",
        run: escalation,
    },
];

/// 403 in the words of RBAC.
fn denied(user: &str, verb: &str, resource: &str, group: &str, name: &str, place: &str) -> Value {
    let plural = resource.split('/').next().unwrap_or_default();
    let qualified = if group.is_empty() { plural.to_owned() } else { format!("{plural}.{group}") };
    let object = if name.is_empty() { String::new() } else { format!(" \"{name}\"") };
    let message = format!(
        "{qualified}{object} is forbidden: User \"{user}\" cannot {verb} resource \"{resource}\" in API group \
         \"{group}\" {place}"
    );
    let mut details = json!({"kind": plural});
    for (field, value) in [("name", name), ("group", group)] {
        if !value.is_empty() {
            details[field] = json!(value);
        }
    }
    failure_of(403, "Forbidden", &message, details)
}

fn inside(server: &Server) -> String {
    format!("in the namespace \"{}\"", server.namespace())
}

fn as_account(server: &Server, token: &str, method: &'static str, path: String) -> Result<Answer, String> {
    server.ask(method, path).token(token).send()
}

fn reading(server: &Server) -> Held {
    let (token, user) = (server.account("reading")?, server.account_user("reading"));
    let secrets = server.path(&SECRETS);
    let place = inside(server);
    for (path, verb, name, place) in [
        (server.one(&SECRETS, "x"), "get", "x", place.as_str()),
        (secrets.clone(), "list", "", &place),
        (format!("{secrets}?watch=true"), "watch", "", &place),
        (SECRETS.everywhere(), "list", "", "at the cluster scope"),
    ] {
        let answer = as_account(server, &token, "GET", path)?.header("x-content-type-options", "nosniff")?;
        answer.is(403, &denied(&user, verb, "secrets", "", name, place))?;
    }
    let answer = as_account(server, &token, "GET", server.path(&PACKAGE_INSTALLS))?;
    answer.is(403, &denied(&user, "list", "packageinstalls", "packaging.carvel.dev", "", &place))?;
    Ok(())
}

fn writing(server: &Server) -> Held {
    let (token, user) = (server.account("writing")?, server.account_user("writing"));
    let place = inside(server);
    let one = server.one(&SECRETS, "x");
    let object = empty("x");
    let create = server.ask("POST", server.path(&SECRETS)).token(&token).json(JSON, &object).send()?;
    create.is(403, &denied(&user, "create", "secrets", "", "", &place))?;
    let merge = server.ask("PATCH", &*one).token(&token).json(MERGE, &json!({})).send()?;
    merge.is(403, &denied(&user, "patch", "secrets", "", "x", &place))?;
    let apply =
        server.ask("PATCH", format!("{one}?fieldManager=a")).token(&token).json(APPLY, &object).send()?;
    apply.is(403, &denied(&user, "patch", "secrets", "", "x", &place))?;
    let update = server.ask("PUT", &*one).token(&token).json(JSON, &object).send()?;
    update.is(403, &denied(&user, "update", "secrets", "", "x", &place))?;
    let delete = as_account(server, &token, "DELETE", one)?;
    delete.is(403, &denied(&user, "delete", "secrets", "", "x", &place))?;
    let delete = as_account(server, &token, "DELETE", server.path(&SECRETS))?;
    delete.is(403, &denied(&user, "deletecollection", "secrets", "", "", &place))?;
    Ok(())
}

fn cluster(server: &Server) -> Held {
    let (token, user) = (server.account("cluster")?, server.account_user("cluster"));
    let group = "rbac.authorization.k8s.io";
    let (everywhere, bindings) = ("at the cluster scope", "clusterrolebindings");
    for (method, path, verb, name) in [
        ("GET", CLUSTER_ROLE_BINDINGS.one("", "x"), "get", "x"),
        ("GET", CLUSTER_ROLE_BINDINGS.everywhere(), "list", ""),
        ("POST", CLUSTER_ROLE_BINDINGS.everywhere(), "create", ""),
        ("PATCH", CLUSTER_ROLE_BINDINGS.one("", "x"), "patch", "x"),
    ] {
        let answer = server.ask(method, path).token(&token).json(APPLY, &json!({})).send()?;
        answer.is(403, &denied(&user, verb, bindings, group, name, everywhere))?;
    }
    let answer = as_account(server, &token, "GET", NAMESPACES.everywhere())?;
    answer.is(403, &denied(&user, "list", "namespaces", "", "", everywhere))?;
    // One namespace is looked at inside itself.
    let name = server.namespace();
    let answer = as_account(server, &token, "GET", NAMESPACES.one("", name))?;
    answer.is(403, &denied(&user, "get", "namespaces", "", name, &inside(server)))?;
    Ok(())
}

fn by_name(server: &Server) -> Held {
    let (token, user) = (server.account("by-name")?, server.account_user("by-name"));
    let path = format!("{}?fieldSelector=metadata.name%3Dx", server.path(&SECRETS));
    let answer = as_account(server, &token, "GET", path)?;
    answer.is(403, &denied(&user, "list", "secrets", "", "x", &inside(server)))?;
    Ok(())
}

fn parts(server: &Server) -> Held {
    let (token, user) = (server.account("parts")?, server.account_user("parts"));
    let place = inside(server);
    let proxy = format!("{}/proxy/api/v1/write", server.one(&SERVICES, "http:s:80"));
    let answer = as_account(server, &token, "GET", proxy.clone())?;
    answer.is(403, &denied(&user, "get", "services/proxy", "", "http:s:80", &place))?;
    let answer = as_account(server, &token, "POST", proxy)?;
    answer.is(403, &denied(&user, "create", "services/proxy", "", "http:s:80", &place))?;
    let answer = as_account(server, &token, "GET", format!("{}/log?container=c", server.one(&PODS, "p")))?;
    answer.is(403, &denied(&user, "get", "pods/log", "", "p", &place))?;
    let status = format!("{}/status", server.one(&PACKAGE_INSTALLS, "p"));
    let answer = server.ask("PATCH", status).token(&token).json(MERGE, &json!({})).send()?;
    let expected = denied(&user, "patch", "packageinstalls/status", "packaging.carvel.dev", "p", &place);
    answer.is(403, &expected)?;
    Ok(())
}

fn unknown_group(server: &Server) -> Held {
    let (token, user) = (server.account("unknown-group")?, server.account_user("unknown-group"));
    let answer = as_account(server, &token, "GET", "/apis/nowhere.example.com/v1/things".to_owned())?;
    answer.is(403, &denied(&user, "list", "things", "nowhere.example.com", "", "at the cluster scope"))?;
    // The paths of discovery are everybody's.
    let answer = as_account(server, &token, "GET", "/apis/nowhere.example.com/v1".to_owned())?;
    answer.says(404, "404 page not found\n")
}

fn path(server: &Server) -> Held {
    let (token, user) = (server.account("path")?, server.account_user("path"));
    let message = format!("forbidden: User \"{user}\" cannot get path \"/metrics\"");
    let answer = as_account(server, &token, "GET", "/metrics".to_owned())?;
    answer.is(403, &failure_of(403, "Forbidden", &message, json!({})))?;
    as_account(server, &token, "GET", "/version".to_owned())?.with(200)?;
    as_account(server, &token, "GET", "/apis/packaging.carvel.dev/v1alpha1".to_owned())?.with(200)?;
    Ok(())
}

fn anonymous(server: &Server) -> Held {
    let answer = server.ask("GET", server.path(&SECRETS)).token("").send()?;
    answer.is(403, &denied("system:anonymous", "list", "secrets", "", "", &inside(server)))?;
    let message = "forbidden: User \"system:anonymous\" cannot get path \"/api\"";
    let answer = server.ask("GET", "/api").token("").send()?;
    answer.is(403, &failure_of(403, "Forbidden", message, json!({})))?;
    Ok(())
}

/// Gives an account these rights in the run's namespace.
fn grant(server: &Server, account: &str, rules: &Value) -> Held {
    server.post(server.path(&ROLES), &role("Role", account, rules))?.with(201)?;
    let bound = binding("RoleBinding", account, ("Role", account), (server.namespace(), account));
    server.post(server.path(&ROLE_BINDINGS), &bound)?.with(201)?;
    Ok(())
}

fn one_name(server: &Server) -> Held {
    let (token, user) = (server.account("one-name")?, server.account_user("one-name"));
    let rules = json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"], "resourceNames": ["mine"]}]);
    grant(server, "one-name", &rules)?;
    let place = inside(server);
    let one = |name: &str| server.one(&SECRETS, name);
    until("the right is known", || as_account(server, &token, "GET", one("mine"))?.with(404))?;
    let secrets = server.path(&SECRETS);
    let list = as_account(server, &token, "GET", format!("{secrets}?fieldSelector=metadata.name%3Dmine"))?;
    list.has(200, &json!({"items": []}))?;
    as_account(server, &token, "GET", secrets)?.is(403, &denied(&user, "list", "secrets", "", "", &place))?;
    as_account(server, &token, "GET", one("other"))?
        .is(403, &denied(&user, "get", "secrets", "", "other", &place))?;
    Ok(())
}

fn apply_creates(server: &Server) -> Held {
    let (token, user) = (server.account("patcher")?, server.account_user("patcher"));
    server.post(server.path(&SECRETS), &empty("patchable"))?.with(201)?;
    grant(server, "patcher", &json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["patch"]}]))?;
    let apply = |name: &str| {
        let path = format!("{}?fieldManager=a", server.one(&SECRETS, name));
        server.ask("PATCH", path).token(&token).json(APPLY, &secret(name, &json!({"a": "MQ=="}))).send()
    };
    until("the right is known", || apply("patchable")?.with(200))?;
    apply("fresh")?.is(403, &denied(&user, "create", "secrets", "", "fresh", &inside(server)))?;
    Ok(())
}

fn escalation(server: &Server) -> Held {
    let (token, user) = (server.account("escalation")?, server.account_user("escalation"));
    let resources = json!(["roles", "rolebindings"]);
    let group = "rbac.authorization.k8s.io";
    let rules = json!([{"apiGroups": [group], "resources": resources, "verbs": ["create"]}]);
    grant(server, "escalation", &rules)?;
    let groups = format!(
        "[\"system:serviceaccounts\" \"system:serviceaccounts:{}\" \"system:authenticated\"]",
        server.namespace()
    );
    let words = |resource: &str, lacking: &str| {
        let message = format!(
            "{resource}.{group} \"more\" is forbidden: user \"{user}\" (groups={groups}) is attempting to grant RBAC \
             permissions not currently held:\n{lacking}"
        );
        failure_of(403, "Forbidden", &message, json!({"name": "more", "group": group, "kind": resource}))
    };
    let write =
        |path: String, object: &Value| server.ask("POST", path).token(&token).json(JSON, object).send();
    let none = role("Role", "none", &json!([]));
    until("the right is known", || {
        let path = format!("{}?dryRun=All", server.path(&ROLES));
        write(path, &none)?.with(201)
    })?;
    let rules = json!([
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["delete"]},
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
    ]);
    let lacking = "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\"]}\n\
                   {APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"delete\"]}";
    write(server.path(&ROLES), &role("Role", "more", &rules))?.is(403, &words("roles", lacking))?;
    let bound =
        binding("RoleBinding", "more", ("ClusterRole", "cluster-admin"), (server.namespace(), "escalation"));
    let lacking =
        "{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}";
    write(server.path(&ROLE_BINDINGS), &bound)?.is(403, &words("rolebindings", lacking))?;
    Ok(())
}
