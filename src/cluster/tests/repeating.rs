//! What is sent again when the server asks for it, and what never is.

use serde_json::{Value, json};

use super::fake::{Reply, cluster};
use crate::cluster::{Cause, DryRun, SECRET};

fn busy() -> Reply {
    Reply::text(429, "Too many requests, please try again later.").with("retry-after", "1")
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_until_the_server_has_time() {
    let mut answers = vec![Reply::json(200, &json!({"kind": "Secret"})), busy(), busy()];
    let (cluster, log) = cluster(move |_| answers.pop().unwrap());
    assert!(cluster.get::<Value>(&SECRET, Some("a"), "b").await.is_ok());
    assert_eq!(log.lock().unwrap().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_server_says_how_long_and_no_two_clients_come_back_at_once() {
    let mut waits = Vec::new();
    for _ in 0..8 {
        let slow = Reply::text(429, "Too many requests").with("retry-after", "7");
        let mut answers = vec![Reply::json(200, &json!({"kind": "Secret"})), slow];
        let (cluster, _) = cluster(move |_| answers.pop().unwrap());
        let begun = tokio::time::Instant::now();
        assert!(cluster.get::<Value>(&SECRET, Some("a"), "b").await.is_ok());
        waits.push(begun.elapsed().as_millis());
    }
    assert!(waits.iter().all(|wait| (7000..7600).contains(wait)), "{waits:?}");
    waits.dedup();
    assert!(waits.len() > 1, "all waited for the same time: {waits:?}");
}

#[tokio::test(start_paused = true)]
async fn repeating_a_read_ends() {
    let (cluster, log) = cluster(|_| busy());
    let failure = cluster.get::<Value>(&SECRET, Some("a"), "b").await.unwrap_err();
    assert!(matches!(failure.cause, Cause::Status { code: 429, .. }), "{failure:?}");
    assert_eq!(log.lock().unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_write_is_sent_once() {
    let (cluster, log) = cluster(|_| busy());
    assert!(cluster.create(&SECRET, Some("a"), &json!({}), DryRun::Off).await.is_err());
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_api_that_is_down_is_not_asked_again() {
    let (cluster, log) = cluster(|_| Reply::text(503, "service unavailable"));
    assert!(cluster.get::<Value>(&SECRET, Some("a"), "b").await.is_err());
    assert_eq!(log.lock().unwrap().len(), 1);
}
