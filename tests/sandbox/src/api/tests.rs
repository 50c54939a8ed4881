//! The API server as its clients see it, without a connection in between.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use futures::StreamExt;
use http::{Method, Request, header};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::access::User;
use crate::faults::{Effect, Fault};
use crate::store::Key;

/// A node on which nothing runs.
struct Nothing;

impl Backend for Nothing {
    fn dial(&self, _: &str, _: u16) -> Option<SocketAddr> {
        None
    }

    fn log(&self, _: &str, _: &str, _: &str, _: Instance) -> Option<String> {
        None
    }

    fn answer(&self, _: &str, body: Vec<u8>) -> Vec<u8> {
        body
    }
}

fn api() -> Arc<Api> {
    Arc::new(Api::new(Store::default(), Arc::new(Nothing)).unwrap())
}

async fn raw(api: &Arc<Api>, token: &str, method: Method, path: &str, media: &str, body: &Value) -> Response {
    let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, media)
        .header(header::USER_AGENT, "tests/1")
        .body(body)
        .unwrap();
    router::router(api.clone()).oneshot(request).await.unwrap()
}

async fn value(response: Response) -> Value {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    serde_json::from_slice(&bytes).unwrap_or_else(|_| json!(String::from_utf8_lossy(&bytes)))
}

async fn ask(api: &Arc<Api>, method: Method, path: &str, media: &str, body: Value) -> Value {
    value(raw(api, api.access.admin_token(), method, path, media, &body).await).await
}

async fn get(api: &Arc<Api>, path: &str) -> Value {
    ask(api, Method::GET, path, "", Value::Null).await
}

async fn post(api: &Arc<Api>, path: &str, body: Value) -> Value {
    ask(api, Method::POST, path, "application/json", body).await
}

const SECRETS: &str = "/api/v1/namespaces/default/secrets";
const MERGE: &str = "application/merge-patch+json";
const APPLY: &str = "application/apply-patch+yaml";

fn secret(name: &str) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"a": "b"}})
}

#[tokio::test]
async fn a_secret_is_created_once_and_its_text_folded_in() {
    let api = api();
    let created = post(&api, SECRETS, secret("s")).await;
    assert_eq!(created["data"], json!({"a": "Yg=="}));
    assert_eq!(created["type"], "Opaque");
    let again = post(&api, SECRETS, secret("s")).await;
    assert_eq!(again["message"], "secrets \"s\" already exists");
    assert_eq!((&again["reason"], &again["code"]), (&json!("AlreadyExists"), &json!(409)));
    let lost = post(&api, "/api/v1/namespaces/x/secrets", secret("s")).await;
    assert_eq!(lost["message"], "namespaces \"x\" not found");
    let named = post(&api, SECRETS, json!({"metadata": {"generateName": "s-"}})).await;
    assert_eq!(named["metadata"]["name"].as_str().unwrap().len(), 7);
    let bad = post(&api, SECRETS, json!({"metadata": {"name": "b"}, "data": {"a": "?"}})).await;
    assert_eq!(bad["code"], 400);
}

#[tokio::test]
async fn another_version_is_a_conflict() {
    let api = api();
    post(&api, SECRETS, secret("s")).await;
    let path = format!("{SECRETS}/s");
    for body in [json!({"metadata": {"resourceVersion": "1"}, "data": {"a": null}})] {
        let refused = ask(&api, Method::PATCH, &path, MERGE, body).await;
        let expected = "Operation cannot be fulfilled on secrets \"s\": the object has been modified; please apply your changes to the latest version and try again";
        assert_eq!(refused["message"], expected);
        assert_eq!((&refused["reason"], &refused["code"]), (&json!("Conflict"), &json!(409)));
    }
    let mut object = get(&api, &path).await;
    object["data"]["a"] = json!("Yw==");
    let updated = ask(&api, Method::PUT, &path, "application/json", object.clone()).await;
    assert_eq!(updated["data"]["a"], "Yw==");
    assert_eq!(ask(&api, Method::PUT, &path, "application/json", object).await["code"], 409);
}

#[tokio::test]
async fn a_dry_run_writes_nothing() {
    let api = api();
    let before = api.store.list("", "secrets", None).1;
    let dry = post(&api, &format!("{SECRETS}?dryRun=All"), secret("s")).await;
    assert_eq!(dry["metadata"]["name"], "s");
    let applied = format!("{SECRETS}/s?fieldManager=me&dryRun=All");
    assert_eq!(ask(&api, Method::PATCH, &applied, APPLY, secret("s")).await["data"]["a"], "Yg==");
    assert_eq!(api.store.list("", "secrets", None).1, before);
    assert_eq!(api.journal.writes(), 0);
}

