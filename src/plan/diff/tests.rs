use serde_json::json;

use super::*;
use crate::package::{ObjectKind, ObjectRef};

fn change(before: &str, after: &str) -> TextChange {
    TextChange { title: "values.yaml".into(), before: before.into(), after: after.into() }
}

#[test]
fn only_what_changes_is_shown_and_no_credential() {
    let before = "a: 1\nb: 2\nc:\n  password: hunter2\nd: 3\n";
    let after = "a: 1\nb: 2\nc:\n  password: hunter2\nd: 4\n";
    insta::assert_snapshot!(unified(&change(before, after)), @r"
    @@ values.yaml @@
     c:
       password: <masked>
    -d: 3
    +d: 4
    ");
}

const NESTED: &str = "\
# mine
prometheus:
  deployment:
    containers:
      args:
      - --web.enable-lifecycle
  config:
    prometheus_yml: |
      global:
        scrape_interval: 1m
      scrape_configs:
      - job_name: a
      - job_name: b
      - job_name: c
      remote_write:
      - url: https://u:p@hub
    alertmanager_yml: |
      route: {}
";

#[test]
fn each_document_has_a_level_of_its_own() {
    let after = NESTED
        .replace("lifecycle\n", "lifecycle\n      - --web.enable-remote-write-receiver\n")
        .replace("1m\n", "1m\n        external_labels: {cluster: hub}\n")
        .replace("u:p@hub", "u:q@hub");
    insta::assert_snapshot!(unified(&change(NESTED, &after)), @r"
    @@ values.yaml @@
           args:
           - --web.enable-lifecycle
    +      - --web.enable-remote-write-receiver
       config:
         prometheus_yml: |
    @@ values.yaml > prometheus.config.prometheus_yml @@
     global:
       scrape_interval: 1m
    +  external_labels: {cluster: hub}
     scrape_configs:
     - job_name: a
    ...
     - job_name: c
     remote_write:
    -- url: https://u:<masked, before>@hub
    +- url: https://u:<masked, after>@hub
    ");
}

#[test]
fn only_the_inner_document_changes() {
    let after = NESTED.replace("route: {}", "route: {receiver: x}\n      receivers: [{name: x}]");
    insta::assert_snapshot!(unified(&change(NESTED, &after)), @r"
    @@ values.yaml > prometheus.config.alertmanager_yml @@
    -route: {}
    +route: {receiver: x}
    +receivers: [{name: x}]
    ");
}

#[test]
fn line_ends_of_the_text_are_not_shown_where_they_stay() {
    let before = NESTED.replace('\n', "\r\n");
    let after = before.replace("1m", "2m").replace("# mine", "# ours");
    insta::assert_snapshot!(unified(&change(&before, &after)), @r"
    @@ values.yaml @@
    -# mine
    +# ours
     prometheus:
       deployment:
    @@ values.yaml > prometheus.config.prometheus_yml @@
     global:
    -  scrape_interval: 1m
    +  scrape_interval: 2m
     scrape_configs:
     - job_name: a
    ");
}

#[test]
fn what_nobody_sees_is_written_out() {
    insta::assert_snapshot!(unified(&change("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\n")), @r"
    @@ values.yaml @@
    -a: 1\r
    -b: 2\r
    +a: 1
    +b: 2
    ");
    insta::assert_snapshot!(unified(&change("\u{feff}a: 1\nb:\t2", "a: 1  \nb:\t2\n")), @r"
    @@ values.yaml @@
    -\u{feff}a: 1
    -b:\t2
    -\ No newline at end of file
    +a: 1··
    +b:\t2
    ");
}

#[test]
fn a_quoted_document_becomes_a_literal_one() {
    let before = "prometheus_yml: \"global: {}\\nrule_files: [a]\\n\"\nb: 1\n";
    let after = "prometheus_yml: |\n  global: {}\n  rule_files: [a, b]\nb: 1\n";
    insta::assert_snapshot!(unified(&change(before, after)), @r#"
    @@ values.yaml @@
    -prometheus_yml: "..."
    +prometheus_yml: |
     b: 1
    @@ values.yaml > prometheus_yml @@
     global: {}
    -rule_files: [a]
    +rule_files: [a, b]
    "#);
    let same = "prometheus_yml: |\n  global: {}\n  rule_files: [a]\nb: 1\n";
    insta::assert_snapshot!(unified(&change(before, same)), @r#"
    @@ values.yaml @@
    -prometheus_yml: "global: {}\nrule_files: [a]\n"
    +prometheus_yml: |
    +  global: {}
    +  rule_files: [a]
     b: 1
    "#);
}

#[test]
fn a_document_that_is_new_and_one_that_goes() {
    let before = "old: |\n  a: 1\n  b: 2\nc: 1\n";
    let after = "c: 1\nnew: |\n  d: |\n    e: 1\n    f: 2\n  g: 3\n";
    insta::assert_snapshot!(unified(&change(before, after)), @r"
    @@ values.yaml @@
    -old: |
     c: 1
    +new: |
    @@ values.yaml > new @@
    +d: |
    +g: 3
    @@ values.yaml > new > d @@
    +e: 1
    +f: 2
    @@ values.yaml > old @@
    -a: 1
    -b: 2
    ");
}

#[test]
fn a_credential_that_looks_like_a_document_is_none() {
    insta::assert_snapshot!(unified(&change("token: |\n  a: 1\n  b: 2\n", "token: |\n  a: 1\n  b: 3\n")), @r"
    @@ values.yaml @@
     token: |
    -  <masked, before>
    -  <masked, before>
    +  <masked, after>
    +  <masked, after>
    ");
}

#[test]
fn not_yaml_is_one_level_and_far_changes_are_apart() {
    let before = "a: [\nb\nc\nd\ne\nf\ng\nh\n\u{1b}[31mi\n";
    insta::assert_snapshot!(unified(&change(before, &before.replace("b\n", "").replace("h\n", "H\n"))), @r"
    @@ values.yaml @@
     a: [
    -b
     c
     d
    ...
     f
     g
    -h
    +H
     \u{1b}[31mi
    ");
}

#[test]
fn ranges_are_those_of_diff() {
    let all = hunks("a\nb\nc\nd\n", "a\nb\nc\nd\ne\n");
    assert_eq!(all[0].before, LineRange { line: 3, count: 2 });
    assert_eq!(all[0].after, LineRange { line: 3, count: 3 });
    let all = hunks("", "a\n");
    assert_eq!((all[0].before.line, all[0].before.count, all[0].after.line), (0, 0, 1));
    assert_eq!(hunks("a\n", "a\n"), []);
}

#[test]
fn the_texts_of_a_secret_that_is_created() {
    let object = ObjectRef { kind: ObjectKind::Secret, namespace: Some("n".into()), name: "s".into() };
    let manifest = json!({"stringData": {"values.yaml": "a: 1\ntoken: x\n"}});
    let step = Step::new(object, Action::Create { manifest }, Vec::new());
    let text: String = changed_texts(&step).iter().map(unified).collect();
    assert_eq!(text, "@@ values.yaml @@\n+a: 1\n+token: <masked>\n");
}
