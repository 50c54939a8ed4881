//! Every kind of failure: what it is, and what a person is told.

use serde_json::{Value, json};

use super::fake::{Reply, cluster, cluster_with, status};
use crate::cluster::{
    CONFIG_MAP, Cause, ConnectOptions, DryRun, Failure, FieldOwner, Ownership, PACKAGE, PACKAGE_INSTALL,
    Presence, SECRET, Verb,
};
use crate::error::{Error, Kind};

async fn reading(reply: Reply) -> Failure {
    let (cluster, _) = cluster(move |_| reply.clone());
    cluster.get::<Value>(&PACKAGE_INSTALL, Some("tkg-system"), "prometheus").await.unwrap_err()
}

#[tokio::test]
async fn an_object_that_is_not_there_is_no_failure() {
    let missing =
        status(404, "NotFound", "packageinstalls \"prometheus\" not found", json!({"name": "prometheus"}));
    let (cluster, _) = cluster(move |_| missing.clone());
    let found = cluster.get::<Value>(&PACKAGE_INSTALL, Some("tkg-system"), "prometheus").await;
    assert_eq!(found, Ok(None));
}

#[tokio::test]
async fn a_group_that_is_not_served_is_not_absence_of_the_object() {
    let failure = reading(Reply::text(404, "404 page not found\n")).await;
    assert!(failure.is_not_served());
    insta::assert_snapshot!(Error::from(failure).lines(), @r#"
    error: cannot get packageinstalls.packaging.carvel.dev "prometheus" in namespace "tkg-system" of context "test"
    caused by: the server has no such resource
    hint: kapp-controller is not installed on this cluster: Carvel packages need it
    "#);
}

#[tokio::test]
async fn forbidden_names_who_may_not_do_what() {
    let message = "packageinstalls.packaging.carvel.dev \"prometheus\" is forbidden: User \"ann\" cannot get resource \
                   \"packageinstalls\" in API group \"packaging.carvel.dev\" in the namespace \"tkg-system\"";
    let failure = reading(status(403, "Forbidden", message, json!({"name": "prometheus"}))).await;
    assert!(failure.is_forbidden());
    insta::assert_snapshot!(Error::from(failure).lines(), @r#"
    error: cannot get packageinstalls.packaging.carvel.dev "prometheus" in namespace "tkg-system" of context "test"
    caused by: user "ann" may not get packageinstalls.packaging.carvel.dev "prometheus" in namespace "tkg-system"
    hint: kubectl auth can-i get packageinstalls.packaging.carvel.dev -n tkg-system --context test
    "#);
}

#[tokio::test]
async fn an_admission_plugin_is_quoted() {
    let message = "admission webhook \"policy.example.com\" denied the request: no packages on Fridays";
    let failure = reading(status(403, "", message, Value::Null)).await;
    assert!(failure.to_string().ends_with(message), "{failure}");
}

#[tokio::test]
async fn unauthorized_says_how_to_go_on() {
    let failure = reading(status(401, "Unauthorized", "Unauthorized", Value::Null)).await;
    assert!(failure.is_unauthorized());
    insta::assert_snapshot!(Error::from(failure).lines(), @r#"
    error: cannot log in to context "test"
    caused by: unauthorized: Unauthorized
    hint: log in again, or name other credentials with --user or --token
    "#);
}

#[tokio::test]
async fn a_conflict_names_the_other_managers() {
    let causes = json!({"name": "x", "causes": [
        {"reason": "FieldManagerConflict", "message": "conflict with \"kubectl-edit\" using v1", "field": ".data.a"},
    ]});
    let (cluster, _) =
        cluster(move |_| status(409, "Conflict", "Apply failed with 1 conflict", causes.clone()));
    let object = json!({"metadata": {"name": "x"}});
    let failure =
        cluster.apply(&CONFIG_MAP, Some("a"), &object, Ownership::Shared, DryRun::Off).await.unwrap_err();
    assert!(failure.is_conflict());
    let owner = FieldOwner { manager: "kubectl-edit".into(), field: ".data.a".into() };
    assert!(matches!(&failure.cause, Cause::Conflict { owners, .. } if *owners == [owner]), "{failure:?}");
    assert_eq!(
        failure.to_string(),
        "cannot apply configmaps \"x\" in namespace \"a\": .data.a is managed by \"kubectl-edit\""
    );
}

#[tokio::test]
async fn an_object_that_is_there_already_is_no_conflict() {
    let failure = reading(status(409, "AlreadyExists", "secrets \"x\" already exists", Value::Null)).await;
    assert!(failure.is_already_exists() && !failure.is_conflict());
}

#[tokio::test]
async fn an_invalid_object_names_its_fields() {
    let causes =
        json!({"causes": [{"reason": "FieldValueRequired", "message": "Required value", "field": "spec.x"}]});
    let failure = reading(status(422, "Invalid", "PackageInstall is invalid", causes)).await;
    assert_eq!(failure.cause.to_string(), "spec.x: Required value");
}

#[tokio::test]
async fn other_refusals_keep_code_reason_and_message() {
    let failure = reading(status(500, "InternalError", "etcdserver: request timed out", Value::Null)).await;
    assert_eq!(failure.cause.to_string(), "500 InternalError: etcdserver: request timed out");
}

#[tokio::test]
async fn an_aggregated_api_that_is_down_points_at_its_server() {
    let (cluster, _) = cluster(|_| Reply::text(503, "service unavailable\n"));
    let failure = cluster.get::<Value>(&PACKAGE, Some("a"), "b").await.unwrap_err();
    let error = Error::from(failure);
    assert_eq!(error.causes, ["503 Service Unavailable: service unavailable"]);
    assert_eq!(error.hints, ["kapp-controller serves this API itself: see whether its pods run"]);
}

#[tokio::test]
async fn the_presence_of_a_group_has_three_answers() {
    let (cluster, _) = cluster(|seen| match seen.url.as_str() {
        "/apis/packaging.carvel.dev/v1alpha1" => Reply::json(200, &json!({"kind": "APIResourceList"})),
        "/apis/data.packaging.carvel.dev/v1alpha1" => Reply::text(503, "service unavailable"),
        _ => Reply::text(404, "404 page not found"),
    });
    assert_eq!(cluster.api_group("packaging.carvel.dev/v1alpha1").await, Ok(Presence::Present));
    assert_eq!(cluster.api_group("cert-manager.io/v1").await, Ok(Presence::Absent));
    let broken = cluster.api_group("data.packaging.carvel.dev/v1alpha1").await.unwrap();
    assert_eq!(broken, Presence::Broken("503 Service Unavailable: service unavailable".into()));
}

#[tokio::test]
async fn half_an_answer_is_malformed() {
    let failure = reading(Reply::text(200, r#"{"kind": "Pack"#)).await;
    assert_eq!(failure.cause, Cause::Malformed("the answer ends in the middle, after 14 bytes".into()));
}

#[tokio::test]
async fn a_web_page_is_malformed_whatever_its_status() {
    for code in [200, 404, 502] {
        let failure = reading(Reply::text(code, "<html><body>Sign in</body></html>")).await;
        assert!(
            matches!(&failure.cause, Cause::Malformed(words) if words.contains("an HTML page")),
            "{failure:?}"
        );
        assert!(!failure.to_string().contains("Sign in"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_server_times_out_after_the_request_timeout() {
    let options = ConnectOptions {
        request_timeout: Some(std::time::Duration::from_secs(7)),
        ..ConnectOptions::default()
    };
    let (cluster, _) = cluster_with(&options, |_| Reply::Silence);
    let failure = cluster.server_version().await.unwrap_err();
    assert!(failure.is_unreachable());
    let error = Error::from(failure);
    assert_eq!((error.kind, error.causes), (Kind::Unreachable, vec!["no answer within 7s".into()]));
}

#[tokio::test(start_paused = true)]
async fn a_request_timeout_of_zero_is_no_limit() {
    let options =
        ConnectOptions { request_timeout: Some(std::time::Duration::ZERO), ..ConnectOptions::default() };
    let (cluster, _) = cluster_with(&options, |_| Reply::Silence);
    let day = std::time::Duration::from_secs(86_400);
    assert!(tokio::time::timeout(day, cluster.server_version()).await.is_err());
}

#[tokio::test]
async fn no_failure_of_a_secret_s_request_tells_its_content() {
    const CONTENT: &str = "hunter2-and-more";
    const ENCODED: &str = "aHVudGVyMi1hbmQtbW9yZQ==";
    let causes = json!({"causes": [{"reason": "FieldValueInvalid", "field": "data[a]",
        "message": format!("Invalid value: \"{CONTENT}\": no")}]});
    let told = format!("{CONTENT} {ENCODED} {}", CONTENT.split_at(9).0);
    let replies = [
        status(422, "Invalid", &told, causes.clone()),
        status(400, "BadRequest", &told, causes.clone()),
        status(500, "InternalError", &told, causes.clone()),
        status(409, "Conflict", &format!("{CONTENT} {ENCODED}"), Value::Null),
        status(403, "Forbidden", &format!("webhook denied {CONTENT} {ENCODED}"), Value::Null),
        Reply::text(502, format!("bad gateway: {CONTENT} {ENCODED}")),
        Reply::text(200, format!("{{\"data\": {{\"a\": \"{CONTENT}")),
        Reply::text(200, format!("{CONTENT} {ENCODED}")),
    ];
    for reply in replies {
        let (cluster, _) = cluster(move |_| reply.clone());
        let object = json!({"metadata": {"name": "x"}, "data": {"a": ENCODED}});
        let failure =
            cluster.apply(&SECRET, Some("a"), &object, Ownership::Ours, DryRun::Off).await.unwrap_err();
        let said = format!("{failure} {failure:?} {}", Error::from(failure.clone()).lines());
        assert!(!said.contains("hunter2") && !said.contains("aHVudGVy"), "{said}");
    }
}

#[tokio::test]
async fn whether_something_is_allowed_is_asked_without_trying_it() {
    let (cluster, log) = cluster(|_| Reply::json(201, &json!({"status": {"allowed": true}})));
    assert_eq!(cluster.can(Verb::Patch, &PACKAGE_INSTALL, Some("a"), None).await, Ok(true));
    let seen = log.lock().unwrap()[0].clone();
    assert_eq!(seen.url, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
    let asked: Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(
        asked["spec"]["resourceAttributes"],
        json!({"verb": "patch", "group": "packaging.carvel.dev", "resource": "packageinstalls", "subresource": "",
            "namespace": "a", "name": ""})
    );
}
