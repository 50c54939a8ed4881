use serde_json::json;

use super::*;

fn set(path: &[&str], value: Value) -> Edit {
    Edit::Set { path: Path::of(path.iter().copied()), value }
}

fn append(path: &[&str], item: Value) -> Edit {
    Edit::Append { path: Path::of(path.iter().copied()), item }
}

fn remove(path: &[&str]) -> Edit {
    Edit::Remove { path: Path::of(path.iter().copied()) }
}

#[track_caller]
fn check(before: &str, edits: &[Edit], after: &str) {
    let changed = edit(before, edits).expect("the edit is possible");
    assert_eq!(changed, after);
    assert_eq!(edit(&changed, &edits[..0]).as_deref(), Ok(after));
}

#[test]
fn an_empty_document_gets_nested_keys() {
    check("", &[set(&["a", "b"], json!(1))], "a:\n  b: 1\n");
    check("---\n", &[set(&["a", "b"], json!(["x"]))], "---\na:\n  b:\n  - x\n");
    check("# only a comment\n", &[set(&["a"], json!("on"))], "# only a comment\na: 'on'\n");
}

#[test]
fn a_new_key_goes_below_its_siblings_and_before_what_follows() {
    check(
        "a:\n  b: 1 # one\n\n  # trailing\nc: 2\n",
        &[set(&["a", "d"], json!("x"))],
        "a:\n  b: 1 # one\n  d: x\n\n  # trailing\nc: 2\n",
    );
}

#[test]
fn an_item_is_appended_in_the_indentation_of_its_siblings() {
    check("l:\n- a\n- b\nm: 1\n", &[append(&["l"], json!("c"))], "l:\n- a\n- b\n- c\nm: 1\n");
    check(
        "l:\n    - a: 1\n      b: 2\n",
        &[append(&["l"], json!({"a": 2, "b": {"c": 3}}))],
        "l:\n    - a: 1\n      b: 2\n    - a: 2\n      b:\n        c: 3\n",
    );
    check("l: []\n", &[append(&["l"], json!("a"))], "l:\n- a\n");
    check("l: [a, b] # two\n", &[append(&["l"], json!("--c"))], "l: [a, b, --c] # two\n");
    check("l: [a]\n", &[append(&["l"], json!("A:?"))], "l: [a, 'A:?']\n");
    check("l:\nm: 1\n", &[append(&["l"], json!("a"))], "l:\n- a\nm: 1\n");
    check("m: 1\n", &[append(&["l", "k"], json!("a"))], "m: 1\nl:\n  k:\n  - a\n");
}

#[test]
fn a_scalar_is_replaced_where_it_stands() {
    check("a: 1 # why\nb: 'x'\n", &[set(&["a"], json!("1Gi"))], "a: '1Gi' # why\nb: 'x'\n");
    check("a: # nothing yet\nb: 2\n", &[set(&["a"], json!(true))], "a: true # nothing yet\nb: 2\n");
    check(
        "l:\n- --a=1\n- --b\n",
        &[Edit::Set { path: Path::of(["l"]).index(0), value: json!("--a=2") }],
        "l:\n- --a=2\n- --b\n",
    );
}

#[test]
fn a_scalar_becomes_a_mapping() {
    check("a: {}\nb: 2\n", &[set(&["a", "c"], json!("d"))], "a:\n  c: d\nb: 2\n");
    check(
        "a: null # was nothing\nb: 2\n",
        &[set(&["a", "c"], json!("d"))],
        "a: # was nothing\n  c: d\nb: 2\n",
    );
    check("a: {x: 1}\n", &[set(&["a", "k", "z"], json!("d"))], "a: {x: 1, k: {z: d}}\n");
}

#[test]
fn a_list_is_replaced_with_its_lines() {
    check(
        "a: # keep\n- 1\n- 2\n# after\nb: 1\n",
        &[set(&["a"], json!(["x"]))],
        "a: # keep\n- x\n# after\nb: 1\n",
    );
}

#[test]
fn what_is_removed_takes_its_lines_and_no_others() {
    check("a: 1\nb:\n- 1\n- 2\n# c's comment\nc: 3\n", &[remove(&["b"])], "a: 1\n# c's comment\nc: 3\n");
    check("l:\n- a: 1\n  b: 2\n- c\n", &[Edit::Remove { path: Path::of(["l"]).index(0) }], "l:\n- c\n");
    check(
        "l:\n- a: 1\n  b: 2\n",
        &[Edit::Remove { path: Path::of(["l"]).index(0).key("a") }],
        "l:\n- b: 2\n",
    );
    check("l:\n- a\n", &[Edit::Remove { path: Path::of(["l"]).index(0) }], "l: []\n");
    check("m: {a: 1, b: 2}\n", &[remove(&["m", "a"])], "m: {b: 2}\n");
    check("m: {a: 1, b: 2}\n", &[remove(&["m", "b"])], "m: {a: 1}\n");
    check("a: 1\n", &[remove(&["nothing", "here"])], "a: 1\n");
}

#[test]
fn the_lines_of_a_literal_block_stay_as_they_are() {
    check(
        "y: |\n    a: 1\n   \n    b: 2\n\nz: 1\n",
        &[set(&["y"], json!("a: 1\n\nc: 9\nb: 2\n"))],
        "y: |\n    a: 1\n   \n    c: 9\n    b: 2\n\nz: 1\n",
    );
    check("y: |\n  a: 1\n", &[set(&["y"], json!("z: 0\na: 1\n"))], "y: |\n  z: 0\n  a: 1\n");
    check("y: |\n  a: 1\n  b: 2\n", &[set(&["y"], json!("b: 2\n"))], "y: |\n  b: 2\n");
    check("y: |-\n  a: 1", &[set(&["y"], json!("a: 1\nb: 2"))], "y: |-\n  a: 1\n  b: 2");
}

