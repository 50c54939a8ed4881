//! Discovery: which groups, versions and resources there are, in pieces and in one document.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use super::Api;
use super::groups::Availability;
use super::kinds::{self, Kind, Origin, Verbs};
use super::negotiate::{aggregated_discovery, json_answer};
use super::status::Failure;

/// The version that the API server says it is.
const VERSION: (&str, &str, &str) = ("1", "33", "v1.33.5");

const VERBS: &[&str] = &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

fn answer(value: &Value) -> Response {
    json_answer(StatusCode::OK, value)
}

/// `/version`.
pub(super) async fn version() -> Response {
    let (major, minor, git) = VERSION;
    answer(&json!({
        "major": major, "minor": minor, "gitVersion": git, "gitCommit": "sandbox", "gitTreeState": "clean",
        "buildDate": "2025-09-09T18:58:57Z", "goVersion": "none", "compiler": "rustc", "platform": "linux/amd64",
    }))
}

/// `/healthz` and its kin.
pub(super) async fn healthy() -> &'static str {
    "ok"
}

/// `/metrics`: what a scrape of the API server finds.
pub(super) async fn metrics(State(api): State<Arc<Api>>) -> impl IntoResponse {
    let page = format!(
        "# TYPE apiserver_request_total counter\napiserver_request_total {}\n# TYPE apiserver_storage_objects gauge\n\
         apiserver_storage_objects {}\n",
        api.journal.count(),
        api.store.list("", "pods", None).0.len(),
    );
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], page)
}

