//! Which function answers which request.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::Method;

use super::call::Call;
use super::groups::Availability;
use super::kinds::{self, Origin, Verbs};
use super::negotiate::Form;
use super::request::{Params, Resource};
use super::status::Failure;
use super::{
    Api, body, delete, discovery, entry, forward, logs, openapi, options, patch, proxy, read, reviews, scale,
    tokens, watch, write,
};
use crate::access::User;

/// All that an API server answers.
pub(super) fn router(api: Arc<Api>) -> Router {
    Router::new()
        .route("/version", get(discovery::version))
        .route("/healthz", get(discovery::healthy))
        .route("/livez", get(discovery::healthy))
        .route("/readyz", get(discovery::healthy))
        .route("/metrics", get(discovery::metrics))
        .route("/api", get(discovery::core))
        .route("/apis", get(discovery::groups))
        .route("/api/{version}", get(discovery::core_resources))
        .route("/apis/{group}", get(discovery::group))
        .route("/apis/{group}/{version}", get(discovery::resources))
        .route("/openapi/v2", get(openapi::second))
        .route("/openapi/v3", get(openapi::index))
        .route("/openapi/v3/{*path}", get(openapi::third))
        .fallback(resources)
        .layer(from_fn_with_state(api.clone(), entry::entry))
        .with_state(api)
}

async fn resources(
    State(api): State<Arc<Api>>,
    Extension(user): Extension<User>,
    request: Request,
) -> Response {
    match resource(api, user, request).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn resource(api: Arc<Api>, user: User, mut request: Request) -> Result<Response, Failure> {
    let upgrade = hyper::upgrade::on(&mut request);
    let (parts, body) = request.into_parts();
    let resource = Resource::parse(parts.uri.path()).ok_or(Failure::no_path())?;
    let foreign = (resource.group.clone(), resource.version.clone());
    if api.groups.get(&resource.group) == Availability::Broken || api.groups.foreign().contains(&foreign) {
        return Err(Failure::down());
    }
    let nowhere = || discovery::nowhere(&resource.group);
    let kind = kinds::find(&resource.group, &resource.version, &resource.plural)
        .filter(|kind| api.groups.kind(kind) == Availability::Served)
        .ok_or_else(nowhere)?;
    let outside = kind.namespaced() && resource.namespace.is_none();
    let inside = !kind.namespaced() && resource.namespace.is_some() && kind.plural != "namespaces";
    if inside || (outside && resource.name.is_some()) {
        return Err(nowhere());
    }
    let raw = ["proxy", "log"].map(Some).contains(&resource.subresource.as_deref());
    let form = if raw { Form::Whole(super::negotiate::Encoding::Json) } else { Form::of(&parts.headers)? };
    let call = Call {
        api,
        user,
        kind,
        resource,
        method: parts.method,
        params: Params::of(&parts.uri),
        headers: parts.headers,
        form,
        warnings: std::sync::Mutex::default(),
    };
    let bytes = body::read(body).await?;
    let Some(subresource) = call.subresource() else { return object(&call, &bytes) };
    if !kind.has(subresource) {
        // A definition's object is looked for before its part is.
        let custom = kind.origin == Origin::Custom;
        return Err(if custom {
            Failure::not_found(kind, call.name())
        } else {
            discovery::nowhere(kind.group)
        });
    }
    match subresource {
        "proxy" => proxy::proxy(&call, parts.uri.query(), bytes).await,
        "log" => logs::log(&call),
        "token" => tokens::request(&call, &bytes),
        "scale" => scale::scale(&call, &bytes),
        "portforward" => forward::forward(&call, upgrade),
        "exec" | "attach" => Err(Failure::new(
            501,
            "NotImplemented",
            format!("pods/{subresource} is not supported by this API server"),
        )),
        _ if call.method == Method::POST || call.method == Method::DELETE => {
            Err(Failure::method_not_allowed())
        }
        _ => object(&call, &bytes),
    }
}

fn object(call: &Call, bytes: &[u8]) -> Result<Response, Failure> {
    let named = call.resource.name.is_some();
    options::check(call)?;
    if call.kind.verbs == Verbs::Ask {
        return if call.method == Method::POST && !named {
            reviews::review(call, bytes)
        } else {
            Err(Failure::method_not_allowed())
        };
    }
    let whole = call.kind.namespaced() && call.resource.namespace.is_none();
    match (call.method.as_str(), named) {
        ("GET", true) => read::get(call),
        ("GET", false) if call.params.flag("watch") => watch::watch(call),
        ("GET", false) => read::list(call),
        ("POST", false) if !whole => write::create(call, bytes),
        ("PUT", true) => write::update(call, bytes),
        ("PATCH", true) => patch::patch(call, bytes),
        ("DELETE", true) => delete::one(call, bytes),
        ("DELETE", false) if !whole => delete::collection(call, bytes),
        _ => Err(Failure::method_not_allowed()),
    }
}
