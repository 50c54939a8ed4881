//! An edit of a large text takes a few times as long as reading it, whatever shape the text has.

use std::time::{Duration, Instant};

use promfed::yaml::{Edit, Path, edit, read};
use serde_json::{Value, json};

/// How many readings an edit may cost: it is a parse before and after, two by the other reader, and values between.
const READINGS: u32 = 25;

fn shortest(mut work: impl FnMut()) -> Duration {
    let time = || {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    std::iter::repeat_with(time).take(2).min().unwrap_or_default()
}

#[track_caller]
fn check(text: &str, change: Edit) {
    check_all(text, &[change]);
}

#[track_caller]
fn check_all(text: &str, changes: &[Edit]) {
    let reading = shortest(|| drop(read(text).expect("YAML")));
    let editing = shortest(|| drop(edit(text, changes).expect("an edit")));
    let ratio = editing.as_secs_f64() / reading.as_secs_f64();
    let (count, bytes) = (changes.len(), text.len());
    assert!(editing < reading * READINGS, "{count} edits of {bytes} bytes cost {ratio:.1} readings");
}

fn set(keys: &[&str], value: Value) -> Edit {
    Edit::Set { path: Path::of(keys.iter().copied()), value }
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

#[test]
fn many_keys_in_one_mapping() {
    check(&lines(20_000, |at| format!("key-{at}: value # {at}\n")), set(&["new"], json!(1)));
}

#[test]
fn many_items_and_nested_mappings() {
    let text = lines(8000, |at| format!("- name: {at}\n  labels: {{a: b}}\n  list:\n  - x\n"));
    check(&text, Edit::Append { path: Path::default().index(7999).key("list"), item: json!("y") });
}

#[test]
fn many_edits_at_once() {
    let text = lines(4000, |at| format!("- name: {at}\n  list:\n  - x\n"));
    let rules = |at: usize| Path::default().index(at * 20).key("rules");
    let of_one = |at| {
        let [first, second] = ["y", "z"].map(|item| Edit::Append { path: rules(at), item: json!(item) });
        [first, second]
    };
    check_all(&text, &(0..200).flat_map(of_one).collect::<Vec<_>>());
}

#[test]
fn one_long_line() {
    let items: Vec<_> = (0..40_000).map(|at| format!("{{n: {at}}}")).collect();
    let text = format!("l: [{}]\n", items.join(", "));
    check(&text, Edit::Append { path: Path::of(["l"]), item: json!("y") });
    let text = format!("a: \"{}\"\n", "x\\n".repeat(100_000));
    check(&text, set(&["a"], json!(format!("{}y\n", "x\n".repeat(100_000)))));
}

#[test]
fn a_long_block() {
    let inner = lines(40_000, |at| format!("- job: {at}\n"));
    let text = format!("a:\n  b: |\n{}", lines(40_000, |at| format!("    - job: {at}\n")));
    check(&text, set(&["a", "b"], json!(inner.replace("job: 20000\n", "job: 20000\n  more: 1\n"))));
    check(&text, set(&["a", "b"], json!(lines(40_000, |at| format!("- other: {at}\n")))));
}

#[test]
fn comments_between() {
    let text = lines(5000, |at| format!("k{at}: [a, # {}\n  b]\n", "c".repeat(100)));
    check(&text, Edit::Append { path: Path::of(["k4999"]), item: json!("d") });
}