/// `/api`.
pub(super) async fn core(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    if let Some(version) = aggregated_discovery(&headers) {
        return aggregated(&api, version, str::is_empty);
    }
    answer(&json!({"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}))
}

/// `/apis`.
pub(super) async fn groups(State(api): State<Arc<Api>>, headers: HeaderMap) -> Response {
    if let Some(version) = aggregated_discovery(&headers) {
        return aggregated(&api, version, |group| !group.is_empty());
    }
    let groups: Vec<Value> = served(&api)
        .iter()
        .filter(|(group, _, _)| !group.is_empty())
        .map(|(group, version, _)| group_json(group, version))
        .collect();
    answer(&json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
}

/// `/apis/GROUP`.
pub(super) async fn group(State(api): State<Arc<Api>>, Path(group): Path<String>) -> Response {
    match served(&api).iter().find(|(name, _, _)| *name == group) {
        Some((group, version, _)) => {
            let mut group = group_json(group, version);
            group["kind"] = json!("APIGroup");
            group["apiVersion"] = json!("v1");
            answer(&group)
        }
        None => Failure::no_path().into_response(),
    }
}

/// `/api/VERSION`.
pub(super) async fn core_resources(State(api): State<Arc<Api>>, Path(version): Path<String>) -> Response {
    resource_list(&api, "", &version)
}

/// `/apis/GROUP/VERSION`.
pub(super) async fn resources(
    State(api): State<Arc<Api>>,
    Path((group, version)): Path<(String, String)>,
) -> Response {
    resource_list(&api, &group, &version)
}

/// 404 of something that a group does not have. A group that is built in knows that it is one; what is served by
/// somebody else, or by nobody, does not lead anywhere.
pub(super) fn nowhere(group: &str) -> Failure {
    if kinds::all().any(|kind| kind.group == group && kind.origin == Origin::BuiltIn) {
        Failure::no_resource()
    } else {
        Failure::no_path()
    }
}

fn resource_list(api: &Api, group: &str, version: &str) -> Response {
    let found = served(api).into_iter().find(|(name, v, _)| *name == group && *v == version);
    match found {
        None => nowhere(group).into_response(),
        Some((_, _, Availability::Broken)) => Failure::down().into_response(),
        Some(_) => {
            let resources: Vec<Value> = kinds_of(api, group).flat_map(resource_json).collect();
            // The oldest of all groups does not say the version of its own form.
            answer(&if group.is_empty() {
                json!({"kind": "APIResourceList", "groupVersion": version, "resources": resources})
            } else {
                let name = format!("{group}/{version}");
                json!({"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": name, "resources": resources})
            })
        }
    }
}

/// The groups with their version, in the order of the table; those last that nobody serves.
pub(super) fn served(api: &Api) -> Vec<(String, String, Availability)> {
    let mut groups: Vec<(String, String, Availability)> = Vec::new();
    for kind in kinds::all() {
        if groups.iter().any(|(group, _, _)| *group == kind.group) {
            continue;
        }
        match api.groups.kind(kind) {
            Availability::Absent => {}
            availability => groups.push((kind.group.to_owned(), kind.version.to_owned(), availability)),
        }
    }
    groups.extend(
        api.groups.foreign().into_iter().map(|(group, version)| (group, version, Availability::Broken)),
    );
    groups
}

/// The kinds of a group that are served.
pub(super) fn kinds_of<'a>(api: &'a Api, group: &'a str) -> impl Iterator<Item = &'static Kind> + 'a {
    kinds::all().filter(move |kind| kind.group == group && api.groups.kind(kind) == Availability::Served)
}

fn group_json(group: &str, version: &str) -> Value {
    let version = json!({"groupVersion": format!("{group}/{version}"), "version": version});
    json!({"name": group, "versions": [version], "preferredVersion": version})
}

fn verbs(kind: &Kind) -> Value {
    match kind.verbs {
        Verbs::Ask => json!(["create"]),
        // Nobody deletes all namespaces at once.
        Verbs::All if kind.plural == "namespaces" => {
            VERBS.iter().filter(|verb| **verb != "deletecollection").map(|verb| json!(verb)).collect()
        }
        Verbs::All => json!(VERBS),
    }
}

/// The parts of an object of this kind, in the order of the alphabet.
fn subresources(kind: &Kind) -> Vec<&'static str> {
    let mut names = kind.subresources.to_vec();
    names.sort_unstable();
    names
}

/// The verbs and the kind of a subresource.
fn subresource(kind: &Kind, name: &str) -> (Value, &'static str, &'static str, String) {
    let own = (kind.group, kind.version, kind.name.to_owned());
    let (verbs, (group, version, name)) = match name {
        "status" => (json!(["get", "patch", "update"]), own),
        "finalize" => (json!(["update"]), own),
        "scale" => (json!(["get", "patch", "update"]), ("autoscaling", "v1", "Scale".to_owned())),
        "token" => (json!(["create"]), ("authentication.k8s.io", "v1", "TokenRequest".to_owned())),
        "log" => (json!(["get"]), own),
        "proxy" => (
            json!(["create", "delete", "get", "patch", "update"]),
            ("", "v1", format!("{}ProxyOptions", kind.name)),
        ),
        "exec" => (json!(["create", "get"]), ("", "v1", "PodExecOptions".to_owned())),
        "attach" => (json!(["create", "get"]), ("", "v1", "PodAttachOptions".to_owned())),
        "portforward" => (json!(["create", "get"]), ("", "v1", "PodPortForwardOptions".to_owned())),
        _ => (json!(["create", "get"]), own),
    };
    (verbs, group, version, name)
}

fn resource_json(kind: &'static Kind) -> Vec<Value> {
    let mut main = json!({
        "name": kind.plural, "singularName": kind.singular, "namespaced": kind.namespaced(), "kind": kind.name,
        "verbs": verbs(kind),
    });
    if !kind.short.is_empty() {
        main["shortNames"] = json!(kind.short);
    }
    if !kind.categories.is_empty() {
        main["categories"] = json!(kind.categories);
    }
    let mut all = vec![main];
    for name in subresources(kind) {
        let (verbs, group, version, subkind) = subresource(kind, name);
        let mut value = json!({
            "name": format!("{}/{name}", kind.plural), "singularName": "", "namespaced": kind.namespaced(),
            "kind": subkind, "verbs": verbs,
        });
        if group != kind.group {
            value["group"] = json!(group);
            value["version"] = json!(version);
        }
        all.push(value);
    }
    all
}

fn aggregated(api: &Api, form: &str, wanted: impl Fn(&str) -> bool) -> Response {
    let groups: Vec<Value> = served(api)
        .into_iter()
        .filter(|(group, _, _)| wanted(group))
        .map(|(group, version, availability)| {
            let broken = availability == Availability::Broken;
            let mut version =
                json!({"version": version, "freshness": if broken { "Stale" } else { "Current" }});
            if !broken {
                version["resources"] = kinds_of(api, &group).map(aggregated_resource).collect();
            }
            // The core group has no name.
            let metadata = if group.is_empty() { json!({}) } else { json!({"name": group}) };
            json!({"metadata": metadata, "versions": [version]})
        })
        .collect();
    let list = json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": format!("apidiscovery.k8s.io/{form}"), "metadata": {},
        "items": groups,
    });
    let media = format!("application/json;g=apidiscovery.k8s.io;v={form};as=APIGroupDiscoveryList");
    let mut response = answer(&list);
    if let Ok(media) = HeaderValue::try_from(media) {
        response.headers_mut().insert(header::CONTENT_TYPE, media);
    }
    response
}

fn aggregated_resource(kind: &'static Kind) -> Value {
    // What is of the version that the list is about does not repeat it, except for definitions.
    let response_kind = |group: &str, version: &str, name: &str| {
        let own = group == kind.group && kind.origin != Origin::Custom;
        let (group, version) = if own { ("", "") } else { (group, version) };
        json!({"group": group, "version": version, "kind": name})
    };
    let mut value = json!({
        "resource": kind.plural, "responseKind": response_kind(kind.group, kind.version, kind.name),
        "scope": if kind.namespaced() { "Namespaced" } else { "Cluster" },
        "singularResource": kind.singular, "verbs": verbs(kind),
    });
    if !kind.short.is_empty() {
        value["shortNames"] = json!(kind.short);
    }
    if !kind.categories.is_empty() {
        value["categories"] = json!(kind.categories);
    }
    let subresources: Vec<Value> = subresources(kind)
        .into_iter()
        .map(|name| {
            let (verbs, group, version, subkind) = subresource(kind, name);
            json!({"subresource": name, "responseKind": response_kind(group, version, &subkind), "verbs": verbs})
        })
        .collect();
    if !subresources.is_empty() {
        value["subresources"] = json!(subresources);
    }
    value
}
