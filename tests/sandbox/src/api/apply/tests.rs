use serde_json::{Value, json};

use super::*;
use crate::api::kinds::{self, Kind};

fn kind(group: &str, name: &str) -> &'static Kind {
    kinds::named(group, name).unwrap()
}

fn manager(kind: &Kind, name: &str) -> Manager {
    Manager {
        name: name.to_owned(),
        operation: Operation::Apply,
        version: kind.api_version(),
        subresource: None,
    }
}

fn first(kind: &'static Kind, object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    managers::track(kind, None, &mut object, name, None);
    object
}

fn apply_as(
    live: &Value,
    kind: &'static Kind,
    applied: &Value,
    name: &str,
    force: Force,
) -> Result<Value, Value> {
    onto(kind, live, applied, &manager(kind, name), force).map_err(|failure| failure.status())
}

#[test]
fn another_managers_value_is_a_conflict() {
    let map = kind("", "ConfigMap");
    let live =
        first(map, &json!({"metadata": {"name": "x"}, "data": {"a": "1", "b": "2"}}), "kubectl-create");
    let applied = json!({"metadata": {"name": "x"}, "data": {"a": "9"}});
    let refused = apply_as(&live, map, &applied, "me", Force::No).unwrap_err();
    assert_eq!(
        refused["message"],
        "Apply failed with 1 conflict: conflict with \"kubectl-create\" using v1: .data.a"
    );
    assert_eq!(
        refused["details"]["causes"][0],
        json!({"reason": "FieldManagerConflict", "message": "conflict with \"kubectl-create\" using v1", "field": ".data.a"})
    );
    let forced = apply_as(&live, map, &applied, "me", Force::Yes).unwrap();
    assert_eq!(forced["data"], json!({"a": "9", "b": "2"}));
    let managed = forced["metadata"]["managedFields"].as_array().unwrap();
    assert_eq!(managed[0]["fieldsV1"], json!({"f:data": {"f:a": {}}}));
    assert_eq!(managed[1]["fieldsV1"], json!({"f:data": {".": {}, "f:b": {}}}));
}

#[test]
fn the_same_value_is_owned_by_both() {
    let map = kind("", "ConfigMap");
    let live = first(map, &json!({"data": {"a": "1"}}), "one");
    let both = apply_as(&live, map, &json!({"data": {"a": "1"}}), "two", Force::No).unwrap();
    assert_eq!(both["metadata"]["managedFields"].as_array().unwrap().len(), 2);
    // Given up by one, it stays because of the other.
    let left = apply_as(&both, map, &json!({"data": {"c": "3"}}), "two", Force::No).unwrap();
    assert_eq!(left["data"], json!({"a": "1", "c": "3"}));
}

#[test]
fn a_field_that_is_no_longer_applied_goes() {
    let map = kind("", "ConfigMap");
    let live = json!({"metadata": {"name": "x", "annotations": {"k/a.b": "1"}}, "data": {"a": "1"}});
    let mut live = live;
    let mut account = Managers::default();
    account.insert(manager(map, "me"), fields::of(map, &live));
    account.write(&mut live);
    let after =
        apply_as(&live, map, &json!({"metadata": {"name": "x"}, "data": {"b": "2"}}), "me", Force::No)
            .unwrap();
    assert_eq!(after["data"], json!({"b": "2"}));
    assert!(after["metadata"]["annotations"].is_null());
}

#[test]
fn items_of_keyed_lists_are_merged_and_removed_by_key() {
    let deployment = kind("apps", "Deployment");
    let containers = |list: Value| json!({"spec": {"template": {"spec": {"containers": list}}}});
    let live = first(deployment, &containers(json!([{"name": "a", "image": "1", "args": ["x"]}])), "one");
    let mine = containers(json!([{"name": "b", "image": "2", "ports": [{"containerPort": 9090}]}]));
    let both = apply_as(&live, deployment, &mine, "me", Force::No).unwrap();
    let list = &both["spec"]["template"]["spec"]["containers"];
    assert_eq!(list.as_array().unwrap().len(), 2);
    let tree = both["metadata"]["managedFields"][0]["fieldsV1"].to_string();
    assert!(tree.contains(r#"k:{\"containerPort\":9090,\"protocol\":\"TCP\"}"#), "{tree}");
    assert!(tree.contains(r#"k:{\"name\":\"b\"}"#), "{tree}");

    let clash = containers(json!([{"name": "a", "args": ["y"]}]));
    let refused = apply_as(&live, deployment, &clash, "me", Force::No).unwrap_err();
    let field = ".spec.template.spec.containers[name=\"a\"].args";
    assert_eq!(refused["details"]["causes"][0]["field"], field);

    let none = apply_as(&both, deployment, &json!({"metadata": {}}), "me", Force::No).unwrap();
    let list = &none["spec"]["template"]["spec"]["containers"];
    assert_eq!(list, &json!([{"name": "a", "image": "1", "args": ["x"]}]));
}

#[test]
fn an_object_without_account_belongs_to_whoever_was_before() {
    let map = kind("", "ConfigMap");
    let live = json!({"metadata": {"name": "x"}, "data": {"a": "1"}});
    let refused = apply_as(&live, map, &json!({"data": {"a": "2", "b": "1"}}), "me", Force::No).unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("\"before-first-apply\" using v1: .data.a"));
}

#[test]
fn trees_are_read_as_they_are_written() {
    let deployment = kind("apps", "Deployment");
    let object = json!({"metadata": {"labels": {"a/b": "c"}, "finalizers": ["x/y"]},
        "spec": {"replicas": 1, "template": {"spec": {"containers": [{"name": "a", "args": ["x"]}]}}}});
    let fields = fields::of(deployment, &object);
    assert_eq!(fields::Fields::read(&fields.tree()), fields);
}

#[test]
fn applying_the_same_again_changes_nothing() {
    let map = kind("", "ConfigMap");
    let applied = json!({"data": {"a": "1"}});
    let once = apply_as(&json!({"metadata": {"name": "x"}}), map, &applied, "me", Force::No).unwrap();
    let mut twice = apply_as(&once, map, &applied, "me", Force::No).unwrap();
    managers::keep_times(&once, &mut twice);
    assert_eq!(once, twice);
}