#[tokio::test]
async fn apply_creates_then_merges_then_conflicts() {
    let api = api();
    let path = format!("{SECRETS}/s?fieldManager=me&fieldValidation=Strict");
    let body = |value: &str| json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"a": value}});
    let created = ask(&api, Method::PATCH, &path, APPLY, body("MQ==")).await;
    assert_eq!(created["metadata"]["managedFields"][0]["operation"], "Apply");
    let version = created["metadata"]["resourceVersion"].clone();
    let same = ask(&api, Method::PATCH, &path, APPLY, body("MQ==")).await;
    assert_eq!(same["metadata"]["resourceVersion"], version);
    ask(&api, Method::PATCH, &format!("{SECRETS}/s"), MERGE, json!({"data": {"a": "Mg=="}})).await;
    let refused = ask(&api, Method::PATCH, &path, APPLY, body("Mw==")).await;
    assert_eq!(refused["message"], "Apply failed with 1 conflict: conflict with \"tests\" using v1: .data.a");
    let forced = ask(&api, Method::PATCH, &format!("{path}&force=true"), APPLY, body("Mw==")).await;
    assert_eq!(forced["data"]["a"], "Mw==");
}

#[tokio::test]
async fn unknown_fields_are_refused_when_asked() {
    let api = api();
    let path = "/apis/packaging.carvel.dev/v1alpha1/namespaces/default/packageinstalls";
    let body = json!({"metadata": {"name": "p"}, "spec": {"pausd": true}});
    let refused = post(&api, &format!("{path}?fieldValidation=Strict"), body.clone()).await;
    let expected = "PackageInstall in version \"v1alpha1\" cannot be handled as a PackageInstall: strict decoding error: unknown field \"spec.pausd\"";
    assert_eq!(refused["message"], expected);
    let response = raw(&api, api.access.admin_token(), Method::POST, path, "application/json", &body).await;
    assert_eq!(response.headers()[header::WARNING], "299 - \"unknown field \\\"spec.pausd\\\"\"");
    assert!(value(response).await["spec"]["pausd"].is_null());
    let strategic = "application/strategic-merge-patch+json";
    let refused = ask(&api, Method::PATCH, &format!("{path}/p"), strategic, json!({})).await;
    assert_eq!(refused["code"], 415);
}

#[tokio::test]
async fn rights_are_checked_with_the_real_words() {
    let api = api();
    api.access.register(User::new("u", &["g"]), "token");
    let ask =
        async |method, path: &str| value(raw(&api, "token", method, path, "", &Value::Null).await).await;
    let refused = ask(Method::GET, &format!("{SECRETS}/x")).await;
    let expected = "secrets \"x\" is forbidden: User \"u\" cannot get resource \"secrets\" in API group \"\" in the namespace \"default\"";
    assert_eq!(refused["message"], expected);
    assert_eq!(refused["details"], json!({"name": "x", "kind": "secrets"}));
    let proxied = ask(Method::POST, "/api/v1/namespaces/n/services/s:80/proxy/api/v1/write").await;
    let expected = "services \"s:80\" is forbidden: User \"u\" cannot create resource \"services/proxy\" in API group \"\" in the namespace \"n\"";
    assert_eq!(proxied["message"], expected);
    let path = ask(Method::GET, "/metrics").await;
    assert_eq!(path["message"], "forbidden: User \"u\" cannot get path \"/metrics\"");
    assert_eq!(ask(Method::GET, "/version").await["major"], "1");
    let nobody = raw(&api, "wrong", Method::GET, "/version", "", &Value::Null).await;
    assert_eq!(value(nobody).await["message"], "Unauthorized");
}

