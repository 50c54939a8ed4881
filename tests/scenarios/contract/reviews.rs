//! Questions about rights, asked before something is tried.

use serde_json::{Value, json};

use super::answer::{Answer, same};
use super::objects::{ROLE_BINDINGS, ROLES, SECRETS, binding, failure, failure_of, role};
use super::server::{JSON, until};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case { name: "an administrator may", why: "`Cluster::can` reads `status.allowed`", run: administrator },
    Case {
        name: "somebody without rights may not, and the answer is no failure",
        why: "`Cluster::can` reads `status.allowed`",
        run: nobody,
    },
    Case {
        name: "a right to one name answers for that name only",
        why: "promfed asks by name before it writes a Secret",
        run: one_name,
    },
    Case { name: "a path can be asked about", why: "`kubectl auth can-i get /version`", run: path },
    Case {
        name: "a question about nothing is a 422",
        why: "the sandbox must refuse what a server refuses",
        run: about_nothing,
    },
    Case { name: "all rights in a namespace can be listed", why: "`kubectl auth can-i --list`", run: rules },
    Case {
        name: "the rights in no namespace cannot be listed",
        why: "the sandbox must refuse what a server refuses",
        run: rules_of_nowhere,
    },
];

/// The resource of promfed's own question; empty texts are what it sends for `any`.
fn attributes(server: &Server, verb: &str, name: &str) -> Value {
    json!({"resourceAttributes": {
        "verb": verb, "group": "", "resource": "secrets", "subresource": "", "namespace": server.namespace(),
        "name": name,
    }})
}

fn ask(server: &Server, token: Option<&str>, spec: &Value) -> Result<Answer, String> {
    let review =
        json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec});
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let ask = server.ask("POST", path).json(JSON, &review);
    match token {
        Some(token) => ask.token(token).send(),
        None => ask.send(),
    }
}

fn administrator(server: &Server) -> Held {
    let answer = ask(server, None, &attributes(server, "create", ""))?;
    let spec = json!({"resourceAttributes": {
        "verb": "create", "resource": "secrets", "namespace": server.namespace(), "group": null, "name": null,
        "subresource": null,
    }});
    let expected = json!({
        "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "spec": spec,
        "status": {"allowed": true},
    });
    answer.has(201, &expected)?;
    Ok(())
}

fn nobody(server: &Server) -> Held {
    let token = server.account("review-nobody")?;
    let answer = ask(server, Some(&token), &attributes(server, "create", ""))?.with(201)?;
    same("the answer", &json!({"allowed": false}), &answer.at("/status"))
}

fn one_name(server: &Server) -> Held {
    let token = server.account("reviewed")?;
    let rules =
        json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["mine"]}]);
    server.post(server.path(&ROLES), &role("Role", "reader", &rules))?.with(201)?;
    let bound = binding("RoleBinding", "readers", ("Role", "reader"), (server.namespace(), "reviewed"));
    server.post(server.path(&ROLE_BINDINGS), &bound)?.with(201)?;
    let space = server.namespace();
    let reason = format!(
        "RBAC: allowed by RoleBinding \"readers/{space}\" of Role \"reader\" to ServiceAccount \"reviewed/{space}\""
    );
    until("the right is known", || {
        let answer = ask(server, Some(&token), &attributes(server, "get", "mine"))?.with(201)?;
        same("the answer", &json!({"allowed": true, "reason": reason}), &answer.at("/status"))
    })?;
    for name in ["other", ""] {
        let answer = ask(server, Some(&token), &attributes(server, "get", name))?.with(201)?;
        same("the answer", &json!({"allowed": false}), &answer.at("/status"))?;
    }
    server.ask("GET", server.one(&SECRETS, "mine")).token(&token).send()?.with(404)?;
    Ok(())
}

fn path(server: &Server) -> Held {
    let token = server.account("review-path")?;
    for (path, allowed) in [("/version", true), ("/metrics", false)] {
        let spec = json!({"nonResourceAttributes": {"path": path, "verb": "get"}});
        let answer = ask(server, Some(&token), &spec)?;
        answer.has(201, &json!({"status": {"allowed": allowed}}))?;
    }
    Ok(())
}

fn about_nothing(server: &Server) -> Held {
    let why =
        "Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified";
    let cause = json!({"field": "spec.resourceAttributes", "reason": "FieldValueInvalid", "message": why});
    let details = json!({"group": "authorization.k8s.io", "causes": [cause]});
    let message = format!(".authorization.k8s.io \"\" is invalid: spec.resourceAttributes: {why}");
    ask(server, None, &json!({}))?.is(422, &failure_of(422, "Invalid", &message, details))?;
    Ok(())
}

const RULES: &str = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews";

fn rules(server: &Server) -> Held {
    let token = server.account("review-rules")?;
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview",
        "spec": {"namespace": server.namespace()},
    });
    let answer = server.ask("POST", RULES).token(&token).json(JSON, &review).send()?;
    let answer = answer.has(201, &json!({"metadata": {}, "spec": {}, "status": {"incomplete": false}}))?;
    let found = answer.at("/status/resourceRules");
    let reviews = ["selfsubjectaccessreviews", "selfsubjectrulesreviews"];
    let expected = json!({"verbs": ["create"], "apiGroups": ["authorization.k8s.io"], "resources": reviews});
    if !found.as_array().is_some_and(|rules| rules.contains(&expected)) {
        return Err(format!("there is no {expected} in {found}"));
    }
    let everything = json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]});
    let answer = server.post(RULES, &review)?.with(201)?;
    let found = answer.at("/status/resourceRules");
    if found.as_array().is_some_and(|rules| rules.contains(&everything)) {
        return Ok(());
    }
    Err(format!("there is no {everything} in {found}"))
}

fn rules_of_nowhere(server: &Server) -> Held {
    let review =
        json!({"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": {}});
    server.post(RULES, &review)?.is(400, &failure(400, "BadRequest", "no namespace on request"))?;
    Ok(())
}
