//! Who asks: tokens, and what the server makes of them.

use serde_json::json;

use super::answer::same;
use super::objects::{SECRETS, SERVICE_ACCOUNTS, failure, failure_of};
use super::server::{JSON, until};
use super::{Case, Held, Server};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "a token that is nobody's is a 401",
        why: "`Cause::Unauthorized`, with the hint to log in again",
        run: wrong_token,
    },
    Case {
        name: "a ServiceAccount gets a token on request",
        why: "`kubectl create token`; the README logs in with one",
        run: token,
    },
    Case {
        name: "a missing ServiceAccount gets no token",
        why: "`kubectl create token` tells which account is missing",
        run: no_account,
    },
    Case { name: "a user can ask who they are", why: "`kubectl auth whoami`", run: whoami },
    Case {
        name: "the token of an account that was deleted is worthless",
        why: "a package whose account is gone cannot go on",
        run: deleted_account,
    },
];

const REVIEWS: &str = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

fn wrong_token(server: &Server) -> Held {
    let expected = failure(401, "Unauthorized", "Unauthorized");
    for path in [server.path(&SECRETS), "/version".to_owned(), "/apis/nowhere.example.com/v1".to_owned()] {
        server.ask("GET", path).token("nobody's").send()?.is(401, &expected)?;
    }
    Ok(())
}

fn token(server: &Server) -> Held {
    server.post(server.path(&SERVICE_ACCOUNTS), &json!({"metadata": {"name": "token"}}))?.with(201)?;
    let path = format!("{}/token", server.one(&SERVICE_ACCOUNTS, "token"));
    let request = json!({"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {}});
    let expected = json!({
        "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": "token", "namespace": server.namespace()},
        "spec": {"expirationSeconds": 3600}, "status": {"token": "<any>", "expirationTimestamp": "<any>T<any>Z"},
    });
    server.post(path, &request)?.has(201, &expected)?;
    Ok(())
}

fn no_account(server: &Server) -> Held {
    let path = format!("{}/token", server.one(&SERVICE_ACCOUNTS, "nobody"));
    let request = json!({"kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "spec": {}});
    let details = json!({"name": "nobody", "kind": "serviceaccounts"});
    let expected = failure_of(404, "NotFound", "serviceaccounts \"nobody\" not found", details);
    server.post(path, &request)?.is(404, &expected)?;
    Ok(())
}

fn whoami(server: &Server) -> Held {
    let token = server.account("whoami")?;
    let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let answer = server.ask("POST", REVIEWS).token(&token).json(JSON, &review).send()?;
    let own = format!("system:serviceaccounts:{}", server.namespace());
    let groups = json!(["system:serviceaccounts", own, "system:authenticated"]);
    let user = json!({"username": server.account_user("whoami"), "uid": "<any>", "groups": groups});
    let answer = answer.has(201, &json!({"kind": "SelfSubjectReview", "status": {"userInfo": user}}))?;
    same("the time", &json!({"creationTimestamp": "<any>T<any>Z"}), &answer.at("/metadata"))
}

fn deleted_account(server: &Server) -> Held {
    let token = server.account("deleted-account")?;
    until("the token is good", || server.ask("GET", "/apis").token(&token).send()?.with(200))?;
    server.delete(&server.one(&SERVICE_ACCOUNTS, "deleted-account"))?.with(200)?;
    // A server remembers for some seconds whose token it was.
    until("the token is worthless", || server.ask("GET", "/apis").token(&token).send()?.with(401))?;
    Ok(())
}