#[tokio::test]
async fn groups_can_be_absent_or_broken() {
    let api = api();
    let path = "/apis/data.packaging.carvel.dev/v1alpha1/namespaces/default/packages";
    assert_eq!(get(&api, path).await["kind"], "PackageList");
    api.groups.set("data.packaging.carvel.dev", Availability::Broken);
    assert_eq!(get(&api, path).await, "service unavailable\n");
    let request = Request::get("/apis")
        .header(header::AUTHORIZATION, format!("Bearer {}", api.access.admin_token()))
        .header(header::ACCEPT, "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList")
        .body(Body::empty())
        .unwrap();
    let discovery = value(router::router(api.clone()).oneshot(request).await.unwrap()).await;
    let groups = discovery["items"].as_array().unwrap();
    let group = groups.iter().find(|g| g["metadata"]["name"] == "data.packaging.carvel.dev").unwrap();
    assert_eq!(group["versions"][0]["freshness"], "Stale");
    api.groups.set("packaging.carvel.dev", Availability::Absent);
    let path = "/apis/packaging.carvel.dev/v1alpha1/packageinstalls";
    assert_eq!(get(&api, path).await, "404 page not found\n");
    api.groups.set("packaging.carvel.dev", Availability::Served);
    assert_eq!(get(&api, path).await["items"], json!([]));
}

