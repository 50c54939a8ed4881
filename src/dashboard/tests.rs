//! Whole dashboards.

use serde_json::{Value, json};

use super::{Change, rewrite};

const UP: &str = "label_values(up, cluster)";

/// What becomes of the variables of a dashboard with one panel.
fn with(variables: &Value) -> Result<(Value, super::Done), String> {
    let targets = json!([{"refId": "A", "expr": "up"}]);
    let dashboard = json!({"panels": [{"targets": targets}], "templating": {"list": variables}});
    let done = rewrite(&dashboard.to_string(), "cluster")?;
    assert_eq!(rewrite(&done.text, "cluster").map(|again| again.text), Ok(done.text.clone()));
    Ok((serde_json::from_str(&done.text).expect("JSON"), done))
}

#[test]
fn a_variable_of_another_name_that_offers_clusters_is_used() {
    let (value, done) = with(&json!([{"name": "k8s", "type": "query", "query": UP}])).expect("done");
    assert_eq!(value["panels"][0]["targets"][0]["expr"], "up{cluster=~\"$k8s\"}");
    assert_eq!((done.change, done.variable.as_str()), (Change::Kept, "k8s"));
}

#[test]
fn a_constant_is_replaced_and_what_chooses_something_else_is_refused() {
    let (value, done) = with(&json!([{"name": "cluster", "type": "constant", "query": "a"}])).expect("done");
    assert_eq!(done.change, Change::Replaced);
    assert_eq!(value["templating"]["list"][0]["query"], UP);
    let pg = json!([{"name": "cluster", "type": "query", "query": "label_values(pg_up, db)"}]);
    assert_eq!(
        with(&pg).expect_err("refused"),
        "its variable \"cluster\" asks for something else: label_values(pg_up, db)"
    );
}

#[test]
fn what_the_variable_depends_on_does_not_depend_on_it() {
    let (_, done) = with(&json!([
        {"name": "region", "type": "query", "query": "label_values(up, region)"},
        {"name": "cluster", "type": "query", "query": "label_values(up{region=\"$region\"}, cluster)"},
        {"name": "job", "type": "query", "query": "label_values(up, job)"},
    ]))
    .expect("done");
    let left: Vec<_> = done.left.iter().map(|left| (left.place.as_str(), left.why.as_str())).collect();
    assert_eq!(left, [("variable \"region\"", "the variable \"cluster\" depends on it")]);
}

#[test]
fn a_dashboard_may_be_wrapped_and_its_style_stays() {
    let text = "{\r\n\t\"meta\": 1.0,\r\n\t\"dashboard\": {\r\n\t\t\"panels\": []\r\n\t}\r\n}";
    let done = rewrite(text, "cluster").expect("done").text;
    let begins = "{\r\n\t\"meta\": 1.0,\r\n\t\"dashboard\": {\r\n\t\t\"templating\": {\r\n\t\t\t\"list\": [\r\n\t\t\t\t{\r\n";
    assert!(done.starts_with(begins), "{done}");
    assert!(done.ends_with("\r\n\t\t},\r\n\t\t\"panels\": []\r\n\t}\r\n}"), "{done}");
    assert_eq!(rewrite(&done, "cluster").map(|again| again.text), Ok(done));
}

#[test]
fn a_panel_of_the_library_is_left() {
    let text = r#"{"panels": [{"id": 7, "libraryPanel": {"uid": "x"}}]}"#;
    let left = rewrite(text, "cluster").expect("done").left.remove(0);
    assert_eq!(
        (left.place.as_str(), left.why.as_str()),
        ("panel 7", "it is kept in Grafana's library of panels")
    );
}
