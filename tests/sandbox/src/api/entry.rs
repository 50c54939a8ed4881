//! What every request passes: the journal, the faults, who asks, and whether they may.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;

use super::line::Cut;
use super::request::{Params, Resource};
use super::selector::Fields;
use super::status::Failure;
use super::{Api, cutting};
use crate::access::{Attributes, Subject, User};
use crate::faults::{Effect, Listening};
use crate::journal::{Line, Ticket};

/// The outermost layer.
pub(super) async fn entry(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    let method = request.method().as_str().to_owned();
    let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let ticket = api.journal.begin(&method, &path, agent.unwrap_or_default());
    let cut = request.extensions().get::<Cut>().cloned().unwrap_or_default();
    let line = Line { method: &method, path: &path, user_agent: agent.unwrap_or_default() };
    let (delay, effect) = api.faults.strike(line);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let response = match effect {
        None => admit(&api, request, next, &ticket).await,
        Some(Effect::Answer(failure)) => failure.into_response(),
        Some(Effect::Redirect(location)) => match HeaderValue::try_from(location) {
            Ok(location) => (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response(),
            Err(_) => Failure::internal("the redirect's location is no header value").into_response(),
        },
        Some(Effect::Truncate(length)) => {
            cutting::truncate(admit(&api, request, next, &ticket).await, length)
        }
        Some(Effect::ResetAfter(length)) => {
            cutting::reset_after(admit(&api, request, next, &ticket).await, length, cut)
        }
        Some(Effect::Reset) => {
            cut.cut();
            // Ends the connection when hyper tries to send it: nothing of it arrives.
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Some(Effect::Refuse) => {
            cut.cut();
            api.faults.listen(Listening::No);
            std::future::pending().await
        }
        Some(Effect::Revoke(token)) => {
            api.access.revoke(&token);
            admit(&api, request, next, &ticket).await
        }
        Some(Effect::Hang) => {
            let _held = api.faults.hold();
            std::future::pending().await
        }
        Some(Effect::Unanswered) => {
            drop(admit(&api, request, next, &ticket).await);
            let _held = api.faults.hold();
            std::future::pending().await
        }
        Some(Effect::Delay(_)) => unreachable!("delays are added up apart"),
    };
    ticket.answered(response.status().as_u16());
    response
}

/// Authentication, impersonation, authorization.
async fn admit(api: &Arc<Api>, mut request: Request, next: Next, ticket: &Ticket) -> Response {
    let user = match authenticate(api, request.headers()) {
        Ok(user) => user,
        Err(failure) => return failure.into_response(),
    };
    ticket.user(&user.name);
    let user = match impersonate(api, &user, request.headers()) {
        Ok(Some(other)) => {
            ticket.user(&other.name);
            other
        }
        Ok(None) => user,
        Err(failure) => return failure.into_response(),
    };
    if let Err(failure) = authorize(api, &user, &request) {
        return failure.into_response();
    }
    request.headers_mut().remove(header::AUTHORIZATION);
    request.extensions_mut().insert(user);
    next.run(request).await
}

fn authenticate(api: &Api, headers: &HeaderMap) -> Result<User, Failure> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(User::anonymous()) };
    let token = value.to_str().ok().and_then(|value| value.split_once(' '));
    match token {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
            api.access.authenticate(token.trim()).ok_or_else(Failure::unauthorized)
        }
        _ => Err(Failure::unauthorized()),
    }
}

/// The user that the request is made as, when the caller may act as them.
fn impersonate(api: &Api, user: &User, headers: &HeaderMap) -> Result<Option<User>, Failure> {
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    let groups: Vec<String> = headers.get_all("impersonate-group").iter().map(text).collect();
    let uid = headers.get("impersonate-uid").map(text);
    let Some(name) = headers.get("impersonate-user").map(text) else {
        return if groups.is_empty() && uid.is_none() {
            Ok(None)
        } else {
            Err(Failure::bad_request("requested groups or uid without impersonating a user name"))
        };
    };
    let check = |group: &str, resource: &str, namespace: Option<&str>, name: &str| {
        let subject = Subject::Resource { group, resource, subresource: None, namespace, name: Some(name) };
        let attributes = Attributes { verb: "impersonate", subject };
        if api.access.allowed(user, &attributes) { Ok(()) } else { Err(denied(user, &attributes)) }
    };
    let account = name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    let mut other = if let Some((namespace, account)) = account {
        check("", "serviceaccounts", Some(namespace), account)?;
        User::service_account(namespace, account)
    } else {
        check("", "users", None, &name)?;
        User::new(&name, &[])
    };
    for group in &groups {
        check("", "groups", None, group)?;
    }
    if let Some(uid) = &uid {
        check("authentication.k8s.io", "uids", None, uid)?;
    }
    if !groups.is_empty() {
        let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
        other = User::new(&name, &groups);
    }
    other.uid = uid;
    Ok(Some(other))
}

fn authorize(api: &Api, user: &User, request: &Request) -> Result<(), Failure> {
    let params = Params::of(request.uri());
    let path = request.uri().path();
    let Some(resource) = Resource::parse(path) else {
        let verb = request.method().as_str().to_ascii_lowercase();
        let attributes = Attributes { verb: &verb, subject: Subject::Path(path) };
        return if api.access.allowed(user, &attributes) { Ok(()) } else { Err(denied(user, &attributes)) };
    };
    // A list of one object by its name is allowed to whoever may read that one.
    let selected = params.get("fieldSelector").and_then(Fields::name_of);
    let subject = Subject::Resource {
        group: &resource.group,
        resource: &resource.plural,
        subresource: resource.subresource.as_deref(),
        namespace: resource.namespace.as_deref(),
        name: resource.name.as_deref().or(selected.as_deref()),
    };
    let attributes = Attributes { verb: resource.verb(request.method(), &params), subject };
    if api.access.allowed(user, &attributes) { Ok(()) } else { Err(denied(user, &attributes)) }
}

/// 403 before anything is done: browsers are told not to guess what this is.
fn denied(user: &User, attributes: &Attributes<'_>) -> Failure {
    forbidden(user, attributes).with_header("X-Content-Type-Options", "nosniff")
}

/// 403, in the words of a real API server.
pub(super) fn forbidden(user: &User, attributes: &Attributes<'_>) -> Failure {
    let verb = attributes.verb;
    match attributes.subject {
        Subject::Path(path) => {
            let message = format!("forbidden: User {:?} cannot {verb} path {path:?}", user.name);
            Failure::new(403, "Forbidden", message).with_details(json!({}))
        }
        Subject::Resource { group, resource, subresource, namespace, name } => {
            let qualified =
                if group.is_empty() { resource.to_owned() } else { format!("{resource}.{group}") };
            let object = name.map(|name| format!(" {name:?}")).unwrap_or_default();
            let whole = subresource.map_or_else(|| resource.to_owned(), |sub| format!("{resource}/{sub}"));
            let place = namespace.map_or_else(
                || "at the cluster scope".to_owned(),
                |namespace| format!("in the namespace {namespace:?}"),
            );
            let message = format!(
                "{qualified}{object} is forbidden: User {:?} cannot {verb} resource {whole:?} in API group {group:?} {place}",
                user.name
            );
            Failure::new(403, "Forbidden", message)
                .with_details(json!({"name": name.unwrap_or_default(), "group": group, "kind": resource}))
        }
    }
}