#[tokio::test]
async fn global_packages_are_seen_everywhere() {
    let api = api();
    let package = |namespace: &str, version: &str| {
        let name = format!("p.example.com.{version}");
        let key = Key::namespaced("data.packaging.carvel.dev", "packages", namespace, &name);
        let spec = json!({"refName": "p.example.com", "version": version});
        api.store
            .create(&key, json!({"metadata": {"name": name, "namespace": namespace}, "spec": spec}))
            .unwrap();
    };
    package("tkg-system", "2.43.0+vmware.2-tkg.1");
    package("default", "1.0.0");
    package("other", "1.0.0");
    let path = "/apis/data.packaging.carvel.dev/v1alpha1/namespaces/default/packages";
    let list = get(&api, &format!("{path}?fieldSelector=spec.refName%3Dp.example.com")).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    let one = get(&api, &format!("{path}/p.example.com.2.43.0+vmware.2-tkg.1")).await;
    assert_eq!(one["metadata"]["namespace"], "default");
    let none = get(&api, &format!("{path}?fieldSelector=spec.refName%3Dq")).await;
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn lists_come_in_pages() {
    let api = api();
    for name in ["a", "b", "c"] {
        post(&api, SECRETS, secret(name)).await;
    }
    let first = get(&api, &format!("{SECRETS}?limit=2")).await;
    assert_eq!(first["metadata"]["remainingItemCount"], 1);
    let token = first["metadata"]["continue"].as_str().unwrap();
    let rest = get(&api, &format!("{SECRETS}?limit=2&continue={token}")).await;
    assert_eq!(rest["items"][0]["metadata"]["name"], "c");
    assert!(rest["metadata"]["continue"].is_null());
}

async fn events(response: Response, count: usize) -> Vec<Value> {
    let body = response.into_body().into_data_stream();
    let lines = body.take(count).map(|line| serde_json::from_slice(&line.unwrap()).unwrap());
    tokio::time::timeout(Duration::from_secs(10), lines.collect()).await.unwrap()
}

#[tokio::test]
async fn a_watch_tells_what_happens_and_what_leaves_the_selection() {
    let api = api();
    let version = get(&api, SECRETS).await["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
    let path = format!("{SECRETS}?watch=true&resourceVersion={version}&labelSelector=a%3Db");
    let watch = raw(&api, api.access.admin_token(), Method::GET, &path, "", &Value::Null).await;
    let mut labelled = secret("s");
    labelled["metadata"]["labels"] = json!({"a": "b"});
    post(&api, SECRETS, secret("other")).await;
    post(&api, SECRETS, labelled).await;
    ask(&api, Method::PATCH, &format!("{SECRETS}/s"), MERGE, json!({"data": {"x": "eA=="}})).await;
    ask(&api, Method::PATCH, &format!("{SECRETS}/s"), MERGE, json!({"metadata": {"labels": null}})).await;
    let types: Vec<Value> = events(watch, 3).await.iter().map(|event| event["type"].clone()).collect();
    assert_eq!(types, ["ADDED", "MODIFIED", "DELETED"]);
}

#[tokio::test]
async fn a_watch_of_the_distant_past_is_expired() {
    let api = api();
    let key = Key::namespaced("", "secrets", "default", "s");
    api.store.create(&key, json!({"metadata": {"name": "s", "namespace": "default"}})).unwrap();
    for count in 0..5000 {
        api.store.modify(&key, None, |object| object["count"] = json!(count)).unwrap();
    }
    let path = format!("{SECRETS}?watch=true&resourceVersion=1");
    let watch = raw(&api, api.access.admin_token(), Method::GET, &path, "", &Value::Null).await;
    let event = &events(watch, 1).await[0];
    assert_eq!(event["type"], "ERROR");
    assert_eq!((&event["object"]["reason"], &event["object"]["code"]), (&json!("Expired"), &json!(410)));
}

#[tokio::test]
async fn the_first_list_can_come_through_the_watch() {
    let api = api();
    post(&api, SECRETS, secret("s")).await;
    let query =
        "watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let path = format!("{SECRETS}?{query}");
    let watch = raw(&api, api.access.admin_token(), Method::GET, &path, "", &Value::Null).await;
    let events = events(watch, 2).await;
    assert_eq!(events[0]["type"], "ADDED");
    assert_eq!(events[1]["object"]["metadata"]["annotations"], json!({"k8s.io/initial-events-end": "true"}));
}

#[tokio::test]
async fn deleting_honours_finalizers_and_preconditions() {
    let api = api();
    let mut object = secret("s");
    object["metadata"]["finalizers"] = json!(["x/y"]);
    let uid = post(&api, SECRETS, object).await["metadata"]["uid"].clone();
    let path = format!("{SECRETS}/s");
    let body = json!({"preconditions": {"uid": "other"}});
    assert_eq!(ask(&api, Method::DELETE, &path, "application/json", body).await["code"], 409);
    let body = json!({"preconditions": {"uid": uid}});
    let left = ask(&api, Method::DELETE, &path, "application/json", body).await;
    assert!(left["metadata"]["deletionTimestamp"].is_string());
    ask(&api, Method::PATCH, &path, MERGE, json!({"metadata": {"finalizers": null}})).await;
    assert_eq!(get(&api, &path).await["message"], "secrets \"s\" not found");
    post(&api, SECRETS, secret("t")).await;
    let gone = ask(&api, Method::DELETE, &format!("{SECRETS}/t"), "", Value::Null).await;
    assert_eq!(gone["status"], "Success");
}

#[tokio::test]
async fn malformed_objects_are_answered_and_not_crashed_on() {
    let api = api();
    let place = "/apis/apps/v1/namespaces/default/deployments";
    for body in [
        json!([]),
        json!("x"),
        json!({"metadata": 1}),
        json!({"metadata": {"name": "d"}, "spec": "x"}),
        json!({"metadata": {"name": "e", "labels": "x"}}),
        json!({"metadata": {"name": "f"}, "spec": {"template": {"spec": {"containers": ["x", {"ports": [1]}]}}}}),
        json!({"metadata": {"name": "g", "managedFields": "x", "annotations": {"a": 1}}}),
    ] {
        assert!(post(&api, place, body.clone()).await.is_object(), "{body}");
        assert!(
            ask(&api, Method::PATCH, &format!("{place}/d"), MERGE, body.clone()).await.is_object(),
            "{body}"
        );
        let applied = format!("{place}/d?fieldManager=me&force=true");
        assert!(ask(&api, Method::PATCH, &applied, APPLY, body.clone()).await.is_object(), "{body}");
        let secret = ask(&api, Method::PUT, &format!("{SECRETS}/d"), "application/json", body.clone()).await;
        assert!(secret.is_object(), "{body}");
    }
}

#[tokio::test]
async fn faults_strike_and_the_journal_tells() {
    let api = api();
    api.faults.inject(
        Fault::on("/secrets", Effect::Answer(super::status::Failure::too_many_requests(7)))
            .method("GET")
            .next(1),
    );
    let response = raw(&api, api.access.admin_token(), Method::GET, SECRETS, "", &Value::Null).await;
    assert_eq!(response.headers()["retry-after"], "7");
    assert_eq!(value(response).await["details"]["retryAfterSeconds"], 7);
    api.faults.inject(Fault::on("/secrets", Effect::Truncate(10)).next(1));
    let response = raw(&api, api.access.admin_token(), Method::GET, SECRETS, "", &Value::Null).await;
    assert_eq!(value(response).await.as_str().unwrap().len(), 10);
    assert_eq!(get(&api, SECRETS).await["kind"], "SecretList");
    let statuses: Vec<Option<u16>> = api.journal.records().iter().map(|record| record.status).collect();
    assert_eq!(statuses, [Some(429), Some(200), Some(200)]);
    assert_eq!(api.journal.records()[1].user.as_deref(), Some("kubernetes-admin"));
    assert_eq!(api.journal.rounds(), 3);
}
