//! Values are edited where they are written.

use super::*;
use serde_json::json;

fn source(secret: &str, text: &str) -> ValueSource {
    let location = Location { secret: secret.to_owned(), key: "values.yaml".to_owned() };
    ValueSource { location, resource_version: Some("1".to_owned()), text: text.to_owned() }
}

fn defaults() -> Value {
    json!({"namespace": "monitoring", "prometheus": {
        "deployment": {"containers": {"args": ["--a", "--b"]}},
        "config": {"prometheus_yml": "global: {}\n"}
    }})
}

#[test]
fn the_source_that_defines_a_value_last_is_edited() {
    let sources =
        vec![source("one", "namespace: x\n"), source("two", "namespace: y\n"), source("three", "a: 1\n")];
    let mut values = Values::new(defaults(), sources).expect("values");
    values.set(&["namespace"], json!("z")).expect("an edit");
    let changes = values.changes().expect("changes");
    assert_eq!(changes.len(), 1);
    assert_eq!((changes[0].location.secret.as_str(), changes[0].after.as_str()), ("two", "namespace: z\n"));
}

#[test]
fn a_default_that_is_not_known_is_not_replaced() {
    let mut values = Values::new(Value::Null, vec![source("one", "# mine\n")]).expect("values");
    let refused = values.edit_args(&[ArgEdit::Append { arg: "--c".into() }]).expect_err("a refusal");
    assert!(refused.what.contains("is not known"), "{refused}");
    let edit = Edit::Set { path: Path::of(["global", "a"]), value: json!(1) };
    assert!(values.edit_config(&[edit]).is_err());
    assert_eq!(values.changes(), Ok(Vec::new()));
}

#[test]
fn a_list_of_the_defaults_is_written_whole() {
    let mut values = Values::new(defaults(), vec![source("one", "")]).expect("values");
    values.edit_args(&[ArgEdit::Append { arg: "--c".into() }]).expect("an edit");
    assert_eq!(
        values.changes().expect("changes")[0].after,
        "prometheus:\n  deployment:\n    containers:\n      args:\n      - --a\n      - --b\n      - --c\n"
    );
}

#[test]
fn a_list_that_somebody_wrote_is_edited_by_items() {
    let text =
        "prometheus:\n  deployment:\n    containers:\n      args:\n      - --x=1 # mine\n      - --y\n";
    let mut values = Values::new(defaults(), vec![source("one", text)]).expect("values");
    let edits = [
        ArgEdit::Remove { index: 1 },
        ArgEdit::Replace { index: 0, with: "--x=2".into() },
        ArgEdit::Append { arg: "--z".into() },
    ];
    values.edit_args(&edits).expect("an edit");
    assert_eq!(
        values.changes().expect("changes")[0].after,
        text.replace("--x=1", "--x=2").replace("--y", "--z")
    );
}

#[test]
fn what_the_package_does_anyway_is_not_written() {
    let mut values = Values::new(defaults(), vec![source("one", "")]).expect("values");
    values.set(&["namespace"], json!("monitoring")).expect("no edit");
    assert_eq!(values.changes(), Ok(Vec::new()));
}

#[test]
fn a_configuration_that_is_no_string_is_refused() {
    let text = "prometheus:\n  config:\n    prometheus_yml:\n      global: {}\n";
    let values = Values::new(defaults(), vec![source("one", text)]).expect("values");
    assert!(values.config().is_err_and(|error| error.what.contains("is not a string")));
}

#[test]
fn values_that_are_not_yaml_name_their_secret() {
    let error = Values::new(defaults(), vec![source("one", "a: [\n")]).expect_err("not YAML");
    assert!(error.what.contains("Secret one, key values.yaml"), "{error}");
}

#[test]
fn one_value_is_what_it_is_among_all() {
    let texts = [
        "",
        "a: {b: {c: 1, d: ~}}\n",
        "a: {b: 2}\n",
        "a: ~\n",
        "a: {b: {c: ~, e: [1]}}\n",
        "a: {b: {c: {f: 3}}}\n",
    ];
    let all = [json!(null), json!({"a": {"b": {"c": 0, "g": 4}}}), json!({"a": "text"})];
    let paths: [&[&str]; 7] =
        [&[], &["a"], &["a", "b"], &["a", "b", "c"], &["a", "b", "d"], &["a", "b", "c", "f"], &["h"]];
    for defaults in &all {
        for lower in texts {
            for upper in texts {
                let sources = vec![source("one", lower), source("two", upper)];
                let values = Values::new(defaults.clone(), sources).expect("values");
                for path in paths {
                    let among = Path::of(path.iter().copied()).find(&values.effective()).cloned();
                    assert_eq!(values.get(path), among, "{path:?} of {defaults} {lower:?} {upper:?}");
                }
            }
        }
    }
}
