//! Waiting for an object.

use std::ops::ControlFlow;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::fake::{Reply, Seen, cluster, status};
use crate::cluster::{APP, Cluster, Failure, Waited};

fn app(ready: bool) -> Value {
    json!({"metadata": {"name": "prometheus"}, "ready": ready})
}

fn list(items: &[Value]) -> Reply {
    Reply::json(200, &json!({"metadata": {"resourceVersion": "5"}, "items": items}))
}

fn event(kind: &str, object: &Value) -> String {
    format!("{}\n", json!({"type": kind, "object": object}))
}

fn is_watch(seen: &Seen) -> bool {
    seen.url.contains("watch=true")
}

fn forbidden() -> Reply {
    status(403, "Forbidden", "User \"ann\" cannot list resource \"apps\"", Value::Null)
}

/// Waits a minute for `ready`.
async fn until_ready(cluster: &Cluster) -> Result<Waited<Value>, Failure> {
    let deadline = Instant::now() + Duration::from_secs(60);
    let look = |object: Option<Value>| match object {
        Some(object) if object["ready"] == true => ControlFlow::Break(object["ready"].clone()),
        _ => ControlFlow::Continue(()),
    };
    cluster.wait_for(&APP, Some("ns"), "prometheus", deadline, look).await
}

#[tokio::test(start_paused = true)]
async fn what_is_so_already_needs_one_request() {
    let (cluster, log) = cluster(|_| list(&[app(true)]));
    assert_eq!(until_ready(&cluster).await, Ok(Waited::Done(true.into())));
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_change_is_seen_by_watching_from_the_version_that_was_read() {
    let (cluster, log) = cluster(|seen| {
        if is_watch(seen) {
            Reply::text(200, event("MODIFIED", &app(false)) + &event("MODIFIED", &app(true)))
        } else {
            list(&[app(false)])
        }
    });
    assert_eq!(until_ready(&cluster).await, Ok(Waited::Done(true.into())));
    assert_eq!(
        log.lock().unwrap()[1].url,
        "/apis/kappctrl.k14s.io/v1alpha1/namespaces/ns/apps?fieldSelector=metadata.name%3Dprometheus&watch=true\
         &resourceVersion=5&timeoutSeconds=30"
    );
}

#[tokio::test(start_paused = true)]
async fn an_object_may_appear_and_go() {
    let mut looks = Vec::new();
    let (cluster, _) = cluster(|seen| {
        if is_watch(seen) {
            Reply::text(200, event("ADDED", &app(true)) + &event("DELETED", &app(true)))
        } else {
            list(&[])
        }
    });
    let look = |object: Option<Value>| {
        looks.push(object.is_some());
        if looks.len() == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let deadline = Instant::now() + Duration::from_secs(60);
    let waited = cluster.wait_for(&APP, Some("ns"), "prometheus", deadline, look).await;
    assert_eq!((waited, looks), (Ok(Waited::Done(())), vec![false, true, false]));
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_ends_is_begun_anew() {
    let mut watches = 0;
    let (cluster, _) = cluster(move |seen| {
        watches += usize::from(is_watch(seen));
        match (is_watch(seen), watches) {
            (true, 3) => Reply::text(200, event("MODIFIED", &app(true))),
            (true, 1) => Reply::text(200, event("ERROR", &json!({"kind": "Status", "code": 410}))),
            (true, _) => Reply::text(200, ""),
            _ => list(&[app(false)]),
        }
    });
    assert_eq!(until_ready(&cluster).await, Ok(Waited::Done(true.into())));
}

#[tokio::test(start_paused = true)]
async fn where_watching_is_forbidden_the_object_is_read_again() {
    let mut reads = 0;
    let (cluster, log) = cluster(move |seen| {
        if is_watch(seen) {
            return forbidden();
        }
        reads += 1;
        list(&[app(reads == 4)])
    });
    assert_eq!(until_ready(&cluster).await, Ok(Waited::Done(true.into())));
    assert_eq!(log.lock().unwrap().iter().filter(|seen| is_watch(seen)).count(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_may_only_get_can_wait_too() {
    let mut reads = 0;
    let (cluster, _) = cluster(move |seen| {
        if seen.url.contains("fieldSelector") {
            return forbidden();
        }
        reads += 1;
        Reply::json(200, &app(reads == 3))
    });
    assert_eq!(until_ready(&cluster).await, Ok(Waited::Done(true.into())));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_away_for_a_while_is_waited_for() {
    let mut answers = 0;
    let (cluster, _) = cluster(move |_| {
        answers += 1;
        if answers < 4 { Reply::text(500, "starting") } else { list(&[app(true)]) }
    });
    assert_eq!(until_ready(&cluster).await, Ok(Waited::Done(true.into())));
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_at_the_deadline() {
    let began = Instant::now();
    let (cluster, log) = cluster(|seen| if is_watch(seen) { Reply::Silence } else { list(&[app(false)]) });
    assert_eq!(until_ready(&cluster).await, Ok(Waited::TimedOut { trouble: None }));
    assert_eq!(began.elapsed().as_secs(), 60);
    assert!(log.lock().unwrap().len() < 10, "few requests while nothing changes");
}

#[tokio::test(start_paused = true)]
async fn the_deadline_tells_what_was_in_the_way() {
    let (cluster, _) = cluster(|_| Reply::text(500, "etcd is down"));
    match until_ready(&cluster).await.unwrap() {
        Waited::TimedOut { trouble: Some(failure) } => assert!(failure.to_string().contains("etcd is down")),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(start_paused = true)]
async fn what_waiting_cannot_heal_ends_it_at_once() {
    let (cluster, _) = cluster(|_| forbidden());
    assert!(until_ready(&cluster).await.unwrap_err().is_forbidden());
}
