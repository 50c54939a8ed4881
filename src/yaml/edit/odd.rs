//! Odd but legal input: edited as carefully as any, or refused with words that help.

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
fn check(before: &str, change: Edit, after: &str) {
    assert_eq!(edit(before, &[change]).as_deref(), Ok(after), "from {before:?}");
}

/// The edit, and then the removal of what it added, which gives the first text back.
#[track_caller]
fn check_and_back(before: &str, change: Edit, after: &str, back: Path) {
    check(before, change, after);
    check(after, Edit::Remove { path: back }, before);
}

#[track_caller]
fn refused(before: &str, change: Edit, words: &str) {
    let refused = edit(before, &[change]).expect_err("a refusal");
    assert!(refused.reason.contains(words), "{refused}");
}

#[test]
fn flow_collections_keep_their_lines_commas_and_comments() {
    let c = || Path::of(["l"]).index(2);
    check_and_back("l: [a, b]\n", append(&["l"], json!("c")), "l: [a, b, c]\n", c());
    check_and_back("l: [a, b,]\n", append(&["l"], json!("c")), "l: [a, b, c,]\n", c());
    check_and_back(
        "l: [\n  a, # one, two\n  b # three\n]\n",
        append(&["l"], json!("c")),
        "l: [\n  a, # one, two\n  b, # three\n  c\n]\n",
        c(),
    );
    check_and_back(
        "l: [\n  a,\n  b, # [\n  # end\n]\n",
        append(&["l"], json!("c")),
        "l: [\n  a,\n  b, # [\n  c,\n  # end\n]\n",
        c(),
    );
    check_and_back(
        "l: [\n  a,\n  b]\nz: 1\n",
        append(&["l"], json!("c")),
        "l: [\n  a,\n  b,\n  c]\nz: 1\n",
        c(),
    );
    check("l: [ # none yet\n ]\n", append(&["l"], json!("c")), "l: [c # none yet\n ]\n");
    check("l: [a, # x, y\n b, c]\n", Edit::Remove { path: Path::of(["l"]).index(1) }, "l: [a, # x, y\n c]\n");
    check("l: [a, b, c]\n", Edit::Remove { path: Path::of(["l"]).index(0) }, "l: [b, c]\n");
    check("m: {a: , b: 2}\n", set(&["m", "a"], json!(1)), "m: {a: 1 , b: 2}\n");
}

#[test]
fn json_stays_json() {
    check(
        "{\"a\": {\"b\": [\"x\"]}}\n",
        append(&["a", "b"], json!({"k": "v", "n": 1})),
        "{\"a\": {\"b\": [\"x\", {\"k\": \"v\", \"n\": 1}]}}\n",
    );
    check_and_back(
        "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
        set(&["c"], json!([])),
        "{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": []\n}\n",
        Path::of(["c"]),
    );
}

#[test]
fn beside_anchors_and_merge_keys_everything_is_possible() {
    let text = "d: &d {x: 1, l: [a]}\nj:\n  <<: *d\n  y: 2\nk: *d\n";
    check(text, set(&["j", "z"], json!(3)), &text.replace("  y: 2\n", "  y: 2\n  z: 3\n"));
    check(text, set(&["j", "x"], json!(3)), &text.replace("  y: 2\n", "  y: 2\n  x: 3\n"));
    check(text, remove(&["k"]), &text.replace("k: *d\n", ""));
    check("a: &x 1\nb: 2\n", set(&["a"], json!(3)), "a: &x 3\nb: 2\n");
    check(
        "- &x a: 1\n  b: 2\n",
        Edit::Set { path: Path::default().index(0).key("c"), value: json!(3) },
        "- &x a: 1\n  b: 2\n  c: 3\n",
    );
}

#[test]
fn what_is_shared_is_refused_with_what_to_do() {
    let text = "d: &d {x: 1, l: [a]}\nj:\n  <<: *d\n  y: 2\nk: *d\n";
    refused(text, append(&["j", "l"], json!("b")), "merge key (`<<`): write it out here");
    refused(text, remove(&["j", "x"]), "merge key (`<<`): write it out here");
    refused(text, append(&["k", "l"], json!("b")), "alias `*d`: write out here");
    refused(text, append(&["d", "l"], json!("b")), "repeats it elsewhere");
    refused(text, remove(&["d"]), "repeats elsewhere");
    refused("a:\n  b: &x 1\nc: *x\n", remove(&["a"]), "at or after line 2");
    refused("a: !!binary aGk=\n", set(&["a"], json!("x")), "tag");
    refused("a: &x\n", set(&["a"], json!("x")), "anchor");
}

