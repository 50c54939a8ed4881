//! What a write looks like on the wire.

use serde_json::{Value, json};

use super::fake::{Reply, Seen, cluster, status};
use crate::cluster::{CONFIG_MAP, Cause, DryRun, Ownership, SECRET, SERVICE_ACCOUNT};

fn sent(log: &super::fake::Log) -> Seen {
    log.lock().unwrap()[0].clone()
}

#[tokio::test]
async fn what_is_ours_is_applied_with_force() {
    let (cluster, log) = cluster(|_| Reply::json(200, &json!({"kind": "ServiceAccount"})));
    let object = json!({"metadata": {"name": "sa"}});
    cluster.apply(&SERVICE_ACCOUNT, Some("ns"), &object, Ownership::Ours, DryRun::Off).await.unwrap();
    let sent = sent(&log);
    assert_eq!((sent.method.as_str(), sent.content_type.as_str()), ("PATCH", "application/apply-patch+yaml"));
    assert_eq!(
        sent.url,
        "/api/v1/namespaces/ns/serviceaccounts/sa?fieldManager=kubectl-promfed&fieldValidation=Strict&force=true"
    );
    let body: Value = serde_json::from_str(&sent.body).unwrap();
    assert_eq!(body, json!({"metadata": {"name": "sa"}, "apiVersion": "v1", "kind": "ServiceAccount"}));
}

#[tokio::test]
async fn a_dry_run_says_so_in_every_write() {
    let (cluster, log) = cluster(|_| Reply::json(200, &json!({})));
    let object = json!({"metadata": {"name": "x", "resourceVersion": "7"}});
    let dry = DryRun::Server;
    cluster.apply(&CONFIG_MAP, Some("ns"), &object, Ownership::Shared, dry).await.unwrap();
    cluster.create(&CONFIG_MAP, Some("ns"), &object, dry).await.unwrap();
    cluster.patch(&CONFIG_MAP, Some("ns"), "x", &object, dry).await.unwrap();
    cluster.delete(&CONFIG_MAP, Some("ns"), "x", dry).await.unwrap();
    let log = log.lock().unwrap();
    let (deleted, written) = log.split_last().unwrap();
    assert!(written.iter().all(|seen| seen.url.contains("dryRun=All")));
    // The query of a delete does not count beside its body.
    let options: Value = serde_json::from_str(&deleted.body).unwrap();
    assert_eq!((options["dryRun"].clone(), deleted.url.contains('?')), (json!(["All"]), false));
}

#[tokio::test]
async fn a_patch_carries_the_version_that_it_was_made_for() {
    let (cluster, log) = cluster(|_| Reply::json(200, &json!({})));
    let patch = json!({"metadata": {"resourceVersion": "7"}, "data": {"a": "eA=="}});
    cluster.patch(&SECRET, Some("ns"), "values", &patch, DryRun::Off).await.unwrap();
    let sent = sent(&log);
    assert_eq!(sent.content_type, "application/merge-patch+json");
    assert_eq!(serde_json::from_str::<Value>(&sent.body).unwrap(), patch);
}

#[tokio::test]
async fn a_patch_without_a_version_is_not_sent() {
    let (cluster, log) = cluster(|_| Reply::json(200, &json!({})));
    let patch = json!({"data": {"a": "eA=="}});
    let failure = cluster.patch(&SECRET, Some("ns"), "values", &patch, DryRun::Off).await.unwrap_err();
    assert!(matches!(failure.cause, Cause::Invalid { .. }), "{failure:?}");
    assert_eq!(log.lock().unwrap().len(), 0);
}

#[tokio::test]
async fn what_is_gone_already_is_deleted() {
    let (cluster, _) = cluster(|_| status(404, "NotFound", "secrets \"x\" not found", json!({"name": "x"})));
    assert_eq!(cluster.delete(&SECRET, Some("ns"), "x", DryRun::Off).await, Ok(()));
}

#[tokio::test]
async fn a_missing_namespace_is_named() {
    let (cluster, _) = cluster(|_| {
        status(404, "NotFound", "namespaces \"ns\" not found", json!({"name": "ns", "kind": "namespaces"}))
    });
    let failure = cluster.create(&SECRET, Some("ns"), &json!({}), DryRun::Off).await.unwrap_err();
    assert_eq!(failure.cause, Cause::NotFound("namespaces \"ns\" not found".into()));
}
