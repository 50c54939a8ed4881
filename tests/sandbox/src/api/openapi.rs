//! `OpenAPI`, in the least form that kubectl needs to create and apply: which kinds can be patched, and that the
//! server itself checks fields.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Map, Value, json};

use super::groups::Availability;
use super::kinds::{Kind, Verbs};
use super::negotiate::json_answer;
use super::status::Failure;
use super::{Api, discovery};

/// An `OpenAPI` 2.0 document with nothing but a title, as protobuf: the only form that clients ask for.
const EMPTY_PROTOBUF: &[u8] = b"\x0a\x032.0\x12\x12\x0a\x07Sandbox\x12\x07v1.33.5\x42\x00\x4a\x00";

/// `/openapi/v2`.
pub(super) async fn second(headers: HeaderMap) -> Response {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    if accept.contains("protobuf") && !accept.contains("application/json") {
        let form = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
        return (StatusCode::OK, [(header::CONTENT_TYPE, form)], EMPTY_PROTOBUF).into_response();
    }
    let info = json!({"title": "Sandbox", "version": "v1.33.5"});
    json_answer(StatusCode::OK, &json!({"swagger": "2.0", "info": info, "paths": {}, "definitions": {}}))
}

/// `/openapi/v3`.
pub(super) async fn index(State(api): State<Arc<Api>>) -> Response {
    let paths: Map<String, Value> = discovery::served(&api)
        .into_iter()
        .filter(|(_, _, availability)| *availability == Availability::Served)
        .map(|(group, version, _)| {
            let path = prefix(&group, &version);
            let url = json!({"serverRelativeURL": format!("/openapi/v3/{path}?hash=0")});
            (path, url)
        })
        .collect();
    json_answer(StatusCode::OK, &json!({"paths": paths}))
}

/// `/openapi/v3/api/v1` and `/openapi/v3/apis/GROUP/VERSION`.
pub(super) async fn third(State(api): State<Arc<Api>>, Path(path): Path<String>) -> Response {
    let found =
        discovery::served(&api).into_iter().find(|(group, version, _)| prefix(group, version) == path);
    let Some((group, _, _)) = found else { return Failure::no_path().into_response() };
    let mut paths = Map::new();
    let mut schemas = Map::new();
    for kind in discovery::kinds_of(&api, &group).filter(|kind| kind.verbs == Verbs::All) {
        let place = if kind.namespaced() { "namespaces/{namespace}/" } else { "" };
        paths.insert(format!("/{path}/{place}{}/{{name}}", kind.plural), operations(kind));
        schemas.insert(schema_name(kind), schema(kind));
    }
    let info = json!({"title": "Sandbox", "version": "v1.33.5"});
    json_answer(
        StatusCode::OK,
        &json!({"openapi": "3.0.0", "info": info, "paths": paths, "components": {"schemas": schemas}}),
    )
}

fn prefix(group: &str, version: &str) -> String {
    if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") }
}

fn gvk(kind: &Kind) -> Value {
    json!({"group": kind.group, "version": kind.version, "kind": kind.name})
}

fn operations(kind: &Kind) -> Value {
    let parameter =
        |name: &str| json!({"name": name, "in": "query", "schema": {"type": "string", "uniqueItems": true}});
    let parameters: Vec<Value> =
        ["dryRun", "fieldManager", "fieldValidation", "force"].map(parameter).into_iter().collect();
    json!({"patch": {
        "x-kubernetes-action": "patch", "x-kubernetes-group-version-kind": gvk(kind), "parameters": parameters,
        "responses": {"200": {"description": "OK"}},
    }})
}

fn schema_name(kind: &Kind) -> String {
    let mut parts: Vec<&str> = kind.group.split('.').filter(|part| !part.is_empty()).collect();
    parts.reverse();
    parts.extend([kind.version, kind.name]);
    parts.join(".")
}

fn schema(kind: &Kind) -> Value {
    let mut properties = json!({
        "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"},
    });
    for field in kind.fields {
        properties[*field] = json!({"x-kubernetes-preserve-unknown-fields": true});
    }
    json!({"type": "object", "properties": properties, "x-kubernetes-group-version-kind": [gvk(kind)]})
}