#[test]
fn a_folded_document_becomes_a_literal_block() {
    check(
        "y: >\n  a: 1\n\n  b: 2\nz: 1\n",
        &[set(&["y"], json!("a: 1\nc: 2\n"))],
        "y: |\n  a: 1\n  c: 2\nz: 1\n",
    );
}

#[test]
fn line_ends_and_the_byte_order_mark_stay() {
    check("\u{feff}a: 1\r\nb: 2\r\n", &[set(&["c"], json!(3))], "\u{feff}a: 1\r\nb: 2\r\nc: 3\r\n");
    check("y: |\r\n  a: 1\r\n", &[set(&["y"], json!("a: 1\nb: 2\n"))], "y: |\r\n  a: 1\r\n  b: 2\r\n");
}

#[test]
fn an_anchored_value_is_not_changed_behind_its_alias() {
    let refused = edit("a: &x\n  b: 1\nc: *x\n", &[set(&["a", "b"], json!(2))]);
    assert!(refused.is_err_and(|error| error.reason.contains("write it out there")));
    let refused = edit("a: &x {b: 1}\nc: *x\n", &[set(&["c", "d"], json!(2))]);
    assert!(refused.is_err_and(|error| error.reason.contains("alias `*x`")));
}

#[test]
fn a_document_that_is_not_yaml_is_refused_with_its_line() {
    let refused = edit("a: [1\nb: 2\n", &[set(&["c"], json!(1))]).expect_err("not YAML");
    assert!(refused.reason.contains("line"), "{refused}");
}

#[test]
fn what_yaml_1_1_takes_for_something_else_is_quoted() {
    for text in [
        "on",
        "yes",
        "n",
        "1_000",
        "12:30:45",
        "2001-01-01",
        "=",
        "<<",
        "~",
        "",
        "-1",
        "0x1f",
        "a: b",
        "a #b",
        ".5",
        "[x",
        "1Gi",
    ] {
        let changed = edit("", &[set(&["k"], json!(text))]).expect("a string can be written");
        assert!(changed.contains('\'') || changed.contains('"'), "{changed}");
    }
    for text in ["--web.enable-lifecycle", "/etc/config", "a b", "https://hub/api/v1/write"] {
        assert_eq!(edit("", &[set(&["k"], json!(text))]), Ok(format!("k: {text}\n")));
    }
}

#[test]
fn odd_but_legal_documents_are_edited_too() {
    check(
        "y: | # mine\n  a: 1\nz: 2\n",
        &[set(&["y"], json!("a: 1\nb: 2\n"))],
        "y: | # mine\n  a: 1\n  b: 2\nz: 2\n",
    );
    check("y: |+\n  a: 1\n\n\nz: 2\n", &[set(&["y"], json!("a: 2\n\n\n"))], "y: |+\n  a: 2\n\n\nz: 2\n");
    check("---\na: 1\n...\n", &[set(&["b"], json!(2))], "---\na: 1\nb: 2\n...\n");
    check("{a: {b: [x]}}\n", &[append(&["a", "b"], json!("--y=1"))], "{a: {b: [x, --y=1]}}\n");
    check(
        "a:\n    # inside\n    b: 1\n",
        &[set(&["a", "c"], json!({"d": 2}))],
        "a:\n    # inside\n    b: 1\n    c:\n        d: 2\n",
    );
    check("'a b': 1\n\"c\": 2\n", &[set(&["a b"], json!(3)), set(&["c"], json!(4))], "'a b': 3\n\"c\": 4\n");
    check(
        "l:\n  - x # first\n\n  - y\n",
        &[append(&["l"], json!("z"))],
        "l:\n  - x # first\n\n  - y\n  - z\n",
    );
    check("a: 1", &[set(&["b"], json!(2))], "a: 1\nb: 2");
    check("#@data/values\n---\na: 1\n", &[set(&["a"], json!(2))], "#@data/values\n---\na: 2\n");
    check("y: |2\n   a\nz: 1\n", &[set(&["y"], json!(" a\nb\n"))], "y: |2\n   a\n  b\nz: 1\n");
}

#[test]
fn the_last_of_its_kind_leaves_an_empty_collection() {
    check("# head\na:\n  b: 1\n", &[remove(&["a"])], "# head\n{}\n");
    check(
        "l:\n- u: 1\n- v: 2\n",
        &[Edit::Remove { path: Path::of(["l"]).index(0).key("u") }],
        "l:\n- {}\n- v: 2\n",
    );
    check("a:\n  b: 1 # one\nc: 2\n", &[remove(&["a", "b"])], "a: {}\nc: 2\n");
}

#[test]
fn a_comment_beside_a_value_stays_when_the_value_becomes_a_block() {
    check("y: x # why\nz: 1\n", &[set(&["y"], json!("a\nb\n"))], "y: | # why\n  a\n  b\nz: 1\n");
    check("y: > # why\n  a\n  b\nz: 1\n", &[set(&["y"], json!("a\nb\n"))], "y: | # why\n  a\n  b\nz: 1\n");
    check("y: | # why\n  a\n  b\nz: 1\n", &[set(&["y"], json!("x"))], "y: x # why\nz: 1\n");
    check("y: |\n  | a\n", &[set(&["y"], json!("| b\n"))], "y: |\n  | b\n");
}

#[test]
fn a_block_at_the_end_of_a_text_gets_a_line_end() {
    check("y: x", &[set(&["y"], json!("a\nb\n"))], "y: |\n  a\n  b\n");
}
