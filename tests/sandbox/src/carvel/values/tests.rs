use serde_json::json;

use super::*;

fn schema() -> Schema {
    let defaults = json!({
        "prometheus": {"args": ["--a", "--b"], "pvc": {"storage": "1Gi", "class": null}, "labels": {}},
        "enabled": false,
    });
    let text = "---\nprometheus:\n  args:\n  - ''\n  pvc:\n    storage: 1Gi\n    class: ''\n  labels: {}\nenabled: false\n";
    Schema::new(defaults, text)
}

fn file(text: &str) -> ValuesFile {
    ValuesFile { name: "values.yaml".into(), text: text.into() }
}

fn merged(texts: &[&str]) -> Result<Value, String> {
    let files: Vec<_> = texts.iter().map(|text| file(text)).collect();
    merge(&schema(), &files)
}

fn refusal(text: &str) -> String {
    merged(&[text]).unwrap_err()
}

#[test]
fn maps_are_merged_and_lists_replaced() {
    let first = "prometheus: {args: [--c], labels: {a: 1, b: yes}}\nenabled: true\n";
    let second = "---\nprometheus:\n  pvc:\n    class: fast\n---\nprometheus: {labels: {b: [2.0]}}\n";
    assert_eq!(
        merged(&[first, second, "# nothing\n"]).unwrap(),
        json!({
            "prometheus": {
                "args": ["--c"],
                "pvc": {"storage": "1Gi", "class": "fast"},
                "labels": {"a": 1, "b": [2]},
            },
            "enabled": true,
        })
    );
}

#[test]
fn merge_keys_bring_what_they_refer_to() {
    let text = "prometheus:\n  labels: &l {a: x, b: x}\n  pvc: {storage: 2Gi}\n---\n\
                prometheus: {labels: {c: &m {d: 1}, e: {<<: *m, d: 2}}}\n";
    let labels = json!({"a": "x", "b": "x", "c": {"d": 1}, "e": {"d": 2}});
    assert_eq!(merged(&[text]).unwrap()["prometheus"]["labels"], labels);
    assert!(
        refusal("prometheus: {labels: {<<: [{a: b}]}}")
            .ends_with("yaml: map merge requires map or sequence of maps as the value\n")
    );
}

#[test]
fn all_unknown_keys_and_other_types_are_told() {
    let text = "# a comment\npromtheus: {}\n\n\n\n\n\n\n\nenabled: 1\n";
    let expected = "ytt: Error: Overlaying data values (in following order: additional data values): \n\
        One or more data values were invalid\n\
        ====================================\n\n\
        Given data value is not declared in schema\n\
        values.yaml:\n     |\n   2 | promtheus: {}\n     |\n\n     \
             = found: promtheus\n     = expected: one of { enabled, prometheus } (from values-schema.yaml:1)\n     \
             = hint: did you mean \"prometheus\"?\n\n\
        values.yaml:\n     |\n  10 | enabled: 1\n     |\n\n     \
             = found: integer\n     = expected: boolean (by values-schema.yaml:9)\n\n\n";
    assert_eq!(refusal(text), expected);
}

#[test]
fn a_list_in_the_wrong_place_hides_what_else_is_wrong() {
    let error = refusal("nope: 1\nprometheus:\n  args: [1, [x]]\n");
    assert!(error.contains("  3 |   args: [1, [x]]\n"), "{error}");
    assert!(error.contains("= found: array\n    = expected: string (by values-schema.yaml:4)"), "{error}");
    assert!(!error.contains("nope") && !error.contains("integer"), "{error}");
}

#[test]
fn a_map_over_a_scalar_is_told_with_its_path() {
    let error = refusal("prometheus:\n  pvc:\n    storage: {a: 1}\n");
    let expected = "ytt: Error: Overlaying data values (in following order: additional data values):\n  \
        Document on line values.yaml:1:\n    \
        Map item (key 'prometheus') on line values.yaml:1:\n      \
        Map item (key 'pvc') on line values.yaml:2:\n        \
        Map item (key 'storage') on line values.yaml:3:\n          \
        Expected map, but was string\n";
    assert_eq!(error, expected);
    assert!(merged(&["prometheus: {pvc: {class: {a: 1}}}"]).unwrap_err().contains("= found: map\n"));
}

#[test]
fn what_is_no_plain_yaml_is_refused() {
    let error = refusal("enabled: [\n");
    assert!(error.contains("Unmarshaling YAML data values file 'file /etc/kappctrl-mem-tmp/"), "{error}");
    assert!(error.ends_with("/values.yaml': yaml: line 1: did not find expected node content\n"), "{error}");
    assert!(refusal("#@data/values\n---\nenabled: true\n").contains("plain YAML"));
    assert!(refusal("enabled: true #@ 1\n").contains("plain YAML"));
    assert!(refusal("enabled: true\n#@ 1\n---\nenabled: true\n").contains("plain YAML"));
    // After the last value it is just a comment, and in a string it is text.
    assert!(merged(&["enabled: true\n#@ 1\n", "prometheus: {pvc: {storage: '#@ 1'}}"]).is_ok());
    assert!(refusal("just words").contains("= found: string\n    = expected: map (by values-schema.yaml:1)"));
}