#[test]
fn heads_ends_and_directives_stay() {
    check("%YAML 1.2\n---\na: 1\n", set(&["b"], json!(2)), "%YAML 1.2\n---\na: 1\nb: 2\n");
    check("--- # head\n...\n", set(&["a"], json!(1)), "--- # head\na: 1\n...\n");
    check("--- {}\n", set(&["a"], json!(1)), "--- \na: 1\n");
    refused("a: 1\n---\nb: 1\n", set(&["a"], json!(2)), "more than one document");
}

#[test]
fn line_ends_are_those_of_the_neighbours() {
    check("a: 1\r\nb:\r\n- x\r\n", append(&["b"], json!("w")), "a: 1\r\nb:\r\n- x\r\n- w\r\n");
    check(
        "a: 1\r\nb: 2\nc:\n  d: 1\n",
        set(&["c", "e"], json!({"f": 1})),
        "a: 1\r\nb: 2\nc:\n  d: 1\n  e:\n    f: 1\n",
    );
    check("y: |-\r\n  a: 1", set(&["y"], json!("a: 1\nb: 2")), "y: |-\r\n  a: 1\r\n  b: 2");
    check("y: \"a: 1\\r\\n\"\n", set(&["y"], json!("a: 1\r\nb: 2\r\n")), "y: \"a: 1\\r\\nb: 2\\r\\n\"\n");
}

#[test]
fn a_text_without_a_line_end_at_its_end_stays_so() {
    check_and_back("a: 1\nb: 2", set(&["c"], json!(3)), "a: 1\nb: 2\nc: 3", Path::of(["c"]));
    check_and_back("a: 1\r\nb: 2", set(&["c"], json!(3)), "a: 1\r\nb: 2\r\nc: 3", Path::of(["c"]));
    check("a: 1\nb: 2\n# end", set(&["c"], json!(3)), "a: 1\nb: 2\nc: 3\n# end");
}

#[test]
fn lists_of_every_shape() {
    check(
        "l:\n- - x\n  - y\n",
        Edit::Append { path: Path::of(["l"]).index(0), item: json!("z") },
        "l:\n- - x\n  - y\n  - z\n",
    );
    check(
        "l:\n-   a: 1\n    b: 2\n",
        Edit::Set { path: Path::of(["l"]).index(0).key("c"), value: json!(3) },
        "l:\n-   a: 1\n    b: 2\n    c: 3\n",
    );
    check(
        "l:\n- a\n-\n- b\n",
        Edit::Set { path: Path::of(["l"]).index(1), value: json!("x") },
        "l:\n- a\n- x\n- b\n",
    );
    check("l:\n- a\n- # none\nz: 1\n", append(&["l"], json!("x")), "l:\n- a\n- # none\n- x\nz: 1\n");
    check("l:\n- -a\n- --b - c\n", remove(&["l"]), "{}\n");
    check(
        "l: # why\n  # here\n- a # - b\n",
        append(&["l"], json!("c")),
        "l: # why\n  # here\n- a # - b\n- c\n",
    );
}

#[test]
fn keys_of_every_shape() {
    check("? a # c: d\n: b\nz: 1\n", set(&["a"], json!("x")), "? a # c: d\n: x\nz: 1\n");
    check("? a\n: b\n? c\n: d\n", remove(&["c"]), "? a\n: b\n");
    check("on: 1\n2: x\ntrue: y\n", set(&["on"], json!(3)), "on: 3\n2: x\ntrue: y\n");
    check("'a: b' : 1\n", set(&["a: b"], json!(2)), "'a: b' : 2\n");
    check(
        "\"ключ\": {ü: 1}\nß:\n  é: ö\n",
        set(&["ß", "å"], json!("ñ")),
        "\"ключ\": {ü: 1}\nß:\n  é: ö\n  å: ñ\n",
    );
    refused("a: 1\n\"a\": 2\n", set(&["b"], json!(1)), "stands twice");
    refused("? [a, b]\n: 1\n", set(&["b"], json!(1)), "not a string");
}

