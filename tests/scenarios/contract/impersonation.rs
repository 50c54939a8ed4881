//! Acting as somebody else.

use serde_json::{Value, json};

use super::answer::same;
use super::objects::SECRETS;
use super::server::JSON;
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "an administrator acts as a user, with their rights",
        why: "`--as` of promfed's connection flags",
        run: user,
    },
    Case { name: "an administrator acts as a user of groups", why: "`--as-group`", run: groups },
    Case {
        name: "an administrator acts as a ServiceAccount, with its groups",
        why: "`--as=system:serviceaccount:…`",
        run: account,
    },
    Case {
        name: "who may not act as others is told so",
        why: "the words name the user who asks, not the one who was to be",
        run: refused,
    },
    Case { name: "groups without a user are a 400", why: "`--as-group` without `--as`", run: groups_alone },
];

const REVIEWS: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

fn whoami(server: &Server, headers: &[(&'static str, &str)]) -> Result<Value, String> {
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let ask = server.ask("POST", REVIEWS).json(JSON, &review);
    let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, *value));
    Ok(ask.send()?.with(201)?.at("/status/userInfo"))
}

fn user(server: &Server) -> Held {
    let info = whoami(server, &[("impersonate-user", "jane")])?;
    same("the user", &json!({"username": "jane", "groups": ["system:authenticated"]}), &info)?;
    let answer = server.ask("GET", server.path(&SECRETS)).header("impersonate-user", "jane").send()?;
    let message = format!(
        "secrets is forbidden: User \"jane\" cannot list resource \"secrets\" in API group \"\" in the namespace \"{}\"",
        server.namespace()
    );
    answer.has(403, &json!({"message": message}))?;
    Ok(())
}

fn groups(server: &Server) -> Held {
    let info = whoami(server, &[("impersonate-user", "jane"), ("impersonate-group", "devs")])?;
    same("the user", &json!({"username": "jane", "groups": ["devs", "system:authenticated"]}), &info)
}

fn account(server: &Server) -> Held {
    let name = server.account_user("somebody");
    let info = whoami(server, &[("impersonate-user", &name)])?;
    let own = format!("system:serviceaccounts:{}", server.namespace());
    let groups = json!(["system:serviceaccounts", own, "system:authenticated"]);
    same("the user", &json!({"username": name, "groups": groups}), &info)
}

fn refused(server: &Server) -> Held {
    let (token, user) = (server.account("impersonator")?, server.account_user("impersonator"));
    for wanted in ["jane", "system:serviceaccount:default:default"] {
        let ask = server.ask("GET", server.path(&SECRETS)).token(&token).header("impersonate-user", wanted);
        // What exactly may not be impersonated is told in other words since the right can be had for single
        // verbs (Kubernetes 1.36: `impersonate-on:user-info:list`); promfed shows only what is the same in all.
        let message = format!("<any> is forbidden: User \"{user}\" cannot impersonate<any> resource <any>");
        let expected = json!({"kind": "Status", "reason": "Forbidden", "code": 403, "message": message});
        ask.send()?.has(403, &expected)?;
    }
    Ok(())
}

fn groups_alone(server: &Server) -> Held {
    let answer = server.ask("GET", server.path(&SECRETS)).header("impersonate-group", "devs").send()?;
    let message = "requested <any> without impersonating a user<any>";
    answer.has(400, &json!({"reason": "BadRequest", "message": message}))?;
    Ok(())
}
