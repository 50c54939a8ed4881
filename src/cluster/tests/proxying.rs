//! A Service behind the API server: whose words an answer is.

use http::Method;
use serde_json::{Value, json};

use super::fake::{Log, Reply, cluster, status};
use crate::cluster::{Cause, Failure, ProxyAnswer, Scheme, ServicePort, Upstream};

async fn ask(reply: Reply) -> (Result<ProxyAnswer, Failure>, Log) {
    let (cluster, log) = cluster(move |_| reply.clone());
    let service = ServicePort {
        namespace: "tanzu-system-monitoring".into(),
        name: "prometheus-server".into(),
        port: "80".into(),
        scheme: Scheme::Http,
    };
    let headers = [("authorization", "Bearer hunter2")];
    let answer =
        cluster.service_proxy(&service, Method::GET, "/api/v1/query?query=up", &headers, Vec::new()).await;
    (answer, log)
}

#[tokio::test]
async fn the_path_leads_through_the_service() {
    let (_, log) = ask(Reply::text(200, "ok")).await;
    assert_eq!(
        log.lock().unwrap()[0].url,
        "/api/v1/namespaces/tanzu-system-monitoring/services/http:prometheus-server:80/proxy/api/v1/query?query=up"
    );
}

#[tokio::test]
async fn a_refusal_of_the_process_is_its_answer() {
    let body = r#"{"status":"error","errorType":"execution","error":"unavailable with Prometheus Agent"}"#;
    let answer = ask(Reply::text(422, body)).await.0.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (422, body.as_bytes()));
}

#[tokio::test]
async fn every_error_of_the_process_is_its_answer() {
    for code in [401, 403, 404, 429, 500, 503] {
        let answer = ask(Reply::text(code, "from the process").with("retry-after", "1")).await.0.unwrap();
        assert_eq!(answer.status, code);
    }
}

#[tokio::test]
async fn nobody_behind_the_service_is_a_failure() {
    let message = "no endpoints available for service \"prometheus-server\"";
    let failure = ask(status(503, "ServiceUnavailable", message, Value::Null)).await.0.unwrap_err();
    assert_eq!(failure.cause, Cause::Upstream(Upstream::NoEndpoints));
}

#[tokio::test]
async fn a_pod_that_does_not_listen_is_a_failure() {
    let words = "dial tcp 10.1.1.1:9090: connect: connection refused";
    let new =
        status(503, "ServiceUnavailable", &format!("error trying to reach service: {words}"), Value::Null);
    let old = Reply::text(503, format!("Error trying to reach service: '{words}'"));
    for reply in [new, old] {
        let failure = ask(reply).await.0.unwrap_err();
        assert_eq!(failure.cause, Cause::Upstream(Upstream::CannotConnect(words.into())));
    }
}

#[tokio::test]
async fn a_service_that_is_not_there_is_a_failure() {
    let missing = status(
        404,
        "NotFound",
        "services \"prometheus-server\" not found",
        json!({"name": "prometheus-server"}),
    );
    assert!(ask(missing).await.0.unwrap_err().is_not_found());
}

#[tokio::test]
async fn the_api_server_s_own_no_is_a_failure() {
    let message = "services \"http:prometheus-server:80\" is forbidden: User \"ann\" cannot get resource \
                   \"services/proxy\" in API group \"\" in the namespace \"tanzu-system-monitoring\"";
    let failure = ask(status(403, "Forbidden", message, Value::Null)).await.0.unwrap_err();
    assert!(failure.is_forbidden());
    assert!(!format!("{failure:?}").contains("hunter2"));
}

#[tokio::test]
async fn the_clock_of_the_answer_can_be_read() {
    let answer = ask(Reply::text(200, "").with("date", "Tue, 15 Nov 1994 08:12:31 GMT")).await.0.unwrap();
    assert_eq!(answer.date().unwrap().to_string(), "1994-11-15T08:12:31Z");
}
