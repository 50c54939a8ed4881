//! Reading many objects, and the log of a container.

use serde_json::{Value, json};

use super::fake::{Reply, cluster, status};
use crate::cluster::{Instance, PACKAGE, SECRET, Selector};

fn page(more: &str, names: &[&str]) -> Reply {
    let items: Vec<Value> = names.iter().map(|name| json!({"metadata": {"name": name}})).collect();
    Reply::json(200, &json!({"kind": "SecretList", "metadata": {"continue": more}, "items": items}))
}

fn names(found: &[Value]) -> Vec<&str> {
    found.iter().map(|item| item["metadata"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn pages_are_put_together() {
    let (cluster, log) = cluster(|seen| {
        if seen.url.contains("continue=next") { page("", &["c"]) } else { page("next", &["a", "b"]) }
    });
    let found: Vec<Value> = cluster.list(&SECRET, None, Selector::labels("app=x")).await.unwrap();
    assert_eq!(names(&found), ["a", "b", "c"]);
    assert_eq!(log.lock().unwrap()[0].url, "/api/v1/secrets?labelSelector=app%3Dx&limit=500");
}

#[tokio::test]
async fn a_list_that_changed_too_much_is_read_anew_in_one_go() {
    let (cluster, _) = cluster(|seen| {
        if seen.url.contains("continue=") {
            status(410, "Expired", "The provided continue parameter is too old", Value::Null)
        } else if seen.url.contains("limit=") {
            page("next", &["a"])
        } else {
            page("", &["a", "b"])
        }
    });
    let found: Vec<Value> = cluster.list(&SECRET, Some("ns"), Selector::all()).await.unwrap();
    assert_eq!(names(&found), ["a", "b"]);
}

#[tokio::test]
async fn items_say_what_they_are() {
    let (cluster, _) = cluster(|_| page("", &["a"]));
    let found: Vec<Value> = cluster.list(&PACKAGE, Some("ns"), Selector::all()).await.unwrap();
    assert_eq!(
        (&found[0]["apiVersion"], &found[0]["kind"]),
        (&json!("data.packaging.carvel.dev/v1alpha1"), &json!("Package"))
    );
}

#[tokio::test]
async fn null_is_an_empty_list() {
    let (cluster, _) = cluster(|_| Reply::json(200, &json!({"metadata": {}, "items": null})));
    assert_eq!(cluster.list::<Value>(&SECRET, None, Selector::all()).await, Ok(vec![]));
}

#[tokio::test]
async fn the_log_of_a_container_is_text() {
    let (cluster, log) = cluster(|_| Reply::text(200, "one\ntwo\n"));
    let text = cluster.logs("ns", "pod-1", "prometheus-server", Instance::Previous, 20).await;
    assert_eq!(text, Ok(Some("one\ntwo\n".into())));
    assert_eq!(
        log.lock().unwrap()[0].url,
        "/api/v1/namespaces/ns/pods/pod-1/log?container=prometheus-server&previous=true&tailLines=20&limitBytes=262144"
    );
}

#[tokio::test]
async fn a_container_that_never_ran_before_has_no_log() {
    let (cluster, _) =
        cluster(|_| status(400, "BadRequest", "previous terminated container \"x\" not found", Value::Null));
    assert_eq!(cluster.logs("ns", "pod-1", "x", Instance::Previous, 20).await, Ok(None));
}
