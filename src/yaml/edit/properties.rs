//! What holds of every edit of every document.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::yaml::write::to_yaml;

/// Documents with nested mappings and lists of mappings, whose keys are `a` to `e`.
fn document() -> impl Strategy<Value = Value> {
    let text =
        prop_oneof!["[a-z]{1,6}", "[ -~]{0,12}", Just("on".to_owned()), Just("a: 1\nb: 2\n".to_owned())];
    let leaf = prop_oneof![
        text.prop_map(Value::String),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from)
    ];
    let value = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[a-e]", inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    prop::collection::btree_map("[a-e]", value, 1..5).prop_map(|map| json!(map))
}

fn place() -> impl Strategy<Value = Path> {
    prop::collection::vec("[a-e]", 1..3).prop_map(|keys| Path::of(keys.iter().map(String::as_str)))
}

fn change() -> impl Strategy<Value = Edit> {
    prop_oneof![
        (place(), "[ -~]{0,8}").prop_map(|(path, text)| Edit::Set { path, value: json!(text) }),
        (place(), "[a-z]{1,5}")
            .prop_map(|(path, text)| Edit::Set { path, value: json!({"x": text, "y": [1, 2]}) }),
        (place(), "[ -~]{0,8}").prop_map(|(path, text)| Edit::Append { path, item: json!(text) }),
        (place(), "[a-z]{1,5}").prop_map(|(path, text)| Edit::Append { path, item: json!({"x": text}) }),
        place().prop_map(|path| Edit::Remove { path }),
    ]
}

/// A comment before every line of the outermost mapping: lines that no edit may touch.
fn commented(document: &Value) -> String {
    let mut text = String::new();
    for (number, line) in to_yaml(document).lines().enumerate() {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            text.extend(["# ", &number.to_string(), "\n"]);
        }
        text.extend([line, "\n"]);
    }
    text
}

proptest! {
    /// An edit is refused, or it does what it means: `edit` itself verifies that. Made once more it changes nothing.
    #[test]
    fn a_set_or_a_removal_made_twice_is_made_once(document in document(), change in change()) {
        let text = commented(&document);
        if let Ok(once) = edit(&text, std::slice::from_ref(&change))
            && !matches!(change, Edit::Append { .. })
        {
            prop_assert_eq!(edit(&once, &[change]), Ok(once));
        }
    }

    /// What is spliced in at once is what it would be one after the other.
    #[test]
    fn edits_at_once_are_those_one_by_one(document in document(), changes in prop::collection::vec(change(), 1..7)) {
        let before = Document::read(&commented(&document)).expect("YAML");
        if let (Some(at_once), Ok(Some(one_by_one))) = (round::edited(&before, &changes), proof::edited(&before, &changes)) {
            prop_assert_eq!(at_once.text(), one_by_one.text());
        }
    }

    /// No comment is lost, but for those inside what is removed or replaced.
    #[test]
    fn an_addition_keeps_every_line(document in document(), key in "[f-j]", value in "[ -~]{0,12}") {
        let text = commented(&document);
        let added = edit(&text, &[Edit::Set { path: Path::of([key.as_str()]), value: json!(value) }]).expect("possible");
        let mut lines = added.lines();
        for line in text.lines() {
            prop_assert!(lines.any(|kept| kept == line), "{line:?} is lost:\n{added}");
        }
    }

    /// What was added and taken away again leaves the bytes that were there.
    #[test]
    fn adding_and_removing_is_nothing(document in document(), key in "[f-j]", value in "[a-z]{1,6}") {
        let text = commented(&document);
        let path = Path::of([key.as_str()]);
        let added = edit(&text, &[Edit::Set { path: path.clone(), value: json!({"x": value}) }]).expect("possible");
        prop_assert_eq!(edit(&added, &[Edit::Remove { path }]), Ok(text));
    }
}