#[test]
fn comments_stay_wherever_they_are() {
    check(
        "a:\n  # inside\n  b: 1\n  # after\nc: 1\n",
        remove(&["a", "b"]),
        "a: {}\n  # inside\n  # after\nc: 1\n",
    );
    check(
        "a:\n  b: 1\n      # deeper\nc: 1\n",
        set(&["a", "d"], json!(2)),
        "a:\n  b: 1\n  d: 2\n      # deeper\nc: 1\n",
    );
    check(
        "a: # here\n  # there\n  b # beside\nc: 1\n",
        set(&["a"], json!("x")),
        "a: # here\n  # there\n  x # beside\nc: 1\n",
    );
}

/// The parser stops at a hundred of them where it tells of comments.
#[test]
fn there_may_be_any_number_of_comments() {
    let comments = "  # was: 1\n".repeat(500);
    for rest in ["  b: 1\n", "  - b\n", "c: 1\n"] {
        let text = format!("a:\n{comments}{rest}");
        check(&text, set(&["d"], json!(2)), &format!("{text}d: 2\n"));
    }
}

#[test]
fn a_string_keeps_its_quotes() {
    check("a: \"x\" # why\n", set(&["a"], json!("it's \"y\"\t")), "a: \"it's \\\"y\\\"\\t\" # why\n");
    check("a: 'x'\n", set(&["a"], json!("it's")), "a: 'it''s'\n");
    check("a: !!str 5\n", set(&["a"], json!("6")), "a: !!str '6'\n");
    check(
        "y: 'a: 1\n\n  b: 2\n\n  '\nz: 1\n",
        set(&["y"], json!("a: 1\nc: 2\n")),
        "y: |\n  a: 1\n  c: 2\nz: 1\n",
    );
    check("{y: 'a: 1\n\n  b: 2'}\n", set(&["y"], json!("a: 1\nc: 2")), "{y: \"a: 1\\nc: 2\"}\n");
}

#[test]
fn literal_blocks_of_every_kind() {
    check("y: |+\n  a: 1\n\nz: 1\n", set(&["y"], json!("a: 1\nb: 2\n\n")), "y: |+\n  a: 1\n  b: 2\n\nz: 1\n");
    check(
        "y: |\n\n    a: 1\nz: 1\n",
        set(&["y"], json!("\na: 1\nb: 2\n")),
        "y: |\n\n    a: 1\n    b: 2\nz: 1\n",
    );
    check("y: |4\n      a\n    b\n", set(&["y"], json!("  a\nb\nc\n")), "y: |4\n      a\n    b\n    c\n");
    check("y: |\n  a\nz: |\n", set(&["z"], json!("b\n")), "y: |\n  a\nz: |\n  b\n");
}

#[test]
fn a_block_with_nothing_in_it_ends_with_its_header() {
    check("y: |\r\n", set(&["z"], json!(1)), "y: |\r\nz: 1\r\n");
    check("a: 1\ny: | # \u{f60d}", set(&["z"], json!(1)), "a: 1\ny: | # \u{f60d}\nz: 1");
}

#[test]
fn bombs_and_abysses_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..30 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.extend(["a", &level.to_string(), ": &a", &level.to_string(), " [", &aliases, "]\n"]);
    }
    refused(&bomb, set(&["b"], json!(1)), "stand for too much");
    for deep in ["[".repeat(5000), "{a: ".repeat(5000), "- ".repeat(5000), "? ".repeat(5000)] {
        assert!(edit(&deep, &[set(&["b"], json!(1))]).is_err());
    }
    let deep = format!("a: {}1{}\n", "[".repeat(101), "]".repeat(101));
    refused(&deep, set(&["b"], json!(1)), "deeper than");
    let deep = format!("a: {}1{}\n", "[".repeat(90), "]".repeat(90));
    check(&deep, set(&["b"], json!(1)), &format!("{deep}b: 1\n"));
}

#[test]
fn what_the_readers_of_libyaml_cannot_read_is_left_alone() {
    refused("y: |\n  \ta: 1\n", set(&["z"], json!(1)), "another YAML reader cannot read");
}
